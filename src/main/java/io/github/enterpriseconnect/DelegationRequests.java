package io.github.enterpriseconnect;

import io.github.enterpriseconnect.Transactions.Work;
import io.github.enterpriseconnect.core.Application;
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
import io.github.enterpriseconnect.storage.DelegationStore;
import io.github.enterpriseconnect.storage.RevocationOrder;
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
final class DelegationRequests {
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
    private final InstantSource clock;

    DelegationRequests(
            Transactions transactions,
            Links links,
            TokenKeeper tokens,
            Cronofy cronofy,
            RetrySchedule outages,
            RetrySchedule answers,
            RetrySchedule refusals,
            SecureRandom random,
            InstantSource clock) {
        this.transactions = transactions;
        this.links = links;
        this.tokens = tokens;
        this.cronofy = cronofy;
        this.outages = outages;
        this.answers = answers;
        this.refusals = refusals;
        this.random = random;
        this.clock = clock;
    }

    private record Asked(Delegation delegation, Cronofy.Ask ask) {}

    private record Batch(Optional<Application> application, List<Asked> asked, Map<LinkId, List<String>> elsewhere) {}

    /**
     * Asks for those of the members whom the gate lets through now.
     *
     * @param userIds at most fifty
     * @return members whom the gate lets through by another link than this one
     */
    Map<LinkId, List<String>> ask(LinkId link, List<String> userIds) {
        Batch batch = transactions.inRealm(link.realm(), work -> note(work, link, userIds));
        if (batch.application().isPresent() && !batch.asked().isEmpty()) {
            send(link, batch.application().get(), batch.asked());
        }
        return batch.elsewhere();
    }

    private Batch note(Work work, LinkId link, List<String> userIds) {
        Optional<Application> application = RealmSettings.application(work.session(), work.realm());
        List<Asked> asked = new ArrayList<>();
        Map<LinkId, List<String>> elsewhere = new HashMap<>();
        for (String userId : userIds) {
            UserModel user = work.session().users().getUserById(work.realm(), userId);
            if (user == null || application.isEmpty()) {
                settle(work, userId, user == null ? Reason.USER_DISABLED : Reason.NOT_ENABLED);
                continue;
            }
            Gate.Decision decision = Gate.decide(
                    new KeycloakCandidate(
                            work.session(),
                            work.realm(),
                            user,
                            id -> links.learn(work.storage().links().get(id)),
                            true),
                    Gate.Question.ASK);
            Optional<Gate.Admission> admission = decision.admission();
            if (admission.isEmpty()) {
                settle(work, userId, Objects.requireNonNullElse(decision.reason(), Reason.NOT_LINKED));
                continue;
            }
            LinkId through = admission.get().link().id();
            if (through.equals(link)) {
                note(work, application.get(), user, admission.get()).ifPresent(asked::add);
            } else {
                elsewhere.computeIfAbsent(through, id -> new ArrayList<>()).add(userId);
            }
        }
        return new Batch(application, asked, elsewhere);
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

    private static void refuse(Work work, Delegation delegation, Reason reason, Instant next) {
        if (work.storage().delegations().refuse(delegation, reason, null, next)) {
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

    private Optional<Asked> note(Work work, Application application, UserModel user, Gate.Admission admission) {
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
            known.filter(other -> other.state() == Delegation.State.GRANTED)
                    .ifPresent(other -> end(work, application, other, now));
        }
        delegations.ofUser(link.id().realm(), user.getId()).stream()
                .filter(other -> !other.mailbox().equals(mailbox) && other.state() != Delegation.State.REVOKED)
                .forEach(other -> end(work, application, other, now));
        if (work.storage().revocations().pendingFor(application.key(), mailbox)) {
            delegations.postpone(
                    link.id(), user.getId(), application.key(), mailbox, Reason.UNAVAILABLE, now.plus(WHILE_REVOKING));
            return Optional.empty();
        }
        int attempts = known.map(Delegation::attempts).orElse(0);
        Ticket ticket = Ticket.random(random);
        Secret callbackUrl = callbackUrl(work, link, ticket);
        Delegation delegation = delegations.ask(
                link.id(),
                user.getId(),
                application.key(),
                mailbox,
                ticket.hash(),
                callbackUrl,
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

    /** Ends a delegation whose mailbox is no longer its user's: here now, at Cronofy by the outbox. */
    private static void end(Work work, Application application, Delegation delegation, Instant now) {
        Optional<Credential> credential = work.storage()
                .credentials()
                .stored(delegation.userId())
                .filter(stored -> stored.subject().equals(delegation.subject()));
        if (delegation.subject() != null && delegation.application().equals(application.key())) {
            work.storage()
                    .revocations()
                    .add(
                            delegation.link().realm(),
                            new RevocationOrder(
                                    application,
                                    delegation.subject(),
                                    credential
                                            .map(stored -> stored.tokens().refreshToken())
                                            .orElse(null)),
                            delegation.mailbox(),
                            now);
        }
        if (credential.isPresent()) {
            work.storage()
                    .credentials()
                    .remove(
                            delegation.userId(),
                            Delegation.State.REVOKED,
                            delegation.link().name());
        }
        work.storage().delegations().revoke(delegation.id(), Reason.MAILBOX_CHANGED);
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
            delegations.takeBack(asked, now.plus(failure.retryAfter()));
        } else {
            delegations.stayUnanswered(
                    asked, failure.reason(), outages.next(now, asked.attempts(), failure.retryAfter()));
        }
    }
}
