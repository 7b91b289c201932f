package io.github.enterpriseconnect.link;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.enterpriseconnect.candidate.Links;
import io.github.enterpriseconnect.core.Application;
import io.github.enterpriseconnect.core.Behaviour;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.LinkDomain;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Policy;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Suspensions;
import io.github.enterpriseconnect.platform.AfterCommit;
import io.github.enterpriseconnect.platform.BackgroundWorker;
import io.github.enterpriseconnect.platform.Transactions;
import io.github.enterpriseconnect.platform.Transactions.Work;
import io.github.enterpriseconnect.revocation.Ending;
import io.github.enterpriseconnect.revocation.Reconciling;
import io.github.enterpriseconnect.revocation.Revoking;
import io.github.enterpriseconnect.settings.BehaviourDefaults;
import io.github.enterpriseconnect.storage.Storage;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;

/**
 * Links as they stand, their approved domains, and their end: what an unlinked service account leaves behind is revoked at
 * Cronofy and removed from its members.
 */
public final class Linking {
    private static final Logger LOG = Logger.getLogger(Linking.class);

    /** Few, since each is written before the next is looked at, and all that are open are compared then. */
    private static final int FORGOTTEN_AT_ONCE = 50;

    private static final Duration BETWEEN_SWEEPS = Duration.ofSeconds(60);
    private static final int SWEPT = 100;
    private static final Duration PURGED_AFTER = Duration.ofDays(30);

    private final Transactions transactions;
    private final Links links;
    private final BackgroundWorker worker;
    private final Revoking revoking;
    private final Ending ending;
    private final Reconciling reconciling;
    private final ObjectMapper json;
    private final InstantSource clock;
    private final Set<LinkId> underWay = ConcurrentHashMap.newKeySet();

    public Linking(
            Transactions transactions,
            Links links,
            BackgroundWorker worker,
            Revoking revoking,
            Ending ending,
            Reconciling reconciling,
            ObjectMapper json,
            InstantSource clock) {
        this.transactions = transactions;
        this.links = links;
        this.worker = worker;
        this.revoking = revoking;
        this.ending = ending;
        this.reconciling = reconciling;
        this.json = json;
        this.clock = clock;
    }

    /** Begins to look for members that a crash has left behind after their link was removed. */
    public void start() {
        worker.submitEvery(BETWEEN_SWEEPS, this::sweep);
    }

    /** The link as it stands; an unlinked one if nobody has touched it yet. */
    public Link get(KeycloakSession session, RealmModel realm, LinkId id) {
        return storage(session, realm).links().get(id);
    }

    /** The links with these names as they stand, by name. */
    public Map<String, Link> get(KeycloakSession session, RealmModel realm, Collection<String> names) {
        return storage(session, realm).links().get(realm.getId(), names);
    }

    /** Every link of the realm that was ever approved or linked, by name. */
    public List<Link> list(KeycloakSession session, RealmModel realm) {
        return storage(session, realm).links().list(realm.getId());
    }

    /** Puts the application's present secret where revocations will need it, after it has been replaced. */
    public void secretReplaced(KeycloakSession session, RealmModel realm, Application application) {
        storage(session, realm).links().reorder(realm.getId(), application);
    }

    /** Replaces the link's domains within the caller's transaction; then tell {@link #changed}. */
    public Link approve(KeycloakSession session, RealmModel realm, LinkId id, List<LinkDomain> domains) {
        return storage(session, realm).links().approve(id, domains);
    }

    /** Replaces the link's policy within the caller's transaction; then tell {@link #changed}. */
    public void setPolicy(KeycloakSession session, RealmModel realm, LinkId id, Policy policy) {
        storage(session, realm).links().setPolicy(id, policy);
        if (policy.behaviour().over(Behaviour.SILENT).asksForPage()) {
            BehaviourDefaults.notePage(realm);
        }
    }

    /** What follows once a change of the link, or of its organization, has been committed: its members are looked at again. */
    public void changed(LinkId id) {
        links.forget(id);
        reconciling.examineSoon(id);
    }

    /**
     * Ends a link within the caller's transaction: nobody gets a token through it from the commit on; Cronofy learns of it
     * by the outbox, and the members' stored credentials are removed in batches behind it.
     */
    public void unlink(KeycloakSession session, RealmModel realm, LinkId id) {
        storage(session, realm).links().unlink(id, Reason.UNLINKED, clock.instant());
        storage(session, realm).invitations().withdrawAll(id);
    }

    /** As {@link #unlink}, when the organization itself is being removed: nothing of the link stays. */
    public void organizationRemoved(KeycloakSession session, RealmModel realm, LinkId id) {
        storage(session, realm).links().remove(id, clock.instant());
        storage(session, realm).suspensions().remove(Suspensions.Subject.link(id.name()));
        storage(session, realm).invitations().withdrawAll(id);
    }

    /** What follows once the transaction that ended the link has been committed. */
    public void unlinked(LinkId id) {
        links.forget(id);
        revoking.deliverSoon();
        worker.submit(() -> forgetMembers(id));
    }

    private void forgetMembers(LinkId id) {
        if (!underWay.add(id)) {
            return;
        }
        try {
            int forgotten;
            do {
                forgotten = transactions.inServer(session -> forgetBatch(session, id));
                if (forgotten > 0) {
                    LOG.debugf("%d members of removed link %s were forgotten", forgotten, id.name());
                }
            } while (forgotten == FORGOTTEN_AT_ONCE);
        } finally {
            underWay.remove(id);
        }
        revoking.deliverSoon();
    }

    private int forgetBatch(KeycloakSession session, LinkId id) {
        RealmModel realm = session.realms().getRealm(id.realm());
        if (realm == null) {
            Storage left = Storage.ofRemovedRealm(session, id.realm(), json);
            List<Delegation> batch = left.delegations().liveOf(id, FORGOTTEN_AT_ONCE);
            batch.forEach(delegation -> ending.endWithRealm(left, delegation));
            return batch.size();
        }
        session.getContext().setRealm(realm);
        Work work = new Work(session, realm, storage(session, realm));
        if (work.storage().links().get(id).linked()) {
            return 0;
        }
        List<Delegation> batch = work.storage().delegations().liveOf(id, FORGOTTEN_AT_ONCE);
        batch.forEach(delegation -> ending.endWithLink(work, delegation));
        return batch.size();
    }

    private void sweep() {
        transactions
                .inServer(session -> Storage.sweeping(session).unlinked(SWEPT))
                .forEach(link -> worker.attempt(() -> forgetMembers(link)));
        transactions.doInServer(
                session -> Storage.sweeping(session).purge(clock.instant().minus(PURGED_AFTER)));
    }

    /**
     * Ends every link of a realm that is being removed, within the removal's transaction. Its members' credentials go with
     * the realm; the revocations remain, and the delegations until they have been ended in batches.
     */
    public void realmRemoved(KeycloakSession session, RealmModel realm) {
        storage(session, realm).removeRealm(clock.instant());
        AfterCommit.run(session, () -> {
            revoking.deliverSoon();
            worker.submit(this::sweep);
        });
    }

    private Storage storage(KeycloakSession session, RealmModel realm) {
        return Storage.of(session, realm, json);
    }
}
