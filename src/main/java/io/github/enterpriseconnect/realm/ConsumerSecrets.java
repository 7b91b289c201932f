package io.github.enterpriseconnect.realm;

import io.github.enterpriseconnect.core.Unreadable;
import io.github.enterpriseconnect.platform.ClientSecret;
import io.github.enterpriseconnect.platform.KeycloakWork;
import io.github.enterpriseconnect.settings.InvalidSettings;
import io.github.enterpriseconnect.settings.RealmSettings;
import io.github.enterpriseconnect.settings.Receivers;
import io.github.enterpriseconnect.settings.SettingsForm;
import io.github.enterpriseconnect.storage.SealedClientSecret;
import java.util.Map;
import java.util.Optional;
import org.keycloak.common.util.MultivaluedHashMap;
import org.keycloak.component.ComponentModel;

/** The {@code Authorization} headers of notifications in settings that somebody writes: sealed before they are stored. */
public final class ConsumerSecrets {
    private ConsumerSecrets() {}

    /**
     * Seals what the consumers have in clear, in place, and keeps what masks stand for.
     *
     * @param issuer the realm's, as who writes the settings reaches it
     */
    public static void seal(KeycloakWork work, MultivaluedHashMap<String, String> wanted, String issuer)
            throws SettingsChange.Rejected {
        MultivaluedHashMap<String, String> stored = RealmSettings.component(work.model())
                .map(ComponentModel::getConfig)
                .orElseGet(MultivaluedHashMap::new);
        try {
            Receivers.takeOut(wanted, stored, () -> stored(work), issuer);
            String clear = wanted.getFirst(SettingsForm.CONSUMER_AUTHORIZATIONS);
            if (clear != null && !SealedClientSecret.is(clear)) {
                wanted.putSingle(
                        SettingsForm.CONSUMER_AUTHORIZATIONS,
                        SealedClientSecret.of(work.session(), work.model()).seal(clear));
            }
        } catch (InvalidSettings invalid) {
            throw new SettingsChange.Rejected(String.valueOf(invalid.getMessage()), false);
        } catch (Unreadable noKey) {
            throw new SettingsChange.Rejected(SettingsChange.NO_KEY, true);
        }
    }

    /** Empty if they cannot be read now. */
    private static Optional<Map<String, Receivers.Header>> stored(KeycloakWork work) {
        Optional<ClientSecret> written = RealmSettings.of(work.model())
                .flatMap(settings -> ClientSecret.ofConsumers(work.session(), work.model(), settings));
        return written.isEmpty()
                ? Optional.of(Map.of())
                : written.flatMap(ClientSecret::reveal).flatMap(Receivers::authorizations);
    }
}
