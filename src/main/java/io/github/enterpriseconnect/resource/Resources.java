package io.github.enterpriseconnect.resource;

import io.github.enterpriseconnect.core.Candidate;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Mailbox;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Resource;
import io.github.enterpriseconnect.platform.Work;
import io.github.enterpriseconnect.revocation.ResourceTermination;
import io.github.enterpriseconnect.revocation.RevocationDispatcher;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What administrators decide about a link's resources, in the transaction of their request. Once it has been committed,
 * whoever is to be asked for is asked for in the background.
 */
public final class Resources {
    private final ResourceTermination termination;
    private final RevocationDispatcher dispatcher;
    private final InstantSource clock;

    public Resources(ResourceTermination termination, RevocationDispatcher dispatcher, InstantSource clock) {
        this.termination = termination;
        this.dispatcher = dispatcher;
        this.clock = clock;
    }

    /** Why an address cannot be named. */
    public enum Objection {
        /** The link has no service account. */
        NOT_LINKED,
        /** Its domain is not approved for the link, or not the organization's. */
        DOMAIN,
        /** It is a member's. */
        MEMBERS,
        /** The link has as many as it may. */
        TOO_MANY
    }

    /** Why this address cannot be named as a resource of the link; empty if it can. No directory is asked. */
    public Optional<Objection> objection(Work work, LinkId id, Mailbox mailbox) {
        Link link = work.links().get(id);
        if (!link.linked()) {
            return Optional.of(Objection.NOT_LINKED);
        }
        boolean covered = work.realm()
                .membership(link)
                .filter((Candidate.Membership organization) -> organization.covers(mailbox.domain()))
                .isPresent();
        if (!covered) {
            return Optional.of(Objection.DOMAIN);
        }
        boolean members = work.heldMailboxes().ofMember(String.valueOf(link.application()), mailbox)
                || !work.users()
                        .heldHere(Set.of(mailbox), link.policy().calendarName())
                        .isEmpty();
        if (members) {
            return Optional.of(Objection.MEMBERS);
        }
        return work.resources().size(id) < ListedResources.MOST ? Optional.empty() : Optional.of(Objection.TOO_MANY);
    }

    /**
     * Names a resource that Cronofy need not list, such as a shared mailbox, and has it delegated.
     *
     * @param name what people call it; null for nothing
     */
    public Resource name(Work work, LinkId id, Mailbox mailbox, @Nullable String name) {
        Instant now = clock.instant();
        Link link = work.links().get(id);
        work.resourceLists().keep(id, now);
        return work.resources().name(id, String.valueOf(link.application()), mailbox, name, now);
    }

    /** Has it delegated; one that was refused, or has ended, at once again. */
    public void delegate(Work work, Resource resource) {
        work.resources().want(resource.id(), true, clock.instant());
    }

    /**
     * Ends its delegation; nobody asks for it again before an administrator wants it.
     *
     * @throws io.github.enterpriseconnect.core.Unreadable nothing was written: the secret to revoke with cannot be read now
     */
    public void revoke(Work work, Resource resource) {
        termination.end(work, resource, Reason.ENDED_BY_ADMINISTRATOR);
    }

    /**
     * Forgets one that an administrator has named; if Cronofy lists it as well, it stays with its delegation ended. Throws
     * as {@link #revoke} does.
     *
     * @return false if nobody has named it and Cronofy lists it, so that it would be there again
     */
    public boolean forget(Work work, Resource resource) {
        if (!resource.named()) {
            return false;
        }
        termination.end(work, resource, Reason.ENDED_BY_ADMINISTRATOR);
        if (resource.delegation().state() != Delegation.State.ASKED) {
            work.resources().unname(resource.id(), clock.instant());
        }
        return true;
    }

    /** What follows once {@link #revoke} or {@link #forget} has been committed. */
    public void ended() {
        dispatcher.deliverSoon();
    }

    /** Whether whatever Cronofy lists of the link is delegated; what was decided about single ones stays. */
    public void delegateAll(Work work, LinkId link, boolean all) {
        Instant now = clock.instant();
        work.resourceLists().delegateAll(link, all, now);
        if (all) {
            work.resources().wantAll(link, now);
        }
    }

    /** Has the list read in a moment. */
    public void list(Work work, LinkId link) {
        work.resourceLists().soon(link, clock.instant());
    }
}
