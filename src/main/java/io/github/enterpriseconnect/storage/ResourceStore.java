package io.github.enterpriseconnect.storage;

import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Mailbox;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Resource;
import jakarta.persistence.EntityManager;
import jakarta.persistence.TypedQuery;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Resources of links, in table {@code EC_RESOURCE}: one row for each address of a link. How they are delegated is
 * {@link ResourceGrants}. Belongs to one realm, one session and its transaction.
 */
public final class ResourceStore {
    private static final String OF_LINK = "e.realmId = :realm and e.linkName = :link";

    private final EntityManager entities;
    private final String realmId;

    ResourceStore(EntityManager entities, String realmId) {
        this.entities = entities;
        this.realmId = realmId;
    }

    /** What a token of a resource depends on. */
    public ResourceRecordStore records() {
        return new ResourceRecordStore(entities, realmId);
    }

    public Optional<Resource> byId(String id) {
        return find(id).map(CalendarResourceEntity::toResource);
    }

    /** The link's resource of this id. */
    public Optional<Resource> byId(LinkId link, String id) {
        return byId(id).filter(found -> found.link().equals(link));
    }

    /** The link's resource of this address. */
    public Optional<Resource> byMailbox(LinkId link, Mailbox mailbox) {
        return rows(link, List.of(mailbox)).values().stream().findFirst().map(CalendarResourceEntity::toResource);
    }

    /**
     * Whether any link of the realm has a resource of this address that is there, or that Cronofy's list is without while it
     * is delegated, or is to be.
     */
    public boolean anyOf(Mailbox mailbox) {
        return !entities.createQuery(
                        "select e.id from CalendarResourceEntity e where e.realmId = :realm and e.mailbox = :mailbox"
                                + " and (e.known.missingSince is null or e.live = true or e.wanted = true"
                                + " or e.stateName = 'ASKED')",
                        String.class)
                .setParameter("realm", realmId)
                .setParameter("mailbox", mailbox.address())
                .setMaxResults(1)
                .getResultList()
                .isEmpty();
    }

    /** So many of the link, whatever their state. */
    public List<Resource> of(LinkId link, int limit) {
        return limit == 0 ? List.of() : page(link, "", limit);
    }

    /** The next page of the link's resources, by address. */
    public List<Resource> page(LinkId link, String after, int limit) {
        return list(ofLink(
                        "select e from CalendarResourceEntity e where " + OF_LINK
                                + " and e.mailbox > :after order by e.mailbox",
                        link)
                .setParameter("after", after)
                .setMaxResults(limit));
    }

    /** One page of the link's resources, by address; a null state matches all. */
    public List<Resource> list(LinkId link, Delegation.@Nullable State state, int first, int max) {
        TypedQuery<CalendarResourceEntity> query = ofLink(
                "select e from CalendarResourceEntity e where " + OF_LINK
                        + (state == null ? "" : " and e.stateName = :state") + " order by e.mailbox",
                link);
        if (state != null) {
            query.setParameter("state", state.name());
        }
        return list(query.setFirstResult(first).setMaxResults(max));
    }

    /** How many of the link's resources are in which state, by its name in APIs. */
    public Map<String, Long> count(LinkId link) {
        Map<String, Long> counts = new HashMap<>();
        entities.createQuery(
                        "select e.stateName, count(e) from CalendarResourceEntity e where " + OF_LINK
                                + " group by e.stateName",
                        Object[].class)
                .setParameter("realm", link.realm())
                .setParameter("link", link.name())
                .getResultList()
                .forEach(row -> counts.put(((String) row[0]).toLowerCase(Locale.ROOT), (Long) row[1]));
        return counts;
    }

    public long size(LinkId link) {
        return count(link).values().stream().mapToLong(Long::longValue).sum();
    }

    private static List<Resource> list(TypedQuery<CalendarResourceEntity> query) {
        return query.getResultList().stream()
                .map(CalendarResourceEntity::toResource)
                .toList();
    }

    private TypedQuery<CalendarResourceEntity> ofLink(String query, LinkId link) {
        return entities.createQuery(query, CalendarResourceEntity.class)
                .setParameter("realm", link.realm())
                .setParameter("link", link.name());
    }

    private Map<String, CalendarResourceEntity> rows(LinkId link, Collection<Mailbox> mailboxes) {
        Map<String, CalendarResourceEntity> rows = new HashMap<>();
        if (!mailboxes.isEmpty()) {
            ofLink("select e from CalendarResourceEntity e where " + OF_LINK + " and e.mailbox in :mailboxes", link)
                    .setParameter(
                            "mailboxes",
                            mailboxes.stream().map(Mailbox::address).toList())
                    .getResultList()
                    .forEach(row -> rows.put(row.toDelegation().mailbox().address(), row));
        }
        return rows;
    }

