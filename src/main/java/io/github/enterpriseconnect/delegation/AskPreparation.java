package io.github.enterpriseconnect.delegation;

import io.github.enterpriseconnect.candidate.LinkCache;
import io.github.enterpriseconnect.candidate.MemberCandidate;
import io.github.enterpriseconnect.core.Application;
import io.github.enterpriseconnect.core.Behaviour;
import io.github.enterpriseconnect.core.Cronofy;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Gate;
import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Mailbox;
import io.github.enterpriseconnect.core.Mandate;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Retries;
import io.github.enterpriseconnect.core.Secret;
import io.github.enterpriseconnect.core.SignIn;
import io.github.enterpriseconnect.core.Ticket;
import io.github.enterpriseconnect.core.Unreadable;
import io.github.enterpriseconnect.core.User;
import io.github.enterpriseconnect.platform.Tickets;
import io.github.enterpriseconnect.platform.Work;
import io.github.enterpriseconnect.revocation.DelegationTermination;
import io.github.enterpriseconnect.revocation.Denials;
import io.github.enterpriseconnect.storage.Asking;
import io.github.enterpriseconnect.storage.DelegationStore;
import io.github.enterpriseconnect.storage.LinkHealth;
import io.github.enterpriseconnect.storage.WaitingMember;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Decides afresh for each member who is due, and notes the ask in the row; all of it in one transaction, which must be
 * committed before anything is sent.
 */
public final class AskPreparation {
    private static final Duration WHILE_REVOKING = Duration.ofSeconds(30);

    private final LinkCache cache;
    private final OtherMailboxes others;
    private final Retries retries;
    private final Tickets tickets;
    private final InstantSource clock;

    public AskPreparation(
            LinkCache cache, DelegationTermination termination, Retries retries, Tickets tickets, InstantSource clock) {
        this.cache = cache;
        this.others = new OtherMailboxes(termination, clock);
        this.retries = retries;
        this.tickets = tickets;
        this.clock = clock;
    }

    /** The same for those who are granted and move to another service account. */
    MovePreparation ofMoves() {
        return new MovePreparation(retries, tickets, clock);
    }

    /** The same for resources. */
    ResourcePreparation ofResources() {
        return new ResourcePreparation(retries, tickets, clock);
    }

    /** @param members users' ids, each with the sign-in that it is about; without, the last one counts */
    PreparedAsks prepare(Work work, LinkId link, Map<String, Optional<SignIn>> members) {
        Optional<Application> application = work.realm().application();
        Optional<LinkHealth.Pause> pause = work.linkHealth().pause(link, clock.instant());
        List<PreparedAsks.Prepared> prepared = new ArrayList<>();
        Map<LinkId, Map<String, Optional<SignIn>>> elsewhere = new HashMap<>();
        MemberCandidate.expect(work, link, members.keySet());
        List<String> decided = new ArrayList<>();
        members.forEach((userId, signIn) -> {
            WaitingMember member = new WaitingMember(link, userId, signIn);
            try {
                Optional<User> user = work.users().byId(userId);
                // The settings are there, and name a secret that is not.
                if (user.isPresent() && application.isEmpty() && work.realm().enabled()) {
                    comeBack(work, member, Reason.MISCONFIGURED);
                    return;
                }
                if (user.isEmpty() || application.isEmpty()) {
                    settle(work, userId, user.isEmpty() ? Reason.USER_REMOVED : Reason.NOT_ENABLED);
                    decided.add(userId);
                    return;
                }
                Optional<Gate.Admission> admission = admit(work, user.get(), signIn);
                LinkId through = admission.map(admitted -> admitted.link().id()).orElse(link);
                if (!through.equals(link)) {
                    wait(work, new WaitingMember(through, userId, signIn));
                    elsewhere.computeIfAbsent(through, id -> new HashMap<>()).put(userId, signIn);
                    return;
                }
                admission
                        .flatMap(admitted -> prepare(work, application.get(), user.get(), signIn, admitted, pause))
                        .ifPresent(prepared::add);
                decided.add(userId);
            } catch (Unreadable now) {
                comeBack(work, member, now.reason());
            }
        });
        work.waiting().remove(decided);
        return new PreparedAsks(
                application, prepared, elsewhere, work.linkHealth().troubled(link));
    }

