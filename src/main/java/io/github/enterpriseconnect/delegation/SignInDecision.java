package io.github.enterpriseconnect.delegation;

import io.github.enterpriseconnect.candidate.LinkCache;
import io.github.enterpriseconnect.candidate.MemberCandidate;
import io.github.enterpriseconnect.candidate.RecentSignIns;
import io.github.enterpriseconnect.core.Behaviour;
import io.github.enterpriseconnect.core.Check;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Gate;
import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Mailbox;
import io.github.enterpriseconnect.core.Mark;
import io.github.enterpriseconnect.core.SignIn;
import io.github.enterpriseconnect.core.Unreadable;
import io.github.enterpriseconnect.core.User;
import io.github.enterpriseconnect.platform.Transactions;
import io.github.enterpriseconnect.platform.Work;
import io.github.enterpriseconnect.storage.CredentialStore;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Decides at a sign-in whether the member is due, and how the sign-in goes on: silently, or with a page where the
 * link's policy asks for one. The silent sign-in reads caches alone. Whoever is due and may be shown a page is looked
 * at once more, with our tables; that is in transactions of its own, so that nothing that fails there is left for the
 * sign-in's commit to fail for.
 */
public final class SignInDecision {
    private final Transactions transactions;
    private final LinkCache cache;
    private final RecentSignIns recentSignIns;
    private final DelegationQueue queue;
    private final InstantSource clock;

    public SignInDecision(
            Transactions transactions,
            LinkCache cache,
            RecentSignIns recentSignIns,
            DelegationQueue queue,
            InstantSource clock) {
        this.transactions = transactions;
        this.cache = cache;
        this.recentSignIns = recentSignIns;
        this.queue = queue;
        this.clock = clock;
    }

    /** How a sign-in goes on. */
    public enum Step {
        /** The member is queued for delegation, and sees nothing of it. */
        QUEUE,
        /** The link denies the member, which the background work takes down: queued for that, and sees nothing of it. */
        NOTE,
        /** Nothing happens: the member has to be told first, and cannot be now. */
        LEAVE,
        /** The member is told, and queued once that is confirmed. */
        NOTICE,
        /** The member is queued, and shown that the calendar is being connected. */
        WAIT;

        /** Whether the background work is to look at the member. */
        public boolean queues() {
            return this == QUEUE || this == NOTE || this == WAIT;
        }
    }

    /**
     * What a sign-in goes through.
     *
     * @param link the one that it is about
     */
    public record Course(Step step, LinkId link) {}

    /**
     * What a notice page tells a member before anything is connected.
     *
     * @param organization on whose behalf
     * @param application with what the calendar is to be connected
     * @param optOut whether the member may decline
     */
    public record NoticePage(String organization, String application, String mailbox, boolean optOut) {}

    /** How far the connecting has come. */
    public enum Progress {
        UNDER_WAY,
        CONNECTED,
        /** It came to nothing for now. */
        REFUSED
    }

    /** A member who is due, and how the link has members treated. */
    private record Due(LinkId link, Behaviour behaviour, Step silently) {
        Due(LinkId link, Behaviour behaviour) {
            this(link, behaviour, Step.QUEUE);
        }
    }

    /**
     * What is to be done with the user who signs in. Calls nobody and writes nothing.
     *
     * @param work the sign-in's own transaction
     * @param pagePossible whether this sign-in could show a page
     * @return empty if there is nothing to do, which includes that the user was queued a moment ago
     */
    public Optional<Course> course(Work work, User user, SignIn signIn, boolean pagePossible) {
        return due(work, user, signIn).map(due -> {
            if (!due.behaviour().asksForPage()) {
                return new Course(due.silently(), due.link());
            }
            return transactions.readBeside(work, beside -> course(beside, user, signIn, due.link(), pagePossible));
        });
    }

    /**
     * Asks no table of ours unless the realm has links that ask for a page and the user has no credential. Where
     * nothing is known of a link, or nobody can tell now, the background work decides. Nothing that is sealed is opened:
     * for that Keycloak would build every key provider of the realm.
     */
    private Optional<Due> due(Work work, User user, SignIn signIn) {
        if (recentSignIns.known(user.id(), signIn)) {
            return Optional.empty();
        }
        CredentialStore.Borne borne = work.credentials().borne(user);
        boolean mayRead = !borne.credential() && work.realm().mayAskForPage();
        List<LinkId> unknown = new ArrayList<>();
        MemberCandidate candidate = MemberCandidate.atSignIn(
                work.realm(), user, signIn, id -> cache.known(id).orElseGet(() -> {
                    if (mayRead) {
                        return cache.learn(transactions.readBeside(
                                work, beside -> beside.links().get(id)));
                    }
                    unknown.add(id);
                    return Link.unlinked(id);
                }));
        if (settled(user, candidate, borne)) {
            return Optional.empty();
        }
        Gate.Decision decision = Gate.decide(candidate, Gate.Question.ASK);
        if (decision.withheld() && decision.link() != null) {
            return Optional.of(new Due(decision.link().id(), Behaviour.SILENT));
        }
        if (decision.link() != null
                && Delegation.denies(decision.reason())
                && user.source().isPresent()) {
            return Optional.of(new Due(decision.link().id(), Behaviour.SILENT, Step.NOTE));
        }
        Optional<Gate.Admission> admission = decision.admission();
        if (admission.isEmpty()) {
            return unknown.stream().findFirst().map(id -> new Due(id, Behaviour.SILENT));
        }
        Link link = admission.get().link();
        boolean settled = admission.get().mark(user.id()).filter(borne::settled).isPresent();
        return settled ? Optional.empty() : Optional.of(new Due(link.id(), work.behaviour(link)));
    }

