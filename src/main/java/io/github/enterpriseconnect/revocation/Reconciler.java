package io.github.enterpriseconnect.revocation;

import io.github.enterpriseconnect.candidate.MemberCandidate;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Gate;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Unreadable;
import io.github.enterpriseconnect.core.User;
import io.github.enterpriseconnect.platform.Transactions;
import io.github.enterpriseconnect.platform.Work;
import io.github.enterpriseconnect.platform.Worker;
import io.github.enterpriseconnect.storage.DatabaseFailure;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/**
 * Looks at every delegation again and again, and ends those whose right has ended without anybody telling us: users
 * that a directory no longer has, changes by bulk or in the database; and takes up again those whose tokens were lost with
 * a key that is back. Whoever has not been looked at for longest comes first.
 */
public final class Reconciler {
    private static final Logger LOG = Logger.getLogger(Reconciler.class);
    private static final int BATCH = 100;
    private static final int MOST_AT_ONCE = 10_000;

    private final Transactions transactions;
    private final Worker worker;
    private final DelegationTermination termination;
    private final RevocationDispatcher dispatcher;
    private final Duration every;
    private final InstantSource clock;

    /** @param every how often to look, and for how long nobody is looked at again */
    public Reconciler(
            Transactions transactions,
            Worker worker,
            DelegationTermination termination,
            RevocationDispatcher dispatcher,
            Duration every,
            InstantSource clock) {
        this.transactions = transactions;
        this.worker = worker;
        this.termination = termination;
        this.dispatcher = dispatcher;
        this.every = every;
        this.clock = clock;
    }

    public void start() {
        worker.submitEvery(every, this::examine);
    }

    /** Something changed that may concern every member of the link: they are looked at now. */
    public void examineSoon(LinkId link) {
        worker.submitOnce(new Examining(link), () -> {
            transactions.doInServer(work -> work.examinations().examineSoon(link));
            examine();
        });
    }

    /** What is done once at a time. */
    private record Examining(LinkId link) {}

    /** Why the delegation has ended by what Keycloak says now; empty if it stands, is withheld, or nobody can tell. */
    public Optional<Reason> ended(Work work, Delegation delegation) {
        try {
            return ended(work, delegation, work.users().byId(delegation.userId()));
        } catch (Unreadable now) {
            return Optional.empty();
        }
    }

    /**
     * What belongs to a link that has ended, or is about to since its organization is gone, is left to the link's end: the
     * service account takes it along.
     */
    private Optional<Reason> ended(Work work, Delegation delegation, Optional<User> user) {
        Optional<Reason> reason = user.isEmpty()
                ? Optional.of(Reason.USER_REMOVED)
                : Gate.ended(MemberCandidate.of(work, user.get(), null, clock.instant()), delegation)
                        .filter(loss -> !delegation.doubtful(user.get(), loss));
        return reason.filter(why -> work.links().get(delegation.link()).linked()
                && work.changes().organizationRemoved(delegation.link()).isEmpty());
    }

    private void examine() {
        Instant since = clock.instant().minus(every.dividedBy(2));
        int examined = 0;
        List<Delegation> batch;
        do {
            batch = transactions.inServer(work -> work.examinations().unexamined(since, BATCH));
            Map<String, List<Delegation>> byRealm = batch.stream()
                    .collect(Collectors.groupingBy(
                            delegation -> delegation.link().realm()));
            byRealm.forEach((realm, delegations) -> worker.attempt(() -> examine(realm, delegations)));
            examined += batch.size();
        } while (batch.size() == BATCH && examined < MOST_AT_ONCE);
    }

    /** A page whose transaction fails is looked at one by one: nobody of it is taken for examined before that was read. */
    private void examine(String realmId, List<Delegation> delegations) {
        List<String> ids = delegations.stream().map(Delegation::id).toList();
        transactions.doInServer(work -> work.examinations().examined(ids, clock.instant()));
        try {
            look(realmId, delegations);
        } catch (Transactions.RealmGone gone) {
            throw gone;
        } catch (RuntimeException e) {
            if (delegations.size() == 1) {
                throw e;
            }
            LOG.warnf("delegations of realm %s are examined one by one: %s", realmId, e.getMessage());
            delegations.forEach(one -> worker.attempt(() -> look(realmId, List.of(one))));
        }
    }

