package io.github.enterpriseconnect.storage;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.JoinColumn;
import jakarta.persistence.ManyToOne;
import jakarta.persistence.Table;
import java.util.UUID;
import org.jspecify.annotations.NullUnmarked;

/** As far as we read it, what Keycloak's own entity of this name is. */
@Entity(name = "UserAttributeEntity")
@Table(name = "USER_ATTRIBUTE")
@NullUnmarked
class TestUserAttributeEntity {
    @Id
    @Column(name = "ID")
    private String id;

    @SuppressWarnings("unused") // Queries read it.
    @ManyToOne
    @JoinColumn(name = "USER_ID")
    private TestUserEntity user;

    @Column(name = "NAME")
    private String name;

    @Column(name = "VALUE")
    private String value;

    protected TestUserAttributeEntity() {}

    TestUserAttributeEntity(TestUserEntity user, String name, String value) {
        this.id = UUID.randomUUID().toString();
        this.user = user;
        this.name = name;
        this.value = value;
    }
}
