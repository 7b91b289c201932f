package io.github.enterpriseconnect.storage;

import io.github.enterpriseconnect.core.CalendarEvent;
import io.github.enterpriseconnect.core.Notification;
import jakarta.persistence.EntityManager;
import jakarta.persistence.Query;
import jakarta.persistence.TypedQuery;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Base64;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The outbox of a realm's notifications, in table {@code EC_NOTIFICATION}: written in the transaction in which something
 * happens to a calendar, one row for each consumer that is to be told, and sent later by any node ({@link
 * DueNotifications}). What was accepted is not kept. Belongs to one session and its transaction.
 */
public final class NotificationStore {
    /** In a client's place while nobody can tell whom it concerns, since the settings cannot be read. */
    public static final String EVERYBODY = "(everybody)";

    private static final long CLAIM_MILLIS = 30_000;

    private final EntityManager entities;
    private final String realmId;

    NotificationStore(EntityManager entities, String realmId) {
        this.entities = entities;
        this.realmId = realmId;
    }

    /**
     * Adds a notification for each of these clients, behind whatever each is still to be told of the same subject.
     *
     * @return ids by client
     */
    public Map<String, String> add(CalendarEvent event, Collection<String> clients) {
        String transaction = VersionedRow.newId();
        Map<String, String> added = new LinkedHashMap<>();
        for (String client : clients) {
            String line = line(client, event.subject());
            NotificationEntity row = new NotificationEntity(event, client, line, last(line) + 1, transaction);
            entities.persist(row);
            added.put(client, row.id());
        }
        return added;
    }

    /** Whether something waits of this subject of which nobody knows yet whom it concerns: what follows stays behind it. */
    public boolean unaddressed(CalendarEvent.Subject subject) {
        return entities.createQuery(
                                "select count(n) from NotificationEntity n where n.realmId = :realm"
                                        + " and n.line = :line and n.state = :pending",
                                Long.class)
                        .setParameter("realm", realmId)
                        .setParameter("line", line(EVERYBODY, subject))
                        .setParameter("pending", Notification.State.PENDING.name())
                        .getSingleResult()
                > 0;
    }

    /**
     * Has all that waits be looked at again now, since what it waited for may be there; what is being sent stays so.
     *
     * @param client null for those of all clients
     */
    public void wake(@Nullable String client, Instant now) {
        Query query = entities.createQuery("update NotificationEntity n set n.nextAt = :now, n.version = n.version + 1"
                        + " where n.realmId = :realm and n.state = :pending and n.nextAt > :claimed"
                        + (client == null ? "" : " and n.clientId = :client"))
                .setParameter("now", now.toEpochMilli())
                .setParameter("claimed", now.toEpochMilli() + CLAIM_MILLIS)
                .setParameter("pending", Notification.State.PENDING.name())
                .setParameter("realm", realmId);
        if (client != null) {
            query.setParameter("client", client);
        }
        query.executeUpdate();
    }

    /** Of the same length whatever ids there are, so that it can be indexed everywhere. */
    private static String line(String client, CalendarEvent.Subject subject) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256")
                    .digest((client + "\n" + subject.type() + "\n" + subject.id()).getBytes(StandardCharsets.UTF_8));
            return Base64.getUrlEncoder().withoutPadding().encodeToString(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    private long last(String line) {
        return Optional.ofNullable(entities.createQuery(
                                "select max(n.turn) from NotificationEntity n where n.realmId = :realm"
                                        + " and n.line = :line",
                                Long.class)
                        .setParameter("realm", realmId)
                        .setParameter("line", line)
                        .getSingleResult())
                .orElse(0L);
    }

    /** One page of what has still to be accepted, oldest first; null filters match all. */
    public List<Notification> list(@Nullable String client, Notification.@Nullable State state, int first, int max) {
        TypedQuery<NotificationEntity> query = entities.createQuery(
                        "select n from NotificationEntity n where n.realmId = :realm"
                                + (client == null ? "" : " and n.clientId = :client")
                                + (state == null ? "" : " and n.state = :state")
                                + " order by n.createdAt, n.id",
                        NotificationEntity.class)
                .setParameter("realm", realmId);
        if (client != null) {
            query.setParameter("client", client);
        }
        if (state != null) {
            query.setParameter("state", state.name());
        }
        return query.setFirstResult(first).setMaxResults(max).getResultList().stream()
                .map(NotificationEntity::toNotification)
                .toList();
    }

    /** How many there are in which state, by its name in APIs; of one client, or of all. */
    public Map<String, Long> count(@Nullable String client) {
        TypedQuery<Object[]> query = entities.createQuery(
                        "select n.state, count(n) from NotificationEntity n where n.realmId = :realm"
                                + (client == null ? "" : " and n.clientId = :client")
                                + " group by n.state",
                        Object[].class)
                .setParameter("realm", realmId);
        if (client != null) {
            query.setParameter("client", client);
        }
        return query.getResultList().stream()
                .collect(Collectors.toMap(row -> ((String) row[0]).toLowerCase(Locale.ROOT), row -> (Long) row[1]));
    }

    /**
     * Has one sent again from the beginning, whether or not anybody still tries.
     *
     * @return its client; empty if there is none: it has been accepted, or has outlived its time
     */
    public Optional<String> replay(String id, Instant now) {
        return Optional.ofNullable(entities.find(NotificationEntity.class, id))
                .filter(row -> row.realmId().equals(realmId))
                .filter(row -> row.toNotification().state() != Notification.State.UNKNOWN)
                .map(row -> {
                    row.replay(now);
                    return row.toNotification().clientId();
                });
    }

    /**
     * As {@link #replay}, of all that nobody tries any more, of one client.
     *
     * @return how many
     */
    public int replayAll(String client, Instant now) {
        return entities.createQuery(
                        "update NotificationEntity n set n.state = :pending, n.attempts = 0, n.problem = null,"
                                + " n.failingSince = null,"
                                + " n.createdAt = :now, n.nextAt = :now, n.version = n.version + 1"
                                + " where n.realmId = :realm and n.clientId = :client and n.state = :undeliverable")
                .setParameter("pending", Notification.State.PENDING.name())
                .setParameter("undeliverable", Notification.State.UNDELIVERABLE.name())
                .setParameter("now", now.toEpochMilli())
                .setParameter("realm", realmId)
                .setParameter("client", client)
                .executeUpdate();
    }
}
