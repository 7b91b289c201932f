package io.github.enterpriseconnect.storage;

import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.LinkId;
import jakarta.persistence.EntityManager;
import jakarta.persistence.OptimisticLockException;
import jakarta.persistence.Query;
import jakarta.persistence.TypedQuery;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.keycloak.storage.StorageId;

/**
 * When somebody has to look at a delegation again, in column {@code LOOK_AT} of {@code EC_DELEGATION}: null where nobody
 * has to. Only statements write it, past the rows' versions, since looking changes nothing of a delegation:
 * neither may lose a race for it. A row that is live and bears none was just granted, or granted by a version that knows
 * nothing of this: {@link #adopt} finds it. Belongs to one session and its transaction.
 */
public final class Looks {
    private static final String OF_KEYCLOAK = "(u.federationLink is null and locate('f:', d.userId) <> 1)";

    private final EntityManager entities;

    Looks(EntityManager entities) {
        this.entities = entities;
    }

    /**
     * A delegation that is to be looked at.
     *
     * @param directory id of the directory that its user comes from; null for Keycloak's own users
     * @param failures how often in a row it could not be looked at
     * @param apart whether its realm is removed and may come back
     * @param version of its row, when it was read
     */
    public record Due(Delegation delegation, @Nullable String directory, int failures, boolean apart, int version) {
        public Origin origin() {
            return new Origin(delegation.link().realm(), directory);
        }
    }

    /**
     * Where people come from.
     *
     * @param directory its id; null for Keycloak's own
     */
    public record Origin(String realm, @Nullable String directory) {
        public boolean keycloak() {
            return directory == null;
        }
    }

    /**
     * Whom nobody looks for now.
     *
     * @param origins whose people are being looked at
     * @param directories whether nobody of any directory is looked for
     */
    public record Busy(Set<Origin> origins, boolean directories) {}

    /**
     * What is due, the longest due first. Where its user comes from is told by Keycloak's own tables; no directory is asked.
     * Who is left out is so by the statement, however many they are, so that nobody stands behind them.
     */
    public List<Due> due(Instant now, Busy busy, int limit) {
        Map<String, String> values = new HashMap<>();
        TypedQuery<Object[]> query = entities.createQuery(
                "select d, u.federationLink, r.id from DelegationEntity d"
                        + " left join UserEntity u on u.id = d.userId and u.realmId = d.realmId"
                        + " left join RemovedRealmEntity r on r.id = d.realmId"
                        + " where d.lookAt <= :now" + without(busy, values) + " order by d.lookAt",
                Object[].class);
        values.forEach(query::setParameter);
        return query.setParameter("now", now.toEpochMilli()).setMaxResults(limit).getResultList().stream()
                .map(row -> due((DelegationEntity) row[0], (String) row[1], row[2] != null))
                .toList();
    }

    /** As {@link #due(DelegationEntity, String, boolean)} tells them apart. */
    private static String without(Busy busy, Map<String, String> values) {
        StringBuilder without = new StringBuilder(busy.directories() ? " and " + OF_KEYCLOAK : "");
        int number = 0;
        for (Origin origin : busy.origins()) {
            String own = OF_KEYCLOAK;
            if (origin.directory() != null) {
                own = "(coalesce(u.federationLink, '-') = :directory" + number + " or locate(:ids" + number
                        + ", d.userId) = 1)";
                values.put("directory" + number, origin.directory());
                values.put("ids" + number, new StorageId(origin.directory(), "").getId());
            }
            without.append(" and not (d.realmId = :realm")
                    .append(number)
                    .append(" and ")
                    .append(own)
                    .append(')');
            values.put("realm" + number, origin.realm());
            number++;
        }
        return without.toString();
    }

    private static Due due(DelegationEntity row, @Nullable String importedFrom, boolean apart) {
        String directory = importedFrom == null ? StorageId.providerId(row.userId()) : importedFrom;
        return new Due(row.toDelegation(), directory, row.lookFailures(), apart, row.version());
    }

    /**
     * Claims these until that time, by which they are known then.
     *
     * @return whether they are claimed; otherwise another node has claimed them
     * @throws OptimisticLockException another node has claimed some of them; the transaction has to end, and nobody has
     *     claimed the others
     */
    public boolean claim(Collection<String> ids, Instant now, Instant until) {
        int claimed = entities.createQuery(
                        "update DelegationEntity d set d.lookAt = :until where d.id in :ids and d.lookAt <= :now")
                .setParameter("until", until.toEpochMilli())
                .setParameter("ids", ids)
                .setParameter("now", now.toEpochMilli())
                .executeUpdate();
        if (claimed > 0 && claimed < ids.size()) {
            throw new OptimisticLockException("another node has claimed some of them");
        }
        return claimed == ids.size();
    }

