package io.github.enterpriseconnect;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.enterpriseconnect.Transactions.Work;
import io.github.enterpriseconnect.core.Application;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.LinkDomain;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.storage.Storage;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;

/**
 * Links as they stand, their approved domains, and their end: what an unlinked service account leaves behind is revoked at
 * Cronofy and removed from its members.
 */
public final class Linking {
    private static final int FORGOTTEN_AT_ONCE = 200;
    private static final Duration BETWEEN_SWEEPS = Duration.ofSeconds(60);
    private static final int SWEPT = 100;
    private static final Duration PURGED_AFTER = Duration.ofDays(30);
    private static final Duration SOON_AFTER_REMOVAL = Duration.ofSeconds(1);

    private final Transactions transactions;
    private final Links links;
    private final BackgroundWorker worker;
    private final Revoking revoking;
    private final ObjectMapper json;
    private final InstantSource clock;

    Linking(
            Transactions transactions,
            Links links,
            BackgroundWorker worker,
            Revoking revoking,
            ObjectMapper json,
            InstantSource clock) {
        this.transactions = transactions;
        this.links = links;
        this.worker = worker;
        this.revoking = revoking;
        this.json = json;
        this.clock = clock;
    }

    /** Begins to look for members that a crash has left behind after their link was removed. */
    void start() {
        worker.submitEvery(BETWEEN_SWEEPS, this::sweep);
    }

    /** The link as it stands; an unlinked one if nobody has touched it yet. */
    public Link get(KeycloakSession session, RealmModel realm, LinkId id) {
        return storage(session, realm).links().get(id);
    }

    /** Every link of the realm that was ever approved or linked, by name. */
    public List<Link> list(KeycloakSession session, RealmModel realm) {
        return storage(session, realm).links().list(realm.getId());
    }

    /** Puts the application's present secret where revocations will need it, after it has been replaced. */
    void secretReplaced(KeycloakSession session, RealmModel realm, Application application) {
        storage(session, realm).links().reorder(realm.getId(), application);
    }

    /** Replaces the link's domains within the caller's transaction. */
    public Link approve(KeycloakSession session, RealmModel realm, LinkId id, List<LinkDomain> domains) {
        Link link = storage(session, realm).links().approve(id, domains);
        links.forget(id);
        return link;
    }

    /**
     * Ends a link within the caller's transaction: nobody gets a token through it from the commit on; Cronofy learns of it
     * by the outbox, and the members' stored credentials are removed in batches behind it.
     */
    public void unlink(KeycloakSession session, RealmModel realm, LinkId id) {
        storage(session, realm).links().unlink(id, clock.instant());
        storage(session, realm).invitations().withdrawAll(id);
    }

    /** What follows once the transaction that unlinked has been committed. */
    public void unlinked(LinkId id) {
        links.forget(id);
        revoking.deliverSoon();
        worker.submit(() -> forgetMembers(id));
    }

    private void forgetMembers(LinkId id) {
        int forgotten;
        do {
            forgotten = transactions.inRealm(id.realm(), work -> {
                if (work.storage().links().get(id).linked()) {
                    return 0;
                }
                List<Delegation> batch = work.storage().delegations().liveOf(id, FORGOTTEN_AT_ONCE);
                batch.forEach(delegation -> forget(work, delegation));
                return batch.size();
            });
        } while (forgotten == FORGOTTEN_AT_ONCE);
    }

    private static void forget(Work work, Delegation delegation) {
        String link = delegation.link().name();
        work.storage().delegations().revoke(delegation.id(), Reason.UNLINKED);
        boolean elsewhere = work.storage()
                .credentials()
                .stored(delegation.userId())
                .filter(credential -> !credential.link().equals(link))
                .isPresent();
        if (!elsewhere) {
            work.storage().credentials().remove(delegation.userId(), Delegation.State.REVOKED, link);
        }
    }

    private void sweep() {
        transactions
                .inServer(session -> Storage.sweeping(session).unlinked(SWEPT))
                .forEach(link -> worker.attempt(() -> forgetMembers(link)));
        transactions.inServer(session ->
                Storage.sweeping(session).purgeInvitations(clock.instant().minus(PURGED_AFTER)));
    }

    /**
     * Ends every link of a realm that is being removed, within the removal's transaction. Its members and their credentials
     * go with the realm; only the revocations remain.
     */
    void realmRemoved(KeycloakSession session, RealmModel realm) {
        storage(session, realm).removeRealm(clock.instant());
        worker.submitLater(SOON_AFTER_REMOVAL, revoking::deliverSoon, () -> {});
    }

    private Storage storage(KeycloakSession session, RealmModel realm) {
        return Storage.of(session, realm, json);
    }
}
