package io.github.enterpriseconnect;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.enterpriseconnect.Transactions.Work;
import io.github.enterpriseconnect.core.Application;
import io.github.enterpriseconnect.core.Credential;
import io.github.enterpriseconnect.core.Cronofy;
import io.github.enterpriseconnect.core.CronofyException;
import io.github.enterpriseconnect.core.Domain;
import io.github.enterpriseconnect.core.Invitation;
import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.LinkDomain;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Mailbox;
import io.github.enterpriseconnect.core.Secret;
import io.github.enterpriseconnect.core.Ticket;
import io.github.enterpriseconnect.storage.InvitationStore;
import io.github.enterpriseconnect.storage.RevocationOrder;
import io.github.enterpriseconnect.storage.Storage;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;

/**
 * One-time invitations to authorize a link's service account: the page, the round trip to Cronofy in the browser that began
 * it, and what follows from who came back.
 */
public final class Invitations {
    private static final Logger LOG = Logger.getLogger(Invitations.class);

    private final Transactions transactions;
    private final Links links;
    private final Cronofy cronofy;
    private final Revoking revoking;
    private final SecureRandom random;
    private final ObjectMapper json;
    private final InstantSource clock;

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
        /** The organization is linked with another service account, which must be unlinked first. */
        OTHER_SERVICE_ACCOUNT,
        /** The state is unknown or over, or another browser began the round trip. Nothing was changed. */
        NOT_YOURS
    }

    /**
     * A new invitation and the only copy of its address.
     *
     * @param ticketUrl the page to open or to send; a secret
     */
    public record Invited(Invitation invitation, Secret ticketUrl) {}

    /** What an invitation's page tells before anything happens. */
    public record Introduction(
            LinkId link, String scope, String delegatedScope, List<Domain> approvedDomains, boolean relink) {}

    /**
     * What the browser needs to leave for Cronofy and to be recognised when it is back.
     *
     * @param authorizationUrl where to send the browser
     * @param cookieName belongs to this round trip alone, see {@link #cookieName}
     * @param cookie what the browser must bring back
     * @param callback where it will come back to
     */
    public record Departure(URI authorizationUrl, String cookieName, Secret cookie, URI callback) {}

    /** Name of the cookie that belongs to a state, so that several round trips of one browser do not meet. */
    public static String cookieName(String state) {
        return "KC_ENTERPRISE_CONNECT_" + Ticket.hash(state).substring(0, 16);
    }

    Invitations(
            Transactions transactions,
            Links links,
            Cronofy cronofy,
            Revoking revoking,
            SecureRandom random,
            ObjectMapper json,
            InstantSource clock) {
        this.transactions = transactions;
        this.links = links;
        this.cronofy = cronofy;
        this.revoking = revoking;
        this.random = random;
        this.json = json;
        this.clock = clock;
    }

    /**
     * Invites somebody to authorize the link's service account, within the caller's transaction.
     *
     * @param frontend base of Keycloak's frontend, without a slash at the end; the settings' {@code publicUrl} goes before
     */
    public Invited invite(
            KeycloakSession session,
            RealmModel realm,
            Settings settings,
            LinkId link,
            String invitedBy,
            String frontend,
            Duration lifetime) {
        Ticket ticket = Ticket.random(random);
        Instant now = clock.instant();
        Invitation invitation =
                storage(session, realm).invitations().create(link, ticket.hash(), invitedBy, now, now.plus(lifetime));
        String base = settings.publicUrl() == null ? frontend : settings.publicUrl();
        return new Invited(invitation, Secret.of(Endpoints.invitation(base, realm.getName(), ticket)));
    }

    /** What the page of a usable invitation shows; empty for every other ticket. */
    public Optional<Introduction> introduce(String realmId, String ticket) {
        return transactions.inRealm(realmId, work -> work.storage()
                .invitations()
                .open(realmId, Ticket.hash(ticket), clock.instant())
                .flatMap(invitation ->
                        RealmSettings.of(work.realm()).map(settings -> introduce(work, invitation.link(), settings))));
    }

    private static Introduction introduce(Work work, LinkId id, Settings settings) {
        Link link = work.storage().links().get(id);
        return new Introduction(
                id,
                settings.scope(),
                settings.delegatedScope(),
                link.domains().stream()
                        .filter(LinkDomain::approved)
                        .map(LinkDomain::domain)
                        .toList(),
                link.linked());
    }

    /**
     * Begins the round trip to Cronofy.
     *
     * @param frontend as for {@link #invite}
     */
    public Optional<Departure> depart(String realmId, String ticket, String frontend) {
        Ticket state = Ticket.random(random);
        Ticket cookie = Ticket.random(random);
        return transactions.inRealm(realmId, work -> RealmSettings.of(work.realm())
                .flatMap(settings -> RealmSettings.application(work.session(), work.realm(), settings)
                        .flatMap(application -> {
                            String base = settings.publicUrl() == null ? frontend : settings.publicUrl();
                            boolean started = work.storage()
                                    .invitations()
                                    .start(
                                            realmId,
                                            Ticket.hash(ticket),
                                            state.hash(),
                                            cookie.hash(),
                                            base,
                                            clock.instant());
                            if (!started) {
                                return Optional.empty();
                            }
                            String callback =
                                    Endpoints.linkCallback(base, work.realm().getName());
                            URI url = cronofy.authorizationUrl(
                                    application, settings.scope(), settings.delegatedScope(), callback, state.value());
                            return Optional.of(new Departure(
                                    url, cookieName(state.value().reveal()), cookie.value(), URI.create(callback)));
                        })));
    }

    private record Arrival(
            InvitationStore.RoundTrip trip, Settings settings, Application application, String realmName) {}

    /**
     * Ends the round trip. State and cookie are checked before anything is consumed; called outside any transaction.
     *
     * @param code from Cronofy; null when it redirected with an error
     * @param error one of RFC 6749 section 4.1.2.1; null when it redirected with a code
     */
    public Outcome arrive(
            String realmId,
            @Nullable String state,
            @Nullable String cookie,
            @Nullable String code,
            @Nullable String error) {
        if (state == null || cookie == null) {
            return Outcome.NOT_YOURS;
        }
        boolean usable = error == null && code != null && !code.isBlank();
        Optional<Arrival> arrival = transactions.claimInRealm(realmId, work -> arrival(work, state, cookie, usable));
        if (arrival.isEmpty()) {
            return Outcome.NOT_YOURS;
        }
        if (!usable || code == null) {
            return declined(error);
        }
        Outcome outcome;
        try {
            outcome = complete(arrival.get(), Secret.of(code));
        } catch (RuntimeException e) {
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
            transactions.doInRealm(realmId, work -> work.storage()
                    .invitations()
                    .reopen(arrival.get().trip().invitation().id()));
        }
        return outcome;
    }

    private Optional<Arrival> arrival(Work work, String state, String cookie, boolean usable) {
        Instant now = clock.instant();
        InvitationStore invitations = work.storage().invitations();
        Optional<InvitationStore.RoundTrip> trip =
                invitations.returned(work.realm().getId(), Ticket.hash(state), Ticket.hash(cookie), now);
        Optional<Arrival> arrival = trip.flatMap(found -> RealmSettings.of(work.realm())
                .flatMap(settings -> RealmSettings.application(work.session(), work.realm(), settings)
                        .map(application -> new Arrival(
                                found, settings, application, work.realm().getName()))));
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

    private Outcome complete(Arrival arrival, Secret code) throws CronofyException {
        LinkId id = arrival.trip().invitation().link();
        Application application = arrival.application();
        Cronofy.Grant grant = cronofy.exchange(
                application,
                Cronofy.CodeKind.SERVICE_ACCOUNT,
                code,
                Endpoints.linkCallback(arrival.trip().baseUrl(), arrival.realmName()));
        try {
            Cronofy.ServiceAccount account =
                    cronofy.serviceAccount(application, grant.tokens().accessToken());
            if (grant.subject() != null && !grant.subject().equals(account.subject())) {
                throw new CronofyException.Unavailable("Cronofy named two different service accounts", Duration.ZERO);
            }
            return transactions.inRealm(id.realm(), work -> store(work, arrival, grant, account));
        } catch (CronofyException | RuntimeException e) {
            // Whatever happened: an authorization that nobody stored must not stay alive at Cronofy.
            transactions.doInRealm(id.realm(), work -> revoke(work, arrival, grant, grant.subject()));
            throw e;
        } finally {
            links.forget(id);
            revoking.deliverSoon();
        }
    }

    /** Orders the revocation of what was just authorized; it is kept if a link holds the same service account. */
    private void revoke(Work work, Arrival arrival, Cronofy.Grant grant, @Nullable String subject) {
        if (subject != null) {
            work.storage()
                    .revocations()
                    .add(
                            arrival.trip().invitation().link().realm(),
                            new RevocationOrder(
                                    arrival.application(),
                                    subject,
                                    grant.tokens().refreshToken()),
                            null,
                            clock.instant());
        }
    }

    private Outcome store(Work work, Arrival arrival, Cronofy.Grant grant, Cronofy.ServiceAccount account) {
        LinkId id = arrival.trip().invitation().link();
        Link before = work.storage().links().get(id);
        Application application = arrival.application();
        if (before.linked() && !account.subject().equals(before.serviceAccount())) {
            LOG.warnf("link %s holds another service account; the new authorization was dropped", id.name());
            revoke(work, arrival, grant, account.subject());
            return Outcome.OTHER_SERVICE_ACCOUNT;
        }
        Domain own = ownDomain(account);
        List<LinkDomain> domains = with(own, before.domains());
        Link.State state = Link.linkedState(own, domains, false);
        Link link = new Link(
                id,
                state,
                application.key(),
                account.subject(),
                own,
                grant.tokens().scope(),
                arrival.settings().delegatedScope(),
                arrival.trip().baseUrl(),
                clock.instant(),
                domains);
        Credential credential = new Credential(
                application.key(), account.subject(), id.name(), own == null ? "" : own.name(), grant.tokens());
        work.storage().links().authorize(link, credential, application);
        LOG.infof("link %s now holds service account %s, %s", id.name(), account.subject(), state.id());
        return state == Link.State.ACTIVE ? Outcome.LINKED : Outcome.AWAITING_APPROVAL;
    }

    /** The service account's domain, or its address's. */
    private static @Nullable Domain ownDomain(Cronofy.ServiceAccount account) {
        return Domain.parse(account.domain())
                .or(() -> Mailbox.parse(account.email()).map(Mailbox::domain))
                .orElse(null);
    }

    /** The service account's domain joins the link's; unapproved, unless it was approved before. */
    private static List<LinkDomain> with(@Nullable Domain own, List<LinkDomain> domains) {
        List<LinkDomain> all = new ArrayList<>(domains);
        if (own != null && domains.stream().noneMatch(known -> known.domain().equals(own))) {
            all.add(new LinkDomain(own, false));
        }
        return all;
    }

    /** The link's invitations, newest first, whatever became of them. */
    public List<Invitation> list(KeycloakSession session, RealmModel realm, LinkId id) {
        return storage(session, realm).invitations().list(id);
    }

    /** Makes an invitation worthless; false if the link has none of this id. */
    public boolean withdraw(KeycloakSession session, RealmModel realm, LinkId id, String invitation) {
        return storage(session, realm).invitations().withdraw(id, invitation);
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

    private static Outcome outcome(CronofyException failure) {
        return switch (failure.reason()) {
            case AUTHORIZATION_GONE -> Outcome.CODE_GONE;
            case UNAVAILABLE -> Outcome.TEMPORARILY_UNAVAILABLE;
            default -> Outcome.MISCONFIGURED;
        };
    }

    private Storage storage(KeycloakSession session, RealmModel realm) {
        return Storage.of(session, realm, json);
    }
}
