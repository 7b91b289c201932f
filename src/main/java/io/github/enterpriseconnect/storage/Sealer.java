package io.github.enterpriseconnect.storage;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.enterpriseconnect.core.Unreadable;
import java.io.IOException;
import java.util.Objects;
import java.util.Optional;
import javax.crypto.SecretKey;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.keycloak.jose.jwe.JWE;
import org.keycloak.jose.jwe.JWEException;
import org.keycloak.util.TokenUtil;

/**
 * Seals values under a realm's active AES key: a compact JWE ({@code dir}, AES-GCM) with the key's id in its header,
 * and with purpose and owner inside, so that a value copied to another place does not open there. Keys that are passive
 * still open. A value whose key is away is kept and opens again; one whose key is lost counts as absent.
 */
final class Sealer {
    private static final Logger LOG = Logger.getLogger(Sealer.class);
    private static final ObjectMapper JSON = new ObjectMapper();

    /** What a sealed value is for; part of what is sealed. */
    enum Purpose {
        CREDENTIAL,
        SERVICE_ACCOUNT,
        CALLBACK_URL,
        CODE,
        REVOCATION,
        CLIENT_SECRET
    }

    private record Content(
            @JsonProperty("p") Purpose purpose,
            @JsonProperty("o") String owner,
            @JsonProperty("v") String value) {}

    private final SealingKeys keys;
    private final Logger.Level unopened;

    /** @param keys of the realm; of the master realm for what must outlive its own realm */
    Sealer(SealingKeys keys) {
        this(keys, Logger.Level.WARN);
    }

    private Sealer(SealingKeys keys, Logger.Level unopened) {
        this.keys = keys;
        this.unopened = unopened;
    }

    /** The same, for whoever tries again and again what did not open: nobody has to hear of that each time. */
    Sealer quiet() {
        return new Sealer(keys, Logger.Level.DEBUG);
    }

    /** @throws Unreadable no key is there to seal with now */
    String seal(Purpose purpose, String owner, String value) {
        SealingKeys.Key key = keys.active();
        try {
            return TokenUtil.jweDirectEncode(
                    key.id(), key.secret(), null, JSON.writeValueAsBytes(new Content(purpose, owner, value)));
        } catch (JWEException | IOException e) {
            throw new IllegalStateException("the active AES key of " + keys.owner() + " cannot seal", e);
        }
    }

    /** As {@link #seal(Purpose, String, String)}, for a record that Jackson can write. */
    String sealForm(Purpose purpose, String owner, Object form) {
        try {
            return seal(purpose, owner, JSON.writeValueAsString(form));
        } catch (IOException e) {
            throw new IllegalStateException("our own forms can be written", e);
        }
    }

    /**
     * The value, if it was sealed for this very purpose and owner.
     *
     * @return empty if there is none, if it was sealed for something else, or if the key is lost
     * @throws Unreadable the key is away and may come back, or a newer version has sealed it in a way of its own
     */
    Optional<String> open(Purpose purpose, String owner, @Nullable String sealed) {
        if (sealed == null) {
            return Optional.empty();
        }
        return decrypted(purpose, sealed).flatMap(text -> {
            Content content;
            try {
                content = JSON.readValue(text, Content.class);
            } catch (IOException e) {
                throw Unreadable.value("a sealed " + purpose);
            }
            if (content.purpose() == purpose && Objects.equals(content.owner(), owner)) {
                return Optional.of(content.value());
            }
            LOG.logf(unopened, "a sealed %s in %s was found at a place it was not sealed for", purpose, keys.owner());
            return Optional.empty();
        });
    }

    private Optional<byte[]> decrypted(Purpose purpose, String sealed) {
        String keyId;
        try {
            keyId = new JWE(sealed).getHeader().getKeyId();
        } catch (RuntimeException e) {
            // Deliberately everything: whatever is wrong with the text, it does not open.
            return unopened(purpose, e);
        }
        Optional<SecretKey> key = keyId == null ? Optional.empty() : keys.byId(keyId);
        if (key.isPresent()) {
            try {
                return Optional.of(TokenUtil.jweDirectVerifyAndDecode(key.get(), null, sealed));
            } catch (JWEException | RuntimeException e) {
                // Deliberately everything, as above.
                return unopened(purpose, e);
            }
        }
        if (keyId != null && keys.mayHold(keyId)) {
            throw Unreadable.key(keyId);
        }
        LOG.logf(unopened, "a sealed %s in %s names a key that is no longer there", purpose, keys.owner());
        return Optional.empty();
    }

    /** Keycloak's JWE parser answers malformed input with unchecked exceptions of several kinds. */
    private Optional<byte[]> unopened(Purpose purpose, Exception failure) {
        LOG.logf(
                unopened,
                "a sealed %s in %s does not open: %s",
                purpose,
                keys.owner(),
                failure.getClass().getName());
        return Optional.empty();
    }

    /** Whether the value names a key that the realm has or may have again. Opens nothing and reads no key. */
    boolean mayOpen(String sealed) {
        try {
            String keyId = new JWE(sealed).getHeader().getKeyId();
            return keyId != null && keys.mayHold(keyId);
        } catch (RuntimeException malformed) {
            // As above: what is malformed names no key.
            return false;
        }
    }

    /**
     * Whether the realm has the key that the value names, without a word about it in the log.
     *
     * @throws Unreadable it is not there now, but may be the realm's
     */
    boolean hasKeyOf(String sealed) {
        String keyId;
        try {
            keyId = new JWE(sealed).getHeader().getKeyId();
        } catch (RuntimeException e) {
            // As above: what is malformed names no key.
            return false;
        }
        if (keyId == null) {
            return false;
        }
        boolean there = keys.byId(keyId).isPresent();
        if (!there && keys.mayHold(keyId)) {
            throw Unreadable.key(keyId);
        }
        return there;
    }

    /** As {@link #open(Purpose, String, String)}, for what {@link #sealForm} has sealed. */
    <T> Optional<T> openForm(Purpose purpose, String owner, @Nullable String sealed, Class<T> form) {
        return open(purpose, owner, sealed).map(text -> {
            try {
                return JSON.readValue(text, form);
            } catch (IOException e) {
                // Jackson's message would quote the text, which holds secrets.
                throw Unreadable.value("a sealed " + purpose);
            }
        });
    }
}
