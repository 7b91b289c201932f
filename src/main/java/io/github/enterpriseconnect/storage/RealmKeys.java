package io.github.enterpriseconnect.storage;

import io.github.enterpriseconnect.core.Unreadable;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import javax.crypto.SecretKey;
import org.jspecify.annotations.Nullable;
import org.keycloak.component.ComponentModel;
import org.keycloak.crypto.Algorithm;
import org.keycloak.crypto.KeyUse;
import org.keycloak.crypto.KeyWrapper;
import org.keycloak.keys.Attributes;
import org.keycloak.keys.GeneratedAesKeyProviderFactory;
import org.keycloak.keys.JavaKeystoreKeyProviderFactory;
import org.keycloak.keys.KeyProvider;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;

/**
 * A realm's AES keys by Keycloak's key providers. Source: {@code RestartLoginCookie}, which uses the same.
 *
 * @param realm looked up only once a key is asked for
 */
record RealmKeys(KeycloakSession session, Supplier<RealmModel> realm) implements SealingKeys {
    private static final Set<String> OF_OTHER_KEYS = Set.of(
            "rsa",
            "rsa-generated",
            "rsa-enc",
            "rsa-enc-generated",
            "ecdsa-generated",
            "ecdh-generated",
            "eddsa-generated",
            "hmac-generated");

    @Override
    public String owner() {
        return "realm " + realm.get().getId();
    }

    @Override
    public Key active() {
        KeyWrapper key =
                read("that is active", () -> session.keys().getActiveKey(realm.get(), KeyUse.ENC, Algorithm.AES));
        return new Key(key.getKid(), key.getSecretKey());
    }

    @Override
    public Optional<SecretKey> byId(String id) {
        return Optional.ofNullable(read(id, () -> session.keys().getKey(realm.get(), id, KeyUse.ENC, Algorithm.AES)))
                .map(KeyWrapper::getSecretKey);
    }

    /** Keystores and providers of somebody else's making fail in ways of their own. */
    private static <T extends @Nullable Object> T read(String id, Supplier<T> keys) {
        try {
            return keys.get();
        } catch (RuntimeException e) {
            // Deliberately everything but the database, see above.
            if (DatabaseFailure.behind(e)) {
                throw e;
            }
            throw Unreadable.key(id);
        }
    }

    @Override
    public boolean mayHold(String id) {
        RealmModel owner = realm.get();
        return owner.getComponentsStream(owner.getId(), KeyProvider.class.getName())
                .anyMatch(provider -> mayHold(provider, id));
    }

    /** Keycloak's own providers of other keys never do; those that it does not bring along may. */
    private static boolean mayHold(ComponentModel provider, String id) {
        return switch (provider.getProviderId()) {
            case GeneratedAesKeyProviderFactory.ID ->
                id.equals(provider.getConfig().getFirst(Attributes.KID_KEY))
                        || provider.getConfig().getFirst(Attributes.KID_KEY) == null;
            case JavaKeystoreKeyProviderFactory.ID ->
                Algorithm.AES.equals(provider.getConfig().getFirst(Attributes.ALGORITHM_KEY));
            default -> !OF_OTHER_KEYS.contains(provider.getProviderId());
        };
    }
}
