package io.github.enterpriseconnect.storage;

import io.github.enterpriseconnect.core.Application;
import io.github.enterpriseconnect.core.Credential;
import io.github.enterpriseconnect.core.Cronofy;
import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.LinkDomain;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Policy;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Revocation;
import io.github.enterpriseconnect.core.Unreadable;
import jakarta.persistence.EntityManager;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Links, in table {@code EC_LINK}: one row per organization that was ever approved or linked. Belongs to one session
 * and its transaction.
 */
public final class LinkStore {
    /** Links of one application whose secrets are looked at, the newest first. */
    private static final int MOST_LOOKED_AT = 100;

    private final EntityManager entities;
    private final SealedCredentials credentials;
    private final RevocationStore revocations;
    private final SealedOrders orders;
    private final VerificationStore verifications;

    LinkStore(EntityManager entities, Sealer sealer, RevocationStore revocations, SealedOrders orders) {
        this.entities = entities;
        this.credentials = new SealedCredentials(sealer);
        this.revocations = revocations;
        this.orders = orders;
        this.verifications = new VerificationStore(entities, sealer);
    }

    /** The link as it stands; an unlinked one if nobody has touched it yet. */
    public Link get(LinkId id) {
        LinkEntity row = find(id);
        return row == null ? Link.unlinked(id) : row.toLink();
    }

    /** A link with what tells this state of its row from all others. */
    public record Stamped(LinkStamp stamp, Link link) {}

    /** As {@link #get}; empty if nobody has touched it yet. */
    public Optional<Stamped> stamped(LinkId id) {
        return Optional.ofNullable(find(id))
                .map(row -> new Stamped(new LinkStamp(row.id(), row.version()), row.toLink()));
    }

    /**
     * The links with these names as they stand, by name, in one query; unlinked ones of those that nobody has touched
     * yet.
     */
    public Map<String, Link> get(String realmId, Collection<String> names) {
        Map<String, Link> links = new HashMap<>();
        if (names.isEmpty()) {
            return links;
        }
        names.forEach(name -> links.put(name, Link.unlinked(new LinkId(realmId, name))));
        entities.createQuery(
                        "select l from LinkEntity l left join fetch l.domains where l.realmId = :realm and l.name in :names",
                        LinkEntity.class)
                .setParameter("realm", realmId)
                .setParameter("names", names)
                .getResultList()
                .forEach(row -> links.put(row.linkId().name(), row.toLink()));
        return links;
    }

    /** Every link of the realm that has a row, by name. */
    public List<Link> list(String realmId) {
        return entities
                .createQuery("select l from LinkEntity l where l.realmId = :realm order by l.name", LinkEntity.class)
                .setParameter("realm", realmId)
                .getResultList()
                .stream()
                .map(LinkEntity::toLink)
                .toList();
    }

    /** Replaces the link's domains and with them its state. */
    public Link approve(LinkId id, List<LinkDomain> domains) {
        LinkEntity row = findOrCreate(id);
        row.approve(domains);
        return row.toLink();
    }

    /** Stores an authorized service account: who it is, what was granted, its sealed tokens, and how to revoke it. */
    public void authorize(Link link, Credential credential, Application application) {
        LinkEntity row = findOrCreate(link.id());
        row.authorize(link, seal(row, credential), order(credential, application));
        if (link.listsResources()) {
            new ResourceListStore(entities).soon(link.id(), Objects.requireNonNullElse(link.linkedAt(), Instant.EPOCH));
        }
    }

    /**
     * The service account's tokens; empty if unlinked or if they no longer open.
     *
     * @throws Unreadable the key is away, and they may open later
     */
    public Optional<Credential> credential(LinkId id) {
        LinkEntity row = find(id);
        return row == null
                ? Optional.empty()
                : credentials.open(Sealer.Purpose.SERVICE_ACCOUNT, owner(row), row.credential());
    }

    /**
     * Stores refreshed tokens and ends the lease on the refresh; false if the service account is no longer this link's.
     */
    public boolean renew(LinkId id, Credential credential, Application application) {
        LinkEntity row = find(id);
        if (row == null || !credential.subject().equals(row.toLink().serviceAccount())) {
            return false;
        }
        row.renew(seal(row, credential), order(credential, application));
        return true;
    }

    /** The claim to refresh the link's tokens; it also ends by {@link #renew}. */
    public RefreshClaim refreshClaim(LinkId id) {
        LinkEntity row = find(id);
        return new RefreshClaim(row == null ? null : row.claim(), entities);
    }

    /**
     * Notes how the service account stands by Cronofy's word: what it was really granted, and its condition. Nothing ends
     * by it.
     *
     * @return the link as it is now; empty if the service account is no longer this link's
     */
    public Optional<Link> see(LinkId id, Cronofy.ServiceAccount account, Instant now) {
        return linked(id)
                .filter(row -> account.subject().equals(row.toLink().serviceAccount()))
                .map(row -> {
                    row.granted().see(account, now, row.toLink().linkedAt());
                    return row.toLink();
                });
    }

    /** The service account's tokens can no longer be used; somebody must authorize it again. */
    public void needAuthorization(LinkId id, Reason reason, Instant now) {
        linked(id).ifPresent(row -> row.needAuthorization(reason, now));
    }

