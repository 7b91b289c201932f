package io.github.enterpriseconnect.delegation;

import io.github.enterpriseconnect.candidate.MemberCandidate;
import io.github.enterpriseconnect.core.Application;
import io.github.enterpriseconnect.core.Cronofy;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Gate;
import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.Mailbox;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Replacement;
import io.github.enterpriseconnect.core.Retries;
import io.github.enterpriseconnect.core.Secret;
import io.github.enterpriseconnect.core.Ticket;
import io.github.enterpriseconnect.core.Unreadable;
import io.github.enterpriseconnect.core.User;
import io.github.enterpriseconnect.platform.Tickets;
import io.github.enterpriseconnect.platform.Work;
import io.github.enterpriseconnect.storage.Asking;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Decides afresh for each granted member of a link whether they may be asked for anew through its new service account, and
 * notes the ask beside what they have; all of it in one transaction, which must be committed before anything is sent.
 */
final class MovePreparation {
    private final Retries retries;
    private final Tickets tickets;
    private final InstantSource clock;

    MovePreparation(Retries retries, Tickets tickets, InstantSource clock) {
        this.retries = retries;
        this.tickets = tickets;
        this.clock = clock;
    }

    /** @throws Unreadable the application's secret cannot be read now */
    PreparedAsks prepare(Work work, Replacement replacement, List<Delegation> members) {
        Link link = work.links().get(replacement.link());
        Optional<Application> application =
                work.realm().application().filter(present -> present.key().equals(link.application()));
        List<PreparedAsks.Prepared> prepared = new ArrayList<>();
        if (application.isPresent() && replacement.successor().equals(link.serviceAccount())) {
            members.forEach(member -> work.delegations()
                    .byId(member.id())
                    .flatMap(living -> prepare(work, replacement, link, living))
                    .ifPresent(prepared::add));
        }
        return new PreparedAsks(
                application, prepared, Map.of(), work.linkHealth().troubled(link.id()));
    }

    private Optional<PreparedAsks.Prepared> prepare(Work work, Replacement replacement, Link link, Delegation living) {
        Instant now = clock.instant();
        if (living.state() != Delegation.State.GRANTED || !replacement.former().equals(living.serviceAccount())) {
            work.moves().over(living, now);
            return Optional.empty();
        }
        if (work.moves().askedMeanwhile(living, replacement.successor(), now)) {
            return Optional.empty();
        }
        Answer answer = answer(work, living);
        if (answer instanceof Answer.NotNow notNow) {
            rest(work, replacement, living, notNow.reason());
            return Optional.empty();
        }
        int attempts = work.moves().attempts(living, replacement.successor());
        Mailbox mailbox = answer instanceof Answer.Yes yes
                ? OtherMailboxes.askedAs(work, yes.user(), attempts, yes.admission(), now)
                : living.mailbox();
        Ticket ticket = tickets.issue(Ticket.Door.DELEGATION_CALLBACK, link.id().realm());
        Secret callbackUrl = PreparedAsks.callbackUrl(work, link, ticket);
        Asking asking = new Asking(
                ticket.hash(),
                callbackUrl,
                replacement.successor(),
                living.identityProvider(),
                retries.afterSilence(now, attempts + 1));
        Delegation move = work.moves().ask(living, asking, now);
        return Optional.of(new PreparedAsks.Prepared(
                move,
                new Cronofy.Ask(mailbox, callbackUrl, WantedScope.of(work, link, move)),
                replacement.successor()));
    }

    /** Whether the member can be asked for now. What ends the right is no matter of this, but of who looks for that. */
    private sealed interface Answer {
        record Yes(User user, Gate.Admission admission) implements Answer {}

        record NotNow(Reason reason) implements Answer {}
    }

    private Answer answer(Work work, Delegation living) {
        if (work.revocations().pendingFor(living.application(), living.mailbox())) {
            return new Answer.NotNow(Reason.UNAVAILABLE);
        }
        try {
            Optional<User> user = work.users().byId(living.userId());
            if (user.isEmpty()) {
                return new Answer.NotNow(Reason.USER_REMOVED);
            }
            MemberCandidate candidate = MemberCandidate.of(work, user.get(), null, clock.instant());
            // The right stands already: whoever had to be told of it has been.
            Gate.Decision decision = Gate.decide(candidate, Gate.Question.USE);
            Reason reason = decision.reason();
            if (candidate.answeredOtherwise(work.links().get(living.link()), living.mailbox())) {
                return new Answer.NotNow(Reason.WRONG_PROFILE);
            }
            return decision.admission()
                    .filter(admission -> admission.link().id().equals(living.link())
                            && admission.mailbox().equals(living.mailbox()))
                    .<Answer>map(admission -> new Answer.Yes(user.get(), admission))
                    .orElseGet(() -> new Answer.NotNow(reason == null ? Reason.MAILBOX_CHANGED : reason));
        } catch (Unreadable now) {
            return new Answer.NotNow(now.reason());
        }
    }

    /** Nothing can be told of this one now. */
    void rest(Work work, Replacement replacement, Delegation living) {
        rest(work, replacement, living, Reason.UNAVAILABLE);
    }

    private void rest(Work work, Replacement replacement, Delegation living, Reason reason) {
        Instant now = clock.instant();
        work.moves()
                .rest(living, replacement.successor(), reason, now, attempts -> retries.afterProblem(now, attempts));
    }
}
