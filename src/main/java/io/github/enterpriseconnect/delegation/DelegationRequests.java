package io.github.enterpriseconnect.delegation;

import io.github.enterpriseconnect.candidate.KeycloakCandidate;
import io.github.enterpriseconnect.candidate.Links;
import io.github.enterpriseconnect.candidate.SignIn;
import io.github.enterpriseconnect.core.Application;
import io.github.enterpriseconnect.core.Behaviour;
import io.github.enterpriseconnect.core.Credential;
import io.github.enterpriseconnect.core.Cronofy;
import io.github.enterpriseconnect.core.CronofyException;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Gate;
import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Mailbox;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.RetrySchedule;
import io.github.enterpriseconnect.core.Secret;
import io.github.enterpriseconnect.core.Ticket;
import io.github.enterpriseconnect.credential.TokenHolder;
import io.github.enterpriseconnect.credential.TokenKeeper;
import io.github.enterpriseconnect.platform.Endpoints;
import io.github.enterpriseconnect.platform.Transactions;
import io.github.enterpriseconnect.platform.Transactions.Work;
import io.github.enterpriseconnect.revocation.Ending;
import io.github.enterpriseconnect.settings.BehaviourDefaults;
import io.github.enterpriseconnect.settings.RealmSettings;
import io.github.enterpriseconnect.settings.Settings;
import io.github.enterpriseconnect.storage.DelegationStore;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.keycloak.models.UserModel;

/**
 * Asks Cronofy for members: decides afresh for each, notes the ask and commits, and only then sends one request for up to
 * fifty of them. A failure is noted with the time of the next attempt.
 */
public final class DelegationRequests {
    private static final Logger LOG = Logger.getLogger(DelegationRequests.class);
    private static final int MOST_ATTEMPTS = 10;
    private static final Duration WHILE_REVOKING = Duration.ofSeconds(30);

    private final Transactions transactions;
    private final Links links;
    private final TokenKeeper tokens;
    private final Cronofy cronofy;
    private final RetrySchedule outages;
    private final RetrySchedule answers;
    private final RetrySchedule refusals;
    private final SecureRandom random;
    private final Ending ending;
    private final InstantSource clock;

    public DelegationRequests(
            Transactions transactions,
            Links links,
            TokenKeeper tokens,
            Cronofy cronofy,
            RetrySchedule outages,
            RetrySchedule answers,
            RetrySchedule refusals,
            SecureRandom random,
            Ending ending,
            InstantSource clock) {
        this.transactions = transactions;
        this.links = links;
        this.tokens = tokens;
        this.cronofy = cronofy;
        this.outages = outages;
        this.answers = answers;
        this.refusals = refusals;
        this.random = random;
        this.ending = ending;
        this.clock = clock;
    }

    private record Asked(Delegation delegation, Cronofy.Ask ask) {}

    private record Batch(
            Optional<Application> application,
            List<Asked> asked,
            Map<LinkId, Map<String, Optional<SignIn>>> elsewhere) {}

    /**
     * Asks for those of the members whom the gate lets through now.
     *
     * @param members at most fifty users' ids, each with the sign-in that it is about; without, the last one counts
     * @return members whom the gate lets through by another link than this one
     */
    Map<LinkId, Map<String, Optional<SignIn>>> ask(LinkId link, Map<String, Optional<SignIn>> members) {
        Batch batch = transactions.inRealm(link.realm(), work -> note(work, link, members));
        if (batch.application().isPresent() && !batch.asked().isEmpty()) {
            send(link, batch.application().get(), batch.asked());
        }
        return batch.elsewhere();
    }

