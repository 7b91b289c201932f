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
        return work.answers().asksForLess(delegation) && lessIsEnough(work, link)
                ? Scopes.FREE_BUSY.toString()
                : of(work, link);
    }

    /** The same of a mailbox of which nothing is known. */
    static String of(Work work, Link link) {
        Scopes common = common(work, link);
        return common.isEmpty() ? wanted(work, link).toString() : common.toString();
    }

    /**
     * Whether the realm wants busy times, and more than these, was granted both, and takes these alone for a mailbox that
     * has no more.
     */
    static boolean lessIsEnough(Work work, Link link) {
        Scopes common = common(work, link);
        return link.policy().acceptFreeBusy() && common.covers(Scopes.FREE_BUSY) && !Scopes.FREE_BUSY.covers(common);
    }

    /** In the words in which it was granted, since Cronofy may compare them by the letter. */
    private static Scopes common(Work work, Link link) {
        return Scopes.of(link.delegatedScope()).common(wanted(work, link));
    }

    private static Scopes wanted(Work work, Link link) {
        return Scopes.of(work.realm()
                .settings()
                .map(Settings::delegatedScope)
                .orElseGet(() -> String.valueOf(link.delegatedScope())));
    }
}
