package io.github.enterpriseconnect.token;

import io.github.enterpriseconnect.candidate.LinkSnapshots;
import io.github.enterpriseconnect.candidate.MemberCandidate;
import io.github.enterpriseconnect.candidate.MemberLook;
import io.github.enterpriseconnect.core.Consumer;
import io.github.enterpriseconnect.core.Credential;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Gate;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Mailbox;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Unreadable;
import io.github.enterpriseconnect.core.User;
import io.github.enterpriseconnect.credential.CredentialOwner;
import io.github.enterpriseconnect.credential.CredentialRefresher;
import io.github.enterpriseconnect.cronofy.Hosts;
import io.github.enterpriseconnect.delegation.DelegationQueue;
import io.github.enterpriseconnect.platform.Transactions;
import io.github.enterpriseconnect.platform.Work;
import io.github.enterpriseconnect.settings.Settings;
import io.github.enterpriseconnect.storage.CredentialStore;
import io.github.enterpriseconnect.storage.MemberRecord;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Hands out access tokens for members: whoever asks has been authenticated; here it is decided whether there is a token
 * for this user and this consumer, and made sure that it works.
 */
public final class AccessTokens {
    /** From an ask to what it brings, if nobody else waits. */
    private static final Duration AT_LEAST = Duration.ofSeconds(5);

    /** What was not ended by anybody here, so that it comes back without the user. */
    private static final Set<Reason> LOST = Set.of(Reason.AUTHORIZATION_GONE, Reason.CREDENTIAL_UNREADABLE);

    private final Transactions transactions;
    private final LinkSnapshots snapshots;
    private final FoundTokens tokens;
    private final DelegationQueue queue;
    private final TokenUses uses;
    private final InstantSource clock;

    public AccessTokens(
            Transactions transactions,
            LinkSnapshots snapshots,
            CredentialRefresher credentials,
            DelegationQueue queue,
            TokenUses uses,
            Hosts hosts,
            InstantSource clock) {
        this.transactions = transactions;
        this.snapshots = snapshots;
        this.tokens = new FoundTokens(credentials, hosts, clock);
        this.queue = queue;
        this.uses = uses;
        this.clock = clock;
    }

    /**
     * A token that can be answered with at once, as nearly all can. Reads in the caller's transaction, by one statement
     * unless something is out of the ordinary, and calls nobody.
     *
     * @return empty if it has to be refreshed first or was rejected at Cronofy, or nobody can tell now: to be answered by
     *     {@link #issue}, once the transaction has ended
     * @throws AccessTokenRefused with what the application can do about it
     */
    public Optional<IssuedToken> issueAtOnce(Work joined, AccessTokenRequest request) throws AccessTokenRefused {
        if (request.rejected() != null) {
            return Optional.empty();
        }
        Lookup lookup;
        try {
            lookup = lookUp(joined, request);
        } catch (Unreadable now) {
            return Optional.empty();
        }
        lookup.queueFor().ifPresent(link -> joined.afterCommit(() -> queueFor(link, request)));
        Optional<IssuedToken> issued = tokens.atOnce(lookup.require());
        issued.ifPresent(token -> uses.note(request, token.link()));
        return issued;
    }

    /**
     * A token for a member. Called outside any transaction, since it may have to talk to Cronofy.
     *
     * @throws AccessTokenRefused with what the application can do about it
     */
    public IssuedToken issue(AccessTokenRequest request) throws AccessTokenRefused {
        IssuedToken issued =
                tokens.working(() -> lookUp(request), request.consumer().clientId(), request.rejected());
        uses.note(request, issued.link());
        return issued;
    }

    private Lookup.Found lookUp(AccessTokenRequest request) throws AccessTokenRefused {
        Lookup lookup;
        try {
            lookup = transactions.inRealm(request.realm(), work -> lookUp(work, request));
        } catch (Unreadable now) {
            lookup = Lookup.withheld(now.reason());
        } catch (Transactions.RealmGone gone) {
            throw new AccessTokenRefused(AccessTokenRefused.Code.NOT_DELEGATED, "the realm has been removed", null);
        }
        lookup.queueFor().ifPresent(link -> queueFor(link, request));
        return lookup.require();
    }

    private void queueFor(LinkId link, AccessTokenRequest request) {
        Optional.ofNullable(request.signIn())
                .ifPresentOrElse(
                        signIn -> queue.add(link, request.user(), signIn), () -> queue.add(link, request.user()));
    }

