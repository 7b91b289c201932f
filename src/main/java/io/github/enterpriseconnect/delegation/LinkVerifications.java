package io.github.enterpriseconnect.delegation;

import io.github.enterpriseconnect.core.Application;
import io.github.enterpriseconnect.core.Domain;
import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Mailbox;
import io.github.enterpriseconnect.core.Ticket;
import io.github.enterpriseconnect.core.Unreadable;
import io.github.enterpriseconnect.core.Verification;
import io.github.enterpriseconnect.platform.Tickets;
import io.github.enterpriseconnect.platform.Transactions;
import io.github.enterpriseconnect.platform.Work;
import io.github.enterpriseconnect.storage.InvitationStore;
import io.github.enterpriseconnect.storage.VerificationAsk;
import io.github.enterpriseconnect.storage.VerificationStore;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Has links proven by one real mailbox, which belongs to no user of ours: it is asked for, opened and given back at once
 * ({@link VerificationSteps}). One at a time for each link, and few an hour. Nobody's delegation waits for it.
 */
public final class LinkVerifications {
    /** So many of one link within an hour; each is two requests of the application's allowance, and a trace at the customer. */
    public static final int MOST_AN_HOUR = 5;

    private static final Duration AN_HOUR = Duration.ofHours(1);

    /** So long whoever has authorized a link may have it verified. */
    private static final Duration RIGHT_LASTS = Duration.ofHours(1);

    private final Transactions transactions;
    private final Tickets tickets;
    private final VerificationCalls calls;
    private final VerificationSteps steps;
    private final InstantSource clock;

    public LinkVerifications(
            Transactions transactions,
            Tickets tickets,
            VerificationCalls calls,
            VerificationSteps steps,
            InstantSource clock) {
        this.transactions = transactions;
        this.tickets = tickets;
        this.calls = calls;
        this.steps = steps;
        this.clock = clock;
    }

    /** Begins to look for what is to be gone on with. */
    public void start() {
        steps.start();
    }

    /** Tries a last time to write what could not be written; for the end of the server. */
    public void finish() {
        steps.finish();
    }

    /**
     * Begins a verification; what comes of it is told by {@link VerificationStore#of(Link)}. In a transaction of its own.
     *
     * @throws NotVerifiable that cannot be
     */
    public Verification begin(LinkId link, Mailbox mailbox) {
        VerificationStore.Begun begun = transactions.inRealm(link.realm(), work -> begin(work, link, mailbox));
        steps.goOnSoon(link);
        return begun.verification();
    }

    /**
     * How it stands with whoever has just authorized a link.
     *
     * @param domains in which a mailbox may be named
     * @param used whether they have had it verified
     * @param verification the one that they have begun; empty if the link has had another since
     */
    public record Right(LinkId link, List<Domain> domains, boolean used, Optional<Verification> verification) {}

    /**
     * Whether somebody has just authorized a link, and how it stands with their right to have it verified. Changes nothing.
     *
     * @param state of the round trip
     * @param cookie that the browser has brought
     */
    public Optional<Right> right(String realmId, @Nullable String state, @Nullable String cookie) {
        if (state == null || cookie == null || tickets.forged(Ticket.Door.LINK_CALLBACK, realmId, state)) {
            return Optional.empty();
        }
        return transactions.inRealm(
                realmId, work -> authorized(work, state, cookie).map(found -> {
                    Link link = work.links().get(found.invitation().link());
                    List<Domain> domains = link.approvedDomains().stream()
                            .sorted((a, b) -> a.name().compareTo(b.name()))
                            .toList();
                    return new Right(
                            link.id(),
                            domains,
                            found.verified(),
                            work.verifications().of(link, found.run()));
                }));
    }

