package io.github.enterpriseconnect.delegation;

import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.Scopes;
import io.github.enterpriseconnect.platform.Work;
import io.github.enterpriseconnect.settings.Settings;

/** What a mailbox is asked for: what the service account was granted, as far as the realm wants it, or less. */
final class WantedScope {
    private WantedScope() {}

    /** Where the realm wants nothing of what was granted, Cronofy's refusal will say so. */
    static String of(Work work, Link link, Delegation delegation) {
        Scopes wanted = of(work, link);
        if (link.policy().acceptFreeBusy() && work.answers().asksForLess(delegation)) {
            return Scopes.FREE_BUSY.toString();
        }
        // In the words in which it was granted, since Cronofy may compare them by the letter.
        Scopes common = Scopes.of(link.delegatedScope()).common(wanted);
        return common.isEmpty() ? wanted.toString() : common.toString();
    }

    /** Whether the realm wants busy times, and more than these, and takes these alone for a mailbox that has no more. */
    static boolean lessIsEnough(Work work, Link link) {
        Scopes wanted = of(work, link);
        return link.policy().acceptFreeBusy()
                && wanted.covers(Scopes.FREE_BUSY)
                && !Scopes.FREE_BUSY.covers(wanted.common(Scopes.of(link.delegatedScope())));
    }

    private static Scopes of(Work work, Link link) {
        return Scopes.of(work.realm()
                .settings()
                .map(Settings::delegatedScope)
                .orElseGet(() -> String.valueOf(link.delegatedScope())));
    }
}
