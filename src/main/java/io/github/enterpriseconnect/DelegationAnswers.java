package io.github.enterpriseconnect;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.enterpriseconnect.Transactions.Work;
import io.github.enterpriseconnect.core.Application;
import io.github.enterpriseconnect.core.Credential;
import io.github.enterpriseconnect.core.Cronofy;
import io.github.enterpriseconnect.core.CronofyException;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Gate;
import io.github.enterpriseconnect.core.Mailbox;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.RetrySchedule;
import io.github.enterpriseconnect.core.Secret;
import io.github.enterpriseconnect.core.Ticket;
import io.github.enterpriseconnect.cronofy.CallbackSignature;
import io.github.enterpriseconnect.storage.DelegationStore;
import io.github.enterpriseconnect.storage.RevocationOrder;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.keycloak.models.UserModel;

/**
 * Takes Cronofy's answers. The callback only keeps what came, in a transaction of its own with one winner; redeeming the
 * code, comparing the mailbox, asking the gate again and storing the credential happen behind it, and again after a crash.
 */
public final class DelegationAnswers {
    private static final Logger LOG = Logger.getLogger(DelegationAnswers.class);
    private static final Duration LEASE = Duration.ofSeconds(60);

    private final Transactions transactions;
    private final Cronofy cronofy;
    private final BackgroundWorker worker;
    private final Revoking revoking;
    private final RetrySchedule outages;
    private final RetrySchedule refusals;
    private final ObjectMapper json;
    private final InstantSource clock;

    /** What the callback is to answer. */
    public enum Receipt {
        /** It is kept, or had been kept before. */
        TAKEN,
        /** Nobody awaits it, its signature is wrong, or it makes no sense: all the same to the sender. */
        UNKNOWN
    }

    @JsonIgnoreProperties(ignoreUnknown = true)
    private record Body(
            @JsonProperty("authorization") @Nullable Answer authorization) {}

    @JsonIgnoreProperties(ignoreUnknown = true)
    private record Answer(
            @JsonProperty("code") @Nullable String code,
            @JsonProperty("error") @Nullable String error,
            @JsonProperty("error_key") @Nullable String errorKey,
            @JsonProperty("error_description") @Nullable String errorDescription) {

        /** Cronofy's own words, to be shown as text. */
        String detail() {
            return Stream.of(error, errorKey, errorDescription)
                    .filter(Objects::nonNull)
                    .collect(Collectors.joining(" "));
        }
    }

    DelegationAnswers(
            Transactions transactions,
            Cronofy cronofy,
            BackgroundWorker worker,
            Revoking revoking,
            RetrySchedule outages,
            RetrySchedule refusals,
            ObjectMapper json,
            InstantSource clock) {
        this.transactions = transactions;
        this.cronofy = cronofy;
        this.worker = worker;
        this.revoking = revoking;
        this.outages = outages;
        this.refusals = refusals;
        this.json = json;
        this.clock = clock;
    }

    /**
     * Keeps an answer to an ask.
     *
     * @param ticket from the URL
     * @param signature the signature header; checked if present, and missed if the realm requires it
     * @param body raw, of acceptable size
     */
    Receipt receive(String realmId, String ticket, Optional<String> signature, byte[] body) {
        Optional<Answer> answer = read(body);
        Optional<String> kept = transactions.inRealm(realmId, work -> {
            if (!trusted(work, signature, body) || answer.isEmpty()) {
                return Optional.empty();
            }
            return work.storage()
                    .delegations()
                    .underTicket(realmId, Ticket.hash(ticket))
                    .map(delegation -> keep(work, delegation, answer.get()));
        });
        kept.filter(id -> !id.isEmpty()).ifPresent(id -> redeemSoon(realmId, id));
        return kept.isPresent() ? Receipt.TAKEN : Receipt.UNKNOWN;
    }

    void redeemSoon(String realmId, String delegationId) {
        worker.submit(() -> redeem(realmId, delegationId));
    }

    /** @return id of the delegation to redeem; empty text if there is nothing to redeem */
    private String keep(Work work, Delegation delegation, Answer answer) {
        DelegationStore delegations = work.storage().delegations();
        if (!delegations.awaitsAnswer(delegation.id())) {
            return "";
        }
        if (answer.error() == null && answer.code() != null) {
            delegations.answer(delegation.id(), Secret.of(answer.code()));
            return delegation.id();
        }
        LOG.infof("Cronofy refused delegation %s", delegation.id());
        delegations.refuse(
                delegation.id(),
                Reason.REFUSED_BY_CRONOFY,
                answer.detail(),
                refusals.next(clock.instant(), delegation.attempts(), Duration.ZERO));
        work.storage()
                .credentials()
                .show(
                        delegation.userId(),
                        Delegation.State.REFUSED,
                        delegation.link().name());
        return "";
    }

    private static boolean trusted(Work work, Optional<String> signature, byte[] body) {
        Optional<Settings> settings = RealmSettings.of(work.realm());
        if (settings.isEmpty()) {
            return false;
        }
        return signature.isEmpty()
                ? !settings.get().signatureRequired()
                : RealmSettings.application(work.session(), work.realm(), settings.get())
                        .filter(application ->
                                CallbackSignature.valid(signature.get(), body, application.clientSecret()))
                        .isPresent();
    }

