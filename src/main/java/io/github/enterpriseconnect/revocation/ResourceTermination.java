package io.github.enterpriseconnect.revocation;

import io.github.enterpriseconnect.core.Application;
import io.github.enterpriseconnect.core.Credential;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Resource;
import io.github.enterpriseconnect.core.Secret;
import io.github.enterpriseconnect.core.Unreadable;
import io.github.enterpriseconnect.platform.Work;
import io.github.enterpriseconnect.storage.Storage;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/** What {@link DelegationTermination} is to members, for resources: in the caller's transaction, which may fail loudly. */
public final class ResourceTermination {
    private final InstantSource clock;

    ResourceTermination(InstantSource clock) {
        this.clock = clock;
    }

    /**
     * Ends the delegation of a resource and has it revoked by itself. The resource stays, and is not asked for any more.
     *
     * @throws Unreadable nothing was written: the secret to revoke with cannot be read now
     */
    public void end(Work work, Resource resource, Reason reason) {
        Instant now = clock.instant();
        Delegation before = resource.delegation();
        Optional<Application> application =
                AccountRevocation.wanted(before) ? AccountRevocation.application(work, before) : Optional.empty();
        // Cronofy accepts a revocation by a dead token like any other; by the account it ends the same.
        boolean doubtful = work.resourceGrants().refreshClaim(resource.id()).doubtful();
        Optional<Secret> refreshToken = doubtful
                ? Optional.empty()
                : credential(work, resource)
                        .map(credential -> credential.tokens().refreshToken());
        work.resourceGrants()
                .end(resource.id(), reason, now)
                .map(Resource::delegation)
                .filter(AccountRevocation::wanted)
                .ifPresent(was -> AccountRevocation.order(
                        work.storage(), was, reason, application, refreshToken.orElse(null), now));
    }

    /** Nothing while its key is away: the right ends all the same. */
    private static Optional<Credential> credential(Work work, Resource resource) {
        try {
            return work.resourceGrants().credential(resource.id());
        } catch (Unreadable keyAway) {
            return Optional.empty();
        }
    }

    /**
     * Forgets resources of a link that has ended: the service account's revocation takes them along.
     *
     * @return how many
     */
    public int endWithLink(Work work, LinkId link, int most) {
        List<Resource> some = work.resources().of(link, most);
        some.forEach(resource -> end(work.storage(), resource, Reason.UNLINKED, Optional.of(work)));
        return some.size();
    }

    /** As {@link #endWithLink}, where the realm is gone. */
    public int endWithRealm(Storage ofRemovedRealm, LinkId link, int most) {
        List<Resource> some = ofRemovedRealm.resources().of(link, most);
        some.forEach(resource -> end(ofRemovedRealm, resource, Reason.REALM_REMOVED, Optional.empty()));
        return some.size();
    }

    private void end(Storage storage, Resource resource, Reason reason, Optional<Work> work) {
        Instant now = clock.instant();
        storage.resourceGrants()
                .end(resource.id(), reason, now)
                .map(Resource::delegation)
                .ifPresent(was -> {
                    AccountRevocation.orderWithLink(
                            storage,
                            was,
                            reason,
                            () -> work.flatMap(present -> AccountRevocation.application(present, was)),
                            now);
                    storage.resources().remove(resource.id());
                });
    }
}
