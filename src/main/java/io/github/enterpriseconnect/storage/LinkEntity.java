package io.github.enterpriseconnect.storage;

import io.github.enterpriseconnect.core.Domain;
import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.LinkDomain;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Policy;
import io.github.enterpriseconnect.core.Reason;
import jakarta.persistence.CollectionTable;
import jakarta.persistence.Column;
import jakarta.persistence.Convert;
import jakarta.persistence.ElementCollection;
import jakarta.persistence.Embedded;
import jakarta.persistence.Entity;
import jakarta.persistence.EntityManager;
import jakarta.persistence.FetchType;
import jakarta.persistence.JoinColumn;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.NullUnmarked;

/** A row of {@code EC_LINK}. */
@Entity
@Table(name = "EC_LINK")
@NullUnmarked
class LinkEntity extends VersionedRow {
    @Column(name = "NAME")
    private String name;

    @Convert(converter = StateColumn.OfLink.class)
    @Column(name = "STATE", insertable = false, updatable = false)
    private Link.State state;

    @Column(name = "STATE")
    private String stateName;

    @Column(name = "APPLICATION")
    private String application;

    @Column(name = "SERVICE_ACCOUNT")
    private String serviceAccount;

    @Column(name = "ACCOUNT_DOMAIN")
    private String accountDomain;

    @Embedded
    private GrantedAccess granted = new GrantedAccess();

    @Column(name = "BASE_URL")
    private String baseUrl;

    @Column(name = "LINKED_AT")
    private Long linkedAt;

    @Column(name = "CREDENTIAL")
    private String credential;

    @Column(name = "REVOCATION_ORDER")
    private String revocationOrder;

    @Embedded
    private RowClaim claim = new RowClaim();

    @Column(name = "PROBLEM")
    private String problem;

    @Column(name = "PROBLEM_SINCE")
    private Long problemSince;

    @Embedded
    private AskTrouble asks = new AskTrouble();

    @Column(name = "POLICY_PROBLEM")
    private String policyProblem;

    @Column(name = "POLICY_PROBLEM_SINCE")
    private Long policyProblemSince;

    @Embedded
    private ChangedDirectories directories;

    @Convert(converter = PolicyColumn.class)
    @Column(name = "POLICY")
    private Policy policy = Policy.DEFAULT;

    @ElementCollection(fetch = FetchType.EAGER)
    @CollectionTable(name = "EC_LINK_DOMAIN", joinColumns = @JoinColumn(name = "LINK_ID"))
    private Set<LinkDomainRow> domains = new HashSet<>();

    protected LinkEntity() {}

    LinkEntity(String id, LinkId link) {
        super(id, link.realm());
        this.name = link.name();
        become(Link.State.UNLINKED);
    }

    /** The link's row; empty for a link that was never touched. */
    static Optional<LinkEntity> find(EntityManager entities, LinkId id) {
        return entities
                .createQuery(
                        "select l from LinkEntity l left join fetch l.domains"
                                + " where l.realmId = :realm and l.name = :name",
                        LinkEntity.class)
                .setParameter("realm", id.realm())
                .setParameter("name", id.name())
                .getResultList()
                .stream()
                .findFirst();
    }

    LinkId linkId() {
        return new LinkId(realmId(), name);
    }

    String application() {
        return application;
    }

    /** Notes why the policy cannot be answered for everybody, null if it can; tells whether that is new. */
    boolean notePolicy(Reason reason, Instant now) {
        boolean changed = !Objects.equals(policyProblem, Names.of(reason));
        if (changed) {
            policyProblem = Names.of(reason);
            policyProblemSince = reason == null ? null : now.toEpochMilli();
        }
        return changed;
    }

    /** A new one where none is kept, since nothing stands for no directory at all. */
    ChangedDirectories directories() {
        directories = directories == null ? new ChangedDirectories() : directories;
        return directories;
    }

    /** Whether somebody must authorize it anew because its tokens did not open any more. */
    boolean keyLost() {
        return state == Link.State.NEEDS_AUTHORIZATION
                && Reason.CREDENTIAL_UNREADABLE.name().equals(problem);
    }

