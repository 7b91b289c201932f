package io.github.enterpriseconnect.storage;

import io.github.enterpriseconnect.core.Unreadable;
import java.util.Optional;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;

/**
 * A realm's client secret as its settings keep it: sealed under the realm's own key, so that Keycloak, which shows
 * components in clear as soon as our JAR is away, shows nothing.
 */
public final class SealedClientSecret {
    private static final String MARK = "sealed:";

    private final Sealer sealer;
    private final String realmId;

    SealedClientSecret(SealingKeys keys, String realmId) {
        this.sealer = new Sealer(keys);
        this.realmId = realmId;
    }

    public static SealedClientSecret of(KeycloakSession session, RealmModel realm) {
        return new SealedClientSecret(new RealmKeys(session, () -> realm), realm.getId());
    }

    /** Whether the text is a sealed secret, of whichever realm. */
    public static boolean is(String text) {
        return text.startsWith(MARK);
    }

    /**
     * The secret, sealed for this realm.
     *
     * @throws Unreadable the realm has no key to seal with now
     */
    public String seal(String secret) {
        return MARK + sealer.seal(Sealer.Purpose.CLIENT_SECRET, realmId, secret);
    }

    /**
     * The secret; empty if it was sealed for another realm, or the key is lost.
     *
     * @throws Unreadable the key is away and may come back
     */
    public Optional<String> open(String sealed) {
        return sealer.open(Sealer.Purpose.CLIENT_SECRET, realmId, sealed.substring(MARK.length()));
    }
}
