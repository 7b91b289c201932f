package io.github.enterpriseconnect.delegation;

import io.github.enterpriseconnect.core.CronofyException;
import io.github.enterpriseconnect.core.Retries;
import io.github.enterpriseconnect.platform.Transactions;
import io.github.enterpriseconnect.storage.AnswerStore;
import java.time.Instant;
import java.time.InstantSource;
import org.jboss.logging.Logger;

/** What becomes of a code for which Cronofy has given nothing: it is kept, or another is asked for. */
final class FailedRedemptions {
    private static final Logger LOG = Logger.getLogger(FailedRedemptions.class);

    /** So often a code is sent whose outcome nobody knows; another ask is the better way then. */
    private static final int MOST_UNKNOWN = 5;

    private final Transactions transactions;
    private final Retries retries;
    private final InstantSource clock;

    FailedRedemptions(Transactions transactions, Retries retries, InstantSource clock) {
        this.transactions = transactions;
        this.retries = retries;
        this.clock = clock;
    }

    void note(AnswerStore.Answer answer, CronofyException failure) {
        String realm = answer.delegation().link().realm();
        try {
            transactions.doInRealm(realm, work -> note(work.answers(), answer, failure));
        } catch (Transactions.RealmGone gone) {
            LOG.debugf("the realm of delegation %s is gone", answer.delegation().id());
        }
    }

    /**
     * A code that was refused is good for nothing: another is asked for. One that was not used up is kept, and so is one
     * of which nobody knows: sent once more, it either brings the tokens or makes Cronofy end those that got lost.
     */
    private void note(AnswerStore answers, AnswerStore.Answer answer, CronofyException failure) {
        Instant now = clock.instant();
        int failures = answer.failures() + 1;
        Instant next = retries.afterOutage(now, failures, failure.retryAfter());
        if (failure instanceof CronofyException.Unavailable && !(failure instanceof CronofyException.NotDone)) {
            answers.doubt(answer);
        }
        if (failure.held()) {
            answers.redeemLater(answer, now.plus(failure.retryAfter()));
        } else if (keeps(failure, failures)) {
            answers.redeemAgain(answer, failure.reason(), now, next);
        } else {
            answers.spent(answer.delegation(), failure.reason(), now, next);
        }
    }

    private static boolean keeps(CronofyException failure, int failures) {
        if (failure instanceof CronofyException.NotDone || failure instanceof CronofyException.Misconfigured) {
            return true;
        }
        return failure instanceof CronofyException.Unavailable
                && !(failure instanceof CronofyException.NotRenewable)
                && failures < MOST_UNKNOWN;
    }
}
