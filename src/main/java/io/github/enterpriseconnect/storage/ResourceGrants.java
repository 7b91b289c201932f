package io.github.enterpriseconnect.storage;

import io.github.enterpriseconnect.core.Credential;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Resource;
import jakarta.persistence.EntityManager;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * How resources are delegated, from when they are due on, with their sealed credentials; in table {@code EC_RESOURCE}.
 * Their answers are those of any ask ({@link AnswerStore}). Belongs to one session and its transaction.
 */
public final class ResourceGrants {
    private static final String OF_LINK = "e.realmId = :realm and e.linkName = :link";

    private final EntityManager entities;
    private final Sealer sealer;
    private final SealedCredentials credentials;

    ResourceGrants(EntityManager entities, Sealer sealer) {
        this.entities = entities;
        this.sealer = sealer;
        this.credentials = new SealedCredentials(sealer);
    }

    /** Links of any realm with resources on which something is to be done, each of them once. */
    public List<LinkId> dueLinks(Instant now, int limit) {
        return entities
                .createQuery(
                        "select distinct e.realmId, e.linkName from CalendarResourceEntity e where e.nextAttemptAt <= :now"
                                + " and e.wanted = true and e.code is null" + RemovedRealmEntity.notApart("e"),
                        Object[].class)
                .setParameter("now", now.toEpochMilli())
                .setMaxResults(limit)
                .getResultList()
                .stream()
                .map(row -> new LinkId((String) row[0], (String) row[1]))
                .toList();
    }

    /** Those of the link on which something is to be done, the longest due first. */
    public List<Resource> due(LinkId link, Instant now, int limit) {
        return entities
                .createQuery(
                        "select e from CalendarResourceEntity e where " + OF_LINK
                                + " and e.nextAttemptAt <= :now and e.wanted = true and e.code is null order by e.nextAttemptAt, e.id",
                        CalendarResourceEntity.class)
                .setParameter("realm", link.realm())
                .setParameter("link", link.name())
                .setParameter("now", now.toEpochMilli())
                .setMaxResults(limit)
                .getResultList()
                .stream()
                .map(CalendarResourceEntity::toResource)
                .toList();
    }

    /** Those that were granted through another service account than this one are to be asked for anew. */
    public void askAnew(LinkId link, String serviceAccount, Instant now) {
        entities.createQuery("update CalendarResourceEntity e set e.nextAttemptAt = :now where " + OF_LINK
                        + " and e.stateName = 'GRANTED' and e.wanted = true and e.nextAttemptAt is null"
                        + " and e.serviceAccount <> :serviceAccount")
                .setParameter("now", now.toEpochMilli())
                .setParameter("realm", link.realm())
                .setParameter("link", link.name())
                .setParameter("serviceAccount", serviceAccount)
                .executeUpdate();
    }

    /** It cannot be asked for now. */
    public void rest(String id, Reason reason, Instant now, Instant next) {
        find(id).ifPresent(row -> row.rest(reason, now, next));
    }

    /** Notes that it is about to be asked for; must be committed before the request is sent. */
    public Delegation ask(String id, Asking asking, Instant now) {
        CalendarResourceEntity row = find(id).orElseThrow();
        row.ask(
                asking,
                sealer.seal(
                        Sealer.Purpose.CALLBACK_URL, id, asking.callbackUrl().reveal()),
                now);
        return row.toDelegation();
    }

    /**
     * The answer to the ask was redeemed.
     *
     * @return false if the row is no longer about this ask
     */
    public boolean grant(Delegation asked, Credential credential, Instant now) {
        Optional<CalendarResourceEntity> row =
                find(asked.id()).filter(found -> found.isAsk(String.valueOf(asked.ask())));
        row.ifPresent(found -> {
            found.grant(credential.subject(), seal(found, credential), now);
            entities.flush();
        });
        return row.isPresent();
    }

    /**
     * The tokens of a granted one; empty if they no longer open.
     *
     * @throws io.github.enterpriseconnect.core.Unreadable the key is away, and they may open later
     */
    public Optional<Credential> credential(String id) {
        return find(id).filter(row -> row.credential() != null)
                .flatMap(row -> credentials.open(Sealer.Purpose.CREDENTIAL, row.id(), row.credential()));
    }

    /** Stores renewed tokens; false if the right has ended or has been given anew meanwhile. */
    public boolean renew(String id, Credential renewed) {
        Optional<CalendarResourceEntity> row =
                find(id).filter(found -> found.granted() && renewed.subject().equals(found.subject()));
        row.ifPresent(found -> {
            refreshClaim(id).settle();
            found.renew(seal(found, renewed));
        });
        return row.isPresent();
    }

    private String seal(CalendarResourceEntity row, Credential credential) {
        return credentials.seal(Sealer.Purpose.CREDENTIAL, row.id(), credential);
    }

    /** The claim to refresh its tokens. */
    public RefreshClaim refreshClaim(String id) {
        return new RefreshClaim(find(id).map(CalendarResourceEntity::claim).orElse(null), entities);
    }

    /** Cronofy, or the loss of a key, has ended it. */
    public void lose(String id, Reason reason, Instant now) {
        find(id).filter(CalendarResourceEntity::granted).ifPresent(row -> row.lose(reason, now));
    }

    /** Ends it on our side, in a way that no concurrent change can make fail; tells how it was. */
    public Optional<Resource> end(String id, Reason reason, Instant now) {
        return Locked.row(entities, CalendarResourceEntity.class, id).map(row -> {
            Resource before = row.toResource();
            row.want(false, now);
            row.end(reason, now);
            entities.flush();
            return before;
        });
    }

    private Optional<CalendarResourceEntity> find(String id) {
        return Optional.ofNullable(entities.find(CalendarResourceEntity.class, id));
    }
}
