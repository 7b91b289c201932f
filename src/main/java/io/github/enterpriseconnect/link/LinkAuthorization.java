package io.github.enterpriseconnect.link;

import io.github.enterpriseconnect.candidate.LinkCache;
import io.github.enterpriseconnect.core.Application;
import io.github.enterpriseconnect.core.Cronofy;
import io.github.enterpriseconnect.core.CronofyException;
import io.github.enterpriseconnect.core.Invitation;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Secret;
import io.github.enterpriseconnect.core.Ticket;
import io.github.enterpriseconnect.core.Unreadable;
import io.github.enterpriseconnect.platform.Endpoints;
import io.github.enterpriseconnect.platform.Tickets;
import io.github.enterpriseconnect.platform.Transactions;
import io.github.enterpriseconnect.platform.Work;
import io.github.enterpriseconnect.revocation.RevocationDispatcher;
import io.github.enterpriseconnect.storage.InvitationStore;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Consumer;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * What follows when an administrator's browser comes back from Cronofy: the state and the cookie are checked, the code
 * is redeemed, and the service account becomes the link's, unless the link holds another one that it is not to replace.
 */
public final class LinkAuthorization {
    private static final Logger LOG = Logger.getLogger(LinkAuthorization.class);

    private final Transactions transactions;
    private final Tickets tickets;
    private final LinkCache cache;
    private final Cronofy cronofy;
    private final RevocationDispatcher dispatcher;
    private final InstantSource clock;
    private final Patience patience;
    private final AuthorizedAccounts accounts;

    /** What came of an invitation's round trip. */
    public enum Outcome {
        /** Linked; members can be delegated. */
        LINKED,
        /** Linked; an administrator of the realm has yet to approve the domain. */
        AWAITING_APPROVAL,
        /** The administrator declined at Cronofy. */
        DECLINED,
        /** Cronofy could not read the request (RFC 6749 {@code invalid_request}). */
        INVALID_REQUEST,
        /** Cronofy does not let the application ask this way (RFC 6749 {@code unauthorized_client}). */
        UNAUTHORIZED_CLIENT,
        /** Cronofy does not offer codes (RFC 6749 {@code unsupported_response_type}). */
        UNSUPPORTED_RESPONSE_TYPE,
        /** The settings ask for scopes that Cronofy does not know (RFC 6749 {@code invalid_scope}). */
        INVALID_SCOPE,
        /** Something went wrong at Cronofy (RFC 6749 {@code server_error}). */
        SERVER_ERROR,
        /** Cronofy is busy (RFC 6749 {@code temporarily_unavailable}), or cannot be reached from here. */
        TEMPORARILY_UNAVAILABLE,
        /** Cronofy refuses the application's credentials, plan or an unknown error; the settings must be looked at. */
        MISCONFIGURED,
        /** The code was used up or too old; the invitation can be opened again. */
        CODE_GONE,
        /** The organization is linked with another service account, and the invitation was not made to replace that. */
        OTHER_SERVICE_ACCOUNT,
        /** The service account was to be replaced, by one of a domain that nobody has approved for the link. */
        OTHER_DOMAIN,
        /** The service account was to be replaced, and cannot be now: another replacement is under way. */
        NOT_REPLACEABLE,
        /** The state is unknown or over, or another browser began the round trip. Nothing was changed. */
        NOT_YOURS
    }

    /** @param pause how a thread waits while a person waits for Cronofy */
    public LinkAuthorization(
            Transactions transactions,
            Tickets tickets,
            LinkCache cache,
            Cronofy cronofy,
            RevocationDispatcher dispatcher,
            InstantSource clock,
            Consumer<Duration> pause) {
        this.transactions = transactions;
        this.tickets = tickets;
        this.cache = cache;
        this.cronofy = cronofy;
        this.dispatcher = dispatcher;
        this.clock = clock;
        this.patience = new Patience(clock, pause);
        this.accounts = new AuthorizedAccounts(clock);
    }

    /**
     * Ends the round trip. State and cookie are checked before anything is consumed; called outside any transaction.
     *
     * @param code from Cronofy; null when it redirected with an error
     * @param error one of RFC 6749 section 4.1.2.1; null when it redirected with a code
     */
    public Outcome complete(
            String realmId,
            @Nullable String state,
            @Nullable String cookie,
            @Nullable String code,
            @Nullable String error) {
        if (state == null || cookie == null || tickets.forged(Ticket.Door.LINK_CALLBACK, realmId, state)) {
            return Outcome.NOT_YOURS;
        }
        boolean usable = error == null && code != null && !code.isBlank();
        Optional<Arrival> arrival;
        try {
            arrival = transactions.claimInRealm(realmId, work -> arrival(work, state, cookie, usable));
        } catch (Unreadable away) {
            LOG.warnf("a link is not authorized now: %s", away.getMessage());
            return Outcome.TEMPORARILY_UNAVAILABLE;
        }
        if (arrival.isEmpty()) {
            return Outcome.NOT_YOURS;
        }
        if (!usable || code == null) {
            return declined(error);
        }
        Outcome outcome;
        try {
            outcome = redeem(arrival.get(), Secret.of(code));
        } catch (RuntimeException e) {
            // Deliberately everything: the invitation must not stay used up, and a person waits for a page.
            LOG.errorf(
                    e,
                    "linking %s failed",
                    arrival.get().trip().invitation().link().name());
            outcome = Outcome.TEMPORARILY_UNAVAILABLE;
        } catch (CronofyException e) {
            LOG.warnf(
                    "linking %s failed: %s",
                    arrival.get().trip().invitation().link().name(), e.getMessage());
            outcome = outcome(e);
        }
        if (outcome != Outcome.LINKED && outcome != Outcome.AWAITING_APPROVAL) {
            reopen(realmId, arrival.get().trip().invitation());
        }
        return outcome;
    }

