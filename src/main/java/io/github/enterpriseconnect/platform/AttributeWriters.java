package io.github.enterpriseconnect.platform;

import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.keycloak.models.IdentityProviderMapperModel;
import org.keycloak.models.IdentityProviderMapperSyncMode;
import org.keycloak.models.IdentityProviderModel;
import org.keycloak.models.IdentityProviderSyncMode;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.representations.userprofile.config.UPAttribute;
import org.keycloak.representations.userprofile.config.UPConfig;
import org.keycloak.userprofile.UserProfileConstants;
import org.keycloak.userprofile.UserProfileProvider;

/** Who may write an attribute of users, by the realm's user profile and its identity providers. */
record AttributeWriters(KeycloakSession session, RealmModel realm) {
    /** Mappers that write what the provider says, with the setting that names the attribute. */
    private static final Set<String> MAPPERS = Set.of(
            "oidc-user-attribute-idp-mapper", "saml-user-attribute-idp-mapper", "microsoft-user-attribute-mapper");

    private static final Set<String> ATTRIBUTE_OF_MAPPER = Set.of("user.attribute", "userAttribute");

    /** Users, their own. */
    boolean users(String attribute) {
        return mayWrite(attribute, UserProfileConstants.ROLE_USER, UPConfig.UnmanagedAttributePolicy.ENABLED);
    }

    /** Whoever manages users. */
    private boolean administrators(String attribute) {
        return mayWrite(attribute, UserProfileConstants.ROLE_ADMIN, UPConfig.UnmanagedAttributePolicy.ENABLED)
                || mayWrite(attribute, UserProfileConstants.ROLE_ADMIN, UPConfig.UnmanagedAttributePolicy.ADMIN_EDIT);
    }

    /** An attribute that the profile does not name may be written where it says so of all such; one without permissions never. */
    private boolean mayWrite(String attribute, String role, UPConfig.UnmanagedAttributePolicy ifUnmanaged) {
        UPConfig profile = profile();
        UPAttribute managed = profile.getAttribute(attribute);
        if (managed == null) {
            return profile.getUnmanagedAttributePolicy() == ifUnmanaged;
        }
        return managed.getPermissions() != null
                && managed.getPermissions().getEdit() != null
                && managed.getPermissions().getEdit().contains(role);
    }

    /** Keycloak reads the profile of the realm that the session is about. */
    private UPConfig profile() {
        RealmModel before = session.getContext().getRealm();
        session.getContext().setRealm(realm);
        try {
            return session.getProvider(UserProfileProvider.class).getConfiguration();
        } finally {
            session.getContext().setRealm(before);
        }
    }

    /**
     * Aliases of the trusted identity providers that write the attribute at every sign-in through them, where neither users
     * nor administrators may.
     */
    Set<String> identityProviders(String attribute) {
        if (users(attribute) || administrators(attribute)) {
            return Set.of();
        }
        return session.identityProviders()
                .getMappersStream()
                .filter(mapper -> MAPPERS.contains(mapper.getIdentityProviderMapper())
                        && ATTRIBUTE_OF_MAPPER.stream()
                                .anyMatch(setting ->
                                        attribute.equals(mapper.getConfig().get(setting))))
                .filter(this::ofTrusted)
                .map(IdentityProviderMapperModel::getIdentityProviderAlias)
                .collect(Collectors.toSet());
    }

    private boolean ofTrusted(IdentityProviderMapperModel mapper) {
        IdentityProviderModel provider =
                session.identityProviders().getByAlias(Objects.requireNonNull(mapper.getIdentityProviderAlias()));
        return provider != null
                && provider.isEnabled()
                && provider.isTrustEmail()
                && (mapper.getSyncMode() == IdentityProviderMapperSyncMode.FORCE
                        || (mapper.getSyncMode() == IdentityProviderMapperSyncMode.INHERIT
                                && provider.getSyncMode() == IdentityProviderSyncMode.FORCE));
    }
}
