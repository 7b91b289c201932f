package io.github.enterpriseconnect.storage;

import io.github.enterpriseconnect.core.Condition;
import io.github.enterpriseconnect.core.Cronofy;
import io.github.enterpriseconnect.core.Link;
import jakarta.persistence.Column;
import jakarta.persistence.Embeddable;
import java.time.Instant;
import org.jspecify.annotations.NullUnmarked;

/** The columns of {@code EC_LINK} that say what its service account was granted, and how it was seen to stand at Cronofy. */
@Embeddable
@NullUnmarked
class GrantedAccess {
    @Column(name = "SCOPE")
    private String scope;

    @Column(name = "DELEGATED_SCOPE")
    private String delegatedScope;

    @Column(name = "ACCOUNT_STATUS")
    private String status;

    @Column(name = "PROVIDER_NAME")
    private String provider;

    @Column(name = "PROVIDER_PROTOCOL")
    private String protocol;

    @Column(name = "MIGRATION_URL")
    private String migrationUrl;

    @Column(name = "ACCOUNT_SEEN_AT")
    private Long seenAt;

    /** When Cronofy is asked again, see {@link ServiceAccountLooks}; null if nobody does. */
    @Column(name = "ACCOUNT_LOOK_AT", insertable = false, updatable = false)
    private Long lookAt;

    /** When Cronofy was last asked, whatever it said, see {@link ServiceAccountLooks}. */
    @Column(name = "ACCOUNT_ASKED_AT", insertable = false, updatable = false)
    private Long askedAt;

    protected GrantedAccess() {}

    static GrantedAccess of(Link link) {
        GrantedAccess access = new GrantedAccess();
        access.scope = link.scope();
        access.delegatedScope = link.delegatedScope();
        if (link.seen() != null) {
            access.stands(link.seen().condition(), later(link.seen().at(), link.linkedAt()));
        }
        return access;
    }

    /** By whichever node's clock, an account was seen after it was linked. */
    private static Instant later(Instant at, Instant linkedAt) {
        return linkedAt == null || at.isAfter(linkedAt) ? at : linkedAt;
    }

    private void stands(Condition condition, Instant at) {
        status = condition.status();
        provider = condition.provider();
        protocol = condition.protocol();
        migrationUrl = condition.migrationUrl();
        seenAt = at.toEpochMilli();
    }

    /** Of what Cronofy does not tell everything stays as it was, for it may hold all the same. */
    void see(Cronofy.ServiceAccount account, Instant now, Instant linkedAt) {
        delegatedScope = account.delegatedScope() == null ? delegatedScope : account.delegatedScope();
        if (!account.condition().equals(Condition.UNKNOWN)) {
            stands(account.condition(), later(now, linkedAt));
        }
    }

    String scope() {
        return scope;
    }

    String delegatedScope() {
        return delegatedScope;
    }

    /** Null where nothing was seen of the account that is linked since then: what an older version has left is another's. */
    Link.Seen seen(Long linkedAt) {
        return seenAt == null || (linkedAt != null && seenAt < linkedAt)
                ? null
                : Link.Seen.of(new Condition(status, provider, protocol, migrationUrl), Instant.ofEpochMilli(seenAt));
    }
}
