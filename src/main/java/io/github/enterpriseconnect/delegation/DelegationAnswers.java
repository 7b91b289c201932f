package io.github.enterpriseconnect.delegation;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Retries;
import io.github.enterpriseconnect.core.Secret;
import io.github.enterpriseconnect.core.Ticket;
import io.github.enterpriseconnect.cronofy.CallbackSignature;
import io.github.enterpriseconnect.platform.Tickets;
import io.github.enterpriseconnect.platform.Transactions;
import io.github.enterpriseconnect.platform.Work;
import io.github.enterpriseconnect.storage.AnswerStore;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Takes Cronofy's answers: only keeps what came, in a transaction of its own with one winner. What is to be done with a
 * code happens in the background ({@link CodeRedemption}).
 */
public final class DelegationAnswers {
    private static final Logger LOG = Logger.getLogger(DelegationAnswers.class);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern UNPRINTABLE = Pattern.compile("[\\p{Cc}\\p{Cs}]+");
    /** Source: Cronofy's documentation of Enterprise Connect, "Free/Busy only". */
    private static final String SCOPE_REFUSED = "unable_to_grant_scope";

    private static final Pattern CODE = Pattern.compile("[\\x21-\\x7e]{1,4096}");

    private final Transactions transactions;
    private final Tickets tickets;
    private final CodeRedemption redemption;
    private final VerificationSteps verifications;
    private final DelegationQueue queue;
    private final Retries retries;
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
            @JsonProperty("authorization") @Nullable Callback authorization) {}

    @JsonIgnoreProperties(ignoreUnknown = true)
    private record Callback(
            @JsonProperty("code") @Nullable String code,
            @JsonProperty("error") @Nullable String error,
            @JsonProperty("error_key") @Nullable String errorKey,
            @JsonProperty("error_description") @Nullable String errorDescription) {

        /** Cronofy's own words, to be shown as text; what no table can keep, or would not show, is left out. */
        String detail() {
            return UNPRINTABLE
                    .matcher(Stream.of(error, errorKey, errorDescription)
                            .filter(Objects::nonNull)
                            .collect(Collectors.joining(" ")))
                    .replaceAll(" ");
        }

        /** Whether no more is refused than what was asked for; which member says so is not settled. */
        boolean scopeRefused() {
            return SCOPE_REFUSED.equals(error) || SCOPE_REFUSED.equals(errorKey);
        }

        /** Of a refusal. */
        Reason reason() {
            return scopeRefused() ? Reason.SCOPE_NOT_GRANTED : Reason.REFUSED_BY_CRONOFY;
        }

        /** Whether there is a code that can be kept and sent. */
        boolean redeemable() {
            return code != null && CODE.matcher(code).matches();
        }
    }

    public DelegationAnswers(
            Transactions transactions,
            Tickets tickets,
            CodeRedemption redemption,
            VerificationSteps verifications,
            DelegationQueue queue,
            Retries retries,
            InstantSource clock) {
        this.transactions = transactions;
        this.tickets = tickets;
        this.redemption = redemption;
        this.verifications = verifications;
        this.queue = queue;
        this.retries = retries;
        this.clock = clock;
    }

    /**
     * Keeps an answer to an ask. Whoever shows a forged ticket costs neither a transaction nor a look at the body.
     *
     * @param ticket from the URL
     * @param signature the signature header; checked if present, and missed if the realm requires it
     * @param body raw, of acceptable size
     */
    public Receipt receive(String realmId, String ticket, Optional<String> signature, byte[] body) {
        if (tickets.forged(Ticket.Door.DELEGATION_CALLBACK, realmId, ticket)) {
            return Receipt.UNKNOWN;
        }
        Optional<Callback> callback = read(body);
        Optional<Kept> kept = transactions.inRealm(realmId, work -> {
            if (!CallbackTrust.trusted(work, signature, body) || callback.isEmpty()) {
                return Optional.empty();
            }
            return work.answers()
                    .underTicket(realmId, Ticket.hash(ticket))
                    .map(delegation -> keep(work, delegation, callback.get()))
                    .or(() -> keepOfVerification(work, Ticket.hash(ticket), callback.get()));
        });
        kept.ifPresent(answered -> answered.next().run());
        return kept.isPresent() ? Receipt.TAKEN : Receipt.UNKNOWN;
    }

    /** An answer that was taken, and what follows once that is committed. */
    private record Kept(Runnable next) {
        /** Nothing of a refusal or a duplicate is to be redeemed. */
        static final Kept ENDED = new Kept(() -> {});
    }

    private Optional<Kept> keepOfVerification(Work work, String ticketHash, Callback callback) {
        String realm = work.realm().id();
        Instant now = clock.instant();
        return work.verifications().underTicket(realm, ticketHash).map(link -> {
            if (callback.error() == null && callback.code() != null) {
                boolean awaited = work.verifications().answer(realm, ticketHash, Secret.of(callback.code()), now);
                return awaited ? new Kept(() -> verifications.goOnSoon(link)) : Kept.ENDED;
            }
            if (work.verifications().refuse(realm, ticketHash, callback.reason(), callback.detail(), now)) {
                LOG.infof("Cronofy refused the mailbox that link %s was to be proven by", link.name());
            }
            return Kept.ENDED;
        });
    }

    private Kept keep(Work work, Delegation delegation, Callback callback) {
        AnswerStore answers = work.answers();
        if (!answers.awaits(delegation.id())) {
            return Kept.ENDED;
        }
        if (callback.error() == null && callback.code() != null) {
            answers.keep(delegation.id(), Secret.of(callback.code()), clock.instant());
            return new Kept(redemption::redeemSoon);
        }
        Instant now = clock.instant();
        if (callback.scopeRefused()
                && WantedScope.lessIsEnough(work, work.links().get(delegation.link()))
                && answers.askForLess(delegation, now)) {
            LOG.infof("no more than busy times can be had for delegation %s, which is asked for them", delegation.id());
            // A resource is due by its row.
            return delegation.ofResource()
                    ? Kept.ENDED
                    : new Kept(() -> queue.add(delegation.link(), delegation.userId()));
        }
        LOG.infof("Cronofy refused delegation %s", delegation.id());
        Reason reason = callback.reason();
        new Refusal(reason, callback.detail(), next(work, delegation, reason, now)).record(work, delegation, now);
        answers.forget(delegation);
        return Kept.ENDED;
    }

    /** Where the next ask is by the member's other name it need not wait; the pause comes once that was refused, too. */
    private Instant next(Work work, Delegation refused, Reason reason, Instant now) {
        boolean byOtherName = reason == Reason.REFUSED_BY_CRONOFY
                && !refused.ofResource()
                && OtherMailboxes.asksByAddress(refused.attempts())
                && work.links().get(refused.link()).policy().calendarName() != null;
        return byOtherName ? now : retries.afterRefusal(now, refused.attempts());
    }

    private static Optional<Callback> read(byte[] body) {
        try {
            Body parsed = JSON.readValue(body, Body.class);
            return Optional.ofNullable(parsed)
                    .map(Body::authorization)
                    .filter(callback -> callback.error() != null || callback.redeemable());
        } catch (IOException unreadable) {
            return Optional.empty();
        }
    }
}
