package io.github.enterpriseconnect.storage;

import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Mailbox;
import io.github.enterpriseconnect.core.Secret;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What one node has claimed of a verification.
 *
 * @param run tells this verification of the link from the next
 * @param claim tells this claim from the next
 * @param asked whether Cronofy has taken the ask
 * @param attempts how often the step was tried in vain
 * @param code only for {@link Step#REDEEM}
 * @param doubtful whether the code may have been used up before
 * @param askedAnew whether it is asked for a second time, since what a code had brought got lost
 */
public record VerificationClaim(
        LinkId link,
        String run,
        String claim,
        Step step,
        String application,
        String serviceAccount,
        Mailbox mailbox,
        Instant startedAt,
        boolean asked,
        int attempts,
        Secret callbackUrl,
        @Nullable Secret code,
        boolean doubtful,
        boolean askedAnew) {

    /** What is to be done next. */
    public enum Step {
        /** The mailbox is to be asked for. */
        ASK,
        /** A code has come. */
        REDEEM,
        /** No answer has come in time. */
        EXPIRE,
        /** None is awaited any more. */
        FORGET
    }
}
