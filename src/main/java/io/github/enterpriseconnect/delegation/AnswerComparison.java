package io.github.enterpriseconnect.delegation;

import io.github.enterpriseconnect.core.Circumstances;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.FoundName;
import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.Mailbox;
import io.github.enterpriseconnect.core.OddAnswer;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.platform.Work;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Whether what came for an ask is the calendar of the member who was asked for: it bears the name that was asked for, or the
 * member's own address or calendar name, and nobody else holds the account.
 */
final class AnswerComparison {
    /**
     * What is wrong with the answer, or has happened to the ask; empty if it is the member's.
     *
     * @param right what Keycloak says of the member
     */
    Optional<Objection> objection(Work work, Obtained obtained, ObtainedRight right) {
        Delegation asked = obtained.asked();
        Optional<Mailbox> came = Mailbox.parse(obtained.grant().profileName());
        if (!right.named()) {
            return Optional.of(new Objection(Reason.WRONG_PROFILE, false));
        }
        if (work.answers().heldByAnother(asked, obtained.subject()).isPresent()) {
            return Optional.of(new Objection(Reason.ACCOUNT_HELD, false));
        }
        if (!asked.ofResource() && Stream.of(asked.mailbox(), came.get()).anyMatch(work.resources()::anyOf)) {
            return Optional.of(new Objection(Reason.MAILBOX_OF_RESOURCE, false));
        }
        if (!work.delegations().isCurrent(asked)) {
            return Optional.of(Objection.byGate(
                    work.delegations().byId(asked.id()).map(Delegation::reason).orElse(Reason.MAILBOX_CHANGED)));
        }
        return asked.application().equals(work.links().get(asked.link()).application())
                ? Optional.empty()
                : Optional.of(Objection.byGate(Reason.NOT_LINKED));
    }

    /**
     * Keeps that what came is no calendar of the member's, so that it is not asked for again and again, and the other name,
     * so that somebody may adopt it.
     *
     * @param why it is not
     * @throws io.github.enterpriseconnect.core.Unreadable nobody can tell now what it depends on
     */
    void note(Work work, Obtained obtained, ObtainedRight right, Reason why) {
        Delegation asked = obtained.asked();
        if (why != Reason.WRONG_PROFILE && why != Reason.ACCOUNT_HELD) {
            return;
        }
        Link link = work.links().get(asked.link());
        Circumstances circumstances = askedThrough(link, asked)
                ? Circumstances.of(link, asked.mailbox(), right.address().get())
                : Circumstances.OVER;
        String name = obtained.grant().profileName();
        if (why == Reason.WRONG_PROFILE && name != null) {
            work.members()
                    .found(asked.userId(), new FoundName(asked.link().name(), name, circumstances), asked.mailbox());
        }
        String holder = why == Reason.ACCOUNT_HELD
                ? work.answers().heldByAnother(asked, obtained.subject()).orElse(null)
                : null;
        work.members().answeredOddly(asked.userId(), new OddAnswer(asked.link().name(), circumstances, holder));
    }

    /** Whether it is still the authorization that the ask went through; another one may have another answer. */
    private static boolean askedThrough(Link link, Delegation asked) {
        return asked.askedAt() == null
                || link.linkedAt() == null
                || !link.linkedAt().isAfter(asked.askedAt());
    }
}
