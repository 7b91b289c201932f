package io.github.enterpriseconnect.storage;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.util.UUID;
import org.jspecify.annotations.NullUnmarked;

/** As far as we read it, what Keycloak's own entity of this name is. */
@Entity(name = "FederatedUserAttributeEntity")
@Table(name = "FED_USER_ATTRIBUTE")
@NullUnmarked
class TestFederatedUserAttributeEntity {
    @Id
    @Column(name = "ID")
    private String id;

    @Column(name = "USER_ID")
    private String userId;

    @Column(name = "REALM_ID")
    private String realmId;

    @Column(name = "NAME")
    private String name;

    @Column(name = "VALUE")
    private String value;

    protected TestFederatedUserAttributeEntity() {}

    TestFederatedUserAttributeEntity(String userId, String realmId, String name, String value) {
        this.id = UUID.randomUUID().toString();
        this.userId = userId;
        this.realmId = realmId;
        this.name = name;
        this.value = value;
    }
}
