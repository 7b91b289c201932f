package io.github.enterpriseconnect.delegation;

import io.github.enterpriseconnect.candidate.MemberCandidate;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Gate;
import io.github.enterpriseconnect.core.Mailbox;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Unreadable;
import io.github.enterpriseconnect.core.User;
import io.github.enterpriseconnect.platform.Work;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What Keycloak says of the member for whom something was granted. It may have to ask directories for that, and so is found
 * out before whoever stores it takes a turn.
 *
 * @param named whether the answer bears a name of the member's
 * @param ended what has ended the right since the ask; empty if nothing has, or only withholds it for now, which it does at
 *     every use
 * @param source how the user's directory is set up by which the right stands; null if the user is in none, or nobody can tell
 * @param address of the member; throws {@link Unreadable} if nobody can tell now
 */
record ObtainedRight(
        boolean named, Optional<Objection> ended, @Nullable String source, Supplier<Optional<Mailbox>> address) {
    /** Of what is not to be stored. */
    static final ObtainedRight UNASKED = new ObtainedRight(false, Optional.empty(), null, Optional::empty);

    /** @throws Unreadable nobody can tell now whether the answer bears a name of the member's */
    static ObtainedRight of(Work work, Obtained obtained, Instant now) {
        Delegation asked = obtained.asked();
        Optional<Mailbox> found = Mailbox.parse(obtained.grant().profileName());
        if (asked.ofResource()) {
            return new ObtainedRight(
                    found.equals(Optional.of(asked.mailbox())), Optional.empty(), null, Optional::empty);
        }
        boolean named = found.filter(name -> bears(work, asked, name, now)).isPresent();
        Optional<User> user;
        try {
            user = work.users().byId(asked.userId());
        } catch (Unreadable silent) {
            return new ObtainedRight(named, Optional.empty(), asked.source(), () -> {
                throw silent;
            });
        }
        return user.map(one -> of(work, asked, one, named, now))
                .orElseGet(() -> new ObtainedRight(
                        named, Optional.of(Objection.byGate(Reason.USER_REMOVED)), null, Optional::empty));
    }

    /** As it is now, however late it is asked for. */
    private static Supplier<Optional<Mailbox>> address(MemberCandidate candidate) {
        try {
            Optional<Mailbox> address = candidate.mailbox();
            return () -> address;
        } catch (Unreadable silent) {
            return () -> {
                throw silent;
            };
        }
    }

    private static boolean bears(Work work, Delegation asked, Mailbox name, Instant now) {
        return name.equals(asked.mailbox())
                || work.users()
                        .byId(asked.userId())
                        .map(user -> MemberCandidate.of(work, user, null, now))
                        .filter(member -> bears(member, asked, name))
                        .isPresent();
    }

    /** Another name of the member's, and nobody else's. */
    private static boolean bears(MemberCandidate member, Delegation asked, Mailbox name) {
        return member.memberships().stream()
                .filter(membership -> membership.link().id().equals(asked.link()))
                .anyMatch(membership -> member.bears(membership, name));
    }

    private static ObtainedRight of(Work work, Delegation asked, User user, boolean named, Instant now) {
        MemberCandidate candidate = MemberCandidate.of(work, user, null, now);
        Supplier<Optional<Mailbox>> address = address(candidate);
        Optional<Reason> loss = Gate.ended(candidate, asked);
        if (loss.isPresent()) {
            boolean doubtful = asked.doubtful(
                    user, loss.get(), work.links().get(asked.link()).policy());
            return doubtful
                    ? new ObtainedRight(named, Optional.empty(), asked.source(), address)
                    : new ObtainedRight(named, loss.map(Objection::byGate), null, address);
        }
        boolean elsewhere = candidate.links().size() > 1
                && Gate.decide(candidate, Gate.Question.ASK)
                        .admission()
                        .filter(admission -> !admission.link().id().equals(asked.link()))
                        .isPresent();
        if (elsewhere) {
            return new ObtainedRight(named, Optional.of(Objection.byGate(Reason.MAILBOX_CHANGED)), null, address);
        }
        boolean told = !Gate.decide(candidate, Gate.Question.USE).withheld();
        return new ObtainedRight(named, Optional.empty(), told ? user.source().orElse(null) : asked.source(), address);
    }
}
