package io.github.enterpriseconnect.storage;

import io.github.enterpriseconnect.core.Invitation;
import io.github.enterpriseconnect.core.LinkId;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Table;
import java.time.Instant;
import org.jspecify.annotations.NullUnmarked;

/** A row of {@code EC_INVITATION}. */
@Entity
@Table(name = "EC_INVITATION")
@NullUnmarked
class InvitationEntity extends VersionedRow {
    @Column(name = "LINK_NAME")
    private String linkName;

    @Column(name = "TICKET_HASH")
    private String ticketHash;

    @Column(name = "CREATED_BY")
    private String createdBy;

    @Column(name = "CREATED_AT")
    private long createdAt;

    @Column(name = "EXPIRES_AT")
    private long expiresAt;

    @Column(name = "STATE_HASH")
    private String stateHash;

    @Column(name = "COOKIE_HASH")
    private String cookieHash;

    @Column(name = "BASE_URL")
    private String baseUrl;

    @Column(name = "USED_AT")
    private Long usedAt;

    @Column(name = "REPLACEMENT")
    private boolean replacement;

    @Column(name = "WITHDRAWN")
    private boolean withdrawn;

    /** When whoever had authorized the link had it verified; null until then. */
    @Column(name = "VERIFIED_AT")
    private Long verifiedAt;

    /** When the link was authorized by it; null until then. */
    @Column(name = "AUTHORIZED_AT")
    private Long authorizedAt;

    /** Which verification they have begun. */
    @Column(name = "VERIFICATION_RUN")
    private String verificationRun;

    protected InvitationEntity() {}

    InvitationEntity(
            LinkId link, String ticketHash, String createdBy, boolean replacement, Instant now, Instant expiresAt) {
        super(newId(), link.realm());
        this.replacement = replacement;
        this.linkName = link.name();
        this.ticketHash = ticketHash;
        this.createdBy = createdBy;
        this.createdAt = now.toEpochMilli();
        this.expiresAt = expiresAt.toEpochMilli();
    }

    String cookieHash() {
        return cookieHash;
    }

    String baseUrl() {
        return baseUrl;
    }

    boolean open(Instant now) {
        return usedAt == null && !withdrawn && expiresAt > now.toEpochMilli();
    }

    void start(String newStateHash, String newCookieHash, String newBaseUrl) {
        stateHash = newStateHash;
        cookieHash = newCookieHash;
        baseUrl = newBaseUrl;
    }

    void endRoundTrip() {
        stateHash = null;
        cookieHash = null;
    }

    /** State and cookie stay: by them whoever has authorized the link is known for a while. */
    void use(Instant now) {
        usedAt = now.toEpochMilli();
    }

    void authorize(Instant now) {
        authorizedAt = now.toEpochMilli();
        verifiedAt = null;
        verificationRun = null;
    }

    boolean authorizedSince(Instant since) {
        return usedAt != null && authorizedAt != null && authorizedAt >= since.toEpochMilli();
    }

    boolean verified() {
        return verifiedAt != null;
    }

    String verificationRun() {
        return verificationRun;
    }

    void verify(String run, Instant now) {
        verifiedAt = now.toEpochMilli();
        verificationRun = run;
    }

    void reopen() {
        usedAt = null;
        authorizedAt = null;
    }

    void withdraw() {
        withdrawn = true;
        endRoundTrip();
    }

    Invitation toInvitation() {
        return new Invitation(
                id(),
                new LinkId(realmId(), linkName),
                createdBy,
                replacement,
                Instant.ofEpochMilli(createdAt),
                Instant.ofEpochMilli(expiresAt),
                usedAt == null ? null : Instant.ofEpochMilli(usedAt),
                withdrawn);
    }
}
