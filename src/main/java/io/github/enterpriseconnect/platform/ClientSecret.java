package io.github.enterpriseconnect.platform;

import io.github.enterpriseconnect.core.Application;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Secret;
import io.github.enterpriseconnect.core.Unreadable;
import io.github.enterpriseconnect.settings.RealmSettings;
import io.github.enterpriseconnect.settings.Receivers;
import io.github.enterpriseconnect.settings.Settings;
import io.github.enterpriseconnect.settings.SettingsForm;
import io.github.enterpriseconnect.storage.SealedClientSecret;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.keycloak.component.ComponentModel;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.models.utils.KeycloakModelUtils;
import org.keycloak.vault.VaultStringSecret;

/**
 * A client secret of a realm's application as the settings write it: sealed under the realm's key, a reference to the
 * vault, or in clear, as a realm file may bring it. What is found in clear is sealed before it is used. During a rotation
 * there are two, which are treated alike.
 */
public final class ClientSecret {
    private static final Logger LOG = Logger.getLogger(ClientSecret.class);
    private static final String NOT_SEALED = "enterprise-connect.not-sealed";

    private final KeycloakSession session;
    private final RealmModel realm;
    private final String key;
    private final String written;

    /** What the settings say, whether or not they are stored. */
    public ClientSecret(KeycloakSession session, RealmModel realm, Settings settings) {
        this(session, realm, SettingsForm.CLIENT_SECRET, settings.clientSecret());
    }

    private ClientSecret(KeycloakSession session, RealmModel realm, String key, Optional<Secret> written) {
        this.session = session;
        this.realm = realm;
        this.key = key;
        this.written = written.map(Secret::reveal).orElse("");
    }

    /** The client secret, and after it the one that is to follow, if the settings have one. */
    public static List<ClientSecret> all(KeycloakSession session, RealmModel realm, Settings settings) {
        ClientSecret present = new ClientSecret(session, realm, settings);
        return settings.nextClientSecret().isEmpty()
                ? List.of(present)
                : List.of(
                        present,
                        new ClientSecret(session, realm, SettingsForm.NEXT_CLIENT_SECRET, settings.nextClientSecret()));
    }

    /**
     * The headers of consumers' notifications, which are kept as the client secret is; empty if there are none. What is in
     * clear is for the servers of these settings.
     */
    public static Optional<ClientSecret> ofConsumers(KeycloakSession session, RealmModel realm, Settings settings) {
        return settings.consumerAuthorizations()
                .map(text -> clear(text.reveal()) ? Receivers.bound(text, settings.consumers()) : text)
                .map(text -> new ClientSecret(session, realm, SettingsForm.CONSUMER_AUTHORIZATIONS, Optional.of(text)));
    }

    /** Whatever of the settings is sealed before it is stored. */
    public static List<ClientSecret> toSeal(KeycloakSession session, RealmModel realm, Settings settings) {
        List<ClientSecret> secrets = new ArrayList<>(all(session, realm, settings));
        ofConsumers(session, realm, settings).ifPresent(secrets::add);
        return secrets;
    }

    /** The setting that it stands in. */
    public String key() {
        return key;
    }

    /** As it is written in the settings. */
    public String written() {
        return written;
    }

    /** How it stands with a secret. */
    public enum Standing {
        /** Whether Cronofy takes it is another question. */
        READABLE,
        /** There is none, or a mask in its place, as a partial export writes it. */
        MISSING,
        /** The vault or a key that is switched off does not give it at present. */
        WITHHELD,
        /** The key that it was sealed under is gone; it has to be entered again. */
        LOST
    }

    public Standing standing() {
        if (written.isEmpty()) {
            return Standing.MISSING;
        }
        try {
            return open().isPresent()
                    ? Standing.READABLE
                    : SealedClientSecret.is(written) ? Standing.LOST : Standing.WITHHELD;
        } catch (Unreadable away) {
            return Standing.WITHHELD;
        }
    }

    /** Whether it stands there for everybody to read. */
    private boolean clear() {
        return clear(written);
    }

    private static boolean clear(String written) {
        return !written.isEmpty() && !SealedClientSecret.is(written) && !SettingsForm.isVaultReference(written);
    }

    /** The secret itself; empty while there is none that can be read. */
    public Optional<Secret> reveal() {
        try {
            return open();
        } catch (Unreadable away) {
            LOG.debugf("the key that the client secret of realm %s is sealed under is away", realm.getName());
            return Optional.empty();
        }
    }

