package io.github.enterpriseconnect.delegation;

import io.github.enterpriseconnect.core.CalendarEvent;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.platform.Work;
import io.github.enterpriseconnect.revocation.Denials;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A no to an ask.
 *
 * @param detail Cronofy's own words; null if there are none
 * @param next when a sign-in may ask again
 */
record Refusal(Reason reason, @Nullable String detail, Instant next) {
    static Refusal until(Instant next, Reason reason) {
        return new Refusal(reason, null, next);
    }

    /** Writes it into the row and where administrators see it, unless the row is no longer about this ask. */
    void record(Work work, Delegation asked, Instant now) {
        if (work.delegations().refuse(asked, reason, detail, now, next)) {
            work.tell(CalendarEvent.ofMember(CalendarEvent.Kind.REFUSED, asked.link(), asked.userId(), reason, now));
            Denials.note(work, asked, reason);
            work.credentials()
                    .show(asked.userId(), Delegation.State.REFUSED, asked.link().name());
        }
    }
}
