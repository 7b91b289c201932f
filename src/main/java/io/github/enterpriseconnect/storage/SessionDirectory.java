package io.github.enterpriseconnect.storage;

import io.github.enterpriseconnect.core.Delegation;
import jakarta.persistence.EntityManager;
import java.time.Instant;
import java.util.List;
import org.keycloak.connections.jpa.JpaConnectionProvider;
import org.keycloak.models.KeycloakSession;

/** Finds users who are signed in and of whom our tables tell nothing, with one query for a page of them. */
public final class SessionDirectory {
    private static final List<String> ONLINE_AND_OFFLINE = List.of("0", "1");

    private SessionDirectory() {}

    /**
     * Sessions that were seen since that time, by time and id.
     *
     * @param seenAt of the last one of the page before, or the time that is asked for
     * @param afterId id of the last one of the page before; empty for the first page
     */
    public static List<SessionRow> unaccounted(
            KeycloakSession session, String realmId, Instant seenAt, String afterId, int limit) {
        return unaccounted(
                session.getProvider(JpaConnectionProvider.class).getEntityManager(), realmId, seenAt, afterId, limit);
    }

    static List<SessionRow> unaccounted(
            EntityManager entities, String realmId, Instant seenAt, String afterId, int limit) {
        return entities
                .createQuery(
                        "select s.userSessionId, s.userId, s.createdOn, s.lastSessionRefresh"
                                + " from PersistentUserSessionEntity s where s.realmId = :realm and s.offline in :kinds"
                                + " and s.lastSessionRefresh >= :seen"
                                + " and (s.lastSessionRefresh > :seen or s.userSessionId > :after)"
                                + " and not exists (select w.id from WaitingEntity w"
                                + " where w.realmId = s.realmId and w.userId = s.userId)"
                                + " and not exists (select d.id from DelegationEntity d"
                                + " where d.realmId = s.realmId and d.userId = s.userId"
                                + " and (d.state in :live or (d.state = :refused and d.nextAttemptAt / 1000 >= s.createdOn)"
                                + " or (d.state = :revoked and d.examinedAt / 1000 >= s.createdOn)))"
                                + " order by s.lastSessionRefresh, s.userSessionId",
                        Object[].class)
                .setParameter("realm", realmId)
                .setParameter("kinds", ONLINE_AND_OFFLINE)
                .setParameter("seen", Math.toIntExact(seenAt.getEpochSecond()))
                .setParameter("after", afterId)
                .setParameter("live", List.of(Delegation.State.ASKED, Delegation.State.GRANTED))
                .setParameter("refused", Delegation.State.REFUSED)
                .setParameter("revoked", Delegation.State.REVOKED)
                .setMaxResults(limit)
                .getResultList()
                .stream()
                .map(row -> new SessionRow((String) row[0], (String) row[1], (int) row[2], (int) row[3]))
                .toList();
    }
}