    private void reopen(String realmId, Invitation invitation) {
        try {
            transactions.doInRealm(realmId, work -> work.invitations().reopen(invitation.id()));
        } catch (RuntimeException e) {
            // Deliberately everything: a person waits for a page, and the invitation can be made anew.
            LOG.warnf(e, "the invitation of %s stays used up", invitation.link().name());
        }
    }

    private Optional<Arrival> arrival(Work work, String state, String cookie, boolean usable) {
        Instant now = clock.instant();
        InvitationStore invitations = work.invitations();
        Optional<InvitationStore.RoundTrip> trip =
                invitations.returned(work.realm().id(), Ticket.hash(state), Ticket.hash(cookie), now);
        Optional<Arrival> arrival =
                trip.flatMap(found -> work.realm().settings().flatMap(settings -> work.realm()
                        .application()
                        .map(application -> new Arrival(
                                found, settings, application, work.realm().name(), now))));
        arrival.ifPresent(found -> {
            String id = found.trip().invitation().id();
            if (usable) {
                invitations.use(id, now);
            } else {
                invitations.reopen(id);
            }
        });
        return arrival;
    }

    private Outcome redeem(Arrival arrival, Secret code) throws CronofyException {
        LinkId id = arrival.link();
        Application application = arrival.application();
        Cronofy.Grant grant;
        try {
            String url = Endpoints.linkCallback(arrival.trip().baseUrl(), arrival.realmName());
            grant = patience.await(() -> cronofy.exchange(application, Cronofy.CodeKind.SERVICE_ACCOUNT, code, url));
        } catch (CronofyException.NotRenewable alone) {
            dispatcher.order(arrival.order(alone.accessToken(), alone.subject()), arrival.cause());
            dispatcher.deliverSoon();
            throw alone;
        }
        String subject = grant.subject();
        try {
            Cronofy.ServiceAccount account = patience.await(
                    () -> cronofy.serviceAccount(application, grant.tokens().accessToken()));
            subject = subject == null ? account.subject() : subject;
            if (grant.subject() != null && !grant.subject().equals(account.subject())) {
                throw new CronofyException.Unavailable("Cronofy named two different service accounts", Duration.ZERO);
            }
            return transactions.inRealm(id.realm(), work -> outcome(accounts.store(work, arrival, grant, account)));
        } catch (CronofyException | RuntimeException e) {
            // Whatever happened: an authorization that nobody stored must not stay alive at Cronofy.
            dispatcher.order(arrival.order(grant.tokens().refreshToken(), subject), arrival.cause());
            throw e;
        } finally {
            cache.forget(id);
            dispatcher.deliverSoon();
        }
    }

    /** RFC 6749 section 4.1.2.1. */
    private static Outcome declined(@Nullable String error) {
        return switch (String.valueOf(error)) {
            case "access_denied" -> Outcome.DECLINED;
            case "invalid_request" -> Outcome.INVALID_REQUEST;
            case "unauthorized_client" -> Outcome.UNAUTHORIZED_CLIENT;
            case "unsupported_response_type" -> Outcome.UNSUPPORTED_RESPONSE_TYPE;
            case "invalid_scope" -> Outcome.INVALID_SCOPE;
            case "server_error" -> Outcome.SERVER_ERROR;
            case "temporarily_unavailable" -> Outcome.TEMPORARILY_UNAVAILABLE;
            default -> Outcome.MISCONFIGURED;
        };
    }

    private static Outcome outcome(AuthorizedAccounts.Fate fate) {
        return switch (fate) {
            case ACTIVE -> Outcome.LINKED;
            case AWAITS_APPROVAL -> Outcome.AWAITING_APPROVAL;
            case OTHER_SERVICE_ACCOUNT -> Outcome.OTHER_SERVICE_ACCOUNT;
            case OTHER_DOMAIN -> Outcome.OTHER_DOMAIN;
            case NOT_REPLACEABLE -> Outcome.NOT_REPLACEABLE;
            case NOT_NOW -> Outcome.TEMPORARILY_UNAVAILABLE;
        };
    }

    private static Outcome outcome(CronofyException failure) {
        return switch (failure.reason()) {
            case AUTHORIZATION_GONE -> Outcome.CODE_GONE;
            case UNAVAILABLE -> Outcome.TEMPORARILY_UNAVAILABLE;
            default -> Outcome.MISCONFIGURED;
        };
    }
}
