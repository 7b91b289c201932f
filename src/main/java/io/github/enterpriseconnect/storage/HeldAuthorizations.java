package io.github.enterpriseconnect.storage;

import io.github.enterpriseconnect.core.Revocation;
import jakarta.persistence.EntityManager;
import jakarta.persistence.TypedQuery;
import java.util.stream.Stream;

/** What live links and delegations of all realms hold at Cronofy, where a revocation would end it for them too. */
final class HeldAuthorizations {
    private static final String OF_APPLICATION = " h where h.application = :application and ";

    private final EntityManager entities;

    HeldAuthorizations(EntityManager entities) {
        this.entities = entities;
    }

    /**
     * Whether somebody holds what this order would revoke. One that does not say whose authorization it is may mean the
     * one that its link, or its mailbox, holds.
     */
    boolean includes(Revocation order) {
        return RevocationOrder.named(order.subject()) ? bySubject(order) : byCause(order);
    }

    private boolean bySubject(Revocation order) {
        return any(count("LinkEntity", "h.serviceAccount = :subject", order).setParameter("subject", order.subject()))
                || any(count(
                                "ReplacementEntity",
                                "h.serviceAccount = :subject and h.state not in " + ReplacementEntity.CLOSED,
                                order)
                        .setParameter("subject", order.subject()))
                || holders("h.subject = :subject and h.live = true", order)
                        .anyMatch(held -> any(held.setParameter("subject", order.subject())));
    }

    private boolean byCause(Revocation order) {
        Revocation.Cause cause = order.cause();
        return cause.mailbox() == null
                ? any(count(
                                "LinkEntity",
                                "h.serviceAccount is not null and h.realmId = :realm and h.name = :link",
                                order)
                        .setParameter("realm", cause.realm())
                        .setParameter("link", cause.link()))
                : holders("h.mailbox = :mailbox and h.live = true", order)
                        .anyMatch(held ->
                                any(held.setParameter("mailbox", cause.mailbox().address())));
    }

    /** Of members, and of resources. */
    private Stream<TypedQuery<Long>> holders(String condition, Revocation order) {
        return Stream.of("DelegationEntity", "CalendarResourceEntity").map(table -> count(table, condition, order));
    }

    private TypedQuery<Long> count(String entity, String condition, Revocation order) {
        return entities.createQuery("select count(h) from " + entity + OF_APPLICATION + condition, Long.class)
                .setParameter("application", order.application());
    }

    private static boolean any(TypedQuery<Long> count) {
        return count.getSingleResult() > 0;
    }
}
