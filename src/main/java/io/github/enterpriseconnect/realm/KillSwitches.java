package io.github.enterpriseconnect.realm;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.enterpriseconnect.core.Suspensions;
import io.github.enterpriseconnect.platform.Transactions;
import io.github.enterpriseconnect.storage.Storage;
import java.time.InstantSource;
import java.util.Optional;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;

/**
 * One call, and no token is served any more, on any node: of the realm, through a link, or to a consumer. One call back, and
 * all is as it was. Nothing is revoked. Each change is a transaction of its own, so that it counts at once, and whoever
 * does the same at the same time succeeds as well.
 */
public final class KillSwitches {
    private final Transactions transactions;
    private final ObjectMapper json;
    private final InstantSource clock;

    public KillSwitches(Transactions transactions, ObjectMapper json, InstantSource clock) {
        this.transactions = transactions;
        this.json = json;
        this.clock = clock;
    }

    /** All switches of the realm that are thrown. */
    public Suspensions thrown(KeycloakSession session, RealmModel realm) {
        return Storage.of(session, realm, json).suspensions().all();
    }

    public Optional<Suspensions.Suspension> thrown(
            KeycloakSession session, RealmModel realm, Suspensions.Subject subject) {
        return thrown(session, realm).of(subject);
    }

    /**
     * Throws a switch; nothing happens if it is thrown already.
     *
     * @param by Keycloak's id of the administrator
     * @param byRealmAdministrator whether only an administrator of the realm may lift it
     */
    public void suspend(RealmModel realm, Suspensions.Subject subject, String by, boolean byRealmAdministrator) {
        transactions.doInRealm(realm.getId(), work -> work.storage()
                .suspensions()
                .suspend(subject, new Suspensions.Suspension(clock.instant(), by, byRealmAdministrator)));
    }

    /**
     * Lifts a suspension; nothing happens if there is none.
     *
     * @param byRealmAdministrator whether an administrator of the realm lifts it
     * @return false if only an administrator of the realm may
     */
    public boolean lift(RealmModel realm, Suspensions.Subject subject, boolean byRealmAdministrator) {
        return transactions.inRealm(
                realm.getId(), work -> work.storage().suspensions().lift(subject, byRealmAdministrator));
    }
}