    /** The service account's tokens could not be renewed now; tells whether it is another problem than before. */
    public boolean fail(LinkId id, Reason reason, Instant now) {
        return linked(id).filter(row -> row.fail(reason, now)).isPresent();
    }

    private Optional<LinkEntity> linked(LinkId id) {
        return Optional.ofNullable(find(id)).filter(row -> row.toLink().linked());
    }

    public void setPolicy(LinkId id, Policy policy) {
        findOrCreate(id).setPolicy(policy);
    }

    /** Forgets the service account and orders its revocation, in one transaction; approved domains and policy stay. */
    public void unlink(LinkId id, Reason reason, Instant now) {
        locked(id).ifPresent(row -> unlink(row, reason, now));
    }

    /** Removes the link of an organization that is being removed, ordering the revocation of what is linked. */
    public void remove(LinkId id, Instant now) {
        locked(id).ifPresent(row -> {
            unlink(row, Reason.UNLINKED, now);
            entities.remove(row);
        });
    }

    private Optional<LinkEntity> locked(LinkId id) {
        return Optional.ofNullable(find(id)).flatMap(row -> Locked.row(entities, LinkEntity.class, row.id()));
    }

    /** Removes every link of a realm, ordering the revocation of what is linked. */
    void removeAll(String realmId, Instant now) {
        entities
                .createQuery("select l.id from LinkEntity l where l.realmId = :realm order by l.id", String.class)
                .setParameter("realm", realmId)
                .getResultList()
                .stream()
                .flatMap(id -> Locked.row(entities, LinkEntity.class, id).stream())
                .forEach(row -> {
                    unlink(row, Reason.REALM_REMOVED, now);
                    entities.remove(row);
                });
    }

    private void unlink(LinkEntity row, Reason reason, Instant now) {
        Link link = row.toLink();
        new BackfillStore(entities, link.id().realm()).remove(link.id());
        verifications.remove(link.id());
        new ReplacementStore(entities, revocations, orders).endWith(link.id(), reason, now);
        new ChangeStore(entities, link.id().realm()).add(new Change.LinkEnded(link.id()), now, now);
        if (link.linked()) {
            String application = Objects.requireNonNull(link.application());
            String serviceAccount = Objects.requireNonNull(link.serviceAccount());
            Revocation.Cause cause = Revocation.Cause.ofLink(link.id(), reason);
            String order = row.revocationOrder();
            if (order == null) {
                revocations.addUndeliverable(application, serviceAccount, cause, now);
            } else {
                boolean doubtful = row.claim().doubtful();
                String sent = doubtful ? orders.byAccount(application, serviceAccount, order) : order;
                revocations.add(application, serviceAccount, sent, cause, now);
            }
            row.unlink();
        }
    }

    /** Puts the application's present secret into every link's revocation order, after the secret has been replaced. */
    public void reorder(String realmId, Application application) {
        entities.createQuery(
                        "select l from LinkEntity l where l.realmId = :realm and l.application = :application",
                        LinkEntity.class)
                .setParameter("realm", realmId)
                .setParameter("application", application.key())
                .getResultList()
                .forEach(row -> opened(row).ifPresent(credential -> row.reorder(order(credential, application))));
        new ReplacementStore(entities, revocations, orders).reorder(realmId, application);
    }

    /**
     * An application with each secret by which links of any realm keep it for their own revocation, without repetition.
     *
     * @param key see {@link Application#key()}
     */
    public List<Application> applications(String key) {
        return entities
                .createQuery(
                        "select l from LinkEntity l where l.application = :application order by l.linkedAt desc",
                        LinkEntity.class)
                .setParameter("application", key)
                .setMaxResults(MOST_LOOKED_AT)
                .getResultList()
                .stream()
                .flatMap(row ->
                        orders.open(key, String.valueOf(row.toLink().serviceAccount()), row.revocationOrder()).stream())
                .map(RevocationOrder::application)
                .distinct()
                .toList();
    }

    /** One of {@link #applications}. */
    public Optional<Application> application(String key) {
        return applications(key).stream().findFirst();
    }

    /** While the key is away an order keeps the former secret; whoever delivers it takes the present one. */
    private Optional<Credential> opened(LinkEntity row) {
        try {
            return credentials.open(Sealer.Purpose.SERVICE_ACCOUNT, owner(row), row.credential());
        } catch (Unreadable away) {
            return Optional.empty();
        }
    }

    private @Nullable LinkEntity find(LinkId id) {
        return LinkEntity.find(entities, id).orElse(null);
    }

    private LinkEntity findOrCreate(LinkId id) {
        LinkEntity row = find(id);
        if (row == null) {
            row = new LinkEntity(VersionedRow.newId(), id);
            entities.persist(row);
        }
        return row;
    }

    private String seal(LinkEntity row, Credential credential) {
        return credentials.seal(Sealer.Purpose.SERVICE_ACCOUNT, owner(row), credential);
    }

    private String order(Credential credential, Application application) {
        return orders.seal(new RevocationOrder(
                application, credential.subject(), credential.tokens().refreshToken()));
    }

    private static String owner(LinkEntity row) {
        return row.id();
    }
}
