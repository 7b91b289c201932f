package io.github.enterpriseconnect.delegation;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.RetrySchedule;
import io.github.enterpriseconnect.core.Secret;
import io.github.enterpriseconnect.core.Ticket;
import io.github.enterpriseconnect.cronofy.CallbackSignature;
import io.github.enterpriseconnect.platform.Transactions;
import io.github.enterpriseconnect.platform.Transactions.Work;
import io.github.enterpriseconnect.settings.RealmSettings;
import io.github.enterpriseconnect.settings.Settings;
import io.github.enterpriseconnect.storage.DelegationStore;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Takes Cronofy's answers: only keeps what came, in a transaction of its own with one winner. What is to be done with a code
 * happens behind it ({@link Redemption}).
 */
public final class DelegationAnswers {
    private static final Logger LOG = Logger.getLogger(DelegationAnswers.class);

    private final Transactions transactions;
    private final Redemption redemption;
    private final RetrySchedule refusals;
    private final ObjectMapper json;
    private final InstantSource clock;

    /** The header that carries Cronofy's signature. */
    public static final String SIGNATURE_HEADER = CallbackSignature.HEADER;

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

    public DelegationAnswers(
            Transactions transactions,
            Redemption redemption,
            RetrySchedule refusals,
            ObjectMapper json,
            InstantSource clock) {
        this.transactions = transactions;
        this.redemption = redemption;
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
        Optional<Kept> kept = transactions.inRealm(realmId, work -> {
            if (!trusted(work, signature, body) || answer.isEmpty()) {
                return Optional.empty();
            }
            return work.storage()
                    .delegations()
                    .underTicket(realmId, Ticket.hash(ticket))
                    .map(delegation -> keep(work, delegation, answer.get()));
        });
        kept.filter(Kept::redeemable).ifPresent(answered -> redemption.redeemSoon(realmId, answered.delegation()));
        return kept.isPresent() ? Receipt.TAKEN : Receipt.UNKNOWN;
    }

    /** An answer that was taken; nothing of a refusal or a duplicate is to be redeemed. */
    private record Kept(String delegation, boolean redeemable) {}

    private Kept keep(Work work, Delegation delegation, Answer answer) {
        DelegationStore delegations = work.storage().delegations();
        if (!delegations.awaitsAnswer(delegation.id())) {
            return new Kept(delegation.id(), false);
        }
        if (answer.error() == null && answer.code() != null) {
            delegations.answer(delegation.id(), Secret.of(answer.code()));
            return new Kept(delegation.id(), true);
        }
        LOG.infof("Cronofy refused delegation %s", delegation.id());
        delegations.refuse(
                delegation,
                Reason.REFUSED_BY_CRONOFY,
                answer.detail(),
                clock.instant(),
                refusals.next(clock.instant(), delegation.attempts(), Duration.ZERO));
        delegations.forgetAnswer(delegation);
        work.storage()
                .credentials()
                .show(
                        delegation.userId(),
                        Delegation.State.REFUSED,
                        delegation.link().name());
        return new Kept(delegation.id(), false);
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
}
