package io.github.enterpriseconnect.resource;

import io.github.enterpriseconnect.core.Candidate;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Mailbox;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Resource;
import io.github.enterpriseconnect.platform.Transactions;
import io.github.enterpriseconnect.platform.Work;
import io.github.enterpriseconnect.revocation.ResourceTermination;
import io.github.enterpriseconnect.revocation.RevocationDispatcher;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/**
 * Takes down what Cronofy lists of a link, some at a time, each in a transaction of its own. An address that is a member's is
 * not listed; what is known already and has become a member's is withheld. What is missing from the list stays for three
 * days, in case the customer or Cronofy has lost it for a moment, and ends then.
 */
final class ListedResources {
    private static final Logger LOG = Logger.getLogger(ListedResources.class);
    private static final Duration MISSING_FOR = Duration.ofDays(3);
    private static final int PAGE = 200;

    /** So many of one link. */
    static final int MOST = 5_000;

    private final Transactions transactions;
    private final ResourceTermination termination;
    private final RevocationDispatcher dispatcher;

    ListedResources(Transactions transactions, ResourceTermination termination, RevocationDispatcher dispatcher) {
        this.transactions = transactions;
        this.termination = termination;
        this.dispatcher = dispatcher;
    }

    /**
     * Keeps a list.
     *
     * @param listed what was read; empty if nothing is to be read of this link
     * @param now when it was asked for
     * @param next when it is to be asked for again
     */
    void keep(LinkId id, Optional<List<Resource.Listed>> listed, Instant now, Instant next) {
        List<Resource.Listed> distinct = distinct(listed.orElse(List.of()));
        if (distinct.size() > MOST) {
            LOG.warnf("Cronofy lists %d resources of link %s, of which %d are kept", distinct.size(), id.name(), MOST);
        }
        List<Resource.Listed> kept = distinct.subList(0, Math.min(MOST, distinct.size()));
        for (int from = 0; from < kept.size(); from += PAGE) {
            List<Resource.Listed> page = kept.subList(from, Math.min(kept.size(), from + PAGE));
            transactions.doInRealm(id.realm(), work -> note(work, id, page, now));
        }
        Optional<String> after = Optional.of("");
        while (after.isPresent()) {
            String from = after.get();
            after = transactions.inRealm(id.realm(), work -> review(work, id, from, now));
        }
        transactions.doInRealm(id.realm(), work -> {
            if (listed.isPresent()) {
                work.resources().noteMissing(id, now);
            }
            endMissing(work, id, now);
            work.resourceLists().read(id, now, next);
        });
        dispatcher.deliverSoon();
    }

    private static List<Resource.Listed> distinct(List<Resource.Listed> listed) {
        Map<Mailbox, Resource.Listed> byMailbox = new LinkedHashMap<>();
        listed.forEach(one -> byMailbox.putIfAbsent(one.mailbox(), one));
        return List.copyOf(byMailbox.values());
    }

    /** Those whose domains are the link's, and whose addresses are no members'. */
    private static void note(Work work, LinkId id, List<Resource.Listed> page, Instant now) {
        Link link = work.links().get(id);
        Optional<Candidate.Membership> organization = work.realm().membership(link);
        if (!link.linked() || organization.isEmpty()) {
            return;
        }
        Set<Mailbox> members =
                members(work, link, page.stream().map(Resource.Listed::mailbox).collect(Collectors.toSet()));
        List<Resource.Listed> own = page.stream()
                .filter(one -> organization.get().covers(one.mailbox().domain()))
                .filter(one -> !members.contains(one.mailbox()))
                .toList();
        boolean all = work.resourceLists().of(id).all();
        work.resources().noteListed(id, String.valueOf(link.application()), own, all, now);
    }

    private static Set<Mailbox> members(Work work, Link link, Set<Mailbox> mailboxes) {
        Set<Mailbox> members =
                new HashSet<>(work.heldMailboxes().ofMembers(String.valueOf(link.application()), mailboxes));
        members.addAll(work.users().heldHere(mailboxes, link.policy().calendarName()));
        return members;
    }

    /** @return where to go on; empty at the end */
    private static Optional<String> review(Work work, LinkId id, String after, Instant now) {
        List<Resource> page = work.resources().page(id, after, PAGE);
        Set<Mailbox> members = members(
                work, work.links().get(id), page.stream().map(Resource::mailbox).collect(Collectors.toSet()));
        page.forEach(resource -> {
            Reason why = members.contains(resource.mailbox()) ? Reason.MAILBOX_OF_MEMBER : null;
            // What only a directory knows is found out, and forgotten, by whoever asks for the resource.
            boolean asked = resource.delegation().state() == Delegation.State.GRANTED;
            if (why != resource.withheld() && (why != null || asked)) {
                work.resources().withhold(resource.id(), why, now);
            }
        });
        return page.size() < PAGE
                ? Optional.empty()
                : Optional.of(page.get(page.size() - 1).mailbox().address());
    }

    private void endMissing(Work work, LinkId id, Instant now) {
        work.resources().missing(id, now.minus(MISSING_FOR), PAGE).forEach(resource -> {
            LOG.infof("Cronofy's list has been without resource %s for days; it ends", resource.id());
            termination.end(work, resource, Reason.RESOURCE_MISSING);
            if (resource.delegation().state() != Delegation.State.ASKED) {
                work.resources().remove(resource.id());
            }
        });
    }
}
