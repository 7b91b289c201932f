package io.github.enterpriseconnect.delegation;

import io.github.enterpriseconnect.candidate.KeycloakCandidate;
import io.github.enterpriseconnect.candidate.SignIn;
import io.github.enterpriseconnect.core.Behaviour;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Gate;
import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Mailbox;
import io.github.enterpriseconnect.platform.RealmOrganizations;
import io.github.enterpriseconnect.platform.Transactions;
import io.github.enterpriseconnect.platform.Transactions.Work;
import io.github.enterpriseconnect.settings.BehaviourDefaults;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.models.UserModel;

/**
 * What a member who signs in is shown, where the link's policy asks for a page: a notice before anything is connected, and
 * that it is being connected. Unlike the silent sign-in this reads our tables, and for those alone who are due. What it reads
 * and writes is in transactions of its own: nothing that fails or is outrun there is left for the sign-in's commit to fail for.
 */
public final class Introductions {
    private final Transactions transactions;
    private final Delegating delegating;
    private final InstantSource clock;

    public Introductions(Transactions transactions, Delegating delegating, InstantSource clock) {
        this.transactions = transactions;
        this.delegating = delegating;
        this.clock = clock;
    }

    /** How a sign-in goes on. */
    public enum Step {
        /** The member is handed over, and sees nothing of it. */
        HAND_OVER,
        /** Nothing happens: the member has to be told first, and cannot be now. */
        LEAVE,
        /** The member is told, and handed over once that is confirmed. */
        NOTICE,
        /** The member is handed over, and shown that the calendar is being connected. */
        WAIT
    }

    /**
     * What a sign-in goes through.
     *
     * @param link the one that it is about
     */
    public record Course(Step step, LinkId link) {}

    /**
     * What a member is told before anything is connected.
     *
     * @param organization on whose behalf
     * @param application with what the calendar is to be connected
     * @param optOut whether the member may decline
     */
    public record Notice(String organization, String application, String mailbox, boolean optOut) {}

    /** How far the connecting has come. */
    public enum Progress {
        UNDER_WAY,
        CONNECTED,
        /** It came to nothing for now. */
        REFUSED
    }

    /**
     * The next step of a sign-in.
     *
     * @param pagePossible whether this sign-in could show a page
     */
    public Course course(
            KeycloakSession session,
            RealmModel realm,
            UserModel user,
            SignIn signIn,
            Delegating.Due due,
            boolean pagePossible) {
        if (!due.behaviour().asksForPage()) {
            return new Course(Step.HAND_OVER, due.link());
        }
        return transactions.readBeside(session, realm, work -> course(work, user, signIn, due.link(), pagePossible));
    }

    private Course course(Work work, UserModel user, SignIn signIn, LinkId due, boolean pagePossible) {
        Gate.Decision decision = decide(work, user, signIn);
        Link link = decision.link();
        if (link != null && decision.failed() == Gate.Check.NOTICE_SEEN) {
            return new Course(pagePossible ? Step.NOTICE : Step.LEAVE, link.id());
        }
        Optional<Gate.Admission> admission = decision.admission();
        if (admission.isEmpty()) {
            // The work behind takes down why not.
            return new Course(Step.HAND_OVER, due);
        }
        boolean waits = pagePossible
                && !behaviour(work, admission.get().link()).patience().isZero()
                && !begun(work, user, admission.get().mailbox());
        return new Course(
                waits ? Step.WAIT : Step.HAND_OVER, admission.get().link().id());
    }

    /** What the member is to be told; empty if that has become pointless. */
    public Optional<Notice> notice(
            KeycloakSession session, RealmModel realm, UserModel user, SignIn signIn, LinkId link) {
        return transactions.readBeside(session, realm, work -> notice(work, user, signIn, link));
    }

    private Optional<Notice> notice(Work work, UserModel user, SignIn signIn, LinkId link) {
        Gate.Decision decision = decide(work, user, signIn);
        if (decision.failed() != Gate.Check.NOTICE_SEEN
                || decision.link() == null
                || decision.mailbox() == null
                || !decision.link().id().equals(link)) {
            return Optional.empty();
        }
        return Optional.of(new Notice(
                RealmOrganizations.displayName(work.session(), work.realm(), link),
                RealmOrganizations.displayName(work.realm()),
                decision.mailbox().address(),
                behaviour(work, decision.link()).optOut()));
    }

    /** The member has confirmed the notice: remembers it, and then hands the member over. */
    public void accept(LinkId link, String userId, SignIn signIn) {
        transactions.doInRealm(link.realm(), work -> work.storage().members().notice(userId, link.name()));
        delegating.handOver(link, userId, signIn);
    }

    /** For how long the link has members shown that they are being connected. */
    public Duration patience(KeycloakSession session, RealmModel realm, LinkId link) {
        return transactions.readBeside(
                session, realm, work -> behaviour(work, work.storage().links().get(link))
                        .patience());
    }

    /** How far the connecting of the user's present mailbox has come. */
    public Progress progress(KeycloakSession session, RealmModel realm, UserModel user) {
        Instant now = clock.instant();
        return Mailbox.parse(user.getEmail())
                .flatMap(mailbox -> transactions.readBeside(session, realm, work -> delegation(work, user, mailbox)))
                .map(delegation -> switch (delegation.state()) {
                    case GRANTED -> Progress.CONNECTED;
                    case REFUSED ->
                        delegation.nextAttemptAt() != null
                                        && delegation.nextAttemptAt().isAfter(now)
                                ? Progress.REFUSED
                                : Progress.UNDER_WAY;
                    case NONE, ASKED, REVOKED -> Progress.UNDER_WAY;
                })
                .orElse(Progress.UNDER_WAY);
    }

    private Gate.Decision decide(Work work, UserModel user, SignIn signIn) {
        return Gate.decide(KeycloakCandidate.atSignInWithPage(work, user, signIn, clock.instant()), Gate.Question.ASK);
    }

    /** Whether the mailbox has been asked for already, so that there is nothing to wait for that is new. */
    private static boolean begun(Work work, UserModel user, Mailbox mailbox) {
        return delegation(work, user, mailbox)
                .filter(row -> row.state() == Delegation.State.ASKED || row.state() == Delegation.State.GRANTED)
                .isPresent();
    }

    private static Optional<Delegation> delegation(Work work, UserModel user, Mailbox mailbox) {
        return work.storage().delegations().ofUser(work.realm().getId(), user.getId()).stream()
                .filter(row -> row.mailbox().equals(mailbox))
                .findFirst();
    }

    private static Behaviour behaviour(Work work, Link link) {
        return link.policy().behaviour().over(BehaviourDefaults.of(work.realm()));
    }
}
