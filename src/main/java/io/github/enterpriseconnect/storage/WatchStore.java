package io.github.enterpriseconnect.storage;

import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Secret;
import io.github.enterpriseconnect.core.Ticket;
import jakarta.persistence.EntityManager;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Whose calendars are watched by a channel of Cronofy's notifications, and when somebody looks at one again, in table {@code
 * EC_WATCH}. Belongs to one realm, one session and its transaction.
 */
public final class WatchStore {
    private final EntityManager entities;
    private final String realmId;
    private final Sealer sealer;

    WatchStore(EntityManager entities, String realmId, Sealer sealer) {
        this.entities = entities;
        this.realmId = realmId;
        this.sealer = sealer;
    }

    /**
     * One that is to be looked at.
     *
     * @param callbackUrl where notifications go; null until there is one, or if it does not open any more
     * @param channel Cronofy's id of the channel; null until there is one
     * @param failures how often in a row it could not be looked at
     */
    public record Watch(
            String delegation,
            @Nullable Secret callbackUrl,
            @Nullable String channel,
            int failures) {}

    /** A delegation has just been granted, or is to be watched from now on: it is looked at at once. */
    public void begin(String delegation, Instant now) {
        find(delegation)
                .ifPresentOrElse(
                        row -> row.beginAnew(now), () -> entities.persist(new WatchEntity(delegation, realmId, now)));
    }

    /** Nobody watches it any more. Cronofy is told so by the answer to its next notification. */
    public void forget(String delegation) {
        entities.createQuery("delete from WatchEntity w where w.id = :id")
                .setParameter("id", delegation)
                .executeUpdate();
    }

    /** The delegation whose notifications come under this ticket. */
    public Optional<String> underTicket(String ticketHash) {
        return entities
                .createQuery(
                        "select w.id from WatchEntity w where w.ticketHash = :ticket and w.realmId = :realm",
                        String.class)
                .setParameter("ticket", ticketHash)
                .setParameter("realm", realmId)
                .setMaxResults(1)
                .getResultList()
                .stream()
                .findFirst();
    }

    /** Something has happened: it is looked at at the next occasion. */
    public void lookSoon(String delegation, Instant now) {
        find(delegation).ifPresent(row -> row.comeSoon(now));
    }

    /**
     * Claims one that is due for one node.
     *
     * @throws io.github.enterpriseconnect.core.Unreadable the realm's key is away
     */
    public Optional<Watch> claim(String delegation, Instant now, Instant until) {
        return find(delegation).filter(row -> row.due(now)).map(row -> {
            Secret url = sealer.open(Sealer.Purpose.CALLBACK_URL, row.id(), row.callbackUrl())
                    .map(Secret::of)
                    .orElse(null);
            row.comeBack(until);
            return new Watch(row.id(), url, row.channel(), row.failures());
        });
    }

    /** Where the notifications will go; must be committed before Cronofy hears of it. */
    public void address(String delegation, String ticketHash, Secret callbackUrl) {
        find(delegation)
                .ifPresent(row -> row.address(
                        ticketHash, sealer.seal(Sealer.Purpose.CALLBACK_URL, row.id(), callbackUrl.reveal())));
    }

    /** Cronofy has opened the channel that goes there, unless another right goes by another address meanwhile. */
    public void open(String delegation, Secret callbackUrl, String channel) {
        String url = callbackUrl.reveal();
        String hash = Ticket.hash(url.substring(url.lastIndexOf('/') + 1));
        find(delegation).filter(row -> hash.equals(row.ticketHash())).ifPresent(row -> row.open(channel));
    }

    /** It was looked at. What has called for a look while that went on is looked at once more. */
    public void looked(String delegation, Instant claimedUntil, Instant next) {
        find(delegation).filter(row -> !row.due(claimedUntil.minusMillis(1))).ifPresent(row -> row.succeed(next));
    }

    /** It could not be looked at, which is tried again at that time. */
    public void failed(String delegation, Instant next) {
        find(delegation).ifPresent(row -> row.fail(next));
    }

    /** Nobody has tried to look at it. */
    public void putOff(String delegation, Instant next) {
        find(delegation).ifPresent(row -> row.comeBack(next));
    }

    /** So many of the link's granted delegations whose mailboxes come after that one, each with whether it is watched. */
    public List<Candidate> candidates(LinkId link, String after, int limit) {
        return entities
                .createQuery(
                        "select d.id, d.mailbox, (select count(w) from WatchEntity w where w.id = d.id)"
                                + " from DelegationEntity d where d.realmId = :realm and d.linkName = :link"
                                + " and d.mailbox > :after and d.state = :granted order by d.mailbox",
                        Object[].class)
                .setParameter("realm", realmId)
                .setParameter("link", link.name())
                .setParameter("after", after)
                .setParameter("granted", Delegation.State.GRANTED)
                .setMaxResults(limit)
                .getResultList()
                .stream()
                .map(row -> new Candidate((String) row[0], (String) row[1], (Long) row[2] > 0))
                .toList();
    }

    /** A granted delegation, which may be watched already. */
    public record Candidate(String delegation, String mailbox, boolean watched) {}

    /** One of a realm that is to be looked at. */
    public record Due(String realm, String delegation) {}

    /** Those of all realms that are to be looked at now, who has waited for longest first. */
    public List<Due> due(Instant now, int limit) {
        return entities
                .createQuery(
                        "select w.realmId, w.id from WatchEntity w where w.nextAt <= :now"
                                + " and not exists (select r.id from RemovedRealmEntity r where r.id = w.realmId)"
                                + " order by w.nextAt",
                        Object[].class)
                .setParameter("now", now.toEpochMilli())
                .setMaxResults(limit)
                .getResultList()
                .stream()
                .map(row -> new Due((String) row[0], (String) row[1]))
                .toList();
    }

    private Optional<WatchEntity> find(String delegation) {
        return Optional.ofNullable(entities.find(WatchEntity.class, delegation));
    }
}
