package io.github.enterpriseconnect.storage;

import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Mailbox;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.NullUnmarked;

/** A row of {@code EC_CHANGE}. */
@Entity
@Table(name = "EC_CHANGE")
@NullUnmarked
class ChangeEntity extends VersionedRow {
    static final String USER_CHANGED = "user_changed";
    static final String USER_REMOVED = "user_removed";
    static final String ORGANIZATION_REMOVED = "organization_removed";
    static final String LINK_ENDED = "link_ended";

    /** No sealed value contains it. */
    private static final String BETWEEN_VALUES = "\n";

    @Column(name = "KIND")
    private String kind;

    @Column(name = "USER_ID")
    private String userId;

    @Column(name = "LINK_NAME")
    private String linkName;

    @Column(name = "MAILBOX")
    private String mailbox;

    @Column(name = "PROVEN_BY")
    private String provenBy;

    @Column(name = "CARRIED")
    private String carried;

    @Column(name = "CREATED_AT")
    private long createdAt;

    @Column(name = "ATTEMPTS")
    private int attempts;

    @Column(name = "NEXT_ATTEMPT_AT")
    private long nextAttemptAt;

    protected ChangeEntity() {}

    ChangeEntity(String realmId, Change change, Instant now, Instant next) {
        super(newId(), realmId);
        createdAt = now.toEpochMilli();
        nextAttemptAt = next.toEpochMilli();
        if (change instanceof Change.UserChanged changed) {
            kind = USER_CHANGED;
            userId = changed.userId();
            mailbox = changed.mailbox() == null ? null : changed.mailbox().address();
            provenBy = changed.provenBy();
        } else if (change instanceof Change.UserRemoved removed) {
            kind = USER_REMOVED;
            userId = removed.userId();
            carried = removed.carried().isEmpty() ? null : String.join(BETWEEN_VALUES, removed.carried());
        } else if (change instanceof Change.OrganizationRemoved removed) {
            kind = ORGANIZATION_REMOVED;
            linkName = removed.link().name();
        } else if (change instanceof Change.LinkEnded ended) {
            kind = LINK_ENDED;
            linkName = ended.link().name();
        }
    }

    void postpone(Instant next) {
        attempts++;
        nextAttemptAt = next.toEpochMilli();
    }

    Change.Unjudged toUnjudged() {
        return new Change.Unjudged(id(), realmId(), change(), attempts);
    }

    private Change change() {
        return switch (kind) {
            case USER_CHANGED ->
                new Change.UserChanged(userId, mailbox == null ? null : new Mailbox(mailbox), provenBy);
            case USER_REMOVED ->
                new Change.UserRemoved(
                        userId, carried == null ? List.of() : List.of(carried.split(BETWEEN_VALUES, -1)));
            case ORGANIZATION_REMOVED -> new Change.OrganizationRemoved(new LinkId(realmId(), linkName));
            case LINK_ENDED -> new Change.LinkEnded(new LinkId(realmId(), linkName));
            default -> throw new IllegalStateException("only known kinds are asked for, not " + kind);
        };
    }
}
