package io.github.enterpriseconnect.storage;

import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Mailbox;
import jakarta.persistence.EntityManager;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Who holds a mailbox or its account by a delegation, in whichever realm. Belongs to one session and its transaction. */
public final class HeldMailboxes {
    private final EntityManager entities;

    HeldMailboxes(EntityManager entities) {
        this.entities = entities;
    }

    /** Whether a delegation of a member or a resource, which Cronofy still honours, is of this mailbox. */
    public boolean anyLive(String application, Mailbox mailbox) {
        return Stream.of("DelegationEntity", "CalendarResourceEntity")
                .anyMatch(table -> entities.createQuery(
                                        "select count(d) from " + table + " d where d.application = :application"
                                                + " and d.mailbox = :mailbox and d.live = true",
                                        Long.class)
                                .setParameter("application", application)
                                .setParameter("mailbox", mailbox.address())
                                .getSingleResult()
                        > 0);
    }

    /** Whether a member is asked for by this mailbox, or has it delegated. */
    public boolean ofMember(String application, Mailbox mailbox) {
        return !ofMembers(application, List.of(mailbox)).isEmpty();
    }

    /** Those of the mailboxes by which members are asked for, or that they have delegated. */
    public Set<Mailbox> ofMembers(String application, Collection<Mailbox> mailboxes) {
        return mailboxes.isEmpty()
                ? Set.of()
                : entities
                        .createQuery(
                                "select d.mailbox from DelegationEntity d where d.application = :application"
                                        + " and d.mailbox in :mailboxes and (d.live = true or d.stateName = 'ASKED')",
                                String.class)
                        .setParameter("application", application)
                        .setParameter(
                                "mailboxes",
                                mailboxes.stream().map(Mailbox::address).toList())
                        .getResultList()
                        .stream()
                        .map(Mailbox::new)
                        .collect(Collectors.toSet());
    }

    /** The delegations which Cronofy still honours, that are of this account. */
    List<Delegation> liveOf(String application, String subject) {
        return live("subject", application, subject);
    }

    /** The same of this mailbox. */
    List<Delegation> liveOf(String application, Mailbox mailbox) {
        return live("mailbox", application, mailbox.address());
    }

    private List<Delegation> live(String column, String application, String value) {
        return entities
                .createQuery(
                        "select d from DelegationEntity d where d.application = :application and d." + column
                                + " = :value and d.live = true",
                        DelegationEntity.class)
                .setParameter("application", application)
                .setParameter("value", value)
                .getResultList()
                .stream()
                .map(DelegationEntity::toDelegation)
                .toList();
    }

    /** Until when a code may come for this mailbox, or be good, for whomever it is asked for; empty if none is awaited. */
    Optional<Instant> askedUntil(String application, Mailbox mailbox, Instant now) {
        return Stream.of(
                        "DelegationEntity d where d.stateName = 'ASKED'",
                        "MoveEntity d where d.state = 'ASKED'",
                        "CalendarResourceEntity d where d.stateName = 'ASKED'")
                .map(asked -> entities.createQuery(
                                "select max(d.progress.outstandingUntil) from " + asked
                                        + " and d.application = :application and d.mailbox = :mailbox"
                                        + " and d.progress.outstandingUntil > :now",
                                Long.class)
                        .setParameter("application", application)
                        .setParameter("mailbox", mailbox.address())
                        .setParameter("now", now.toEpochMilli())
                        .getSingleResult())
                .filter(Objects::nonNull)
                .max(Comparator.naturalOrder())
                .map(Instant::ofEpochMilli);
    }
}
