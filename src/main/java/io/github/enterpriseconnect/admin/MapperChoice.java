package io.github.enterpriseconnect.admin;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.keycloak.component.ComponentModel;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.protocol.ProtocolMapper;
import org.keycloak.protocol.oidc.OIDCLoginProtocol;
import org.keycloak.protocol.oidc.mappers.OIDCAttributeMapperHelper;
import org.keycloak.services.clientregistration.policy.ClientRegistrationPolicy;
import org.keycloak.services.clientregistration.policy.RegistrationAuth;
import org.keycloak.services.clientregistration.policy.impl.ProtocolMappersClientRegistrationPolicyFactory;
import org.keycloak.services.clientregistration.policy.impl.TrustedHostClientRegistrationPolicyFactory;

/**
 * Whether people who are no administrators may have Keycloak sign what they like: a client that somebody registers may
 * bring mappers that write any claim, unless the realm's client registration policies forbid it. Keycloak's own
 * policies allow it for everybody who holds an initial access token.
 */
record MapperChoice(KeycloakSession session, RealmModel realm) {

    boolean isStrangers() {
        return Arrays.stream(RegistrationAuth.values()).anyMatch(way -> open(policies(way)));
    }

    private List<ComponentModel> policies(RegistrationAuth way) {
        return realm.getComponentsStream(realm.getId(), ClientRegistrationPolicy.class.getName())
                .filter(policy -> way.name().toLowerCase(Locale.ROOT).equals(policy.getSubType()))
                .toList();
    }

    /** All policies of a way to register have to agree. */
    private boolean open(List<ComponentModel> policies) {
        return policies.stream().noneMatch(MapperChoice::admitsNobody)
                && allowedMappers(policies).map(this::anyWritesClaims).orElse(true);
    }

    /** Keycloak's policy for those who show nothing, until an administrator names hosts. */
    private static boolean admitsNobody(ComponentModel policy) {
        return TrustedHostClientRegistrationPolicyFactory.PROVIDER_ID.equals(policy.getProviderId())
                && policy.get(
                        TrustedHostClientRegistrationPolicyFactory.HOST_SENDING_REGISTRATION_REQUEST_MUST_MATCH, true)
                && values(policy, TrustedHostClientRegistrationPolicyFactory.TRUSTED_HOSTS)
                        .allMatch(String::isBlank);
    }

    /** Empty where no policy limits them. */
    private static Optional<Set<String>> allowedMappers(List<ComponentModel> policies) {
        return policies.stream()
                .filter(policy ->
                        ProtocolMappersClientRegistrationPolicyFactory.PROVIDER_ID.equals(policy.getProviderId()))
                .map(policy -> values(
                                policy, ProtocolMappersClientRegistrationPolicyFactory.ALLOWED_PROTOCOL_MAPPER_TYPES)
                        .collect(Collectors.toSet()))
                .reduce((one, other) -> one.stream().filter(other::contains).collect(Collectors.toSet()));
    }

    private boolean anyWritesClaims(Set<String> mappers) {
        return mappers.stream().anyMatch(this::writesClaims);
    }

    /** Whether whoever configures the mapper may say which claim it writes. */
    private boolean writesClaims(String mapper) {
        return session.getKeycloakSessionFactory().getProviderFactory(ProtocolMapper.class, mapper)
                        instanceof ProtocolMapper known
                && OIDCLoginProtocol.LOGIN_PROTOCOL.equals(known.getProtocol())
                && known.getConfigProperties().stream()
                        .anyMatch(property -> OIDCAttributeMapperHelper.TOKEN_CLAIM_NAME.equals(property.getName()));
    }

    private static Stream<String> values(ComponentModel policy, String key) {
        return policy.getConfig().getOrDefault(key, List.of()).stream().filter(value -> value != null);
    }
}