    /** Empty for whoever is refused, which is taken down. */
    private Optional<Gate.Admission> admit(Work work, User user, Optional<SignIn> signIn) {
        others.end(work, user, signIn);
        Gate.Decision decision = decide(work, user, signIn).told();
        if (decision.failed() != null) {
            settle(work, user.id(), decision.failed().reason());
            others.warn(work, user, decision);
        }
        return decision.admission();
    }

    private void wait(Work work, WaitingMember member) {
        Instant now = clock.instant();
        work.waiting().put(member, now, retries.afterOutage(now, 1, Duration.ZERO));
    }

    private Gate.Decision decide(Work work, User user, Optional<SignIn> signIn) {
        MemberCandidate candidate = MemberCandidate.of(
                work, user, signIn.orElse(null), id -> cache.learn(work.links().get(id)), clock.instant());
        Gate.Decision decision = Gate.decide(candidate, Gate.Question.ASK);
        Denials.note(work, user, candidate);
        // What sign-ins go by may have been dropped, with the attributes of the realm that somebody replaced.
        if (decision.link() != null
                && decision.link().policy().behaviour().over(Behaviour.SILENT).asksForPage()) {
            work.realm().notePage();
        }
        return decision;
    }

    /**
     * Whoever is due but may no longer be asked for is refused; another sign-in may change that at any time. Where an
     * answer is still awaited, the answer decides.
     */
    private void settle(Work work, String userId, Reason reason) {
        Instant now = clock.instant();
        work.delegations().ofUser(work.realm().id(), userId).stream()
                .filter(delegation -> delegation.state() == Delegation.State.ASKED && due(delegation, now))
                .forEach(delegation -> Refusal.until(now, reason).record(work, delegation, now));
    }

    /**
     * Nothing can be decided or sent now: whoever is due is so again later, and nobody else waits for that. A row whose
     * answer has come stays as it is: the code is redeemed by a schedule of its own.
     */
    void comeBack(Work work, WaitingMember member, Reason reason) {
        Instant now = clock.instant();
        if (reason == Reason.DIRECTORY_CHANGED) {
            Denials.tell(work, member.link(), member.userId(), now);
        }
        List<Delegation> due = work.delegations().ofUser(work.realm().id(), member.userId()).stream()
                .filter(delegation -> delegation.state() == Delegation.State.ASKED && due(delegation, now))
                .toList();
        due.forEach(delegation -> work.delegations()
                .stayUnanswered(
                        delegation, reason, now, retries.afterOutage(now, delegation.attempts(), Duration.ZERO)));
        boolean waits =
                work.waiting().fail(member.userId(), attempts -> retries.afterOutage(now, attempts, Duration.ZERO));
        if (!waits && due.isEmpty()) {
            wait(work, member);
        }
    }

    private static boolean due(Delegation delegation, Instant now) {
        return delegation.nextAttemptAt() == null || !delegation.nextAttemptAt().isAfter(now);
    }

