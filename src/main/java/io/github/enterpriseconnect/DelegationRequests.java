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
import java.util.Optional;
import org.jboss.logging.Logger;
import org.keycloak.models.UserModel;

/**
 * Asks Cronofy for members: decides afresh for each, notes the ask and commits, and only then sends one request for up to
 * fifty of them. A failure is noted with the time of the next attempt.
 */
final class DelegationRequests {
    private static final Logger LOG = Logger.getLogger(DelegationRequests.class);
    private static final Duration ANSWER_WITHIN = Duration.ofMinutes(15);
    private static final Duration WHILE_REVOKING = Duration.ofSeconds(30);

    private final Transactions transactions;
    private final TokenKeeper tokens;
    private final Cronofy cronofy;
    private final RetrySchedule outages;
    private final RetrySchedule refusals;
    private final SecureRandom random;
    private final InstantSource clock;

    DelegationRequests(
            Transactions transactions,
            TokenKeeper tokens,
            Cronofy cronofy,
            RetrySchedule outages,
            RetrySchedule refusals,
            SecureRandom random,
            InstantSource clock) {
        this.transactions = transactions;
        this.tokens = tokens;
        this.cronofy = cronofy;
        this.outages = outages;
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
        if (application.isPresent()) {
            for (String userId : userIds) {
                UserModel user = work.session().users().getUserById(work.realm(), userId);
                Optional<Gate.Admission> admission = user == null
                        ? Optional.empty()
                        : Gate.decide(
                                        new KeycloakCandidate(
                                                work.session(),
                                                work.realm(),
                                                user,
                                                work.storage().links()::get),
                                        Gate.Question.ASK)
                                .admission();
                if (admission.isEmpty()) {
                    continue;
                }
                LinkId through = admission.get().link().id();
                if (through.equals(link)) {
                    note(work, application.get(), user, admission.get()).ifPresent(asked::add);
                } else {
                    elsewhere.computeIfAbsent(through, id -> new ArrayList<>()).add(userId);
                }
            }
        }
        return new Batch(application, asked, elsewhere);
    }

    private Optional<Asked> note(Work work, Application application, UserModel user, Gate.Admission admission) {
        DelegationStore delegations = work.storage().delegations();
        Link link = admission.link();
        Mailbox mailbox = admission.mailbox();
        Instant now = clock.instant();
        if (!application.key().equals(link.application())) {
            return Optional.empty();
        }
        Optional<Delegation> known = delegations.byMailbox(link.id().realm(), application.key(), mailbox);
        if (known.isPresent() && known.get().userId().equals(user.getId())) {
            if (!askAgain(work, known.get(), user, admission, now)) {
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
                now.plus(ANSWER_WITHIN));
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
        return known.nextAttemptAt() == null || !known.nextAttemptAt().isAfter(now);
    }

    /** Ends a delegation whose mailbox is no longer its user's: here now, at Cronofy by the outbox. */
    private static void end(Work work, Application application, Delegation delegation, Instant now) {
        work.storage()
                .credentials()
                .stored(delegation.userId())
                .filter(credential -> credential.subject().equals(delegation.subject()))
                .ifPresent(credential -> {
                    work.storage()
                            .revocations()
                            .add(
                                    delegation.link().realm(),
                                    new RevocationOrder(
                                            application,
                                            credential.subject(),
                                            credential.tokens().refreshToken()),
                                    delegation.mailbox(),
                                    now);
                    work.storage()
                            .credentials()
                            .remove(
                                    delegation.userId(),
                                    Delegation.State.REVOKED,
                                    delegation.link().name());
                });
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
        Instant now = clock.instant();
        transactions.doInRealm(
                link.realm(),
                work -> asked.forEach(one -> {
                    Delegation delegation = one.delegation();
                    DelegationStore delegations = work.storage().delegations();
                    if (!delegations.awaitsAnswer(delegation.id())) {
                        // The callback overtook the answer that failed: what it brought stands.
                        return;
                    }
                    if (failure instanceof CronofyException.Unavailable) {
                        delegations.postpone(
                                delegation.id(),
                                failure.reason(),
                                null,
                                outages.next(now, delegation.attempts(), failure.retryAfter()));
                    } else {
                        delegations.refuse(
                                delegation.id(),
                                failure.reason(),
                                null,
                                refusals.next(now, delegation.attempts(), Duration.ZERO));
                        work.storage().credentials().show(delegation.userId(), Delegation.State.REFUSED, link.name());
                    }
                }));
    }
}