    private void look(String realmId, List<Delegation> delegations) {
        List<Delegation> openedAgain = new ArrayList<>();
        Map<Optional<String>, List<String>> standing = new HashMap<>();
        List<Delegation> ended = transactions.inRealm(realmId, work -> {
            standing.clear();
            openedAgain.clear();
            List<Delegation> seemEnded = delegations.stream()
                    .filter(delegation -> seemsEnded(work, delegation, standing))
                    .toList();
            delegations.stream()
                    .filter(delegation -> !seemEnded.contains(delegation) && opensAgain(work, delegation))
                    .forEach(openedAgain::add);
            return seemEnded;
        });
        transactions.doInServer(work -> standing.forEach(work.examinations()::standBy));
        ended.forEach(
                delegation -> worker.attempt(() -> transactions.doInRealm(realmId, work -> end(work, delegation))));
        openedAgain.forEach(
                delegation -> worker.attempt(() -> transactions.doInRealm(realmId, work -> restore(work, delegation))));
        if (!ended.isEmpty()) {
            dispatcher.deliverSoon();
        }
    }

    /** Whether the tokens were lost with their key, and both are there again. */
    private static boolean opensAgain(Work work, Delegation delegation) {
        if (delegation.state() != Delegation.State.REVOKED || delegation.reason() != Reason.CREDENTIAL_UNREADABLE) {
            return false;
        }
        try {
            return work.credentials()
                    .found(delegation.userId())
                    .filter(credential -> credential.subject().equals(delegation.subject())
                            && credential.application().equals(delegation.application())
                            && credential.mailbox().equals(delegation.mailbox().address()))
                    .isPresent();
        } catch (Unreadable away) {
            return false;
        }
    }

    private void restore(Work work, Delegation delegation) {
        if (opensAgain(work, delegation)) {
            LOG.infof("the tokens of delegation %s open again", delegation.id());
            work.linkRecovery().keyFound(delegation, clock.instant());
            work.credentials()
                    .show(
                            delegation.userId(),
                            Delegation.State.GRANTED,
                            delegation.link().name());
        }
    }

    /** Whether everything was read and nothing is missing, so that how the directory is set up now is good. */
    private boolean stands(Work work, Delegation delegation, User user) {
        MemberCandidate candidate = MemberCandidate.of(work, user, null, clock.instant());
        return Gate.ended(candidate, delegation).isEmpty()
                && !Gate.decide(candidate, Gate.Question.USE).withheld();
    }

    /** Each by itself, so that nobody waits for a row while a directory is asked for the next user. */
    private void end(Work work, Delegation delegation) {
        ended(work, delegation).ifPresent(reason -> {
            termination.end(work, delegation, reason);
            if (reason == Reason.USER_REMOVED) {
                work.people().forget(delegation.userId(), clock.instant());
            }
        });
    }

    /** Whom the user cache knows is looked up anew, since what it knows would have the user delegated again. */
    private boolean seemsEnded(Work work, Delegation delegation, Map<Optional<String>, List<String>> standing) {
        String userId = delegation.userId();
        try {
            Optional<User> user = work.users().uncached(userId);
            boolean ended = ended(work, delegation, user).isPresent();
            if (ended) {
                work.users().forgetCached(userId);
            } else {
                user.filter(found -> stands(work, delegation, found))
                        .ifPresent(found -> standing.computeIfAbsent(found.source(), source -> new ArrayList<>())
                                .add(delegation.id()));
            }
            return ended;
        } catch (RuntimeException e) {
            // Directories fail in ways of their own; one that cannot be asked says nothing about its users. With the
            // database, all that was read before has failed.
            if (DatabaseFailure.behind(e)) {
                throw e;
            }
            LOG.debugf(e, "delegation %s could not be examined", delegation.id());
            return false;
        }
    }
}
