package io.github.enterpriseconnect.storage;

import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Secret;
import io.github.enterpriseconnect.core.Ticket;
import jakarta.persistence.EntityManager;
import java.time.Instant;
import java.util.ArrayList;
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
     * @param base digest of where the realm was when that address was made; null if nobody has noted it
     * @param openedAt when Cronofy has last said that the channel is open; null if it never has
     * @param formerChannel one of the same account that is of no use any more; null if there is none
     * @param called whether a notification has called for this look
     * @param failures how often in a row it could not be looked at, or Cronofy did not say
     */
    public record Watch(
            String delegation,
            @Nullable Secret callbackUrl,
            @Nullable String base,
            @Nullable Instant openedAt,
            @Nullable String formerChannel,
            boolean called,
            int failures) {}

    /**
     * A delegation has just been granted, or is to be watched from now on: it is looked at as soon as there is room. A
     * channel of the same account is kept.
     *
     * @param account Cronofy's id of the account behind the delegation
     */
    public void begin(String delegation, String account, Instant now) {
        find(delegation)
                .orElseGet(() -> {
                    WatchEntity row = new WatchEntity(delegation, realmId);
                    entities.persist(row);
                    return row;
                })
                .begin(account, now);
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

    /** A notification tells that something has happened: it is looked at before all that nobody has called for. */
    public void call(String delegation, Instant now) {
        find(delegation).ifPresent(row -> row.call(now));
    }

    /**
     * Claims one that is due for one node.
     *
     * @param account whose calendar it is; what was noted of another's channel is forgotten
     * @throws io.github.enterpriseconnect.core.Unreadable the realm's key is away
     */
    public Optional<Watch> claim(String delegation, String account, Instant now, Instant until) {
        return find(delegation).filter(row -> row.due(now)).map(row -> {
            if (!account.equals(row.subject())) {
                row.begin(account, now);
            }
            Secret url = sealer.open(Sealer.Purpose.CALLBACK_URL, row.id(), row.callbackUrl())
                    .map(Secret::of)
                    .orElse(null);
            row.comeBack(until);
            return watch(row, url);
        });
    }

    private static Watch watch(WatchEntity row, @Nullable Secret url) {
        return new Watch(row.id(), url, row.base(), row.openedAt(), row.formerChannel(), row.called(), row.failures());
    }

    /**
     * Where the notifications will go; must be committed before Cronofy hears of it.
     *
     * @param base digest of where the realm is now
     * @return as it is claimed from now on
     */
    public Watch address(Watch claimed, String ticketHash, Secret callbackUrl, String base) {
        WatchEntity row = find(claimed.delegation()).orElseThrow();
        row.address(ticketHash, sealer.seal(Sealer.Purpose.CALLBACK_URL, row.id(), callbackUrl.reveal()), base);
        return watch(row, callbackUrl);
    }

    /** Cronofy has opened the channel that goes there, unless another right goes by another address meanwhile. */
    public void open(String delegation, Secret callbackUrl, String channel, Instant now) {
        String url = callbackUrl.reveal();
        String hash = Ticket.hash(url.substring(url.lastIndexOf('/') + 1));
        find(delegation).filter(row -> hash.equals(row.ticketHash())).ifPresent(row -> row.open(channel, now));
    }

    /** Cronofy knows the former channel no more. */
    public void closeFormer(String delegation, String channel) {
        find(delegation).ifPresent(row -> row.closeFormer(channel));
    }

    /**
     * It was looked at.
     *
     * @return false if somebody has called for a look while that went on, so that it is looked at once more
     */
    public boolean looked(String delegation, Instant claimedUntil, Instant next) {
        Optional<WatchEntity> row = uncalled(delegation, claimedUntil);
        row.ifPresent(found -> found.succeed(next));
        return row.isPresent();
    }

    /** It was looked at, and Cronofy did not say how it stands, which is asked again at that time. */
    public void learnedNothing(String delegation, Instant claimedUntil, Instant next) {
        uncalled(delegation, claimedUntil).ifPresent(row -> row.learnNothing(next));
    }

    private Optional<WatchEntity> uncalled(String delegation, Instant claimedUntil) {
        return find(delegation).filter(row -> !row.due(claimedUntil.minusMillis(1)));
    }

    /** It could not be looked at, which is tried again at that time. */
    public void failed(String delegation, Instant next) {
        find(delegation).ifPresent(row -> row.fail(next));
    }

    /** Nobody has tried to look at it. */
    public void putOff(String delegation, Instant next) {
        find(delegation).ifPresent(row -> row.comeBack(next));
    }

    /**
     * So many of the link's granted delegations whose mailboxes come after that one.
     *
     * @param base digest of where the realm is now
     */
    public List<Candidate> candidates(LinkId link, String base, String after, int limit) {
        return entities
                .createQuery(
                        "select d.id, d.mailbox, d.subject, (select count(w) from WatchEntity w where w.id = d.id"
                                + " and w.subject = d.subject and (w.base = :base or w.openedAt is null))"
                                + " from DelegationEntity d where d.realmId = :realm and d.linkName = :link"
                                + " and d.mailbox > :after and d.state = :granted and d.subject is not null"
                                + " order by d.mailbox",
                        Object[].class)
                .setParameter("base", base)
                .setParameter("realm", realmId)
                .setParameter("link", link.name())
                .setParameter("after", after)
                .setParameter("granted", Delegation.State.GRANTED)
                .setMaxResults(limit)
                .getResultList()
                .stream()
                .map(row -> new Candidate((String) row[0], (String) row[1], (String) row[2], (Long) row[3] > 0))
                .toList();
    }

    /**
     * A granted delegation.
     *
     * @param account Cronofy's id of the account behind it
     * @param watched whether this very account is, at an address where the realm can be reached now, or is about to be
     */
    public record Candidate(String delegation, String mailbox, String account, boolean watched) {}

    /**
     * Realms of those that are to be looked at now; where these are more than so many, all realms that have any to be
     * looked at some time.
     */
    public List<String> realms(Instant now, int many) {
        List<String> due = entities.createQuery(
                        "select w.realmId from WatchEntity w where w.nextAt <= :now order by w.nextAt", String.class)
                .setParameter("now", now.toEpochMilli())
                .setMaxResults(many)
                .getResultList();
        if (due.size() < many) {
            return due.stream().distinct().toList();
        }
        List<String> all = new ArrayList<>();
        for (Optional<String> next = realmAfter(""); next.isPresent(); next = realmAfter(next.get())) {
            all.add(next.get());
        }
        return all;
    }

    private Optional<String> realmAfter(String realm) {
        return Optional.ofNullable(
                entities.createQuery("select min(w.realmId) from WatchEntity w where w.realmId > :after", String.class)
                        .setParameter("after", realm)
                        .getSingleResult());
    }

    /**
     * Those of the realm that are to be looked at now, who has waited for longest first.
     *
     * @param called only those that a notification has called for, or only all others
     */
    public List<String> due(String realm, boolean called, Instant now, int limit) {
        return entities.createQuery(
                        "select w.id from WatchEntity w where w.realmId = :realm and w.called = :called"
                                + " and w.nextAt <= :now order by w.nextAt",
                        String.class)
                .setParameter("realm", realm)
                .setParameter("called", called)
                .setParameter("now", now.toEpochMilli())
                .setMaxResults(limit)
                .getResultList();
    }

    private Optional<WatchEntity> find(String delegation) {
        return Optional.ofNullable(entities.find(WatchEntity.class, delegation));
    }
}
