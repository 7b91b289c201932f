package io.github.enterpriseconnect.delegation;

import io.github.enterpriseconnect.core.Application;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Suspensions;
import io.github.enterpriseconnect.platform.Work;
import io.github.enterpriseconnect.storage.VerificationClaim;
import java.util.Optional;

/** Whether a verification may go on. */
final class VerificationRules {
    private VerificationRules() {}

    /** The application that the mailbox was asked for with; empty if the realm has another one, or none. */
    static Optional<Application> application(Work work, VerificationClaim claimed) {
        return work.realm().application().filter(present -> present.key().equals(claimed.application()));
    }

    /** Whether nothing is to be asked of Cronofy through the link. */
    static boolean suspended(Work work, LinkId link) {
        Suspensions suspensions = work.suspensions().all();
        return suspensions.realm() || suspensions.link(link.name()) || suspensions.anyUnknown();
    }

    /** What has come up since it was begun, so that nothing more is to be asked of Cronofy. */
    static Optional<Reason> objection(Work work, VerificationClaim claimed) {
        if (suspended(work, claimed.link())) {
            return Optional.of(Reason.SUSPENDED);
        }
        // Another authorization of the same account may end the tokens of the one before.
        return work.heldMailboxes().anyLive(claimed.application(), claimed.mailbox())
                ? Optional.of(Reason.ACCOUNT_HELD)
                : Optional.empty();
    }
}
