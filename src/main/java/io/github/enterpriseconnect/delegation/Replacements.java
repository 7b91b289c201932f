package io.github.enterpriseconnect.delegation;

import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Replacement;
import io.github.enterpriseconnect.core.Retries;
import io.github.enterpriseconnect.credential.CredentialRefresher;
import io.github.enterpriseconnect.platform.Transactions;
import io.github.enterpriseconnect.platform.Worker;
import io.github.enterpriseconnect.revocation.RevocationDispatcher;
import java.time.InstantSource;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Replacements of links' service accounts: how they stand, and what administrators decide of them. They begin where
 * somebody has authorized another service account by an invitation made for that, and go on by themselves.
 */
public final class Replacements {
    private static final Logger LOG = Logger.getLogger(Replacements.class);

    private final Transactions transactions;
    private final RevocationDispatcher dispatcher;
    private final InstantSource clock;
    private final Moving moving;

    public Replacements(
            Transactions transactions,
            Worker worker,
            DelegationRequests requests,
            CredentialRefresher credentials,
            RevocationDispatcher dispatcher,
            Retries retries,
            InstantSource clock) {
        this.transactions = transactions;
        this.dispatcher = dispatcher;
        this.clock = clock;
        this.moving = new Moving(transactions, worker, requests, credentials, dispatcher, retries, clock);
    }

    /** Begins to look for what is to be gone on with. */
    public void start() {
        moving.start();
    }

    /** How a replacement stands, and how many members are how far. */
    public record Progress(Replacement replacement, Replacement.@Nullable Counts counts) {}

    /**
     * Empty if the link never had one.
     *
     * @param counted whether to count, which reads all who have moved
     */
    public Optional<Progress> progress(LinkId link, boolean counted) {
        return transactions.inRealm(link.realm(), work -> work.replacements()
                .find(link)
                .map(replacement ->
                        new Progress(replacement, counted ? work.formerGrants().counts(replacement) : null)));
    }

    /** What becomes of an administrator's wish. */
    public enum Answer {
        DONE,
        /** Nothing is under way, or no longer. */
        NOTHING_OPEN,
        /** It has been turned round already. */
        CANCELLED_ALREADY,
        /** The former service account is no longer authorized at Cronofy. */
        FORMER_GONE,
        /** It would concern another number of members. */
        OTHER_NUMBER,
        /** Somebody still uses what was granted through the former service account. */
        STILL_USED
    }

    /**
     * The link holds its former service account again, and whoever has moved moves back, in the same way: nobody loses
     * anything by it. The other one is revoked in the end. Whoever has not moved stays as they are. It can be done once more
     * if the service account that the link went back to can no longer be used.
     */
    public Answer cancel(LinkId link) {
        Answer answer = transactions.inRealm(link.realm(), work -> {
            Optional<Replacement> replacement = work.replacements().find(link).filter(Replacement::open);
            if (replacement.isEmpty()) {
                return Answer.NOTHING_OPEN;
            }
            if (work.replacements().turned(replacement.get())) {
                return Answer.CANCELLED_ALREADY;
            }
            if (!work.replacements().formerUsable(link)) {
                return Answer.FORMER_GONE;
            }
            if (!work.replacements().turnRound(link, clock.instant())) {
                return Answer.NOTHING_OPEN;
            }
            work.linkHealth().authorized(link, clock.instant());
            return Answer.DONE;
        });
        if (answer == Answer.DONE) {
            moving.goOn(link);
        }
        return answer;
    }

    /**
     * Has the former service account revoked, although members may lose by that what they use; whoever has is asked for
     * anew afterwards.
     *
     * @param members how many the administrator knows to be concerned; it is done only if that is right
     */
    public Answer revokeFormer(LinkId link, long members) {
        Answer answer = transactions.inRealm(link.realm(), work -> {
            Optional<Replacement> replacement = work.replacements().find(link).filter(Replacement::open);
            if (replacement.isEmpty()) {
                return Answer.NOTHING_OPEN;
            }
            if (work.formerGrants().concerned(replacement.get()) != members) {
                return Answer.OTHER_NUMBER;
            }
            boolean done = work.replacements().revokeAndCheck(replacement.get(), clock.instant());
            return done ? Answer.DONE : Answer.NOTHING_OPEN;
        });
        if (answer == Answer.DONE) {
            dispatcher.deliverSoon();
            moving.goOn(link);
        }
        return answer;
    }

    /** Ends it without revoking the former service account, which nobody here knows of any more then. */
    public Answer leaveFormer(LinkId link) {
        return transactions.inRealm(link.realm(), work -> {
            Optional<Replacement> replacement = work.replacements().find(link).filter(Replacement::open);
            if (replacement.isEmpty()) {
                return Answer.NOTHING_OPEN;
            }
            if (replacement.get().state() != Replacement.State.KEPT) {
                return Answer.STILL_USED;
            }
            long accounts = work.formerGrants().leftBehind(replacement.get());
            if (!work.replacements().leave(replacement.get(), clock.instant())) {
                return Answer.NOTHING_OPEN;
            }
            LOG.warnf(
                    "service account %s, which link %s had before, stays authorized at Cronofy, and with it %d accounts that"
                            + " its members do not use any more",
                    replacement.get().former(), link.name(), accounts);
            return Answer.DONE;
        });
    }
}
