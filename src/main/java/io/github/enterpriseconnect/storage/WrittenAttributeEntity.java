package io.github.enterpriseconnect.storage;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Table;
import org.jspecify.annotations.NullUnmarked;

/** A row of {@code EC_WRITTEN_ATTRIBUTE}, one for each user attribute of a realm that links take calendar names from. */
@Entity
@Table(name = "EC_WRITTEN_ATTRIBUTE")
@NullUnmarked
class WrittenAttributeEntity extends VersionedRow {
    @Column(name = "ATTRIBUTE")
    private String attribute;

    /** Whether users may write it. */
    @Column(name = "BY_USERS")
    private boolean byUsers;

    /** Until when they could before; null if never, as far as anybody knows. */
    @Column(name = "BY_USERS_UNTIL")
    private Long byUsersUntil;

    /** When an administrator last said that what it holds counts; null if never. */
    @Column(name = "ACCEPTED_AT")
    private Long acceptedAt;

    protected WrittenAttributeEntity() {}

    WrittenAttributeEntity(String realmId, String attribute, WrittenAttribute known) {
        super(newId(), realmId);
        this.attribute = attribute;
        this.byUsers = known.byUsers();
        this.byUsersUntil = known.until() == null ? null : known.until().toEpochMilli();
    }

    String attribute() {
        return attribute;
    }

    /** Of the same attribute, from before the realm was removed. */
    void takeBack(WrittenAttributeEntity kept) {
        // Until when users could, if they cannot any more, is noted with the next look.
        byUsers = byUsers || kept.byUsers;
        if (kept.byUsersUntil != null && (byUsersUntil == null || byUsersUntil < kept.byUsersUntil)) {
            byUsersUntil = kept.byUsersUntil;
        }
    }

    WrittenAttribute toWritten() {
        return new WrittenAttribute(byUsers, instant(byUsersUntil), instant(acceptedAt));
    }
}
