package io.github.enterpriseconnect.delegation;

import io.github.enterpriseconnect.candidate.ResourceGate;
import io.github.enterpriseconnect.core.Application;
import io.github.enterpriseconnect.core.Cronofy;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Resource;
import io.github.enterpriseconnect.core.Retries;
import io.github.enterpriseconnect.core.Secret;
import io.github.enterpriseconnect.core.Ticket;
import io.github.enterpriseconnect.core.Unreadable;
import io.github.enterpriseconnect.platform.Tickets;
import io.github.enterpriseconnect.platform.Transactions;
import io.github.enterpriseconnect.platform.Work;
import io.github.enterpriseconnect.storage.Asking;
import io.github.enterpriseconnect.storage.LinkHealth;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Decides afresh for each resource of a link that is due, and notes the ask in its row; all of it in one transaction, which
 * must be committed before anything is sent. What directories say of the addresses is found out before, so that nobody waits
 * for a row whose neighbour is looked up.
 */
final class ResourcePreparation {
    private static final Duration WHILE_REVOKING = Duration.ofSeconds(30);

    private final Retries retries;
    private final Tickets tickets;
    private final InstantSource clock;

    ResourcePreparation(Retries retries, Tickets tickets, InstantSource clock) {
        this.retries = retries;
        this.tickets = tickets;
        this.clock = clock;
    }

    /**
     * Looks up whose the addresses are of those that are due, each in a transaction of its own.
     *
     * @return by row: that it is a member's, why nobody can tell now, or nothing if it is nobody's
     */
    Map<String, Optional<Reason>> lookUp(Transactions transactions, LinkId id, int most) {
        List<Resource> due =
                transactions.inRealm(id.realm(), work -> work.resourceGrants().due(id, clock.instant(), most));
        Map<String, Optional<Reason>> looks = new HashMap<>();
        due.forEach(resource ->
                looks.put(resource.id(), transactions.inRealm(id.realm(), work -> lookUp(work, id, resource))));
        return looks;
    }

    private static Optional<Reason> lookUp(Work work, LinkId id, Resource resource) {
        try {
            return ResourceGate.isMembers(work, work.links().get(id), resource.mailbox())
                    ? Optional.of(Reason.MAILBOX_OF_MEMBER)
                    : Optional.empty();
        } catch (Unreadable now) {
            return Optional.of(now.reason());
        }
    }

    /** @param looks what {@link #lookUp} has found; of whatever has become due since then, nothing is done */
    PreparedAsks prepare(Work work, LinkId id, Map<String, Optional<Reason>> looks) {
        List<Resource> due = work.resourceGrants().due(id, clock.instant(), looks.size()).stream()
                .filter(resource -> looks.containsKey(resource.id()))
                .toList();
        Link link = work.links().get(id);
        Optional<Application> application;
        try {
            application =
                    work.realm().application().filter(present -> present.key().equals(link.application()));
        } catch (Unreadable away) {
            due.forEach(resource -> rest(work, resource, away.reason()));
            return PreparedAsks.EMPTY;
        }
        Optional<LinkHealth.Pause> pause = work.linkHealth().pause(id, clock.instant());
        List<PreparedAsks.Prepared> prepared = new ArrayList<>();
        due.forEach(resource -> {
            Optional<Reason> objection = application.isPresent()
                    ? objection(work, link, resource, Objects.requireNonNull(looks.get(resource.id())))
                    : Optional.of(Reason.NOT_ENABLED);
            if (objection.isPresent()) {
                rest(work, resource, objection.get());
            } else if (pause.isPresent()) {
                work.resourceGrants()
                        .rest(
                                resource.id(),
                                pause.get().reason(),
                                clock.instant(),
                                pause.get().until());
            } else {
                prepared.add(ask(work, link, resource));
            }
        });
        return new PreparedAsks(
                application, prepared, Map.of(), work.linkHealth().troubled(id));
    }

    /** What is withheld for a member's sake is looked at anew: they may have another address by now. */
    private Optional<Reason> objection(Work work, Link link, Resource resource, Optional<Reason> look) {
        if (!resource.named() && !link.listsResources()) {
            return Optional.of(Reason.SCOPE_NOT_GRANTED);
        }
        if (work.revocations().pendingFor(String.valueOf(link.application()), resource.mailbox())) {
            return Optional.of(Reason.UNAVAILABLE);
        }
        try {
            Reason found = look.orElse(null);
            if (found != null && found != Reason.MAILBOX_OF_MEMBER) {
                return look;
            }
            if (found != resource.withheld()) {
                work.resources().withhold(resource.id(), found, clock.instant());
            }
            return ResourceGate.suspension(work, link)
                    .or(() -> ResourceGate.objection(
                            work,
                            work.resources().byId(resource.id()).orElse(resource),
                            link,
                            ResourceGate.Question.ASK));
        } catch (Unreadable now) {
            return Optional.of(now.reason());
        }
    }

    private void rest(Work work, Resource resource, Reason reason) {
        Instant now = clock.instant();
        Instant next = reason == Reason.UNAVAILABLE
                ? now.plus(WHILE_REVOKING)
                : retries.afterProblem(now, resource.delegation().attempts() + 1);
        work.resourceGrants().rest(resource.id(), reason, now, next);
    }

    private PreparedAsks.Prepared ask(Work work, Link link, Resource resource) {
        Instant now = clock.instant();
        Ticket ticket = tickets.issue(Ticket.Door.DELEGATION_CALLBACK, link.id().realm());
        Secret callbackUrl = PreparedAsks.callbackUrl(work, link, ticket);
        String through = String.valueOf(link.serviceAccount());
        Asking asking = new Asking(
                ticket.hash(),
                callbackUrl,
                through,
                null,
                retries.afterSilence(now, resource.delegation().attempts() + 1));
        Delegation asked = work.resourceGrants().ask(resource.id(), asking, now);
        return new PreparedAsks.Prepared(
                asked, new Cronofy.Ask(resource.mailbox(), callbackUrl, WantedScope.of(work, link, asked)), through);
    }
}