    /** These were looked at; who has been called for meanwhile stays so. */
    public void looked(Collection<String> ids, Instant claimed, Instant next) {
        change("d.lookAt = :next, d.lookFailures = 0", ids, claimed, next, 0);
    }

    /** These could not be looked at, and now so often in a row. */
    public void failed(Collection<String> ids, Instant claimed, Instant next, int failures) {
        change("d.lookAt = :next, d.lookFailures = :failures", ids, claimed, next, failures);
    }

    /** Nobody has tried to look at these. */
    public void putOff(Collection<String> ids, Instant claimed, Instant next) {
        change("d.lookAt = :next", ids, claimed, next, 0);
    }

    private void change(String change, Collection<String> ids, Instant claimed, Instant next, int failures) {
        if (ids.isEmpty()) {
            return;
        }
        Query query = entities.createQuery(
                        "update DelegationEntity d set " + change + " where d.id in :ids and d.lookAt = :claimed")
                .setParameter("next", next.toEpochMilli())
                .setParameter("ids", ids)
                .setParameter("claimed", claimed.toEpochMilli());
        if (failures > 0) {
            query.setParameter("failures", failures);
        }
        query.executeUpdate();
    }

    /** Nobody has to look at these any more. */
    public void none(Collection<String> ids, Instant claimed) {
        if (!ids.isEmpty()) {
            entities.createQuery("update DelegationEntity d set d.lookAt = null, d.lookFailures = 0"
                            + " where d.id in :ids and d.lookAt = :claimed")
                    .setParameter("ids", ids)
                    .setParameter("claimed", claimed.toEpochMilli())
                    .executeUpdate();
        }
    }

    /**
     * Has delegations looked at that live and of which nobody knew, so long after they were granted. In the order of the
     * index, for PostgreSQL takes the two conditions for independent, expects many rows, and reads the table otherwise.
     *
     * @return how many they were
     */
    public int adopt(Instant now, Duration idle, int limit) {
        List<String> found = entities.createQuery(
                        "select d.id from DelegationEntity d where d.lookAt is null and d.live = true order by d.lookAt",
                        String.class)
                .setMaxResults(limit)
                .getResultList();
        if (!found.isEmpty()) {
            entities.createQuery("update DelegationEntity d set d.lookAt = coalesce(d.grantedAt, :now) + :idle"
                            + " where d.id in :ids and d.lookAt is null")
                    .setParameter("now", now.toEpochMilli())
                    .setParameter("idle", idle.toMillis())
                    .setParameter("ids", found)
                    .executeUpdate();
        }
        return found.size();
    }

    /**
     * Tokens of these users are in use: they are looked at by that time, or earlier, if the last look is long ago. Whom
     * nobody could look at lately is not due before that time, or nobody would pause.
     *
     * @param unclaimed by when those of whom no look was ever due, whom therefore nobody has claimed
     * @param latest after any claim ends that somebody may hold now, for a claimed row stays as it is
     * @param sooner how much earlier than others they are looked at
     */
    public void inUse(String realmId, Collection<String> users, Instant unclaimed, Instant latest, Duration sooner) {
        entities.createQuery("update DelegationEntity d set d.lookAt = case when d.lookAt is null then :unclaimed"
                        + " when d.lookFailures = 0"
                        + " and d.lookAt - :sooner < :latest then d.lookAt - :sooner else :latest end"
                        + " where d.realmId = :realm and d.userId in :users and d.live = true"
                        + " and (d.lookAt is null or d.lookAt > :latest)")
                .setParameter("sooner", sooner.toMillis())
                .setParameter("unclaimed", unclaimed.toEpochMilli())
                .setParameter("latest", latest.toEpochMilli())
                .setParameter("realm", realmId)
                .setParameter("users", users)
                .executeUpdate();
    }

    /** Has every live delegation of the link looked at at the next occasion. */
    public void soon(LinkId link) {
        entities.createQuery("update DelegationEntity d set d.lookAt = 0 where d.realmId = :realm"
                        + " and d.linkName = :link and d.live = true")
                .setParameter("realm", link.realm())
                .setParameter("link", link.name())
                .executeUpdate();
    }

    /** Has whoever of the realm could not be looked at, or was refused for now, looked at at the next occasion. */
    public void troubledSoon(String realmId) {
        entities.createQuery("update DelegationEntity d set d.lookAt = 0 where d.realmId = :realm and d.lookAt > 0"
                        + " and (d.lookFailures > 0 or d.state in :ended)")
                .setParameter("realm", realmId)
                .setParameter("ended", List.of(Delegation.State.REFUSED, Delegation.State.REVOKED))
                .executeUpdate();
    }
}
