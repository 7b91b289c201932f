package io.github.enterpriseconnect.platform;

import io.github.enterpriseconnect.EnterpriseConnect;
import io.github.enterpriseconnect.storage.WrittenAttribute;
import java.time.Instant;
import java.util.List;
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
    /** Attribute of the realm: until when in milliseconds, or a word while they can; followed by the user attribute. */
    private static final String WRITTEN_BY_USERS = EnterpriseConnect.ID + ".written-by-users.";

    /** Mappers that write what the provider says, with the setting that names the attribute. */
    private static final Set<String> MAPPERS = Set.of(
            "oidc-user-attribute-idp-mapper", "saml-user-attribute-idp-mapper", "microsoft-user-attribute-mapper");

    private static final Set<String> ATTRIBUTE_OF_MAPPER = Set.of("user.attribute", "userAttribute");

    /** Users, their own. */
    boolean users(String attribute) {
        return mayWrite(attribute, UserProfileConstants.ROLE_USER, UPConfig.UnmanagedAttributePolicy.ENABLED);
    }

    /** As a version has noted it that keeps that with the realm, where whoever replaces the realm's attributes removes it. */
    WrittenAttribute formerlyWritten(String attribute) {
        String noted = realm.getAttribute(WRITTEN_BY_USERS + attribute);
        if (noted == null) {
            return WrittenAttribute.UNKNOWN;
        }
        try {
            return WrittenAttribute.until(Instant.ofEpochMilli(Long.parseLong(noted)));
        } catch (NumberFormatException still) {
            return WrittenAttribute.STILL;
        }
    }

    /** Whoever manages users. */
    private boolean administrators(String attribute) {
        return mayWrite(attribute, UserProfileConstants.ROLE_ADMIN, UPConfig.UnmanagedAttributePolicy.ENABLED)
                || mayWrite(attribute, UserProfileConstants.ROLE_ADMIN, UPConfig.UnmanagedAttributePolicy.ADMIN_EDIT);
    }

    /**
     * An attribute that the profile does not name may be written where it says so of all such; one without permissions never.
     * Mappers of directories do not mind capitals in its name.
     */
    private boolean mayWrite(String attribute, String role, UPConfig.UnmanagedAttributePolicy ifUnmanaged) {
        UPConfig profile = profile();
        boolean unmanaged =
                profile.getAttribute(attribute) == null && profile.getUnmanagedAttributePolicy() == ifUnmanaged;
        return unmanaged
                || profile.getAttributes().stream()
                        .filter(managed -> attribute.equalsIgnoreCase(managed.getName()))
                        .anyMatch(managed -> mayEdit(managed, role));
    }

    private static boolean mayEdit(UPAttribute managed, String role) {
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

    /** What was found out, for the rest of the session. */
    private record Naming(Set<String> providers) {}

    /**
     * Aliases of the trusted identity providers that write the attribute at every sign-in through them, where neither users
     * nor administrators may, and no other identity provider does.
     */
    Set<String> identityProviders(String attribute) {
        if (users(attribute) || administrators(attribute)) {
            return Set.of();
        }
        String key = "enterprise-connect.naming " + realm.getId() + " " + attribute;
        Naming known = session.getAttribute(key, Naming.class);
        if (known == null) {
            known = new Naming(mappersTell(attribute));
            session.setAttribute(key, known);
        }
        return known.providers();
    }

    private Set<String> mappersTell(String attribute) {
        List<IdentityProviderMapperModel> writing = session.identityProviders()
                .getMappersStream()
                .filter(mapper -> mayWrite(mapper, attribute))
                .toList();
        boolean trusted = writing.stream()
                .allMatch(mapper -> MAPPERS.contains(mapper.getIdentityProviderMapper()) && ofTrusted(mapper));
        return trusted
                ? writing.stream()
                        .map(IdentityProviderMapperModel::getIdentityProviderAlias)
                        .collect(Collectors.toSet())
                : Set.of();
    }

    /** A mapper of another kind, which nobody here knows, may write whatever its settings name. */
    private static boolean mayWrite(IdentityProviderMapperModel mapper, String attribute) {
        return mapper.getConfig().entrySet().stream()
                .anyMatch(setting -> attribute.equalsIgnoreCase(setting.getValue())
                        && (ATTRIBUTE_OF_MAPPER.contains(setting.getKey())
                                || !MAPPERS.contains(mapper.getIdentityProviderMapper())));
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