    private Batch note(Work work, LinkId link, Map<String, Optional<SignIn>> members) {
        Optional<Application> application = RealmSettings.application(work.session(), work.realm());
        List<Asked> asked = new ArrayList<>();
        Map<LinkId, Map<String, Optional<SignIn>>> elsewhere = new HashMap<>();
        members.forEach((userId, signIn) -> {
            UserModel user = work.session().users().getUserById(work.realm(), userId);
            if (user == null || application.isEmpty()) {
                settle(work, userId, user == null ? Reason.USER_REMOVED : Reason.NOT_ENABLED);
                return;
            }
            endWhatEnded(work, user, signIn);
            Gate.Decision decision = Gate.decide(
                    KeycloakCandidate.of(
                            work.session(),
                            work.realm(),
                            user,
                            signIn.orElse(null),
                            work.storage(),
                            id -> links.learn(work.storage().links().get(id)),
                            clock.instant()),
                    Gate.Question.ASK);
            notePage(work, decision);
            Optional<Gate.Admission> admission = decision.admission();
            if (admission.isEmpty()) {
                settle(work, userId, Objects.requireNonNullElse(decision.reason(), Reason.NOT_LINKED));
                return;
            }
            LinkId through = admission.get().link().id();
            if (through.equals(link)) {
                note(work, application.get(), user, signIn, admission.get()).ifPresent(asked::add);
            } else {
                elsewhere.computeIfAbsent(through, id -> new HashMap<>()).put(userId, signIn);
            }
        });
        return new Batch(application, asked, elsewhere);
    }

    /** What sign-ins go by may have been dropped, with the attributes of the realm that somebody replaced. */
    private static void notePage(Work work, Gate.Decision decision) {
        if (decision.link() != null
                && decision.link().policy().behaviour().over(Behaviour.SILENT).asksForPage()) {
            BehaviourDefaults.notePage(work.realm());
        }
    }

    /** Takes down what the sign-in proves of the address, and ends what belongs to an address that the user had before. */
    private void endWhatEnded(Work work, UserModel user, Optional<SignIn> signIn) {
        Optional<Mailbox> present = Mailbox.parse(user.getEmail());
        work.storage().members().forgetOtherProofs(user.getId(), present);
        signIn.filter(came -> came.vouchedFor() != null
                        && present.equals(Optional.of(came.vouchedFor()))
                        && user.isEmailVerified())
                .ifPresent(came -> work.storage()
                        .members()
                        .prove(
                                user.getId(),
                                present.orElseThrow(),
                                String.valueOf(came.identityProvider()),
                                clock.instant()));
        work.storage().delegations().liveOfUsers(work.realm().getId(), List.of(user.getId())).stream()
                .filter(delegation -> !present.equals(Optional.of(delegation.mailbox())))
                .forEach(delegation -> ending.end(work, delegation, Reason.MAILBOX_CHANGED));
    }

    /**
     * Whoever is due but may no longer be asked for is refused; another sign-in may change that at any time. Where an answer
     * is still awaited, the answer decides.
     */
    private void settle(Work work, String userId, Reason reason) {
        Instant now = clock.instant();
        work.storage().delegations().ofUser(work.realm().getId(), userId).stream()
                .filter(delegation -> delegation.state() == Delegation.State.ASKED && due(delegation, now))
                .forEach(delegation -> refuse(work, delegation, reason, now));
    }

    private void refuse(Work work, Delegation delegation, Reason reason, Instant next) {
        if (work.storage().delegations().refuse(delegation, reason, null, clock.instant(), next)) {
            work.storage()
                    .credentials()
                    .show(
                            delegation.userId(),
                            Delegation.State.REFUSED,
                            delegation.link().name());
        }
    }

    private static boolean due(Delegation delegation, Instant now) {
        return delegation.nextAttemptAt() == null || !delegation.nextAttemptAt().isAfter(now);
    }