    /**
     * Whether nothing is left to do under the present authorization of the only link that the user could have a part in:
     * the gate need not be asked then, since with a no there is as little to do. Where there are several links it tells
     * which of them counts.
     */
    private boolean settled(User user, MemberCandidate candidate, CredentialStore.Borne borne) {
        try {
            List<LinkId> links = candidate.links();
            return links.size() == 1
                    && cache.known(links.get(0))
                            .flatMap(link ->
                                    candidate.mailbox(link).flatMap(mailbox -> Mark.of(link, user.id(), mailbox)))
                            .filter(borne::settled)
                            .isPresent();
        } catch (Unreadable now) {
            return false;
        }
    }

    private Course course(Work work, User user, SignIn signIn, LinkId due, boolean pagePossible) {
        Gate.Decision decision = decide(work, user, signIn);
        Link link = decision.link();
        if (link != null && decision.failed() == Check.NOTICE_SEEN) {
            return new Course(pagePossible ? Step.NOTICE : Step.LEAVE, link.id());
        }
        Optional<Gate.Admission> admission = decision.admission();
        if (admission.isEmpty()) {
            // The background work takes down why not.
            return new Course(Step.QUEUE, due);
        }
        boolean waits = pagePossible
                && !work.behaviour(admission.get().link()).patience().isZero()
                && !begun(work, user, admission.get().mailbox());
        return new Course(waits ? Step.WAIT : Step.QUEUE, admission.get().link().id());
    }

    /** What the member is to be told; empty if that has become pointless. */
    public Optional<NoticePage> noticePage(Work joined, User user, SignIn signIn, LinkId link) {
        return transactions.readBeside(joined, work -> {
            Gate.Decision decision = decide(work, user, signIn);
            if (decision.failed() != Check.NOTICE_SEEN
                    || decision.link() == null
                    || decision.mailbox() == null
                    || !decision.link().id().equals(link)) {
                return Optional.empty();
            }
            return Optional.of(new NoticePage(
                    work.realm().displayName(link),
                    work.realm().displayName(),
                    decision.mailbox().address(),
                    work.behaviour(decision.link()).optOut()));
        });
    }

    /**
     * The member has confirmed the notice page: remembers it, in a transaction of its own, and then queues the member.
     */
    public void accept(LinkId link, String userId, SignIn signIn) {
        transactions.doInRealm(link.realm(), work -> {
            work.members().notice(userId, link.name());
            queue.keep(work, link, userId, Optional.of(signIn));
        });
    }

    /** For how long the link has members shown that they are being connected. */
    public Duration patience(Work joined, LinkId link) {
        return transactions.readBeside(
                joined, work -> work.behaviour(work.links().get(link)).patience());
    }

    /** How far the connecting of the user's present mailbox has come. */
    public Progress progress(Work joined, User user) {
        Instant now = clock.instant();
        return transactions
                .readBeside(
                        joined, work -> work.delegations().ofUser(work.realm().id(), user.id()).stream()
                                .filter(delegation -> present(work, user, delegation))
                                .findFirst())
                .map(delegation -> switch (delegation.state()) {
                    case GRANTED -> Progress.CONNECTED;
                    case REFUSED ->
                        delegation.nextAttemptAt() != null
                                        && delegation.nextAttemptAt().isAfter(now)
                                ? Progress.REFUSED
                                : Progress.UNDER_WAY;
                    case NONE, ASKED, REVOKED, UNKNOWN -> Progress.UNDER_WAY;
                })
                .orElse(Progress.UNDER_WAY);
    }

    private boolean present(Work work, User user, Delegation delegation) {
        try {
            return MemberCandidate.atSignInWithPage(work, user, SignIn.DIRECT, clock.instant())
                    .mailbox(work.links().get(delegation.link()))
                    .equals(Optional.of(delegation.mailbox()));
        } catch (Unreadable now) {
            return false;
        }
    }

    private Gate.Decision decide(Work work, User user, SignIn signIn) {
        return Gate.decide(MemberCandidate.atSignInWithPage(work, user, signIn, clock.instant()), Gate.Question.ASK);
    }

    /** Whether the mailbox has been asked for already, so that there is nothing to wait for that is new. */
    private static boolean begun(Work work, User user, Mailbox mailbox) {
        return delegation(work, user, mailbox)
                .filter(row -> row.state() == Delegation.State.ASKED || row.state() == Delegation.State.GRANTED)
                .isPresent();
    }

    private static Optional<Delegation> delegation(Work work, User user, Mailbox mailbox) {
        return work.delegations().ofUser(work.realm().id(), user.id()).stream()
                .filter(row -> row.mailbox().equals(mailbox))
                .findFirst();
    }
}
