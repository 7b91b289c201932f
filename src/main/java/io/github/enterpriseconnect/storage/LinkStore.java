package io.github.enterpriseconnect.storage;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.enterpriseconnect.core.Application;
import io.github.enterpriseconnect.core.Credential;
import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.LinkDomain;
import io.github.enterpriseconnect.core.LinkId;
import jakarta.persistence.EntityManager;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Links, in table {@code EC_LINK}: one row per organization that was ever approved or linked. Belongs to one session and
 * its transaction.
 */
public final class LinkStore {
    private final EntityManager entities;
    private final SealedCredentials credentials;
    private final RevocationStore revocations;

    LinkStore(EntityManager entities, Sealer sealer, RevocationStore revocations, ObjectMapper json) {
        this.entities = entities;
        this.credentials = new SealedCredentials(sealer, json);
        this.revocations = revocations;
    }

    /** The link as it stands; an unlinked one if nobody has touched it yet. */
    public Link get(LinkId id) {
        LinkEntity row = find(id);
        return row == null ? Link.unlinked(id) : row.toLink();
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
    }

    /** The service account's tokens; empty if unlinked or if they no longer open. */
    public Optional<Credential> credential(LinkId id) {
        LinkEntity row = find(id);
        return row == null
                ? Optional.empty()
                : credentials.open(Sealer.Purpose.SERVICE_ACCOUNT, owner(row), row.credential());
    }

    /** Stores refreshed tokens and ends the lease on the refresh; false if the service account is no longer this link's. */
    public boolean renew(LinkId id, Credential credential, Application application) {
        LinkEntity row = find(id);
        if (row == null || !credential.subject().equals(row.toLink().serviceAccount())) {
            return false;
        }
        row.renew(seal(row, credential), order(credential, application));
        return true;
    }

    /**
     * Claims the refresh of the link's tokens for one caller across all nodes.
     *
     * @return whether the caller has it; another's claim ends by {@link #renew}, {@link #release} or its time
     */
    public boolean lease(LinkId id, Instant now, Instant until) {
        LinkEntity row = find(id);
        return row != null && row.lease(now, until);
    }

    public void release(LinkId id) {
        LinkEntity row = find(id);
        if (row != null) {
            row.endLease();
        }
    }

    /** The service account's tokens can no longer be used; somebody must authorize it again. */
    public void needAuthorization(LinkId id) {
        LinkEntity row = find(id);
        if (row != null && row.toLink().linked()) {
            row.needAuthorization();
        }
    }

    /** Forgets the service account and orders its revocation, in one transaction; approved domains stay. */
    public void unlink(LinkId id, Instant now) {
        LinkEntity row = find(id);
        if (row != null) {
            unlink(row, now);
        }
    }

    /** Removes every link of a realm, ordering the revocation of what is linked. */
    void removeAll(String realmId, Instant now) {
        entities.createQuery("select l from LinkEntity l where l.realmId = :realm", LinkEntity.class)
                .setParameter("realm", realmId)
                .getResultList()
                .forEach(row -> {
                    unlink(row, now);
                    entities.remove(row);
                });
    }

    private void unlink(LinkEntity row, Instant now) {
        Link link = row.toLink();
        if (link.linked()) {
            String application = Objects.requireNonNull(link.application());
            String serviceAccount = Objects.requireNonNull(link.serviceAccount());
            revocations.add(link.id().realm(), application, serviceAccount, null, row.revocationOrder(), now);
            row.unlink();
        }
    }

    /** Puts the application's present secret into every link's revocation order, after the secret has been replaced. */
    public void reorder(String realmId, Application application) {
        entities
                .createQuery(
                        "select l from LinkEntity l where l.realmId = :realm and l.application = :application",
                        LinkEntity.class)
                .setParameter("realm", realmId)
                .setParameter("application", application.key())
                .getResultList()
                .stream()
                .forEach(row -> credentials
                        .open(Sealer.Purpose.SERVICE_ACCOUNT, owner(row), row.credential())
                        .ifPresent(credential -> row.reorder(order(credential, application))));
    }

    private @Nullable LinkEntity find(LinkId id) {
        return entities
                .createQuery("select l from LinkEntity l where l.realmId = :realm and l.name = :name", LinkEntity.class)
                .setParameter("realm", id.realm())
                .setParameter("name", id.name())
                .setMaxResults(1)
                .getResultList()
                .stream()
                .findFirst()
                .orElse(null);
    }

    private LinkEntity findOrCreate(LinkId id) {
        LinkEntity row = find(id);
        if (row == null) {
            row = new LinkEntity(UUID.randomUUID().toString(), id);
            entities.persist(row);
        }
        return row;
    }

    private String seal(LinkEntity row, Credential credential) {
        return credentials.seal(Sealer.Purpose.SERVICE_ACCOUNT, owner(row), credential);
    }

    private String order(Credential credential, Application application) {
        return revocations.seal(new RevocationOrder(
                application, credential.subject(), credential.tokens().refreshToken()));
    }

    private static String owner(LinkEntity row) {
        return row.id();
    }
}
