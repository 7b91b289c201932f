package io.github.enterpriseconnect.storage;

import jakarta.persistence.EntityManager;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;

/**
 * How far something of a realm has been looked through, by one node at a time, in table {@code EC_SWEEP}. Belongs to one
 * realm, one session and its transaction.
 */
public final class SweepStore {
    /** In place of a realm's id, for what is looked through in all of them. */
    public static final String ALL_REALMS = "all realms";

    private final EntityManager entities;
    private final String realmId;
    private final Kind kind;

    SweepStore(EntityManager entities, String realmId, Kind kind) {
        this.entities = entities;
        this.realmId = realmId;
        this.kind = kind;
    }

    /** What is looked through. */
    public enum Kind {
        /** Sessions, for members whom memory has forgotten. */
        SESSIONS,
        /** Our own tables, for people who are gone. */
        PEOPLE,
        /** The delegations of all realms, for links that have ended. */
        ENDED_LINKS,
        /** The notices of all realms, for those whose delegations are gone. */
        NOTICES,
        /** The links of all realms, for how their service accounts stand at Cronofy. */
        SERVICE_ACCOUNTS,
        /** The granted delegations of all realms, for those whose calendars are to be watched. */
        PROFILES,
        /** The links of all realms, for those whose resources are to be listed. */
        RESOURCE_LISTS;

        String id() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * Claims the next sweep for one node.
     *
     * @param until when another may take it on, if this node has not told of its {@link #progress}
     * @param first where the first sweep of all begins
     * @return until when everybody has been looked at; empty if it is not due, or another node has it
     */
    public Optional<Instant> claim(Instant now, Instant until, Instant first) {
        SweepEntity row = find().orElseGet(() -> create(first));
        if (!row.due(now)) {
            return Optional.empty();
        }
        row.next(until);
        return Optional.of(row.sweptUntil());
    }

    /**
     * Everybody has been looked at who was seen until then.
     *
     * @param next when to go on
     */
    public void progress(Instant sweptUntil, Instant next) {
        find().ifPresent(row -> {
            row.sweptUntil(sweptUntil);
            row.next(next);
        });
    }

    /** The last one of the page before, where it is gone through by pages; empty at its beginning. */
    public String reached() {
        return find().map(SweepEntity::reached).orElse("");
    }

    /**
     * A page has been looked at.
     *
     * @param from where it began
     * @param reached the last one of the page; empty after the last page
     * @param until when another node may take it on
     * @return false if another node has taken it on already, and it is no longer for this one
     */
    public boolean turnPage(String from, String reached, Instant until) {
        Optional<SweepEntity> ours = find().filter(row -> from.equals(row.reached()));
        ours.ifPresent(row -> {
            row.reached(reached);
            row.next(until);
        });
        return ours.isPresent();
    }

    /** Somebody who was seen since then has been forgotten: they are looked for as soon as possible. */
    public void lookAgain(Instant since) {
        SweepEntity row = find().orElseGet(() -> create(since));
        if (row.sweptUntil().isAfter(since)) {
            row.sweptUntil(since);
        }
        row.next(Instant.EPOCH);
    }

    private Optional<SweepEntity> find() {
        return entities
                .createQuery(
                        "select s from SweepEntity s where s.realmId = :realm and s.kind = :kind", SweepEntity.class)
                .setParameter("realm", realmId)
                .setParameter("kind", kind.id())
                .getResultList()
                .stream()
                .findFirst();
    }

    private SweepEntity create(Instant sweptUntil) {
        SweepEntity created = new SweepEntity(VersionedRow.newId(), realmId, kind.id(), sweptUntil);
        entities.persist(created);
        return created;
    }
}
