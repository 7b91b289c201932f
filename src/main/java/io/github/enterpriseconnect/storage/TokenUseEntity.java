package io.github.enterpriseconnect.storage;

import io.github.enterpriseconnect.core.TokenUse;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.NullUnmarked;

/** A row of {@code EC_TOKEN_USE}. */
@Entity
@Table(name = "EC_TOKEN_USE")
@NullUnmarked
class TokenUseEntity extends VersionedRow {
    @Column(name = "USER_ID")
    private String userId;

    @Column(name = "CLIENT_ID")
    private String clientId;

    @Column(name = "USED_RIGHT")
    private String right;

    @Column(name = "LINK_NAME")
    private String linkName;

    @Column(name = "LAST_AT")
    private long lastAt;

    @Column(name = "ACTOR")
    private String actor;

    @Column(name = "ACTED_AT")
    private Long actedAt;

    protected TokenUseEntity() {}

    TokenUseEntity(String id, String realmId, String userId, String linkName, TokenUse use) {
        super(id, realmId);
        this.userId = userId;
        this.clientId = use.clientId();
        this.right = use.right().toUpperCase(Locale.ROOT);
        note(linkName, use);
    }

    /** Of several notes, which come in any order, the latest stays. */
    final void note(String link, TokenUse use) {
        if (use.lastAt().toEpochMilli() >= lastAt) {
            linkName = link;
            lastAt = use.lastAt().toEpochMilli();
        }
        TokenUse.Acted acted = use.acted();
        if (acted != null && (actedAt == null || acted.lastAt().toEpochMilli() >= actedAt)) {
            actor = acted.actor();
            actedAt = acted.lastAt().toEpochMilli();
        }
    }

    /** What there is one row for. */
    record Key(String userId, String clientId, String right) {}

    Key key() {
        return new Key(userId, clientId, right);
    }

    TokenUse toUse() {
        return new TokenUse(
                clientId,
                right.toLowerCase(Locale.ROOT),
                Instant.ofEpochMilli(lastAt),
                actor == null || actedAt == null ? null : new TokenUse.Acted(actor, instant(actedAt)));
    }
}