    private Optional<Asked> note(
            Work work, Application application, UserModel user, Optional<SignIn> signIn, Gate.Admission admission) {
        DelegationStore delegations = work.storage().delegations();
        Link link = admission.link();
        Mailbox mailbox = admission.mailbox();
        Instant now = clock.instant();
        if (!application.key().equals(link.application())) {
            settle(work, user.getId(), Reason.LINK_NOT_ACTIVE);
            return Optional.empty();
        }
        Optional<Delegation> known = delegations.byMailbox(link.id().realm(), application.key(), mailbox);
        if (known.isPresent() && known.get().userId().equals(user.getId())) {
            if (!askAgain(work, known.get(), user, admission, now)) {
                return Optional.empty();
            }
            if (known.get().state() == Delegation.State.ASKED && known.get().attempts() >= MOST_ATTEMPTS) {
                refuse(work, known.get(), Reason.NO_ANSWER, refusals.next(now, 1, Duration.ZERO));
                return Optional.empty();
            }
        } else {
            known.ifPresent(other -> ending.end(work, other, Reason.MAILBOX_CHANGED));
        }
        if (work.storage().revocations().pendingFor(application.key(), mailbox)) {
            delegations.postpone(
                    known,
                    link.id(),
                    user.getId(),
                    application.key(),
                    mailbox,
                    Reason.UNAVAILABLE,
                    now,
                    now.plus(WHILE_REVOKING));
            return Optional.empty();
        }
        Optional<Delegation> own = known.filter(row -> row.userId().equals(user.getId()));
        int attempts = own.map(Delegation::attempts).orElse(0);
        Ticket ticket = Ticket.random(random);
        Secret callbackUrl = callbackUrl(work, link, ticket);
        Delegation delegation = delegations.ask(
                known,
                link.id(),
                user.getId(),
                application.key(),
                mailbox,
                ticket.hash(),
                callbackUrl,
                signIn.map(SignIn::identityProvider)
                        .or(() -> own.map(Delegation::identityProvider))
                        .orElse(null),
                now,
                answers.next(now, attempts + 1, Duration.ZERO));
        work.storage()
                .credentials()
                .show(user.getId(), delegation.state(), link.id().name());
        return Optional.of(
                new Asked(delegation, new Cronofy.Ask(mailbox, callbackUrl, String.valueOf(link.delegatedScope()))));
    }

    /** A granted one whose credential is there, one whose answer is awaited, and one in its cooldown are left alone. */
    private static boolean askAgain(
            Work work, Delegation known, UserModel user, Gate.Admission admission, Instant now) {
        if (known.state() == Delegation.State.GRANTED) {
            return work.storage()
                    .credentials()
                    .stored(user.getId())
                    .filter(credential -> Delegating.matches(credential, admission))
                    .isEmpty();
        }
        return due(known, now);
    }

    private static Secret callbackUrl(Work work, Link link, Ticket ticket) {
        String publicUrl =
                RealmSettings.of(work.realm()).map(Settings::publicUrl).orElse(null);
        String base = publicUrl == null ? String.valueOf(link.baseUrl()) : publicUrl;
        return Secret.of(Endpoints.delegationCallback(base, work.realm().getName(), ticket));
    }

    private void send(LinkId link, Application application, List<Asked> asked) {
        try {
            TokenHolder.OfLink serviceAccount = new TokenHolder.OfLink(link);
            Credential credential = tokens.forWork(serviceAccount);
            try {
                ask(application, credential, asked);
            } catch (CronofyException.TokenNotRecognised rejected) {
                ask(application, tokens.afterRejection(serviceAccount, credential), asked);
            }
            LOG.debugf("asked for %d members of link %s", asked.size(), link.name());
        } catch (CronofyException.Refused refused) {
            if (refused.requestFaulty() && asked.size() > 1) {
                asked.forEach(one -> send(link, application, List.of(one)));
            } else {
                failed(link, asked, refused);
            }
        } catch (CronofyException e) {
            failed(link, asked, e);
        }
    }

    private void ask(Application application, Credential credential, List<Asked> asked) throws CronofyException {
        cronofy.askDelegations(
                application,
                credential.tokens().accessToken(),
                asked.stream().map(Asked::ask).toList());
    }

    private void failed(LinkId link, List<Asked> asked, CronofyException failure) {
        LOG.warnf("asking for %d members of link %s failed: %s", asked.size(), link.name(), failure.getMessage());
        transactions.doInRealm(link.realm(), work -> asked.forEach(one -> failed(work, one.delegation(), failure)));
    }

    private void failed(Work work, Delegation asked, CronofyException failure) {
        DelegationStore delegations = work.storage().delegations();
        Instant now = clock.instant();
        if (failure instanceof CronofyException.GrantGone) {
            refuse(work, asked, Reason.LINK_NOT_ACTIVE, now);
        } else if (failure instanceof CronofyException.Refused) {
            refuse(work, asked, failure.reason(), refusals.next(now, asked.attempts(), Duration.ZERO));
        } else if (failure instanceof CronofyException.Unavailable unavailable && !unavailable.sent()) {
            delegations.takeBack(asked, now, now.plus(failure.retryAfter()));
        } else {
            delegations.stayUnanswered(
                    asked, failure.reason(), now, outages.next(now, asked.attempts(), failure.retryAfter()));
        }
    }
}
