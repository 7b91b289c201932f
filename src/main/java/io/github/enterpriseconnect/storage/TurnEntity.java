package io.github.enterpriseconnect.storage;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import org.jspecify.annotations.NullUnmarked;

/** A row of {@code EC_TURN}; there are as many as {@link Turns} knows, from the beginning on. */
@Entity
@Table(name = "EC_TURN")
@NullUnmarked
class TurnEntity {
    @Id
    @Column(name = "ID", length = 36)
    private String id;

    protected TurnEntity() {}

    String id() {
        return id;
    }
}