    /**
     * Cronofy lists these.
     *
     * @return those that nobody knew, of which nothing is noted
     */
    public List<Resource.Listed> noteListed(
            LinkId link, String application, List<Resource.Listed> listed, Instant now) {
        Map<String, CalendarResourceEntity> rows =
                rows(link, listed.stream().map(Resource.Listed::mailbox).toList());
        List<Resource.Listed> unknown = new ArrayList<>();
        listed.forEach(one -> {
            CalendarResourceEntity row = rows.get(one.mailbox().address());
            if (row == null) {
                unknown.add(one);
            } else {
                row.belongTo(application);
                note(row, one, now);
            }
        });
        return unknown;
    }

    /**
     * Cronofy lists these, and nobody knew them.
     *
     * @param all whether they are to be delegated
     */
    public void addListed(LinkId link, String application, List<Resource.Listed> listed, boolean all, Instant now) {
        listed.forEach(one -> {
            CalendarResourceEntity created = new CalendarResourceEntity(link, application, one.mailbox(), false, now);
            created.want(all, now);
            note(created, one, now);
            entities.persist(created);
        });
    }

    private static void note(CalendarResourceEntity row, Resource.Listed listed, Instant now) {
        describe(row, listed.details(), now);
        row.known().listed(now);
    }

    private static void describe(CalendarResourceEntity row, Resource.Details details, Instant now) {
        if (row.known().describe(details)) {
            row.touch(now);
        }
    }

    /** Those that only a list of Cronofy's has named, and the one that was read since then has not. */
    public void noteMissing(LinkId link, Instant since) {
        ofLink(
                        "select e from CalendarResourceEntity e where " + OF_LINK
                                + " and e.known.named = false and e.known.missingSince is null and e.known.listedAt < :since",
                        link)
                .setParameter("since", since.toEpochMilli())
                .getResultList()
                .forEach(row -> {
                    row.known().miss(since);
                    row.touch(since);
                });
    }

    /** The next of those that have been missing since before that time, by id. */
    public List<Resource> missing(LinkId link, Instant before, String after, int limit) {
        return list(ofLink(
                        "select e from CalendarResourceEntity e where " + OF_LINK
                                + " and e.known.missingSince < :before and e.id > :after order by e.id",
                        link)
                .setParameter("after", after)
                .setParameter("before", before.toEpochMilli())
                .setMaxResults(limit));
    }

    /** An administrator names one, or what Cronofy lists already. */
    public Resource name(LinkId link, String application, Mailbox mailbox, @Nullable String name, Instant now) {
        CalendarResourceEntity row = rows(link, List.of(mailbox)).get(mailbox.address());
        if (row == null) {
            row = new CalendarResourceEntity(link, application, mailbox, true, now);
            describe(row, new Resource.Details(name, null, null), now);
            entities.persist(row);
        } else {
            row.known().beNamed();
            row.touch(now);
        }
        row.belongTo(application);
        row.want(true, now);
        return row.toResource();
    }

    public void want(String id, boolean wanted, Instant now) {
        change(id, row -> row.want(wanted, now));
    }

    /** Every one of the link that nobody has decided otherwise about is to be delegated. */
    public void wantAll(LinkId link, Instant now) {
        ofLink(
                        "select e from CalendarResourceEntity e where " + OF_LINK
                                + " and e.wanted = false and e.stateName = 'NONE'",
                        link)
                .getResultList()
                .forEach(row -> row.want(true, now));
    }

    /** Nobody gets a token of it for this reason; null for that nothing stands in the way any more. */
    public void withhold(String id, @Nullable Reason why, Instant now) {
        change(id, row -> row.withhold(why, now));
    }

    /** As {@link #withhold}, whatever link of the realm has a resource of this address. */
    public void withholdAll(Mailbox mailbox, Reason why, Instant now) {
        entities.createQuery(
                        "select e.id from CalendarResourceEntity e where e.realmId = :realm and e.mailbox = :mailbox"
                                + " and (e.withheld is null or e.withheld <> :why)",
                        String.class)
                .setParameter("realm", realmId)
                .setParameter("mailbox", mailbox.address())
                .setParameter("why", why.name())
                .getResultList()
                .forEach(id -> withhold(id, why, now));
    }

    /** An administrator does not name it any more: it goes, unless Cronofy lists it, which would have it back tomorrow. */
    public void unname(String id, Instant now) {
        change(id, row -> {
            if (row.known().listed()) {
                row.known().unname();
                row.touch(now);
            } else {
                entities.remove(row);
            }
        });
    }

    public void remove(String id) {
        find(id).ifPresent(entities::remove);
    }

    private void change(String id, Consumer<CalendarResourceEntity> change) {
        Locked.row(entities, CalendarResourceEntity.class, id).ifPresent(change);
    }

    private Optional<CalendarResourceEntity> find(String id) {
        return Optional.ofNullable(entities.find(CalendarResourceEntity.class, id));
    }
}
