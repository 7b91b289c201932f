package io.github.enterpriseconnect.token;

import io.github.enterpriseconnect.candidate.KeycloakCandidate;
import io.github.enterpriseconnect.candidate.SignIn;
import io.github.enterpriseconnect.core.Consumer;
import io.github.enterpriseconnect.core.Credential;
import io.github.enterpriseconnect.core.CronofyException;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Gate;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Secret;
import io.github.enterpriseconnect.credential.TokenHolder;
import io.github.enterpriseconnect.credential.TokenKeeper;
import io.github.enterpriseconnect.cronofy.Hosts;
import io.github.enterpriseconnect.delegation.Delegating;
import io.github.enterpriseconnect.platform.Transactions;
import io.github.enterpriseconnect.platform.Transactions.Work;
import io.github.enterpriseconnect.settings.RealmSettings;
import io.github.enterpriseconnect.settings.Settings;
import io.github.enterpriseconnect.storage.CredentialAttribute;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.keycloak.models.UserModel;

/**
 * Hands out access tokens for members: whoever asks has been authenticated; here it is decided whether there is a token
 * for this user and this consumer, and made sure that it works.
 */
public final class AccessTokens {
    private static final Duration PATIENCE = Duration.ofSeconds(8);
    private static final Duration ASK_AGAIN = Duration.ofSeconds(5);

    /** What was not ended by anybody here, so that it comes back without the user. */
    private static final Set<Reason> LOST = Set.of(Reason.AUTHORIZATION_GONE, Reason.CREDENTIAL_UNREADABLE);

    private final Transactions transactions;
    private final TokenKeeper tokens;
    private final Delegating delegating;
    private final TokenUses uses;
    private final Hosts hosts;
    private final InstantSource clock;

    public AccessTokens(
            Transactions transactions,
            TokenKeeper tokens,
            Delegating delegating,
            TokenUses uses,
            Hosts hosts,
            InstantSource clock) {
        this.transactions = transactions;
        this.tokens = tokens;
        this.delegating = delegating;
        this.uses = uses;
        this.hosts = hosts;
        this.clock = clock;
    }

    /**
     * An access token to hand out.
     *
     * @param expiresIn how long the access token works from now
     * @param subject Cronofy's id of the account
     * @param mailbox the address it gives access to
     * @param link name of the link it was obtained through
     * @param api base of Cronofy's API for this account
     * @param refreshed whether it had to be refreshed for this answer
     */
    public record Issued(
            Secret accessToken,
            Duration expiresIn,
            String scope,
            String subject,
            String mailbox,
            String link,
            URI api,
            boolean refreshed) {}

    /** There is no token; tells the application what to do. */
    public static final class NotIssued extends Exception {
        private static final long serialVersionUID = 1L;
        private final Refusal refusal;
        private final transient @Nullable Duration retryAfter;

        NotIssued(Refusal refusal, String message, @Nullable Duration retryAfter) {
            super(message);
            this.refusal = refusal;
            this.retryAfter = retryAfter;
        }

        public Refusal refusal() {
            return refusal;
        }

        /** How long to wait before asking again; null if asking again does not help. */
        public @Nullable Duration retryAfter() {
            return retryAfter;
        }
    }

    /** Why there is no token; the lower-case name is the OAuth error code. */
    public enum Refusal {
        /** The gate says no; somebody in charge of the user or the organization has to act. */
        ACCESS_DENIED,
        /** The user's organization is not linked, Cronofy refused the mailbox, or an absent user never had a delegation. */
        NOT_DELEGATED,
        /** Asked for and on its way. */
        DELEGATION_PENDING,
        /** It ended at Cronofy; a new one is being asked for, or the organization must be linked again. */
        REAUTHORIZATION_REQUIRED,
        /** Cronofy cannot be reached or is busy. */
        TEMPORARILY_UNAVAILABLE
    }

    /**
     * Who asks for whom; the consumer has been authenticated and has the right.
     *
     * @param realm id of the realm
     * @param user Keycloak's id of the user
     * @param signIn the sign-in of the session that the user's token belongs to; null if the user is not present
     */
    public record Request(
            String realm,
            String user,
            Consumer consumer,
            @Nullable SignIn signIn) {

        /** The user is present: the consumer has shown the user's own access token. */
        public static Request present(String realm, String user, Consumer consumer, SignIn signIn) {
            return new Request(realm, user, consumer, signIn);
        }

        /** The user is not present; only what was granted before is handed out. */
        public static Request absent(String realm, String user, Consumer consumer) {
            return new Request(realm, user, consumer, null);
        }

        boolean userPresent() {
            return signIn != null;
        }

        Consumer.Right right() {
            return userPresent() ? Consumer.Right.MEMBER : Consumer.Right.OFFLINE;
        }
    }

