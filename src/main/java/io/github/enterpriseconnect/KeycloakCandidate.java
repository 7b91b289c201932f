package io.github.enterpriseconnect;

import io.github.enterpriseconnect.core.Candidate;
import io.github.enterpriseconnect.core.Domain;
import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.LinkId;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.OrganizationModel;
import org.keycloak.models.RealmModel;
import org.keycloak.models.UserModel;
import org.keycloak.models.light.LightweightUserAdapter;
import org.keycloak.organization.OrganizationProvider;

/** What Keycloak knows about a user, as the gate asks for it. */
final class KeycloakCandidate implements Candidate {
    private final KeycloakSession session;
    private final RealmModel realm;
    private final UserModel user;
    private final Function<LinkId, Link> links;
    private final boolean thorough;

    /**
     * @param links where a link's present state comes from: the tables, or what is known of it at sign-in
     * @param thorough whether questions may be asked that search the user stores; not at sign-in
     */
    KeycloakCandidate(
            KeycloakSession session, RealmModel realm, UserModel user, Function<LinkId, Link> links, boolean thorough) {
        this.session = session;
        this.realm = realm;
        this.user = user;
        this.links = links;
        this.thorough = thorough;
    }

    @Override
    public boolean realmEnabled() {
        return realm.isEnabled()
                && RealmSettings.enabled(realm)
                && RealmSettings.of(realm).isPresent();
    }

    @Override
    public boolean person() {
        return user.getServiceAccountClientLink() == null && !LightweightUserAdapter.isLightweightUser(user);
    }

    @Override
    public boolean enabled() {
        return user.isEnabled();
    }

    @Override
    public @Nullable String email() {
        return user.getEmail();
    }

    @Override
    public boolean emailVerified() {
        return user.isEmailVerified();
    }

    @Override
    public boolean emailShared() {
        if (!thorough || !realm.isDuplicateEmailsAllowed()) {
            return false;
        }
        String email = Objects.requireNonNull(user.getEmail());
        return session.users()
                .searchForUserStream(realm, Map.of(UserModel.EMAIL, email, UserModel.EXACT, "true"))
                .anyMatch(other -> !other.getId().equals(user.getId()));
    }

    @Override
    public List<Membership> memberships() {
        Optional<OrganizationProvider> organizations = RealmOrganizations.of(session);
        if (organizations.isEmpty()) {
            return List.of(new Membership(links.apply(new LinkId(realm.getId(), LinkId.REALM)), true, null));
        }
        return organizations
                .get()
                .getByMember(user)
                .map(organization -> new Membership(
                        links.apply(new LinkId(realm.getId(), organization.getId())),
                        organization.isEnabled(),
                        domains(organization)))
                .sorted((a, b) -> a.link().id().name().compareTo(b.link().id().name()))
                .toList();
    }

    private static Set<Domain> domains(OrganizationModel organization) {
        return organization
                .getDomains()
                .map(domain -> Domain.parse(domain.getName()))
                .flatMap(Optional::stream)
                .collect(Collectors.toUnmodifiableSet());
    }
}
