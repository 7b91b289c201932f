package io.github.enterpriseconnect;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.OrganizationModel;
import org.keycloak.organization.OrganizationProvider;

/** Whether the context's realm is made of organizations, or is linked as a whole. */
public final class RealmOrganizations {
    private RealmOrganizations() {}

    /** The realm's organizations; empty if the realm, or the server, has them switched off. */
    public static Optional<OrganizationProvider> of(KeycloakSession session) {
        return Optional.ofNullable(session.getProvider(OrganizationProvider.class))
                .filter(OrganizationProvider::isEnabled);
    }

    /** The organization of this id; null if there is none, or organizations are off. */
    public static @Nullable OrganizationModel byId(KeycloakSession session, String id) {
        return of(session).map(organizations -> organizations.getById(id)).orElse(null);
    }
}
