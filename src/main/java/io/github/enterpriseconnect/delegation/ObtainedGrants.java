package io.github.enterpriseconnect.delegation;

import io.github.enterpriseconnect.core.Application;
import io.github.enterpriseconnect.core.Behaviour;
import io.github.enterpriseconnect.core.CalendarEvent;
import io.github.enterpriseconnect.core.Credential;
import io.github.enterpriseconnect.core.CronofyException;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.Mark;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Retries;
import io.github.enterpriseconnect.core.Revocation;
import io.github.enterpriseconnect.platform.Transactions;
import io.github.enterpriseconnect.platform.Work;
import io.github.enterpriseconnect.revocation.Denials;
import io.github.enterpriseconnect.revocation.RevocationDispatcher;
import io.github.enterpriseconnect.storage.RevocationOrder;
import io.github.enterpriseconnect.storage.RevocationStore;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * What Cronofy has just granted for a code, which cannot be had once more: stored where the mailbox fits and the right
 * has not ended meanwhile, dropped and revoked otherwise.
 */
final class ObtainedGrants {
    private static final Logger LOG = Logger.getLogger(ObtainedGrants.class);

    private final Transactions transactions;
    private final RevocationDispatcher dispatcher;
    private final Retries retries;
    private final AnswerComparison comparison;
    private final InstantSource clock;

    ObtainedGrants(Transactions transactions, RevocationDispatcher dispatcher, Retries retries, InstantSource clock) {
        this.transactions = transactions;
        this.dispatcher = dispatcher;
        this.retries = retries;
        this.comparison = new AnswerComparison();
        this.clock = clock;
    }

    /**
     * Stores it, or has it revoked.
     *
     * @throws RuntimeException neither is possible now
     */
    void store(Obtained obtained) {
        if (storeOrDrop(obtained)) {
            dispatcher.deliverSoon();
        }
    }

    /** Whether it was dropped. */
    private boolean storeOrDrop(Obtained obtained) {
        Delegation asked = obtained.asked();
        try {
            // Directories are asked before the turn, for which others wait who have nothing to do with them.
            Optional<ObtainedRight> found = transactions.inRealm(asked.link().realm(), work -> right(work, obtained));
            if (found.isEmpty()) {
                return false;
            }
            ObtainedRight right = found.get();
            return transactions.inServer(server -> {
                // Two members' codes may bring the same account at the same moment, each on another node.
                server.takeTurnForAccount(obtained.subject());
                Work work = server.realm(asked.link().realm()).orElseThrow(Transactions.RealmGone::new);
                if (obtained.grant().subject() == null) {
                    giveBack(work, obtained);
                    return true;
                }
                if (stored(work, obtained)) {
                    return false;
                }
                Optional<Objection> objection = comparison
                        .objection(work, obtained, right)
                        .or(() -> ended(work, asked, right))
                        .or(() -> revokedNow(work, obtained));
                if (objection.isEmpty() && grant(work, obtained, right.source())) {
                    return false;
                }
                drop(work, obtained, right, objection.orElseGet(() -> overtaken(work, asked)));
                return true;
            });
        } catch (Transactions.RealmGone gone) {
            String realm = asked.link().realm();
            if (transactions.inServer(
                    work -> work.removedRealm(realm).removedRealms().awaits(realm))) {
                // It may be back in a moment, with the row that this is for.
                throw gone;
            }
            transactions.doInServer(work -> revoke(work.revocations(), obtained, Reason.REALM_REMOVED));
            return true;
        }
    }

    /** Empty if it is stored already. */
    private Optional<ObtainedRight> right(Work work, Obtained obtained) {
        if (obtained.grant().subject() == null) {
            return Optional.of(ObtainedRight.UNASKED);
        }
        return stored(work, obtained)
                ? Optional.empty()
                : Optional.of(ObtainedRight.of(work, obtained, clock.instant()));
    }

    /** By a commit of which nobody heard, or by whoever was faster. */
    private static boolean stored(Work work, Obtained obtained) {
        if (obtained.asked().ofResource()) {
            return ObtainedResources.stored(work, obtained);
        }
        return work.credentials()
                .stored(obtained.asked().userId())
                .filter(credential ->
                        credential.tokens().equals(obtained.grant().tokens()))
                .isPresent();
    }

    /** It cannot be kept without a name; another ask gets another. */
    private void giveBack(Work work, Obtained obtained) {
        LOG.warnf(
                "Cronofy does not say whose account delegation %s is; it is asked for anew",
                obtained.asked().id());
        Instant now = clock.instant();
        work.answers()
                .spent(
                        obtained.asked(),
                        Reason.UNAVAILABLE,
                        now,
                        retries.afterOutage(now, obtained.asked().attempts(), Duration.ZERO));
        revoke(work.revocations(), obtained, Reason.NOT_STORED);
    }