    private Optional<PreparedAsks.Prepared> prepare(
            Work work,
            Application application,
            User user,
            Optional<SignIn> signIn,
            Gate.Admission admission,
            Optional<LinkHealth.Pause> pause) {
        DelegationStore delegations = work.delegations();
        Link link = admission.link();
        Instant now = clock.instant();
        if (!application.key().equals(link.application())) {
            settle(work, user.id(), Reason.LINK_NOT_ACTIVE);
            return Optional.empty();
        }
        Mandate mandate = new Mandate(link.id(), user.id(), application.key(), admission.mailbox());
        Optional<Delegation> known = delegations
                .byMailbox(link.id().realm(), application.key(), admission.mailbox())
                .map(Delegation::told);
        Optional<Delegation> own = known.filter(row -> row.userId().equals(user.id()));
        if (own.isPresent()) {
            if (!askAgain(work, own.get(), admission, now)) {
                markGranted(work, own.get(), admission);
                return Optional.empty();
            }
        } else {
            boolean free = known.map(other -> others.take(work, other, link)).orElse(true);
            if (!free) {
                settle(work, user.id(), Reason.CALENDAR_NAME_SHARED);
                return Optional.empty();
            }
        }
        if (work.revocations().pendingFor(application.key(), admission.mailbox())) {
            delegations.postpone(known, mandate, Reason.UNAVAILABLE, now, now.plus(WHILE_REVOKING));
            return Optional.empty();
        }
        if (pause.isPresent()) {
            await(work, known, mandate, pause.get());
            return Optional.empty();
        }
        int attempts = own.map(Delegation::attempts).orElse(0);
        Mailbox askedAs = OtherMailboxes.askedAs(work, user, attempts, admission, now);
        Ticket ticket = tickets.issue(Ticket.Door.DELEGATION_CALLBACK, link.id().realm());
        Secret callbackUrl = PreparedAsks.callbackUrl(work, link, ticket);
        String through = String.valueOf(link.serviceAccount());
        Delegation delegation = delegations.ask(
                known,
                mandate,
                new Asking(
                        ticket.hash(),
                        callbackUrl,
                        through,
                        signIn.map(SignIn::identityProvider)
                                .or(() -> own.map(Delegation::identityProvider))
                                .or(() -> signIn.isEmpty() ? formerWay(work, mandate) : Optional.empty())
                                .orElse(null),
                        retries.afterSilence(now, attempts + 1)),
                now);
        work.credentials().show(user.id(), delegation.state(), link.id().name());
        return Optional.of(new PreparedAsks.Prepared(
                delegation, new Cronofy.Ask(askedAs, callbackUrl, WantedScope.of(work, link, delegation)), through));
    }

    /** By which identity provider the member came for whom another mailbox was asked through the link before. */
    private static Optional<String> formerWay(Work work, Mandate mandate) {
        return work.delegations().ofUser(mandate.link().realm(), mandate.userId()).stream()
                .filter(row -> row.link().equals(mandate.link()) && row.askedAt() != null)
                .max(Comparator.comparing(row -> Objects.requireNonNull(row.askedAt())))
                .map(Delegation::identityProvider);
    }

    /** Whoever waits already goes on waiting: a sweep finds the row once the link is tried again. */
    private void await(Work work, Optional<Delegation> known, Mandate mandate, LinkHealth.Pause pause) {
        if (known.filter(row -> row.state() == Delegation.State.ASKED).isEmpty()) {
            work.delegations().postpone(known, mandate, pause.reason(), clock.instant(), pause.until());
            work.credentials()
                    .show(
                            mandate.userId(),
                            Delegation.State.ASKED,
                            mandate.link().name());
        }
    }

    /** Whose credential is there is left alone by further sign-ins, until the link is authorized anew. */
    private static void markGranted(Work work, Delegation known, Gate.Admission admission) {
        if (known.state() == Delegation.State.GRANTED) {
            admission.mark(known.userId()).ifPresent(mark -> work.credentials().mark(known.userId(), mark));
        }
    }

    /** A granted one whose credential is there, one whose answer is awaited or has come, and one in its cooldown are left. */
    private static boolean askAgain(Work work, Delegation known, Gate.Admission admission, Instant now) {
        if (known.state() == Delegation.State.GRANTED) {
            return work.credentials()
                    .stored(known.userId())
                    .filter(admission::covers)
                    .isEmpty();
        }
        return due(known, now)
                && (known.state() != Delegation.State.ASKED || !work.answers().kept(known.id()));
    }
}
