package io.github.enterpriseconnect.storage;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import org.jspecify.annotations.NullUnmarked;

/** As far as we read it, what Keycloak's own entity of this name is. */
@Entity(name = "UserEntity")
@Table(name = "USER_ENTITY")
@NullUnmarked
class TestUserEntity {
    @Id
    @Column(name = "ID")
    private String id;

    @Column(name = "REALM_ID")
    private String realmId;

    @Column(name = "FEDERATION_LINK")
    private String federationLink;

    protected TestUserEntity() {}

    TestUserEntity(String id, String realmId, String federationLink) {
        this.id = id;
        this.realmId = realmId;
        this.federationLink = federationLink;
    }
}
