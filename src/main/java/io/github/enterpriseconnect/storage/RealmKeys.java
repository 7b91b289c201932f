package io.github.enterpriseconnect.storage;

import java.util.Optional;
import javax.crypto.SecretKey;
import org.keycloak.crypto.Algorithm;
import org.keycloak.crypto.KeyUse;
import org.keycloak.crypto.KeyWrapper;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;

/** A realm's AES keys by Keycloak's key providers. Source: {@code RestartLoginCookie}, which uses the same. */
record RealmKeys(KeycloakSession session, RealmModel realm) implements SealingKeys {
    @Override
    public String owner() {
        return "realm " + realm.getId();
    }

    @Override
    public Key active() {
        KeyWrapper key = session.keys().getActiveKey(realm, KeyUse.ENC, Algorithm.AES);
        return new Key(key.getKid(), key.getSecretKey());
    }

    @Override
    public Optional<SecretKey> byId(String id) {
        return Optional.ofNullable(session.keys().getKey(realm, id, KeyUse.ENC, Algorithm.AES))
                .map(KeyWrapper::getSecretKey);
    }
}
