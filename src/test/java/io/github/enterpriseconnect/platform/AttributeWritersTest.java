package io.github.enterpriseconnect.platform;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.enterpriseconnect.storage.WrittenAttribute;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.keycloak.models.IdentityProviderMapperModel;
import org.keycloak.models.IdentityProviderMapperSyncMode;
import org.keycloak.models.IdentityProviderModel;
import org.keycloak.models.IdentityProviderStorageProvider;
import org.keycloak.models.KeycloakContext;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.representations.userprofile.config.UPAttribute;
import org.keycloak.representations.userprofile.config.UPAttributePermissions;
import org.keycloak.representations.userprofile.config.UPConfig;
import org.keycloak.userprofile.UserProfileProvider;

/** Who writes an attribute, by what Keycloak's realm says of its user profile and its identity providers. */
class AttributeWritersTest {
    private static final String UPN = "userPrincipalName";
    private static final String OIDC = "oidc-user-attribute-idp-mapper";

    private final UPConfig profile = new UPConfig();
    private final Map<String, IdentityProviderModel> providers = new HashMap<>();
    private final List<IdentityProviderMapperModel> mappers = new ArrayList<>();
    private final Map<String, Object> ofRealm = new HashMap<>();
    private final RealmModel realm = stub(RealmModel.class, (self, method, arguments) -> switch (method.getName()) {
        case "getId" -> "realm-1";
        case "getAttribute" -> ofRealm.get(String.valueOf(arguments[0]));
        default -> throw new UnsupportedOperationException(method.getName());
    });

    @BeforeEach
    void trust_a_provider_that_says_the_name_at_every_sign_in() {
        name(UPN);
        provider("entra", true, true);
        mapper("entra", OIDC, IdentityProviderMapperSyncMode.FORCE, "user.attribute", UPN);
    }

    /** Has the user profile name the attribute, to be written by these. */
    private void name(String attribute, String... writers) {
        UPAttribute named = new UPAttribute(attribute);
        named.setPermissions(new UPAttributePermissions(Set.of("admin"), Set.of(writers)));
        profile.addOrReplaceAttribute(named);
    }

    private void provider(String alias, boolean trusted, boolean enabled) {
        IdentityProviderModel provider = new IdentityProviderModel();
        provider.setAlias(alias);
        provider.setTrustEmail(trusted);
        provider.setEnabled(enabled);
        providers.put(alias, provider);
    }

    private void mapper(String alias, String kind, IdentityProviderMapperSyncMode mode, String setting, String value) {
        IdentityProviderMapperModel mapper = new IdentityProviderMapperModel();
        mapper.setIdentityProviderAlias(alias);
        mapper.setIdentityProviderMapper(kind);
        mapper.setConfig(new HashMap<>(Map.of(setting, value)));
        mapper.setSyncMode(mode);
        mappers.add(mapper);
    }

    private AttributeWriters writers() {
        Map<String, Object> ofSession = new HashMap<>();
        KeycloakContext context = stub(KeycloakContext.class, (self, method, arguments) -> null);
        UserProfileProvider profiles = stub(UserProfileProvider.class, (self, method, arguments) -> profile);
        IdentityProviderStorageProvider identities = stub(
                IdentityProviderStorageProvider.class,
                (self, method, arguments) -> method.getName().equals("getByAlias")
                        ? providers.get(String.valueOf(arguments[0]))
                        : mappers.stream());
        KeycloakSession session = stub(KeycloakSession.class, (self, method, arguments) -> switch (method.getName()) {
            case "getContext" -> context;
            case "getProvider" -> profiles;
            case "identityProviders" -> identities;
            case "getAttribute" -> ofSession.get(String.valueOf(arguments[0]));
            case "setAttribute" -> ofSession.put(String.valueOf(arguments[0]), arguments[1]);
            default -> throw new UnsupportedOperationException(method.getName());
        });
        return new AttributeWriters(session, realm);
    }

    private static <T> T stub(Class<T> type, InvocationHandler answers) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, answers));
    }

    @Test
    void a_trusted_provider_names_members_as_long_as_nobody_else_writes_the_attribute() {
        provider("other", true, true);
        mapper("other", OIDC, IdentityProviderMapperSyncMode.FORCE, "user.attribute", UPN);
        mapper("other", OIDC, IdentityProviderMapperSyncMode.IMPORT, "user.attribute", "department");

        assertThat(writers().identityProviders(UPN)).containsExactlyInAnyOrder("entra", "other");
    }

    /** Any of these may have written what the attribute says, and nothing tells. */
    @ParameterizedTest(name = "{1} of a provider that is trusted: {0}, {2}")
    @CsvSource({
        "false, oidc-user-attribute-idp-mapper, FORCE, user.attribute, userPrincipalName",
        "true, oidc-user-attribute-idp-mapper, IMPORT, user.attribute, userPrincipalName",
        "true, oidc-user-attribute-idp-mapper, LEGACY, user.attribute, userPrincipalName",
        "true, oidc-user-attribute-idp-mapper, IMPORT, user.attribute, UserPrincipalName",
        "true, hardcoded-attribute-idp-mapper, FORCE, attribute, userPrincipalName",
        "true, saml-xpath-attribute-idp-mapper, FORCE, user.attribute, userPrincipalName",
        "true, of-somebody-else-s-making, FORCE, whatever, userPrincipalName"
    })
    void no_provider_names_members_once_another_mapper_may_write_the_attribute(
            boolean trusted, String kind, IdentityProviderMapperSyncMode mode, String setting, String value) {
        provider("other", trusted, true);
        mapper("other", kind, mode, setting, value);

        assertThat(writers().identityProviders(UPN)).isEmpty();
    }

    @Test
    void no_provider_names_members_while_administrators_may_write_the_attribute() {
        name(UPN, "admin");

        assertThat(writers().identityProviders(UPN)).isEmpty();
        assertThat(writers().users(UPN)).isFalse();
    }

    @Test
    void users_write_an_attribute_that_the_profile_lets_them_write_in_other_capitals() {
        name("UserPrincipalName", "admin", "user");

        assertThat(writers().users(UPN)).isTrue();
        assertThat(writers().users("department")).isFalse();
    }

    /** The words of a version that kept it with the realm. */
    @Test
    void what_a_former_version_has_noted_with_the_realm_is_read() {
        assertThat(writers().formerlyWritten(UPN)).isEqualTo(WrittenAttribute.UNKNOWN);

        ofRealm.put("enterprise-connect.written-by-users." + UPN, "still");
        assertThat(writers().formerlyWritten(UPN)).isEqualTo(WrittenAttribute.STILL);

        Instant end = Instant.parse("2026-12-01T03:00:00Z");
        ofRealm.put("enterprise-connect.written-by-users." + UPN, String.valueOf(end.toEpochMilli()));
        assertThat(writers().formerlyWritten(UPN)).isEqualTo(WrittenAttribute.until(end));
    }
}
