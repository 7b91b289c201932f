package io.github.enterpriseconnect.storage;

import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Mailbox;
import io.github.enterpriseconnect.core.SignIn;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.NullUnmarked;

/** A row of {@code EC_WAITING}. */
@Entity
@Table(name = "EC_WAITING")
@NullUnmarked
class WaitingEntity extends VersionedRow {
    @Column(name = "LINK_NAME")
    private String linkName;

    @Column(name = "USER_ID")
    private String userId;

    /** Whether the member came by a sign-in, which then is told by the next two. */
    @Column(name = "SIGNED_IN")
    private boolean signedIn;

    @Column(name = "IDENTITY_PROVIDER")
    private String identityProvider;

    @Column(name = "VOUCHED_FOR")
    private String vouchedFor;

    @Column(name = "SINCE")
    private long since;

    @Column(name = "ATTEMPTS")
    private int attempts;

    @Column(name = "NEXT_ATTEMPT_AT")
    private long nextAttemptAt;

    protected WaitingEntity() {}

    WaitingEntity(String realmId, String userId, Instant now) {
        super(newId(), realmId);
        this.userId = userId;
        this.since = now.toEpochMilli();
    }

    void come(LinkId link, Optional<SignIn> signIn) {
        linkName = link.name();
        signIn.ifPresent(by -> {
            signedIn = true;
            identityProvider = by.identityProvider();
            vouchedFor = by.vouchedFor() == null ? null : by.vouchedFor().address();
        });
    }

    int attempts() {
        return attempts;
    }

    void fail(Instant next) {
        attempts++;
        nextAttemptAt = next.toEpochMilli();
    }

    void postpone(Instant next) {
        nextAttemptAt = next.toEpochMilli();
    }

    WaitingMember toMember() {
        Optional<SignIn> signIn = signedIn
                ? Optional.of(new SignIn(identityProvider, vouchedFor == null ? null : new Mailbox(vouchedFor)))
                : Optional.empty();
        return new WaitingMember(new LinkId(realmId(), linkName), userId, signIn);
    }
}
