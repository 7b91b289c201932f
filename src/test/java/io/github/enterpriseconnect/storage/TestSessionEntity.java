package io.github.enterpriseconnect.storage;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import org.jspecify.annotations.NullUnmarked;

/** As far as we read it, what Keycloak's own entity of this name is: itself it wants many others around it. */
@Entity(name = "PersistentUserSessionEntity")
@Table(name = "OFFLINE_USER_SESSION")
@NullUnmarked
class TestSessionEntity {
    @Id
    @Column(name = "USER_SESSION_ID")
    private String userSessionId;

    @Column(name = "REALM_ID")
    private String realmId;

    @Column(name = "USER_ID")
    private String userId;

    @Column(name = "CREATED_ON")
    private int createdOn;

    @Column(name = "LAST_SESSION_REFRESH")
    private int lastSessionRefresh;

    @Column(name = "OFFLINE_FLAG")
    private String offline;

    protected TestSessionEntity() {}

    TestSessionEntity(String userSessionId, String offline, String realmId, String userId, int at) {
        this.userSessionId = userSessionId;
        this.offline = offline;
        this.realmId = realmId;
        this.userId = userId;
        this.createdOn = at;
        this.lastSessionRefresh = at;
    }
}
