package io.github.enterpriseconnect.storage;

import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Mailbox;
import jakarta.persistence.EntityManager;
import java.util.List;

/** Who holds a mailbox or its account by a delegation, in whichever realm. Belongs to one session and its transaction. */
public final class HeldMailboxes {
    private final EntityManager entities;

    HeldMailboxes(EntityManager entities) {
        this.entities = entities;
    }

    /** Whether a delegation which Cronofy still honours, is of this mailbox. */
    public boolean anyLive(String application, Mailbox mailbox) {
        return any("d.live = true", application, mailbox);
    }

    /** The delegations which Cronofy still honours, that are of this account. */
    public List<Delegation> liveOf(String application, String subject) {
        return entities
                .createQuery(
                        "select d from DelegationEntity d where d.application = :application and d.subject = :subject"
                                + " and d.live = true",
                        DelegationEntity.class)
                .setParameter("application", application)
                .setParameter("subject", subject)
                .getResultList()
                .stream()
                .map(DelegationEntity::toDelegation)
                .toList();
    }

    /** Whether this mailbox is being asked for, for whomever. */
    public boolean anyAsked(String application, Mailbox mailbox) {
        return any("d.stateName = 'ASKED'", application, mailbox);
    }

    private boolean any(String condition, String application, Mailbox mailbox) {
        return entities.createQuery(
                                "select count(d) from DelegationEntity d where d.application = :application"
                                        + " and d.mailbox = :mailbox and " + condition,
                                Long.class)
                        .setParameter("application", application)
                        .setParameter("mailbox", mailbox.address())
                        .getSingleResult()
                > 0;
    }
}
