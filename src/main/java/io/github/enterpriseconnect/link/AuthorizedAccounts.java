package io.github.enterpriseconnect.link;

import io.github.enterpriseconnect.core.Application;
import io.github.enterpriseconnect.core.CalendarEvent;
import io.github.enterpriseconnect.core.Credential;
import io.github.enterpriseconnect.core.Cronofy;
import io.github.enterpriseconnect.core.Domain;
import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.LinkDomain;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.platform.Work;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * Keeps a service account that has just been authorized as its link's: a new one, the same once more, or, by an invitation
 * made for that, another in its place. What is not kept is revoked.
 */
final class AuthorizedAccounts {
    private static final Logger LOG = Logger.getLogger(AuthorizedAccounts.class);

    private final InstantSource clock;

    AuthorizedAccounts(InstantSource clock) {
        this.clock = clock;
    }

    /** What has become of what was authorized. */
    enum Fate {
        ACTIVE,
        AWAITS_APPROVAL,
        /** The link holds another, and the invitation was not made to replace that. */
        OTHER_SERVICE_ACCOUNT,
        /** It was to replace another, and is of a domain that nobody has approved for the link. */
        OTHER_DOMAIN,
        /** It was to replace another, and cannot. */
        NOT_REPLACEABLE,
        /** Something else has to come to its end first. */
        NOT_NOW
    }

    Fate store(Work work, Arrival arrival, Cronofy.Grant grant, Cronofy.ServiceAccount account) {
        Link before = work.links().get(arrival.link());
        boolean replaces = before.linked() && !account.subject().equals(before.serviceAccount());
        Optional<Fate> refused = replaces ? refusal(work, arrival, before, account) : conflict(work, before, account);
        if (refused.isEmpty()
                && !work.revocations()
                        .makeWay(arrival.application().key(), account.subject(), arrival.at(), clock.instant())) {
            LOG.warnf(
                    "link %s: an earlier revocation of the same service account is on its way",
                    before.id().name());
            refused = Optional.of(Fate.NOT_NOW);
        }
        if (refused.isPresent()) {
            // It is kept if a link holds the same service account.
            work.revocations()
                    .add(
                            arrival.order(grant.tokens().refreshToken(), account.subject()),
                            arrival.cause(),
                            clock.instant());
            return refused.get();
        }
        if (replaces) {
            work.replacements()
                    .begin(
                            before.id(),
                            account.subject(),
                            arrival.trip().invitation().createdBy(),
                            clock.instant());
        }
        return keep(work, arrival, grant, account, before);
    }

    private static Optional<Fate> conflict(Work work, Link before, Cronofy.ServiceAccount account) {
        if (!before.linked() && work.delegations().othersLeft(before.id(), account.subject())) {
            LOG.warnf(
                    "link %s: members of the service account that it had are still being forgotten",
                    before.id().name());
            return Optional.of(Fate.NOT_NOW);
        }
        return Optional.empty();
    }

    /** Why another service account cannot take the place of the present one. */
    private static Optional<Fate> refusal(Work work, Arrival arrival, Link before, Cronofy.ServiceAccount account) {
        LinkId id = before.id();
        if (!arrival.trip().invitation().replacement()) {
            LOG.warnf(
                    "link %s holds another service account; the new authorization was dropped. To replace it, make an"
                            + " invitation with \"replacement\": true",
                    id.name());
            return Optional.of(Fate.OTHER_SERVICE_ACCOUNT);
        }
        boolean replaceable = (before.state() == Link.State.ACTIVE || before.state() == Link.State.NEEDS_AUTHORIZATION)
                && arrival.application().key().equals(before.application())
                && work.replacements().mayBegin(id);
        if (!replaceable) {
            LOG.warnf(
                    "the service account of link %s cannot be replaced now, as its state (%s) or an earlier replacement"
                            + " does not allow it; the new authorization was dropped",
                    id.name(), before.stateWord());
            return Optional.of(Fate.NOT_REPLACEABLE);
        }
        Domain own = account.ownDomain().orElse(null);
        if (Link.linkedState(own, before.domains(), false) != Link.State.ACTIVE) {
            LOG.warnf(
                    "the service account of link %s is not replaced by one of a domain that is not approved; the new"
                            + " authorization was dropped",
                    id.name());
            return Optional.of(Fate.OTHER_DOMAIN);
        }
        return Optional.empty();
    }

    private Fate keep(Work work, Arrival arrival, Cronofy.Grant grant, Cronofy.ServiceAccount account, Link before) {
        LinkId id = before.id();
        Instant now = clock.instant();
        Application application = arrival.application();
        Domain own = account.ownDomain().orElse(null);
        List<LinkDomain> domains = LinkDomain.joined(own, before.domains());
        Link.State state = Link.linkedState(own, domains, false);
        Link link = new Link(
                id,
                state,
                application.key(),
                account.subject(),
                own,
                grant.tokens().scope(),
                account.granted(arrival.settings().delegatedScope()),
                arrival.trip().baseUrl(),
                now,
                domains,
                before.policy(),
                null,
                null,
                Link.Seen.of(account.condition(), now));
        Credential credential = new Credential(
                application.key(), account.subject(), id.name(), own == null ? "" : own.name(), grant.tokens());
        work.links().authorize(link, credential, application);
        work.invitations().authorize(arrival.trip().invitation(), now);
        work.linkHealth().authorized(id, now);
        if (state == Link.State.ACTIVE) {
            work.tell(CalendarEvent.ofLink(CalendarEvent.Kind.AUTHORIZED, id, null, now));
        }
        LOG.infof("link %s now holds service account %s, %s", id.name(), account.subject(), state.id());
        return state == Link.State.ACTIVE ? Fate.ACTIVE : Fate.AWAITS_APPROVAL;
    }
}
