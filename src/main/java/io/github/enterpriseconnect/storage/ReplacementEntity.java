package io.github.enterpriseconnect.storage;

import io.github.enterpriseconnect.core.Domain;
import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Replacement;
import io.github.enterpriseconnect.core.Words;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Table;
import java.time.Instant;
import org.jspecify.annotations.NullUnmarked;

/** A row of {@code EC_REPLACEMENT}: how far it is, and the service account that the link does not hold any more. */
@Entity
@Table(name = "EC_REPLACEMENT")
@NullUnmarked
class ReplacementEntity extends VersionedRow {
    /** In which the former service account may be revoked; in all others, also of a newer version, it must not be. */
    static final String CLOSED = "('CHECKING', 'FINISHED')";

    @Column(name = "LINK_NAME")
    private String linkName;

    @Column(name = "STATE")
    private String state;

    @Column(name = "SUCCESSOR")
    private String successor;

    @Column(name = "CANCELLED")
    private boolean cancelled;

    @Column(name = "FORMER_LEFT")
    private boolean left;

    @Column(name = "STARTED_AT")
    private long startedAt;

    @Column(name = "STARTED_BY")
    private String startedBy;

    @Column(name = "ENDED_AT")
    private Long endedAt;

    /** When the next node may take it on, for an index to find; null if nothing is to be done. */
    @Column(name = "NEXT_AT")
    private Long nextAt;

    @Column(name = "REACHED")
    private String reached;

    @Column(name = "WAITS_FOR")
    private String waitsFor;

    @Column(name = "FAILURES")
    private int failures;

    @Column(name = "APPLICATION")
    private String application;

    @Column(name = "SERVICE_ACCOUNT")
    private String serviceAccount;

    @Column(name = "USABLE")
    private boolean usable;

    @Column(name = "ACCOUNT_DOMAIN")
    private String accountDomain;

    @Column(name = "SCOPE")
    private String scope;

    @Column(name = "DELEGATED_SCOPE")
    private String delegatedScope;

    @Column(name = "BASE_URL")
    private String baseUrl;

    @Column(name = "LINKED_AT")
    private Long linkedAt;

    /** Sealed for the link's row. */
    @Column(name = "CREDENTIAL")
    private String credential;

    @Column(name = "REVOCATION_ORDER")
    private String revocationOrder;

    /** Whether the tokens may have been exchanged for others that nobody has. */
    @Column(name = "DOUBTED")
    private boolean doubted;

    protected ReplacementEntity() {}

    ReplacementEntity(LinkId link) {
        super(newId(), link.realm());
        this.linkName = link.name();
    }

    void begin(String newSuccessor, String by, Instant now) {
        become(Replacement.State.MOVING);
        successor = newSuccessor;
        cancelled = false;
        left = false;
        startedAt = now.toEpochMilli();
        startedBy = by;
        endedAt = null;
        beginPass(now);
    }

    /** The service account that is replaced is kept here. */
    void setAside(LinkEntity row) {
        Link link = row.toLink();
        application = link.application();
        serviceAccount = link.serviceAccount();
        usable = link.state() == Link.State.ACTIVE;
        accountDomain =
                link.accountDomain() == null ? null : link.accountDomain().name();
        scope = link.scope();
        delegatedScope = link.delegatedScope();
        baseUrl = link.baseUrl();
        linkedAt = link.linkedAt() == null ? null : link.linkedAt().toEpochMilli();
        credential = row.credential();
        revocationOrder = row.revocationOrder();
        doubted = row.claim().doubtful();
    }

    /** The one that was set aside and the one that the link holds change places. */
    void turnRound(LinkEntity row, Instant now) {
        Link present = row.toLink();
        Link former = new Link(
                present.id(),
                Link.linkedState(ownDomain(), present.domains(), true),
                application,
                serviceAccount,
                ownDomain(),
                scope,
                delegatedScope,
                baseUrl,
                now,
                present.domains(),
                present.policy(),
                null);
        String itsCredential = credential;
        String itsOrder = revocationOrder;
        boolean itsDoubt = doubted;
        setAside(row);
        row.authorize(former, itsCredential, itsOrder);
        if (itsDoubt) {
            row.claim().doubt();
        }
        successor = former.serviceAccount();
        cancelled = !cancelled;
        moveOn(now);
    }

    private Domain ownDomain() {
        return accountDomain == null ? null : new Domain(accountDomain);
    }

    /** Whether this is of one that was ever begun. */
    boolean begun() {
        return state != null;
    }

    LinkId link() {
        return new LinkId(realmId(), linkName);
    }

    /** Whether the link could hold the service account again. */
    boolean usable() {
        return usable;
    }

    String application() {
        return application;
    }

    String serviceAccount() {
        return serviceAccount;
    }

    String revocationOrder() {
        return revocationOrder;
    }

    boolean doubted() {
        return doubted;
    }

    boolean is(Replacement.State one) {
        return one.name().equals(state);
    }

    boolean due(Instant now) {
        return nextAt != null && nextAt <= now.toEpochMilli();
    }

    void reorder(String sealedOrder) {
        revocationOrder = sealedOrder;
    }

    void lease(Instant until) {
        nextAt = until.toEpochMilli();
    }

    void goOn(String newReached, Reason reason, int newFailures, Instant next) {
        reached = newReached;
        waitsFor = Names.of(reason);
        failures = newFailures;
        nextAt = endedAt == null ? Long.valueOf(next.toEpochMilli()) : null;
    }

    void keep(Instant next) {
        become(Replacement.State.KEPT);
        waitsFor = null;
        nextAt = next.toEpochMilli();
    }

    void moveOn(Instant now) {
        become(Replacement.State.MOVING);
        beginPass(now);
    }

    void check(Instant now) {
        become(Replacement.State.CHECKING);
        beginPass(now);
    }

    private void beginPass(Instant now) {
        reached = null;
        waitsFor = null;
        failures = 0;
        nextAt = now.toEpochMilli();
    }

    /** Nothing of the former service account is needed any more. */
    void finish(boolean formerLeft, Instant now) {
        become(Replacement.State.FINISHED);
        left = formerLeft;
        endedAt = now.toEpochMilli();
        waitsFor = null;
        nextAt = null;
        credential = null;
        revocationOrder = null;
    }

    private void become(Replacement.State newState) {
        state = newState.name();
    }

    Replacement toReplacement() {
        Reason reason = Names.reason(waitsFor);
        Replacement.State known = Names.read(Replacement.State.class, state, Replacement.State.UNKNOWN);
        return new Replacement(
                id(),
                link(),
                serviceAccount,
                successor,
                known,
                cancelled,
                left,
                Instant.ofEpochMilli(startedAt),
                startedBy,
                instant(endedAt),
                reached == null ? "" : reached,
                reason,
                failures,
                new Words(Names.unknown(state, known), Names.unknown(waitsFor, reason)));
    }
}
