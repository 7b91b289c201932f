package io.github.enterpriseconnect.storage;

import io.github.enterpriseconnect.core.Delegation;
import jakarta.persistence.EntityManager;
import java.util.Optional;

/** Finds rows of {@code EC_DELEGATION}, {@code EC_MOVE} and {@code EC_RESOURCE} for those who are about to change them. */
record DelegationRows(EntityManager entities) {
    Optional<DelegationEntity> find(String id) {
        return Optional.ofNullable(entities.find(DelegationEntity.class, id));
    }

    /** Of any of these tables; no id is in two. */
    Optional<AskRow> ask(String id) {
        return this.<AskRow>of(DelegationEntity.class, id)
                .or(() -> of(MoveEntity.class, id))
                .or(() -> of(CalendarResourceEntity.class, id));
    }

    private <T> Optional<T> of(Class<? extends T> type, String id) {
        return Optional.ofNullable(entities.find(type, id));
    }

    /** A row that went on to another ask, another user or another state since is left alone. */
    Optional<AskRow> same(Delegation asked) {
        return ask(asked.id())
                .filter(row -> row.userId().equals(asked.userId())
                        && (asked.ask() == null ? row.waits() : row.isAsk(asked.ask())));
    }
}