    /**
     * As {@link #begin}, by whoever has just authorized the link: once, and in the same browser. Only what begins uses that
     * up.
     *
     * @param address as it was typed
     * @throws NotVerifiable that cannot be
     */
    public void beginAsAuthorizer(
            String realmId, @Nullable String state, @Nullable String cookie, @Nullable String address) {
        if (state == null || cookie == null || tickets.forged(Ticket.Door.LINK_CALLBACK, realmId, state)) {
            throw new NotVerifiable(NotVerifiable.Why.NOT_YOURS);
        }
        LinkId link = transactions.inRealm(realmId, work -> {
            InvitationStore.Authorized found = authorized(work, state, cookie)
                    .filter(one -> !one.verified())
                    .orElseThrow(() -> new NotVerifiable(NotVerifiable.Why.NOT_YOURS));
            Mailbox mailbox = Mailbox.parse(address == null ? null : address.strip())
                    .orElseThrow(() -> new NotVerifiable(NotVerifiable.Why.ADDRESS));
            VerificationStore.Begun begun = begin(work, found.invitation().link(), mailbox);
            work.invitations().verified(found.invitation().id(), begun.run(), clock.instant());
            return found.invitation().link();
        });
        steps.goOnSoon(link);
    }

    private Optional<InvitationStore.Authorized> authorized(Work work, String state, String cookie) {
        return work.invitations()
                .authorized(
                        work.realm().id(),
                        Ticket.hash(state),
                        Ticket.hash(cookie),
                        clock.instant().minus(RIGHT_LASTS));
    }

    private VerificationStore.Begun begin(Work work, LinkId id, Mailbox mailbox) {
        Instant now = clock.instant();
        work.verifications().lock(id);
        Link link = work.links().get(id);
        Application application = application(work, link);
        requireActive(work, link);
        if (!link.approvedDomains().contains(mailbox.domain())) {
            throw new NotVerifiable(NotVerifiable.Why.DOMAIN);
        }
        if (work.verifications().pending(id)) {
            throw new NotVerifiable(NotVerifiable.Why.UNDER_WAY);
        }
        work.verifications().full(id, MOST_AN_HOUR, AN_HOUR, now).ifPresent(over -> {
            throw new NotVerifiable(NotVerifiable.Why.TOO_MANY, Duration.between(now, over));
        });
        if (work.heldMailboxes().anyLive(application.key(), mailbox)) {
            throw new NotVerifiable(NotVerifiable.Why.IN_USE);
        }
        // What is being revoked would take along what is asked for now, or be taken for it.
        if (work.revocations().pendingFor(application.key(), mailbox)) {
            throw new NotVerifiable(NotVerifiable.Why.REVOKING);
        }
        VerificationCalls.Callback callback = calls.callback(work, link);
        return work.verifications()
                .begin(
                        id,
                        new VerificationAsk(
                                application.key(),
                                Objects.requireNonNull(link.serviceAccount()),
                                mailbox,
                                callback.ticketHash(),
                                callback.url()),
                        AN_HOUR,
                        now);
    }

    private static Application application(Work work, Link link) {
        if (!work.realm().enabled()) {
            throw new NotVerifiable(NotVerifiable.Why.NOT_ENABLED);
        }
        if (!link.linked()) {
            throw new NotVerifiable(NotVerifiable.Why.NOT_ACTIVE);
        }
        try {
            return work.realm()
                    .application()
                    .filter(present -> present.key().equals(link.application()))
                    .orElseThrow(() -> new NotVerifiable(NotVerifiable.Why.NOT_ENABLED));
        } catch (Unreadable secret) {
            throw new NotVerifiable(NotVerifiable.Why.NOT_ENABLED);
        }
    }

    private static void requireActive(Work work, Link link) {
        if (VerificationRules.suspended(work, link.id())) {
            throw new NotVerifiable(NotVerifiable.Why.SUSPENDED);
        }
        if (link.state() != Link.State.ACTIVE) {
            throw new NotVerifiable(NotVerifiable.Why.NOT_ACTIVE);
        }
    }
}