    private Optional<Secret> open() {
        if (SealedClientSecret.is(written)) {
            return SealedClientSecret.of(session, realm).open(written).map(Secret::of);
        }
        try (VaultStringSecret secret = session.vault().getStringSecret(written)) {
            return secret.get().filter(value -> !value.isBlank()).map(Secret::of);
        }
    }

    /**
     * As {@link #reveal}.
     *
     * @throws Unreadable it is there, but the vault or a key that is away does not give it now
     */
    public Optional<Secret> read() {
        Optional<Secret> secret = open();
        if (secret.isEmpty() && SettingsForm.isVaultReference(written)) {
            LOG.debugf("the vault has no client secret under the name that realm %s gives", realm.getName());
            throw Unreadable.because(Reason.MISCONFIGURED);
        }
        return secret;
    }

    /**
     * The application with those of its secrets that can be read; empty if there is none, or the key that it was sealed
     * under is lost.
     *
     * @throws Unreadable there is one, but the vault or a key that is away does not give it now, and no other can be read
     */
    public static Optional<Application> application(KeycloakSession session, RealmModel realm, Settings settings) {
        List<Secret> readable = new ArrayList<>();
        Unreadable unread = null;
        for (ClientSecret secret : all(session, realm, settings)) {
            try {
                secret.read().ifPresent(readable::add);
            } catch (Unreadable away) {
                unread = away;
            }
        }
        if (readable.isEmpty() && unread != null) {
            throw unread;
        }
        boolean partly = unread != null;
        return readable.stream()
                .findFirst()
                .map(first -> new Application(
                        settings.dataCenter(),
                        settings.clientId(),
                        first,
                        readable.stream().skip(1).findFirst(),
                        partly));
    }

    /**
     * The sealed form of what is in clear; empty for everything else, which the settings keep as it is.
     *
     * @throws Unreadable the realm has no key to seal with now
     */
    public Optional<String> sealed() {
        return clear() ? Optional.of(SealedClientSecret.of(session, realm).seal(written)) : Optional.empty();
    }

    /**
     * Seals what the stored settings have in clear, in a transaction of its own. Where that cannot be, as in a realm
     * that another transaction is importing, the secret stays as it is and can be used nevertheless.
     */
    static void sealBeside(KeycloakSession session, RealmModel realm, Settings settings) {
        Optional<ComponentModel> stored = RealmSettings.component(realm);
        boolean clear = toSeal(session, realm, settings).stream().anyMatch(ClientSecret::clear);
        if (!clear || stored.isEmpty() || Boolean.TRUE.equals(stored.get().getNote(NOT_SEALED))) {
            return;
        }
        // Tried once for each version of the settings, which Keycloak caches.
        stored.get().setNote(NOT_SEALED, true);
        try {
            String realmId = realm.getId();
            KeycloakModelUtils.runJobInTransaction(session.getKeycloakSessionFactory(), own -> Optional.ofNullable(
                            own.realms().getRealm(realmId))
                    .ifPresent(found -> sealStored(own, found)));
        } catch (RuntimeException e) {
            // Deliberately everything: whoever needs the secret has it, and the next start tries again.
            LOG.errorf(e, "the client secret of realm %s could not be sealed", realm.getName());
        }
    }

    /**
     * As {@link #sealBeside}, in the transaction of this session.
     *
     * @throws Unreadable the realm has no key to seal with now
     */
    public static void sealStored(KeycloakSession session, RealmModel realm) {
        Optional<Settings> settings = RealmSettings.of(realm);
        Optional<ComponentModel> stored = RealmSettings.component(realm);
        if (settings.isEmpty() || stored.isEmpty()) {
            return;
        }
        RealmModel before = session.getContext().getRealm();
        session.getContext().setRealm(realm);
        try {
            ComponentModel changed = new ComponentModel(stored.get());
            boolean anything = false;
            for (ClientSecret secret : toSeal(session, realm, settings.get())) {
                anything |= secret.sealInto(changed);
            }
            if (anything) {
                realm.updateComponent(changed);
                LOG.infof("the client secret of realm %s is sealed now", realm.getName());
            }
        } finally {
            session.getContext().setRealm(before);
        }
    }

    /** Whether there was anything to seal. */
    private boolean sealInto(ComponentModel settings) {
        if (standing() == Standing.LOST) {
            LOG.warnf(
                    "the client secret of realm %s is sealed under a key that the realm does not have; nothing is"
                            + " asked of Cronofy until the secret is entered in the settings",
                    realm.getName());
        }
        Optional<String> text = sealed();
        text.ifPresent(value -> settings.put(key, value));
        return text.isPresent();
    }
}
