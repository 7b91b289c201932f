package io.github.enterpriseconnect.revocation;

import io.github.enterpriseconnect.candidate.KeycloakCandidate;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Gate;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.link.Linking;
import io.github.enterpriseconnect.platform.BackgroundWorker;
import io.github.enterpriseconnect.platform.Transactions;
import io.github.enterpriseconnect.platform.Transactions.Work;
import io.github.enterpriseconnect.storage.Storage;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.keycloak.component.ComponentModel;
import org.keycloak.models.RealmModel;
import org.keycloak.models.UserModel;
import org.keycloak.models.cache.UserCache;
import org.keycloak.storage.StorageId;
import org.keycloak.storage.UserStorageManager;
import org.keycloak.storage.UserStorageProviderModel;
import org.keycloak.storage.UserStorageUtil;

/**
 * Looks at every delegation again and again, and ends those whose right has ended without anybody telling us: users that a
 * directory no longer has, changes by bulk or in the database. Whoever has not been looked at for longest comes first.
 */
public final class Reconciling {
    private static final Logger LOG = Logger.getLogger(Reconciling.class);
    private static final int BATCH = 100;
    private static final int MOST_AT_ONCE = 10_000;

    private final Transactions transactions;
    private final BackgroundWorker worker;
    private final Ending ending;
    private final Revoking revoking;
    private final Duration every;
    private final InstantSource clock;

    /** @param every how often to look, and for how long nobody is looked at again */
    public Reconciling(
            Transactions transactions,
            BackgroundWorker worker,
            Ending ending,
            Revoking revoking,
            Duration every,
            InstantSource clock) {
        this.transactions = transactions;
        this.worker = worker;
        this.ending = ending;
        this.revoking = revoking;
        this.every = every;
        this.clock = clock;
    }

    public void start() {
        worker.submitEvery(every, this::examine);
    }

    /** Something changed that may concern every member of the link: they are looked at now. */
    public void examineSoon(LinkId link) {
        worker.submit(() -> {
            transactions.doInRealm(
                    link.realm(), work -> work.storage().delegations().examineSoon(link));
            examine();
        });
    }

    /** Why the delegation has ended by what Keycloak says now; empty if it stands, is withheld, or nobody can tell. */
    public Optional<Reason> ended(Work work, Delegation delegation) {
        if (directoryOff(work.realm(), delegation.userId())) {
            return Optional.empty();
        }
        return ended(work, delegation, work.session().users().getUserById(work.realm(), delegation.userId()));
    }

    /** What belongs to a link that has ended is left to {@link Linking}: the service account takes it along. */
    private Optional<Reason> ended(Work work, Delegation delegation, @Nullable UserModel user) {
        Optional<Reason> reason = user == null
                ? Optional.of(Reason.USER_REMOVED)
                : Gate.ended(KeycloakCandidate.of(work, user, null, clock.instant()), delegation);
        return reason.filter(
                why -> work.storage().links().get(delegation.link()).linked());
    }

    /** Users that a directory does not import are not there while it is switched off. */
    private static boolean directoryOff(RealmModel realm, String userId) {
        String directory = new StorageId(userId).getProviderId();
        ComponentModel component = directory == null ? null : realm.getComponent(directory);
        return component != null && !new UserStorageProviderModel(component).isEnabled();
    }

    private void examine() {
        Instant since = clock.instant().minus(every.dividedBy(2));
        int examined = 0;
        List<Delegation> batch;
        do {
            batch = transactions.inServer(session -> Storage.sweeping(session).unexamined(since, BATCH));
            Map<String, List<Delegation>> byRealm = batch.stream()
                    .collect(Collectors.groupingBy(
                            delegation -> delegation.link().realm()));
            byRealm.forEach((realm, delegations) -> worker.attempt(() -> examine(realm, delegations)));
            examined += batch.size();
        } while (batch.size() == BATCH && examined < MOST_AT_ONCE);
    }

    private void examine(String realmId, List<Delegation> delegations) {
        List<String> ids = delegations.stream().map(Delegation::id).toList();
        transactions.doInServer(session -> Storage.sweeping(session).examined(ids, clock.instant()));
        List<Delegation> ended = transactions.inRealm(realmId, work -> delegations.stream()
                .filter(delegation -> seemsEnded(work, delegation))
                .toList());
        ended.forEach(
                delegation -> worker.attempt(() -> transactions.doInRealm(realmId, work -> end(work, delegation))));
        if (!ended.isEmpty()) {
            revoking.deliverSoon();
        }
    }

    /** Each by itself, so that nobody waits for a row while a directory is asked for the next user. */
    private void end(Work work, Delegation delegation) {
        ended(work, delegation).ifPresent(reason -> ending.end(work, delegation, reason));
    }

    /** Past the user cache, which knows nothing of what a directory or a database statement has changed. */
    private static @Nullable UserModel uncached(Work work, String userId) {
        return new UserStorageManager(work.session()).getUserById(work.realm(), userId);
    }

    /** What the user cache knows is outdated, and would have the user delegated anew. */
    private static void forgetCached(Work work, String userId) {
        UserCache cache = UserStorageUtil.userCache(work.session());
        UserModel cached = work.session().users().getUserById(work.realm(), userId);
        if (cache != null && cached != null) {
            cache.evict(work.realm(), cached);
        }
    }

    private boolean seemsEnded(Work work, Delegation delegation) {
        try {
            boolean ended = !directoryOff(work.realm(), delegation.userId())
                    && ended(work, delegation, uncached(work, delegation.userId()))
                            .isPresent();
            if (ended) {
                forgetCached(work, delegation.userId());
            }
            return ended;
        } catch (RuntimeException e) {
            // Directories fail in ways of their own; one that cannot be asked says nothing about its users.
            LOG.debugf(e, "delegation %s could not be examined", delegation.id());
            return false;
        }
    }
}
