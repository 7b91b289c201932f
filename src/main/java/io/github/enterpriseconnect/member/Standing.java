package io.github.enterpriseconnect.member;

import io.github.enterpriseconnect.candidate.MemberCandidate;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Gate;
import io.github.enterpriseconnect.core.Mailbox;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.SignIn;
import io.github.enterpriseconnect.core.TokenUse;
import io.github.enterpriseconnect.core.User;
import io.github.enterpriseconnect.platform.Work;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where one user stands: what has become of the delegation, and what the gate says today.
 *
 * @param reason the gate's first "no", else what the delegation failed for; null if there is nothing to complain of
 * @param mailbox null while the gate refuses before it knows one and nothing was ever asked for
 * @param link name of the link; null if none concerns the user
 * @param delegation the user's latest; empty if nothing was ever asked for
 * @param optedOutAt empty unless the user has opted out
 * @param uses which consumers were given the user's token
 * @param gate what the gate says of each of the user's links
 */
public record Standing(
        Delegation.State state,
        @Nullable Reason reason,
        @Nullable String mailbox,
        @Nullable String link,
        Optional<Delegation> delegation,
        Optional<Instant> optedOutAt,
        List<TokenUse> uses,
        List<Gate.Decision> gate) {

    /** @param signIn how the user has come in; null to go by the sign-in that was last asked for */
    static Standing of(Work work, User user, @Nullable SignIn signIn, Instant now) {
        List<Gate.Decision> gate = Gate.explain(MemberCandidate.of(work, user, signIn, now), Gate.Question.ASK);
        Gate.Decision decision = gate.get(0);
        Optional<Delegation> delegation = latest(work, user);
        Mailbox mailbox = delegation.map(Delegation::mailbox).orElse(decision.mailbox());
        String link = delegation
                .map(row -> row.link().name())
                .orElse(decision.link() == null ? null : decision.link().id().name());
        return new Standing(
                delegation.map(Delegation::state).orElse(Delegation.State.NONE),
                decision.reason() != null && decision.reason() != Reason.COOLDOWN
                        ? decision.reason()
                        : delegation.map(Delegation::reason).orElse(null),
                mailbox == null ? null : mailbox.address(),
                link,
                delegation,
                work.members().optedOut(user.id()),
                work.uses().ofUser(user.id()),
                gate);
    }

    /** The reason as APIs show it; null if there is nothing to complain of. */
    public @Nullable String reasonWord() {
        return reason == null || reason != delegation.map(Delegation::reason).orElse(null)
                ? (reason == null ? null : reason.id())
                : delegation.map(Delegation::reasonWord).orElse(null);
    }

    static Optional<Delegation> latest(Work work, User user) {
        return work.delegations().ofUser(work.realm().id(), user.id()).stream().findFirst();
    }
}
