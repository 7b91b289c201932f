package io.github.enterpriseconnect.storage;

import io.github.enterpriseconnect.core.Policy;
import jakarta.persistence.EntityManager;
import java.time.Instant;
import java.util.Optional;

/**
 * Which members are to be told of their delegation, and who was, in table {@code EC_NOTICE}: at most one notice for as
 * long as a right lasts, however often it is renewed. Belongs to one realm, one session and its transaction.
 *
 * @see Policy.Notice
 */
public final class NoticeStore {
    private final EntityManager entities;
    private final String realmId;

    NoticeStore(EntityManager entities, String realmId) {
        this.entities = entities;
        this.realmId = realmId;
    }

    /**
     * A notice that this node sends.
     *
     * @param delegation id of the delegation it is about
     * @param attempts including this one
     */
    public record Claimed(String delegation, int attempts, Instant createdAt) {}

    /** Has the member told, unless that was done already. */
    public void order(String delegation, Instant now) {
        if (entities.find(NoticeEntity.class, delegation) == null) {
            entities.persist(new NoticeEntity(delegation, realmId, now));
        }
    }

    /** Empty if the notice is not due, since another node is sending it or has sent it. */
    public Optional<Claimed> claim(String delegation, Instant now, Instant until) {
        return find(delegation).filter(row -> row.due(now)).map(row -> {
            row.attempt(until);
            return new Claimed(row.id(), row.attempts(), row.createdAt());
        });
    }

    public void postpone(String delegation, Instant next) {
        find(delegation).ifPresent(row -> row.postpone(next));
    }

    /** Nothing is left to do: the notice was sent, or nobody wants it any more. */
    public void close(String delegation) {
        find(delegation).ifPresent(NoticeEntity::close);
    }

    /** The right has ended; a new one is worth a notice of its own. */
    public void forget(String delegation) {
        entities.createQuery("delete from NoticeEntity n where n.id = :id")
                .setParameter("id", delegation)
                .executeUpdate();
    }

    private Optional<NoticeEntity> find(String delegation) {
        return Optional.ofNullable(entities.find(NoticeEntity.class, delegation));
    }
}
