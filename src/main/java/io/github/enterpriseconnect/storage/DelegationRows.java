package io.github.enterpriseconnect.storage;

import io.github.enterpriseconnect.core.Delegation;
import jakarta.persistence.EntityManager;
import java.util.Optional;

/** Finds rows of {@code EC_DELEGATION} for those who are about to change them. */
record DelegationRows(EntityManager entities) {
    Optional<DelegationEntity> find(String id) {
        return Optional.ofNullable(entities.find(DelegationEntity.class, id));
    }

    /** A row that went on to another ask, another user or another state since is left alone. */
    Optional<DelegationEntity> same(Delegation asked) {
        return find(asked.id())
                .filter(row -> row.userId().equals(asked.userId())
                        && (asked.ask() == null ? row.state() == Delegation.State.ASKED : row.isAsk(asked.ask())));
    }
}
