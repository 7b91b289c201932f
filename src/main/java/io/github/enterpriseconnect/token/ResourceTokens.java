package io.github.enterpriseconnect.token;

import io.github.enterpriseconnect.candidate.LinkSnapshots;
import io.github.enterpriseconnect.candidate.ResourceLook;
import io.github.enterpriseconnect.core.Credential;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.ProfileState;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Resource;
import io.github.enterpriseconnect.core.Unreadable;
import io.github.enterpriseconnect.credential.CredentialOwner;
import io.github.enterpriseconnect.credential.CredentialRefresher;
import io.github.enterpriseconnect.cronofy.Hosts;
import io.github.enterpriseconnect.platform.Transactions;
import io.github.enterpriseconnect.platform.Work;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;

/** Hands out access tokens for resources, as {@link AccessTokens} does for members. */
public final class ResourceTokens {
    /** From an ask to what it brings. */
    private static final Duration USUAL = Duration.ofSeconds(5);

    /** What was not ended by anybody here, so that it comes back by itself. */
    private static final Set<Reason> LOST = Set.of(Reason.AUTHORIZATION_GONE, Reason.CREDENTIAL_UNREADABLE);

    private final Transactions transactions;
    private final LinkSnapshots snapshots;
    private final FoundTokens tokens;
    private final InstantSource clock;

    public ResourceTokens(
            Transactions transactions,
            LinkSnapshots snapshots,
            CredentialRefresher credentials,
            Hosts hosts,
            InstantSource clock) {
        this.transactions = transactions;
        this.snapshots = snapshots;
        this.tokens = new FoundTokens(credentials, hosts, clock);
        this.clock = clock;
    }

    /** As {@link AccessTokens#issueAtOnce}. */
    public Optional<IssuedToken> issueAtOnce(Work joined, ResourceTokenRequest request) throws AccessTokenRefused {
        if (request.rejected() != null) {
            return Optional.empty();
        }
        Lookup lookup;
        try {
            lookup = lookUp(joined, request);
        } catch (Unreadable now) {
            return Optional.empty();
        }
        return tokens.atOnce(lookup.require());
    }

    /** As {@link AccessTokens#issue}. */
    public IssuedToken issue(ResourceTokenRequest request) throws AccessTokenRefused {
        return tokens.working(() -> lookUp(request), request.consumer().clientId(), request.rejected());
    }

    private Lookup.Found lookUp(ResourceTokenRequest request) throws AccessTokenRefused {
        Lookup lookup;
        try {
            lookup = transactions.inRealm(request.realm(), work -> lookUp(work, request));
        } catch (Unreadable now) {
            lookup = Lookup.withheld(now.reason());
        } catch (Transactions.RealmGone gone) {
            throw new AccessTokenRefused(AccessTokenRefused.Code.NOT_DELEGATED, "the realm has been removed", null);
        }
        return lookup.require();
    }

    /** Of a resource of another organization the client learns no more than of one that there is not. */
    private Lookup lookUp(Work work, ResourceTokenRequest request) {
        String client = request.consumer().clientId();
        Optional<ResourceLook.Seen> seen =
                ResourceLook.at(work, request.mailbox(), client, snapshots, link -> request.consumer()
                        .covers(link.name()));
        if (seen.isEmpty()) {
            return work.suspensions().all().consumer(client) ? Lookup.suspended() : Lookup.noResource();
        }
        if (seen.get().clientSuspended()) {
            return Lookup.suspended();
        }
        Optional<Reason> objection = seen.get().objection();
        if (objection.isPresent()) {
            Reason reason = objection.get();
            return reason == Reason.NOT_LINKED || reason == Reason.NOT_ENABLED
                    ? Lookup.notDelegated(reason.id())
                    : Lookup.refused(AccessTokenRefused.Code.ACCESS_DENIED, reason.id());
        }
        return lookUp(work, seen.get().resource()).within(request.scope());
    }

    private Lookup lookUp(Work work, Resource resource) {
        Delegation delegation = resource.delegation();
        return switch (delegation.state()) {
            case GRANTED -> granted(work, resource);
            case UNKNOWN -> throw Unreadable.value("the state of the delegation");
            case ASKED -> Lookup.pending(Optional.empty(), whenAsked(delegation));
            case REVOKED ->
                resource.wanted() && LOST.contains(delegation.reason())
                        ? Lookup.reauthorize(Optional.empty())
                        : notDelegated(delegation);
            case REFUSED -> notDelegated(delegation);
            case NONE ->
                resource.wanted() && delegation.reason() == null
                        ? Lookup.pending(Optional.empty(), USUAL)
                        : notDelegated(delegation);
        };
    }

    private static Lookup notDelegated(Delegation delegation) {
        Reason reason = delegation.reason();
        return Lookup.notDelegated(reason == null ? "the resource has never been delegated" : reason.id());
    }

    private Duration whenAsked(Delegation asked) {
        Instant next = asked.nextAttemptAt();
        boolean waits = asked.reason() != null && asked.reason() != Reason.NO_ANSWER && next != null;
        return waits ? Duration.between(clock.instant(), next) : USUAL;
    }

    private static Lookup granted(Work work, Resource resource) {
        Delegation delegation = resource.delegation();
        Optional<Credential> credential = work.resourceGrants()
                .credential(resource.id())
                .filter(stored -> stored.subject().equals(delegation.subject())
                        && stored.mailbox().equals(delegation.mailbox().address())
                        && stored.application().equals(delegation.application()));
        return credential
                .map(stored -> Lookup.found(new Lookup.Found(
                        new CredentialOwner.OfResource(work.realm().id(), resource.id()),
                        stored,
                        work.realm().settings().orElseThrow(),
                        ProfileState.UNKNOWN)))
                .orElseGet(() -> Lookup.reauthorize(Optional.empty()));
    }
}