    /** Orders the revocation of an access token that came alone. */
    void giveBack(Delegation asked, Application application, CronofyException.NotRenewable alone) {
        dispatcher.order(
                new RevocationOrder(application, Obtained.subject(asked, alone.subject()), alone.accessToken()),
                Revocation.Cause.of(asked, Reason.NOT_STORED));
        dispatcher.deliverSoon();
    }

    private void revoke(RevocationStore revocations, Obtained obtained, Reason reason) {
        revocations.add(
                new RevocationOrder(
                        obtained.application(),
                        obtained.subject(),
                        obtained.grant().tokens().refreshToken()),
                Revocation.Cause.of(obtained.asked(), reason),
                clock.instant());
    }

    private boolean grant(Work work, Obtained obtained, @Nullable String source) {
        Delegation asked = obtained.asked();
        if (asked.ofResource()) {
            return ObtainedResources.grant(work, obtained, clock.instant());
        }
        String subject = obtained.subject();
        Link link = work.links().get(asked.link());
        boolean granted = work.delegations().grant(asked, subject, link.serviceAccount(), source, clock.instant());
        Credential credential = new Credential(
                obtained.application().key(),
                subject,
                asked.link().name(),
                asked.mailbox().address(),
                obtained.grant().tokens());
        if (!granted) {
            return false;
        }
        if (!work.credentials().store(asked.userId(), credential)) {
            work.delegations().end(work.moves().delegation(asked), Reason.USER_REMOVED, clock.instant());
            return false;
        }
        work.members().forgetFoundName(asked.userId(), asked.link().name());
        ProfileWatch.granted(work, work.moves().delegation(asked), subject, obtained.grant(), clock.instant());
        Mark.of(link, asked.userId(), asked.mailbox())
                .ifPresent(mark -> work.credentials().mark(asked.userId(), mark));
        if (work.behaviour(link).notice() == Behaviour.Notice.EMAIL
                && !work.moves().holds(asked)) {
            work.notices().order(asked.id(), clock.instant());
        }
        if (!work.moves().holds(asked)) {
            work.tell(CalendarEvent.ofMember(
                    CalendarEvent.Kind.CONNECTED, asked.link(), asked.userId(), null, clock.instant()));
        }
        LOG.infof("delegation %s is granted", asked.id());
        return true;
    }

    private static Objection overtaken(Work work, Delegation asked) {
        return Objection.byGate(work.moves().holds(asked) ? Reason.REPLACED : Reason.USER_REMOVED);
    }

    private Optional<Objection> revokedNow(Work work, Obtained obtained) {
        boolean free = work.revocations()
                .makeWay(obtained.application().key(), obtained.subject(), obtained.since(), clock.instant());
        return free ? Optional.empty() : Optional.of(Objection.byGate(Reason.UNAVAILABLE));
    }

    /**
     * Looks the user up, unless a directory has to be asked, which may take its time. Throws while that is not possible:
     * nothing is redeemed before, since it has to be stored.
     *
     * @return false if a directory has to be asked, by {@link #lookUp}
     */
    boolean lookUpHere(Work work, Delegation asked) {
        if (asked.ofResource()) {
            return true;
        }
        String userId = asked.userId();
        boolean here =
                work.users().byDirectory(List.of(userId)).keySet().stream().noneMatch(Optional::isPresent);
        if (here) {
            work.users().byId(userId);
        }
        return here;
    }

    /** As {@link #lookUpHere}, by asking the directory, however long it takes. */
    void lookUp(Delegation asked) {
        transactions.doInRealm(asked.link().realm(), work -> work.users().byId(asked.userId()));
    }

    private static Optional<Objection> ended(Work work, Delegation asked, ObtainedRight right) {
        return asked.ofResource() ? ObtainedResources.ended(work, asked).map(Objection::byGate) : right.ended();
    }

    private void drop(Work work, Obtained obtained, ObtainedRight right, Objection objection) {
        Delegation asked = obtained.asked();
        LOG.warnf(
                "the answer to delegation %s was dropped: %s",
                asked.id(), objection.reason().id());
        Instant now = clock.instant();
        Instant next = objection.atOnce() ? now : retries.afterRefusal(now, asked.attempts());
        boolean refused = work.delegations().refuse(asked, objection.reason(), null, now, next);
        work.moves().dropped(asked, obtained.subject());
        if (refused || work.moves().holds(asked)) {
            comparison.note(work, obtained, right, objection.reason());
        }
        if (refused) {
            work.tell(CalendarEvent.ofMember(
                    CalendarEvent.Kind.REFUSED, asked.link(), asked.userId(), objection.reason(), now));
            Denials.note(work, asked, objection.reason());
            work.credentials()
                    .remove(
                            asked.userId(),
                            Delegation.State.REFUSED,
                            asked.link().name());
        }
        work.answers().forget(asked);
        revoke(work.revocations(), obtained, objection.reason());
    }
}
