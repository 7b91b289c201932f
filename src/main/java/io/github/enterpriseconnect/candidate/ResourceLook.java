package io.github.enterpriseconnect.candidate;

import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Mailbox;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Resource;
import io.github.enterpriseconnect.platform.Work;
import io.github.enterpriseconnect.storage.ResourceRecordStore.ResourceRecord;
import java.util.Comparator;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Resources for which clients ask for tokens, each by one look at our tables: one statement tells what withholds a right, and
 * only what is out of the ordinary is asked for in detail.
 */
public final class ResourceLook {
    private ResourceLook() {}

    /**
     * A resource as it was seen.
     *
     * @param clientSuspended whether the client's own kill switch is active
     * @param objection why nobody gets a token of it; empty if nothing stands in the way
     */
    public record Seen(Resource resource, boolean clientSuspended, Optional<Reason> objection) {}

    /**
     * Looks at the resource of an address; where two links have one of it, at the one that is granted.
     *
     * @param client id of the client that asks
     * @param links which links' resources the client may know of
     * @return empty if there is none
     * @throws io.github.enterpriseconnect.core.Unreadable nobody can tell now
     */
    public static Optional<Seen> at(
            Work work, Mailbox mailbox, String client, LinkSnapshots snapshots, Predicate<LinkId> links) {
        return work.resourceRecords().of(mailbox, client).stream()
                .filter(found -> links.test(found.linkId()))
                .min(Comparator.comparing(found -> found.resource().delegation().state() != Delegation.State.GRANTED))
                .map(found -> see(work, found, client, snapshots));
    }

    private static Seen see(Work work, ResourceRecord found, String client, LinkSnapshots snapshots) {
        Link link = snapshots.get(work, found.linkId(), found.link());
        boolean clientSuspended = found.suspended() && work.suspensions().all().consumer(client);
        Optional<Reason> suspension = found.suspended() ? ResourceGate.suspension(work, link) : Optional.empty();
        return new Seen(
                found.resource(),
                clientSuspended,
                suspension.or(() -> ResourceGate.objection(work, found.resource(), link, ResourceGate.Question.USE)));
    }
}
