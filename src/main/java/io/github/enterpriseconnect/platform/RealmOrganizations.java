package io.github.enterpriseconnect.platform;

import io.github.enterpriseconnect.core.DomainPattern;
import io.github.enterpriseconnect.core.LinkId;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.ModelException;
import org.keycloak.models.OrganizationModel;
import org.keycloak.models.RealmModel;
import org.keycloak.models.UserModel;
import org.keycloak.organization.OrganizationProvider;

/** Whether the context's realm is made of organizations, or is linked as a whole. */
public final class RealmOrganizations {
    private RealmOrganizations() {}

    /** The realm's organizations; empty if the realm, or the server, has them switched off. */
    public static Optional<OrganizationProvider> of(KeycloakSession session) {
        return Optional.ofNullable(session.getProvider(OrganizationProvider.class))
                .filter(OrganizationProvider::isEnabled);
    }

    /** The organization of this id; null if the realm has none such. */
    public static @Nullable OrganizationModel byId(KeycloakSession session, String id) {
        try {
            return of(session).map(organizations -> organizations.getById(id)).orElse(null);
        } catch (ModelException ofAnotherRealm) {
            // Keycloak distinguishes another realm's organization from an unknown one; nobody who asks us shall.
            return null;
        }
    }

    /** The organization's own mail domains. */
    static Set<DomainPattern> domains(OrganizationModel organization) {
        return organization
                .getDomains()
                .map(domain -> DomainPattern.parse(domain.getName()))
                .flatMap(Optional::stream)
                .collect(Collectors.toUnmodifiableSet());
    }

    /** One page of those whom the link is for: the organization's members, or the realm's users. */
    public static Stream<UserModel> members(
            KeycloakSession session, RealmModel realm, LinkId link, int first, int max) {
        if (link.ofRealm()) {
            return session.users().searchForUserStream(realm, Map.of(), first, max);
        }
        OrganizationModel organization = byId(session, link.name());
        return organization == null
                ? Stream.empty()
                : of(session).orElseThrow().getMembersStream(organization, Map.of(), true, first, max);
    }

    /** How many the link is for. */
    public static long countMembers(KeycloakSession session, RealmModel realm, LinkId link) {
        if (link.ofRealm()) {
            return session.users().getUsersCount(realm);
        }
        OrganizationModel organization = byId(session, link.name());
        return organization == null ? 0 : of(session).orElseThrow().getMembersCount(organization);
    }

    /** What people call the link's organization; of the realm's own link, what they call the realm. */
    public static String displayName(KeycloakSession session, RealmModel realm, LinkId link) {
        OrganizationModel organization = link.ofRealm() ? null : byId(session, link.name());
        return organization == null ? displayName(realm) : organization.getName();
    }

    /** What people call the realm. */
    public static String displayName(RealmModel realm) {
        String displayName = realm.getDisplayName();
        return displayName == null || displayName.isBlank() ? realm.getName() : displayName;
    }
}
