package io.github.enterpriseconnect.member;

import io.github.enterpriseconnect.candidate.MemberCandidate;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Gate;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.User;
import io.github.enterpriseconnect.platform.Work;
import java.time.InstantSource;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A dry run: whom the gate would let through today, and whom not and why. Cronofy is not asked, and nothing is changed.
 */
public final class DryRun {
    private final InstantSource clock;

    public DryRun(InstantSource clock) {
        this.clock = clock;
    }

    /**
     * What would become of one member of a link.
     *
     * @param reason the gate's first "no", or why nobody can tell now; null if the member would be delegated
     * @param withheld whether nobody can tell now
     * @param mailbox null if the gate says no before it knows one
     */
    public record Preview(
            @Nullable String mailbox, @Nullable Reason reason, boolean withheld, String state) {}

    /** What the gate would say of one member. */
    public Preview preview(Work work, LinkId link, User user) {
        Gate.Decision decision = decide(work, link, user);
        return new Preview(
                decision.mailbox() == null ? null : decision.mailbox().address(),
                decision.reason(),
                decision.withheld(),
                Standing.latest(work, user).map(Delegation::stateWord).orElse(Delegation.State.NONE.id()));
    }

    /** What the gate would say of one whom the link was for a moment ago; null if the member would be delegated. */
    @Nullable Reason reason(Work work, LinkId link, User user) {
        Optional<Gate.Decision> decision = decisions(work, link, user).findFirst();
        return decision.isPresent() ? decision.get().reason() : Reason.LEFT_ORGANIZATION;
    }

    private Gate.Decision decide(Work work, LinkId link, User user) {
        return decisions(work, link, user).findFirst().orElseThrow();
    }

    /** What the gate says with regard to this one link. */
    private Stream<Gate.Decision> decisions(Work work, LinkId link, User user) {
        return Gate.explain(MemberCandidate.of(work, user, null, clock.instant()), Gate.Question.ASK).stream()
                .filter(decision ->
                        decision.link() == null || decision.link().id().equals(link));
    }
}
