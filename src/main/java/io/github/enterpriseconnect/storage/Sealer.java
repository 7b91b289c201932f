package io.github.enterpriseconnect.storage;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.Objects;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.keycloak.crypto.Algorithm;
import org.keycloak.crypto.KeyUse;
import org.keycloak.crypto.KeyWrapper;
import org.keycloak.jose.jwe.JWE;
import org.keycloak.jose.jwe.JWEException;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.util.TokenUtil;

/**
 * Seals values under a realm's active AES key: a compact JWE ({@code dir}, AES-GCM) with the key's id in its header, and
 * with purpose and owner inside, so that a value copied to another place does not open there. Keys that are passive still
 * open; a value whose key is gone counts as absent. Source: Keycloak's {@code RestartLoginCookie}, which uses the same key.
 */
public final class Sealer {
    private static final Logger LOG = Logger.getLogger(Sealer.class);

    /** What a sealed value is for; part of what is sealed. */
    public enum Purpose {
        CREDENTIAL,
        SERVICE_ACCOUNT,
        CALLBACK_URL,
        CODE,
        REVOCATION
    }

    private record Content(
            @JsonProperty("p") Purpose purpose,
            @JsonProperty("o") String owner,
            @JsonProperty("v") String value) {}

    private final KeycloakSession session;
    private final RealmModel realm;
    private final ObjectMapper json;

    /** @param realm whose key seals; the master realm for what must outlive its own realm */
    public Sealer(KeycloakSession session, RealmModel realm, ObjectMapper json) {
        this.session = session;
        this.realm = realm;
        this.json = json;
    }

    public String seal(Purpose purpose, String owner, String value) {
        KeyWrapper key = session.keys().getActiveKey(realm, KeyUse.ENC, Algorithm.AES);
        try {
            return TokenUtil.jweDirectEncode(
                    key.getKid(), key.getSecretKey(), null, json.writeValueAsBytes(new Content(purpose, owner, value)));
        } catch (JWEException | IOException e) {
            throw new IllegalStateException("the realm's active AES key cannot seal", e);
        }
    }

    /** The value, if it was sealed for this very purpose and owner under a key that the realm still has. */
    public Optional<String> open(Purpose purpose, String owner, @Nullable String sealed) {
        if (sealed == null) {
            return Optional.empty();
        }
        try {
            String keyId = new JWE(sealed).getHeader().getKeyId();
            KeyWrapper key = keyId == null ? null : session.keys().getKey(realm, keyId, KeyUse.ENC, Algorithm.AES);
            if (key == null) {
                LOG.warnf("a sealed %s in realm %s names a key that the realm no longer has", purpose, realm.getId());
                return Optional.empty();
            }
            Content content =
                    json.readValue(TokenUtil.jweDirectVerifyAndDecode(key.getSecretKey(), null, sealed), Content.class);
            if (content.purpose() == purpose && Objects.equals(content.owner(), owner)) {
                return Optional.of(content.value());
            }
            LOG.warnf("a sealed %s in realm %s was found at a place it was not sealed for", purpose, realm.getId());
        } catch (JWEException | IOException | RuntimeException e) {
            // Keycloak's JWE parser answers malformed input with unchecked exceptions of several kinds.
            LOG.warnf(
                    "a sealed %s in realm %s does not open: %s",
                    purpose, realm.getId(), e.getClass().getName());
        }
        return Optional.empty();
    }
}