    private Optional<Answer> read(byte[] body) {
        try {
            Body parsed = json.readValue(body, Body.class);
            return Optional.ofNullable(parsed)
                    .map(Body::authorization)
                    .filter(answer -> answer.error() != null
                            || (answer.code() != null && !answer.code().isBlank()));
        } catch (IOException unreadable) {
            return Optional.empty();
        }
    }

    private record Redeemable(DelegationStore.Answer answer, Application application) {}

    private void redeem(String realmId, String delegationId) {
        Instant now = clock.instant();
        Optional<Redeemable> claimed =
                transactions.claimInRealm(realmId, work -> RealmSettings.application(work.session(), work.realm())
                        .flatMap(application -> work.storage()
                                .delegations()
                                .claimAnswer(delegationId, now, now.plus(LEASE))
                                .map(answer -> new Redeemable(answer, application))));
        if (claimed.isEmpty()) {
            return;
        }
        Delegation delegation = claimed.get().answer().delegation();
        try {
            Application application = claimed.get().application();
            Cronofy.Grant grant = cronofy.exchange(
                    application,
                    Cronofy.CodeKind.DELEGATION,
                    claimed.get().answer().code(),
                    claimed.get().answer().callbackUrl().reveal());
            if (grant.subject() == null) {
                throw new CronofyException.Unavailable("POST /oauth/token answered without sub", Duration.ZERO);
            }
            store(delegation, application, grant, grant.subject());
        } catch (CronofyException.Unavailable unsent) {
            if (unsent.sent()) {
                askAnew(delegation, unsent);
            } else {
                LOG.debugf("redeeming delegation %s waits: %s", delegation.id(), unsent.getMessage());
                transactions.doInRealm(
                        realmId, work -> work.storage().delegations().release(delegation.id()));
                worker.submitLater(unsent.retryAfter(), () -> redeem(realmId, delegationId), () -> {});
            }
        } catch (CronofyException e) {
            askAnew(delegation, e);
        }
    }

    /** A code is good for one try whose outcome we may not know: it is not sent again. */
    private void askAnew(Delegation delegation, CronofyException failure) {
        LOG.warnf("redeeming delegation %s failed: %s", delegation.id(), failure.getMessage());
        transactions.doInRealm(delegation.link().realm(), work -> work.storage()
                .delegations()
                .postpone(
                        delegation.id(),
                        failure.reason(),
                        null,
                        outages.next(clock.instant(), delegation.attempts(), failure.retryAfter())));
    }

    private void store(Delegation asked, Application application, Cronofy.Grant grant, String subject) {
        boolean dropped = transactions.inRealm(asked.link().realm(), work -> {
            Optional<Reason> refusal = refusal(work, asked, grant);
            if (refusal.isEmpty() && keep(work, asked, application, grant, subject)) {
                return false;
            }
            drop(work, asked, application, grant, subject, refusal.orElse(Reason.USER_DISABLED));
            return true;
        });
        if (dropped) {
            revoking.deliverSoon();
        }
    }

    private boolean keep(Work work, Delegation asked, Application application, Cronofy.Grant grant, String subject) {
        Credential credential = new Credential(
                application.key(), subject, asked.link().name(), asked.mailbox().address(), grant.tokens());
        if (!work.storage().credentials().store(asked.userId(), credential)) {
            return false;
        }
        work.storage().delegations().grant(asked.id(), subject, clock.instant());
        LOG.infof("delegation %s is granted", asked.id());
        return true;
    }

    /** What has changed since the ask, or is wrong with the answer. */
    private static Optional<Reason> refusal(Work work, Delegation asked, Cronofy.Grant grant) {
        if (!Mailbox.parse(grant.profileName()).equals(Optional.of(asked.mailbox()))) {
            return Optional.of(Reason.WRONG_PROFILE);
        }
        Optional<Delegation> now = work.storage().delegations().byId(asked.id());
        UserModel user = work.session().users().getUserById(work.realm(), asked.userId());
        if (user == null || now.isEmpty() || !now.get().userId().equals(asked.userId())) {
            return Optional.of(Reason.USER_DISABLED);
        }
        Gate.Decision decision = Gate.decide(
                new KeycloakCandidate(
                        work.session(), work.realm(), user, work.storage().links()::get),
                Gate.Question.ASK);
        if (decision.reason() != null) {
            return Optional.of(decision.reason());
        }
        boolean same = decision.admission()
                .filter(admission -> admission.link().id().equals(asked.link())
                        && admission.mailbox().equals(asked.mailbox()))
                .isPresent();
        return same ? Optional.empty() : Optional.of(Reason.MAILBOX_CHANGED);
    }

    private void drop(
            Work work, Delegation asked, Application application, Cronofy.Grant grant, String subject, Reason reason) {
        LOG.warnf("the answer to delegation %s was dropped: %s", asked.id(), reason.id());
        Instant now = clock.instant();
        DelegationStore delegations = work.storage().delegations();
        delegations
                .byId(asked.id())
                .filter(row ->
                        row.state() == Delegation.State.ASKED && row.userId().equals(asked.userId()))
                .ifPresent(row -> {
                    delegations.refuse(row.id(), reason, null, refusals.next(now, asked.attempts(), Duration.ZERO));
                    work.storage()
                            .credentials()
                            .remove(
                                    row.userId(),
                                    Delegation.State.REFUSED,
                                    row.link().name());
                });
        work.storage()
                .revocations()
                .add(
                        asked.link().realm(),
                        new RevocationOrder(application, subject, grant.tokens().refreshToken()),
                        asked.mailbox(),
                        now);
    }
}
