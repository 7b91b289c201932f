package io.github.enterpriseconnect.storage;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.enterpriseconnect.core.Application;
import io.github.enterpriseconnect.core.DataCenter;
import io.github.enterpriseconnect.core.Mailbox;
import io.github.enterpriseconnect.core.Secret;
import jakarta.persistence.EntityManager;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The outbox of revocations, in table {@code EC_REVOCATION}: written in the transaction in which a right ends here,
 * delivered to Cronofy later by any node. Orders are sealed under the master realm's key and bound to what they revoke.
 */
public final class RevocationStore {

    /** Life of a revocation. */
    public enum State {
        /** To be delivered. */
        PENDING,
        /** Cronofy has accepted it. */
        DELIVERED,
        /** Not sent: something else that lives holds the same authorization. */
        KEPT,
        /** Its order no longer opens: the master realm's key is gone. */
        UNDELIVERABLE
    }

    /**
     * A revocation that the caller alone delivers now.
     *
     * @param realm id of the realm that ordered it, which may be gone
     * @param attempts failures so far
     * @param sealedOrder tells this order from a newer one for the same authorization
     * @param order empty if it no longer opens
     */
    public record Claimed(
            String id,
            String realm,
            String application,
            String subject,
            int attempts,
            @Nullable String sealedOrder,
            Optional<RevocationOrder> order) {}

    private record Form(
            @JsonProperty("dc") String dataCenter,
            @JsonProperty("id") String clientId,
            @JsonProperty("secret") String clientSecret,
            @JsonProperty("sub") String subject,
            @JsonProperty("rt") @Nullable String refreshToken) {}

    private final EntityManager entities;
    private final Sealer masterSealer;
    private final ObjectMapper json;

    RevocationStore(EntityManager entities, Sealer masterSealer, ObjectMapper json) {
        this.entities = entities;
        this.masterSealer = masterSealer;
        this.json = json;
    }

    String seal(RevocationOrder order) {
        Application application = order.application();
        Form form = new Form(
                application.dataCenter().id(),
                application.clientId(),
                application.clientSecret().reveal(),
                order.subject(),
                order.refreshToken() == null ? null : order.refreshToken().reveal());
        try {
            return masterSealer.seal(
                    Sealer.Purpose.REVOCATION,
                    owner(application.key(), order.subject()),
                    json.writeValueAsString(form));
        } catch (IOException e) {
            throw new IllegalStateException("a revocation order can be written", e);
        }
    }

    /** Adds a revocation, unless one for the same authorization is pending: that one gets the newer order. */
    public void add(String realmId, RevocationOrder order, @Nullable Mailbox mailbox, Instant now) {
        add(realmId, order.application().key(), order.subject(), mailbox, seal(order), now);
    }

    void add(
            String realmId,
            String application,
            String subject,
            @Nullable Mailbox mailbox,
            @Nullable String sealedOrder,
            Instant now) {
        List<RevocationEntity> pending = entities.createQuery(
                        "select r from RevocationEntity r where r.application = :application"
                                + " and r.subject = :subject and r.state = :pending",
                        RevocationEntity.class)
                .setParameter("application", application)
                .setParameter("subject", subject)
                .setParameter("pending", State.PENDING)
                .getResultList();
        if (!pending.isEmpty()) {
            pending.get(0).replaceOrder(sealedOrder);
            return;
        }
        entities.persist(new RevocationEntity(
                UUID.randomUUID().toString(),
                realmId,
                application,
                subject,
                mailbox == null ? null : mailbox.address(),
                sealedOrder,
                now));
    }

    /** Whether a revocation that concerns the mailbox has still to be delivered; the mailbox must not be asked for yet. */
    public boolean pendingFor(String application, Mailbox mailbox) {
        return entities.createQuery(
                                "select count(r) from RevocationEntity r where r.application = :application"
                                        + " and r.mailbox = :mailbox and r.state = :pending",
                                Long.class)
                        .setParameter("application", application)
                        .setParameter("mailbox", mailbox.address())
                        .setParameter("pending", State.PENDING)
                        .getSingleResult()
                > 0;
    }

    /** Ids of revocations that are due, oldest first. */
    public List<String> due(Instant now, int limit) {
        return entities.createQuery(
                        "select r.id from RevocationEntity r where r.state = :pending and r.nextAttemptAt <= :now"
                                + " order by r.nextAttemptAt",
                        String.class)
                .setParameter("pending", State.PENDING)
                .setParameter("now", now.toEpochMilli())
                .setMaxResults(limit)
                .getResultList();
    }

    /** Claims a due revocation for one caller across all nodes, until {@code until}. */
    public Optional<Claimed> claim(String id, Instant now, Instant until) {
        RevocationEntity row = entities.find(RevocationEntity.class, id);
        return row == null || !row.claim(now, until)
                ? Optional.empty()
                : Optional.of(new Claimed(
                        row.id(),
                        row.realmId(),
                        row.application(),
                        row.subject(),
                        row.attempts(),
                        row.order(),
                        open(row)));
    }

    public void fail(String id, Instant next) {
        find(id).ifPresent(row -> row.fail(next));
    }

    /** Ends the claimed revocation; if a newer order has come for it meanwhile, that one is due at once instead. */
    public void end(Claimed claimed, State outcome, Instant now) {
        find(claimed.id()).ifPresent(row -> {
            if (Objects.equals(row.order(), claimed.sealedOrder())) {
                row.end(outcome, now);
            } else {
                row.fail(now);
            }
        });
    }

    /** Forgets what ended before that time. */
    public int purge(Instant endedBefore) {
        return entities.createQuery("delete from RevocationEntity r where r.endedAt < :time")
                .setParameter("time", endedBefore.toEpochMilli())
                .executeUpdate();
    }

    private Optional<RevocationEntity> find(String id) {
        return Optional.ofNullable(entities.find(RevocationEntity.class, id));
    }

    private Optional<RevocationOrder> open(RevocationEntity row) {
        return masterSealer
                .open(Sealer.Purpose.REVOCATION, owner(row.application(), row.subject()), row.order())
                .map(text -> {
                    try {
                        Form form = json.readValue(text, Form.class);
                        return new RevocationOrder(
                                new Application(
                                        DataCenter.byId(form.dataCenter()).orElseThrow(),
                                        form.clientId(),
                                        Secret.of(form.clientSecret())),
                                form.subject(),
                                form.refreshToken() == null ? null : Secret.of(form.refreshToken()));
                    } catch (IOException e) {
                        throw new IllegalStateException("what this class sealed can be read");
                    }
                });
    }

    private static String owner(String application, String subject) {
        return application + " " + subject;
    }
}