    /** Its tokens open again: it is as it was. */
    void keyFound() {
        become(Link.linkedState(
                ownDomain(), domains.stream().map(LinkDomainRow::toDomain).toList(), true));
        endWell();
    }

    AskTrouble asks() {
        return asks;
    }

    String credential() {
        return credential;
    }

    String revocationOrder() {
        return revocationOrder;
    }

    void authorize(Link link, String sealedCredential, String sealedOrder) {
        become(link.state());
        application = link.application();
        serviceAccount = link.serviceAccount();
        accountDomain =
                link.accountDomain() == null ? null : link.accountDomain().name();
        granted = GrantedAccess.of(link);
        baseUrl = link.baseUrl();
        linkedAt = link.linkedAt() == null ? null : link.linkedAt().toEpochMilli();
        setDomains(link.domains());
        asks.end();
        renew(sealedCredential, sealedOrder);
    }

    GrantedAccess granted() {
        granted = granted == null ? new GrantedAccess() : granted;
        return granted;
    }

    void renew(String sealedCredential, String sealedOrder) {
        credential = sealedCredential;
        revocationOrder = sealedOrder;
        endWell();
    }

    void reorder(String sealedOrder) {
        revocationOrder = sealedOrder;
    }

    void needAuthorization(Reason reason, Instant now) {
        become(Link.State.NEEDS_AUTHORIZATION);
        fail(reason, now);
    }

    /** Tells whether it is another problem than before. */
    boolean fail(Reason reason, Instant now) {
        claim.giveBack();
        boolean changed = !reason.name().equals(problem);
        if (changed) {
            problem = reason.name();
            problemSince = now.toEpochMilli();
        }
        return changed;
    }

    private void endWell() {
        claim.settle();
        problem = null;
        problemSince = null;
    }

    void unlink() {
        become(Link.State.UNLINKED);
        application = null;
        serviceAccount = null;
        accountDomain = null;
        granted = new GrantedAccess();
        baseUrl = null;
        linkedAt = null;
        credential = null;
        revocationOrder = null;
        asks.end();
        endWell();
    }

    void approve(List<LinkDomain> newDomains) {
        setDomains(newDomains);
        if (state == Link.State.ACTIVE || state == Link.State.AWAITING_APPROVAL) {
            become(Link.linkedState(ownDomain(), newDomains, true));
        }
    }

    void setPolicy(Policy newPolicy) {
        if (!newPolicy.equals(policy)) {
            notePolicy(null, Instant.EPOCH);
        }
        policy = newPolicy;
    }

    RowClaim claim() {
        return claim;
    }

    private void become(Link.State newState) {
        state = newState;
        stateName = newState.name();
    }

    private void setDomains(List<LinkDomain> newDomains) {
        Set<LinkDomainRow> rows =
                new HashSet<>(newDomains.stream().map(LinkDomainRow::new).toList());
        domains.retainAll(rows);
        domains.addAll(rows);
    }

    private Domain ownDomain() {
        return accountDomain == null ? null : new Domain(accountDomain);
    }

    Link toLink() {
        GrantedAccess access = granted == null ? new GrantedAccess() : granted; // Who reads must change nothing.
        return new Link(
                linkId(),
                state,
                application,
                serviceAccount,
                ownDomain(),
                access.scope(),
                access.delegatedScope(),
                baseUrl,
                linkedAt == null ? null : Instant.ofEpochMilli(linkedAt),
                domains.stream()
                        .map(LinkDomainRow::toDomain)
                        .sorted(Comparator.comparing(domain -> domain.domain().name()))
                        .toList(),
                policy == null ? Policy.DEFAULT : policy,
                problem(),
                Names.unknown(stateName, state),
                access.seen(linkedAt));
    }

    /** What concerns everybody comes first. */
    private Link.Problem problem() {
        Link.Problem ofTokens = Names.problem(problem, problemSince);
        if (ofTokens != null) {
            return ofTokens;
        }
        if (asks.problem() != null) {
            return asks.problem();
        }
        Link.Problem ofPolicy = Names.problem(policyProblem, policyProblemSince);
        return ofPolicy == null && directories != null ? directories.problem() : ofPolicy;
    }
}