    private record Found(TokenHolder holder, Credential credential, Settings settings) {}

    /**
     * A token for a member. Called outside any transaction, since it may have to talk to Cronofy.
     *
     * @throws NotIssued with what the application can do about it
     */
    public Issued issue(Request request) throws NotIssued {
        Found found = lookUp(request);
        try {
            TokenKeeper.Usable usable = tokens.forRequest(found.holder(), found.credential(), PATIENCE);
            if (usable.refreshed()) {
                // It took a while, in which the right may have been ended or suspended.
                found = lookUp(request);
                if (!found.credential().mailbox().equals(usable.credential().mailbox())) {
                    throw new CronofyException.Unavailable("the mailbox changed meanwhile", Duration.ZERO);
                }
            }
            uses.note(request, usable.credential().link());
            return issued(usable, found.settings());
        } catch (CronofyException.GrantGone gone) {
            handOver(new LinkId(request.realm(), found.credential().link()), request);
            throw new NotIssued(
                    Refusal.REAUTHORIZATION_REQUIRED,
                    "Cronofy no longer honours the delegation; a new one is being asked for",
                    null);
        } catch (CronofyException.Unavailable unavailable) {
            throw new NotIssued(
                    Refusal.TEMPORARILY_UNAVAILABLE,
                    "the token has expired and cannot be refreshed at the moment",
                    atLeastASecond(unavailable.retryAfter()));
        } catch (CronofyException misconfigured) {
            throw new NotIssued(
                    Refusal.TEMPORARILY_UNAVAILABLE,
                    "the realm's Cronofy application is misconfigured; its administrator has to act",
                    Duration.ofMinutes(1));
        }
    }

    private Found lookUp(Request request) throws NotIssued {
        Lookup lookup;
        try {
            lookup = transactions.inRealm(request.realm(), work -> lookUp(work, request));
        } catch (Transactions.RealmGone gone) {
            throw new NotIssued(Refusal.NOT_DELEGATED, "the realm has been removed", null);
        }
        lookup.handOver().ifPresent(link -> handOver(link, request));
        return lookup.require();
    }

    private void handOver(LinkId link, Request request) {
        Optional.ofNullable(request.signIn())
                .ifPresentOrElse(
                        signIn -> delegating.handOver(link, request.user(), signIn),
                        () -> delegating.handOver(link, request.user()));
    }

    /** Either a credential to use or a refusal, and whether somebody should take the member in hand. */
    private record Lookup(@Nullable Found found, @Nullable NotIssued refused, Optional<LinkId> handOver) {
        Found require() throws NotIssued {
            if (refused != null) {
                throw refused;
            }
            return Objects.requireNonNull(found);
        }

        static Lookup found(Found found) {
            return new Lookup(found, null, Optional.empty());
        }

        static Lookup refused(Refusal refusal, String message) {
            return new Lookup(null, new NotIssued(refusal, message, null), Optional.empty());
        }

        static Lookup pending(Optional<LinkId> handOver) {
            return new Lookup(
                    null,
                    new NotIssued(
                            Refusal.DELEGATION_PENDING,
                            "the delegation has been asked for; ask again later",
                            ASK_AGAIN),
                    handOver);
        }

        static Lookup reauthorize(Optional<LinkId> handOver) {
            return new Lookup(
                    null,
                    new NotIssued(
                            Refusal.REAUTHORIZATION_REQUIRED,
                            "Cronofy no longer honours the delegation; a new one is needed",
                            null),
                    handOver);
        }
    }

