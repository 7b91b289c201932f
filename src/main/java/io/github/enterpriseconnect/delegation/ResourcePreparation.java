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
import io.github.enterpriseconnect.platform.Work;
import io.github.enterpriseconnect.storage.Asking;
import io.github.enterpriseconnect.storage.LinkHealth;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Decides afresh for each resource of a link that is due, and notes the ask in its row; all of it in one transaction, which
 * must be committed before anything is sent.
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

    PreparedAsks prepare(Work work, LinkId id, int most) {
        List<Resource> due = work.resourceGrants().due(id, clock.instant(), most);
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
            Optional<Reason> objection = objection(work, link, resource, application.isPresent());
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
    private Optional<Reason> objection(Work work, Link link, Resource resource, boolean application) {
        if (!application) {
            return Optional.of(Reason.NOT_ENABLED);
        }
        if (!resource.named() && !link.listsResources()) {
            return Optional.of(Reason.SCOPE_NOT_GRANTED);
        }
        if (work.revocations().pendingFor(String.valueOf(link.application()), resource.mailbox())) {
            return Optional.of(Reason.UNAVAILABLE);
        }
        try {
            boolean members = ResourceGate.isMembers(work, link, resource.mailbox());
            work.resources().withhold(resource.id(), members ? Reason.MAILBOX_OF_MEMBER : null, clock.instant());
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
