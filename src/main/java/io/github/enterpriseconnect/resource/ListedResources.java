package io.github.enterpriseconnect.resource;

import io.github.enterpriseconnect.candidate.ResourceGate;
import io.github.enterpriseconnect.core.Candidate;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Mailbox;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Resource;
import io.github.enterpriseconnect.core.Unreadable;
import io.github.enterpriseconnect.platform.Transactions;
import io.github.enterpriseconnect.platform.Work;
import io.github.enterpriseconnect.revocation.ResourceTermination;
import io.github.enterpriseconnect.revocation.RevocationDispatcher;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
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
        for (int from = 0; from < distinct.size(); from += PAGE) {
            List<Resource.Listed> page = distinct.subList(from, Math.min(distinct.size(), from + PAGE));
            transactions.doInRealm(id.realm(), work -> note(work, id, page, now));
        }
        review(id, false, now);
        if (listed.isPresent()) {
            transactions.doInRealm(id.realm(), work -> work.resources().noteMissing(id, now));
            endMissing(id, now);
        }
        transactions.doInRealm(id.realm(), work -> work.resourceLists().read(id, now, next));
        dispatcher.deliverSoon();
        review(id, true, now);
    }

    /**
     * Withholds what is a member's by now, and what was and is not, no more.
     *
     * @param directories whether they are asked as well, for what is delegated or withheld, which may take long
     */
    void review(LinkId id, boolean directories, Instant now) {
        Optional<String> after = Optional.of("");
        while (after.isPresent()) {
            String from = after.get();
            List<Resource> open = new ArrayList<>();
            after = transactions.inRealm(id.realm(), work -> review(work, id, from, open, now));
            if (directories) {
                open.forEach(resource -> lookUp(id, resource, now));
            }
        }
    }

    /** In a transaction of its own, which locks nothing while a directory is asked. */
    private void lookUp(LinkId id, Resource resource, Instant now) {
        Optional<Boolean> members = transactions.inRealm(id.realm(), work -> {
            try {
                return Optional.of(ResourceGate.isMembers(work, work.links().get(id), resource.mailbox()));
            } catch (Unreadable away) {
                return Optional.empty();
            }
        });
        Reason why = members.orElse(false) ? Reason.MAILBOX_OF_MEMBER : null;
        if (members.isPresent() && why != resource.withheld()) {
            transactions.doInRealm(id.realm(), work -> work.resources().withhold(resource.id(), why, now));
        }
    }

    private static List<Resource.Listed> distinct(List<Resource.Listed> listed) {
        Map<Mailbox, Resource.Listed> byMailbox = new LinkedHashMap<>();
        listed.forEach(one -> byMailbox.putIfAbsent(one.mailbox(), one));
        return List.copyOf(byMailbox.values());
    }

    /**
     * What is known is listed still, whatever has become of its address or its domain. New are those whose domains are the
     * link's, and whose addresses are no members'.
     */
    private static void note(Work work, LinkId id, List<Resource.Listed> page, Instant now) {
        Link link = work.links().get(id);
        if (!link.linked()) {
            return;
        }
        String application = String.valueOf(link.application());
        List<Resource.Listed> unknown = work.resources().noteListed(id, application, page, now);
        Optional<Candidate.Membership> organization = work.realm().membership(link);
        if (unknown.isEmpty() || organization.isEmpty()) {
            return;
        }
        Set<Mailbox> members = members(
                work, link, unknown.stream().map(Resource.Listed::mailbox).collect(Collectors.toSet()));
        long room = Math.max(0, MOST - work.resources().size(id));
        List<Resource.Listed> added = unknown.stream()
                .filter(one -> organization.get().covers(one.mailbox().domain()))
                .filter(one -> !members.contains(one.mailbox()))
                .limit(room)
                .toList();
        boolean all = work.resourceLists().of(id).all();
        work.resources().addListed(id, application, added, all, now);
    }

    private static Set<Mailbox> members(Work work, Link link, Set<Mailbox> mailboxes) {
        Set<Mailbox> members =
                new HashSet<>(work.heldMailboxes().ofMembers(String.valueOf(link.application()), mailboxes));
        members.addAll(work.users().heldHere(mailboxes, link.policy().calendarName()));
        return members;
    }

    /**
     * As far as Keycloak's own tables tell.
     *
     * @param open takes those of which directories may tell more
     * @return where to go on; empty at the end
     */
    private static Optional<String> review(Work work, LinkId id, String after, List<Resource> open, Instant now) {
        List<Resource> page = work.resources().page(id, after, PAGE);
        Set<Mailbox> members = members(
                work, work.links().get(id), page.stream().map(Resource::mailbox).collect(Collectors.toSet()));
        page.forEach(resource -> {
            if (!members.contains(resource.mailbox())) {
                boolean used = resource.delegation().state() == Delegation.State.GRANTED;
                if (used || resource.withheld() != null) {
                    open.add(resource);
                }
            } else if (resource.withheld() != Reason.MAILBOX_OF_MEMBER) {
                work.resources().withhold(resource.id(), Reason.MAILBOX_OF_MEMBER, now);
            }
        });
        return page.size() < PAGE
                ? Optional.empty()
                : Optional.of(page.get(page.size() - 1).mailbox().address());
    }

    private void endMissing(LinkId id, Instant now) {
        Optional<String> after = Optional.of("");
        while (after.isPresent()) {
            String from = after.get();
            after = transactions.inRealm(id.realm(), work -> endMissing(work, id, from, now));
        }
    }

    /** @return where to go on; empty at the end */
    private Optional<String> endMissing(Work work, LinkId id, String after, Instant now) {
        List<Resource> page = work.resources().missing(id, now.minus(MISSING_FOR), after, PAGE);
        page.forEach(resource -> {
            LOG.infof("Cronofy's list has been without resource %s for days; it ends", resource.id());
            termination.end(work, resource, Reason.RESOURCE_MISSING);
            if (resource.delegation().state() != Delegation.State.ASKED) {
                work.resources().remove(resource.id());
            }
        });
        return page.size() < PAGE
                ? Optional.empty()
                : Optional.of(page.get(page.size() - 1).id());
    }
}
