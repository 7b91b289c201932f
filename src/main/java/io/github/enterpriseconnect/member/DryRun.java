package io.github.enterpriseconnect.member;

import io.github.enterpriseconnect.candidate.MemberCandidate;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Gate;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.User;
import io.github.enterpriseconnect.platform.KeycloakTransactions;
import io.github.enterpriseconnect.platform.KeycloakWork;
import io.github.enterpriseconnect.platform.RealmOrganizations;
import io.github.enterpriseconnect.platform.Work;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A dry run: whom the gate would let through today, and whom not and why. Cronofy is not asked, and nothing is changed.
 */
public final class DryRun {
    private static final int CHUNK = 200;
    private static final String ALLOWED = "allowed";

    private final KeycloakTransactions transactions;
    private final InstantSource clock;

    public DryRun(KeycloakTransactions transactions, InstantSource clock) {
        this.transactions = transactions;
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

    /**
     * How many members the gate would let through, and how many not for which reason. Looks at every member, in short
     * transactions of their own.
     *
     * @return counts by the reason's name, and under {@value #ALLOWED}
     */
    public Map<String, Integer> counts(LinkId link) {
        Map<String, Integer> counts = new TreeMap<>();
        int first = 0;
        int counted;
        do {
            int from = first;
            List<String> answers = transactions.inKeycloakRealm(link.realm(), work -> answers(work, link, from));
            answers.forEach(answer -> counts.merge(answer, 1, Integer::sum));
            counted = answers.size();
            first += CHUNK;
        } while (counted == CHUNK);
        return counts;
    }

    private List<String> answers(KeycloakWork work, LinkId link, int from) {
        return RealmOrganizations.members(work.session(), work.model(), link, from, CHUNK)
                .map(user -> {
                    Reason reason = decide(work, link, work.user(user)).reason();
                    return reason == null ? ALLOWED : reason.id();
                })
                .toList();
    }

    /** What the gate says with regard to this one link. */
    private Gate.Decision decide(Work work, LinkId link, User user) {
        return Gate.explain(MemberCandidate.of(work, user, null, clock.instant()), Gate.Question.ASK).stream()
                .filter(decision ->
                        decision.link() == null || decision.link().id().equals(link))
                .findFirst()
                .orElseThrow();
    }
}