    private Lookup lookUp(Work work, Request request) {
        Consumer consumer = request.consumer();
        UserModel user = work.session().users().getUserById(work.realm(), request.user());
        if (user == null) {
            return Lookup.refused(Refusal.NOT_DELEGATED, "there is no such user");
        }
        if (work.storage().suspensions().all().consumer(consumer.clientId())) {
            return Lookup.refused(Refusal.ACCESS_DENIED, "consumer_suspended");
        }
        KeycloakCandidate candidate = KeycloakCandidate.of(work, user, request.signIn(), clock.instant());
        Gate.Decision decision = Gate.decide(candidate, Gate.Question.USE);
        if (decision.link() != null && !consumer.covers(decision.link().id().name())) {
            return Lookup.refused(Refusal.ACCESS_DENIED, "the client may not fetch tokens of this organization");
        }
        Optional<Gate.Admission> admission = decision.admission();
        if (admission.isEmpty()) {
            Reason reason = decision.reason() == null ? Reason.NOT_LINKED : decision.reason();
            return Lookup.refused(
                    reason == Reason.NOT_LINKED || reason == Reason.NOT_ENABLED
                            ? Refusal.NOT_DELEGATED
                            : Refusal.ACCESS_DENIED,
                    reason.id());
        }
        return lookUp(work, user, candidate, admission.get(), request.userPresent());
    }

    private static Lookup lookUp(
            Work work, UserModel user, KeycloakCandidate candidate, Gate.Admission admission, boolean userPresent) {
        LinkId link = admission.link().id();
        Settings settings = RealmSettings.of(work.realm()).orElseThrow();
        Optional<Delegation> delegation = work.storage()
                .delegations()
                .byMailbox(link.realm(), settings.applicationKey(), admission.mailbox())
                .filter(row -> row.userId().equals(user.getId()));
        Optional<Reason> reason = delegation.map(Delegation::reason);
        return switch (delegation.map(Delegation::state).orElse(Delegation.State.NONE)) {
            case GRANTED -> granted(work, user, admission, delegation.orElseThrow(), settings);
            case ASKED -> Lookup.pending(Optional.empty());
            case REVOKED ->
                userPresent || reason.filter(LOST::contains).isPresent()
                        ? Lookup.reauthorize(Optional.of(link))
                        : Lookup.refused(
                                Refusal.NOT_DELEGATED, reason.map(Reason::id).orElse("revoked"));
            case NONE, REFUSED -> notDelegated(candidate, link, reason, userPresent);
        };
    }

    /** The application's request, with the user present, is as good a reason to ask as a sign-in. */
    private static Lookup notDelegated(
            KeycloakCandidate candidate, LinkId link, Optional<Reason> reason, boolean userPresent) {
        Gate.Decision decision = Gate.decide(candidate, Gate.Question.ASK);
        if (decision.reason() == Reason.LINK_NOT_ACTIVE) {
            return Lookup.refused(
                    Refusal.REAUTHORIZATION_REQUIRED,
                    "the service account of the organization must be authorized again");
        }
        if (userPresent && decision.admission().isPresent()) {
            return Lookup.pending(Optional.of(link));
        }
        if (userPresent && decision.reason() == Reason.NOTICE_NOT_SEEN) {
            return Lookup.refused(Refusal.NOT_DELEGATED, Reason.NOTICE_NOT_SEEN.id());
        }
        return Lookup.refused(
                Refusal.NOT_DELEGATED, reason.map(Reason::id).orElse("the user has never been delegated"));
    }

    private static Lookup granted(
            Work work, UserModel user, Gate.Admission admission, Delegation granted, Settings settings) {
        LinkId link = admission.link().id();
        Predicate<Credential> valid = credential -> Delegating.matches(credential, admission)
                && credential.subject().equals(granted.subject());
        CredentialAttribute credentials = work.storage().credentials();
        // This node may not have heard yet that another has stored a new one.
        return credentials
                .of(user)
                .filter(valid)
                .or(() -> credentials.stored(user.getId()).filter(valid))
                .map(credential -> Lookup.found(new Found(
                        new TokenHolder.OfMember(link.realm(), granted.id(), user.getId()), credential, settings)))
                .orElseGet(() -> Lookup.reauthorize(Optional.of(link)));
    }

    private Issued issued(TokenKeeper.Usable usable, Settings settings) {
        Credential credential = usable.credential();
        Instant now = clock.instant();
        return new Issued(
                credential.tokens().accessToken(),
                Duration.between(now, credential.tokens().expiresAt()),
                credential.tokens().scope(),
                credential.subject(),
                credential.mailbox(),
                credential.link(),
                URI.create(hosts.api(settings.dataCenter())),
                usable.refreshed());
    }

    private static Duration atLeastASecond(Duration duration) {
        return duration.compareTo(Duration.ofSeconds(1)) < 0 ? Duration.ofSeconds(1) : duration;
    }
}
