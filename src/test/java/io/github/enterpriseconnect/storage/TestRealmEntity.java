package io.github.enterpriseconnect.storage;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import org.jspecify.annotations.NullUnmarked;

/** As far as we read it, what Keycloak's own entity of this name is. */
@Entity(name = "RealmEntity")
@Table(name = "REALM")
@NullUnmarked
class TestRealmEntity {
    @Id
    @Column(name = "ID")
    private String id;

    protected TestRealmEntity() {}
}
