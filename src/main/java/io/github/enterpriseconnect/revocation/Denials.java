package io.github.enterpriseconnect.revocation;

import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Unreadable;
import io.github.enterpriseconnect.core.User;
import io.github.enterpriseconnect.platform.Work;
import java.util.Optional;

/**
 * Notes how the directory of a user is set up who is refused for a group or role that the directory may have added: once the
 * mapper is switched off that adds it, they seem to be without it.
 */
public final class Denials {
    private Denials() {}

    /**
     * How the user's directory is set up, if the reason depends on it. Asked before a row is locked.
     *
     * @return empty also for a user who comes from none, or who cannot be read now
     */
    static Optional<String> source(Work work, String userId, Reason reason) {
        if (!Delegation.denies(reason)) {
            return Optional.empty();
        }
        try {
            return work.users().byId(userId).flatMap(User::source);
        } catch (Unreadable now) {
            return Optional.empty();
        }
    }

    /** The delegation has just been refused for that reason. */
    public static void note(Work work, Delegation refused, Reason reason) {
        source(work, refused.userId(), reason)
                .ifPresent(source -> work.delegations().denyBy(refused.id(), source));
    }
}