    private Lookup lookUp(Work work, AccessTokenRequest request) {
        Consumer consumer = request.consumer();
        Optional<User> found;
        try {
            found = work.users().byId(request.user());
        } catch (Unreadable silent) {
            // The kill switch can be read, and says no.
            if (suspended(work, consumer.clientId())) {
                return Lookup.suspended();
            }
            throw silent;
        }
        if (found.isEmpty()) {
            return suspended(work, consumer.clientId()) ? Lookup.suspended() : Lookup.nobody();
        }
        User user = found.get();
        MemberLook look = MemberLook.at(work, user, request.signIn(), consumer.clientId(), snapshots, clock.instant());
        if (look.clientSuspended()) {
            return Lookup.suspended();
        }
        if (request.actors().stream().anyMatch(actor -> suspended(work, actor))) {
            return Lookup.refused(AccessTokenRefused.Code.ACCESS_DENIED, "actor_suspended");
        }
        MemberCandidate candidate = look.candidate();
        if (!request.userPresent() && !consumer.coversAny(candidate.memberships())) {
            return Lookup.nobody();
        }
        if (look.removed()) {
            // Somebody else under the same id, as after an import, while what the former one had has not ended yet.
            return Lookup.withheld(Reason.USER_REMOVED);
        }
        Gate.Decision decision = Gate.decide(candidate, Gate.Question.USE).told();
        if (decision.link() != null && !consumer.covers(decision.link().id().name())) {
            return Lookup.refused(
                    AccessTokenRefused.Code.ACCESS_DENIED, "the client may not fetch tokens of this organization");
        }
        Optional<Gate.Admission> admission = decision.admission();
        if (admission.isEmpty()) {
            Reason reason = decision.reason() == null ? Reason.NOT_LINKED : decision.reason();
            return reason == Reason.NOT_LINKED || reason == Reason.NOT_ENABLED
                    ? Lookup.notDelegated(reason.id())
                    : Lookup.refused(AccessTokenRefused.Code.ACCESS_DENIED, reason.id());
        }
        return lookUp(work, user, look, admission.get(), request.userPresent()).within(request.scope());
    }

    private static boolean suspended(Work work, String clientId) {
        return work.suspensions().all().consumer(clientId);
    }

    private Lookup lookUp(Work work, User user, MemberLook look, Gate.Admission admission, boolean userPresent) {
        LinkId link = admission.link().id();
        Settings settings = work.realm().settings().orElseThrow();
        Optional<MemberRecord.Delegated> delegation = look.delegation(admission.mailbox());
        Optional<Reason> reason = delegation.map(MemberRecord.Delegated::reason);
        return switch (delegation.map(MemberRecord.Delegated::state).orElse(Delegation.State.NONE)) {
            case GRANTED -> granted(work, user, admission, delegation.orElseThrow(), settings);
            case UNKNOWN -> throw Unreadable.value("the state of the delegation");
            case ASKED -> Lookup.pending(Optional.empty(), whenAsked(work, link, admission.mailbox()));
            case REVOKED ->
                userPresent || reason.filter(LOST::contains).isPresent()
                        ? Lookup.reauthorize(Optional.of(link))
                        : notDelegated(work, user, look, reason, false);
            case NONE, REFUSED -> notDelegated(work, user, look, reason, userPresent);
        };
    }

    /**
     * The application's request, with the user present, is as good a reason to ask as a sign-in. Of those who are absent
     * only who waits to be asked for already will have a token soon.
     */
    private Lookup notDelegated(Work work, User user, MemberLook look, Optional<Reason> reason, boolean userPresent) {
        Gate.Decision decision =
                Gate.decide(look.candidate(), Gate.Question.ASK).told();
        if (decision.reason() == Reason.LINK_NOT_ACTIVE) {
            return Lookup.refused(
                    AccessTokenRefused.Code.REAUTHORIZATION_REQUIRED,
                    "the service account of the organization must be authorized again");
        }
        Optional<LinkId> through =
                decision.admission().map(admission -> admission.link().id());
        if (through.isPresent() && (userPresent || work.waiting().contains(user.id()))) {
            return Lookup.pending(
                    through.filter(link -> userPresent), AT_LEAST.plus(queue.backlog(work, through.get())));
        }
        if (userPresent && decision.reason() == Reason.NOTICE_NOT_SEEN) {
            return Lookup.notDelegated(Reason.NOTICE_NOT_SEEN.id());
        }
        return Lookup.notDelegated(reason.map(Reason::id).orElse("the user has never been delegated"));
    }

    /** What waits for a time of its own waits until then; an answer that is on its way comes as fast as codes go. */
    private Duration whenAsked(Work work, LinkId link, Mailbox mailbox) {
        return work.realm().applicationKey().stream()
                .flatMap(application -> work.delegations().byMailbox(link.realm(), application, mailbox).stream())
                .filter(asked -> asked.reason() != null && asked.reason() != Reason.NO_ANSWER)
                .flatMap(asked -> Optional.ofNullable(asked.nextAttemptAt()).stream())
                .findFirst()
                .map(next -> Duration.between(clock.instant(), next))
                .orElseGet(() -> AT_LEAST.plus(queue.backlog(work, link)));
    }

    private Lookup granted(
            Work work, User user, Gate.Admission admission, MemberRecord.Delegated granted, Settings settings) {
        Instant now = clock.instant();
        LinkId link = admission.link().id();
        Predicate<Credential> valid = credential ->
                admission.covers(credential) && credential.subject().equals(granted.subject());
        CredentialStore stored = work.credentials();
        // This node may not have heard yet that another has stored a new one.
        return stored.of(user)
                .filter(valid)
                .or(() -> stored.stored(user.id()).filter(valid))
                .map(credential -> Lookup.found(new Lookup.Found(
                        new CredentialOwner.OfMember(link.realm(), granted.id(), user.id()),
                        credential,
                        settings,
                        granted.profile().at(now))))
                .orElseGet(() -> Lookup.reauthorize(Optional.of(link)));
    }
}
