package io.github.enterpriseconnect.storage;

import io.github.enterpriseconnect.core.Unreadable;
import jakarta.persistence.EntityManager;
import jakarta.persistence.Query;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/** What a realm that was removed takes back of its rows when it is there again. Belongs to one session's transaction. */
public final class RealmReturn {
    private static final int PAGE = 500;
    private static final List<Class<? extends VersionedRow>> OF_USERS =
            List.of(DelegationEntity.class, TokenUseEntity.class, WaitingEntity.class);

    private final EntityManager entities;
    private final SealedCredentials credentials;
    private final Sealer sealer;
    private final RemovedRealm removed;

    /** @param sealer of the realm that has the removed one's id now */
    RealmReturn(EntityManager entities, Sealer sealer, RemovedRealm removed) {
        this.entities = entities;
        this.credentials = new SealedCredentials(sealer);
        this.sealer = sealer;
        this.removed = removed;
    }

    /**
     * How much was taken back.
     *
     * @param links names of the links
     * @param delegations how many members' delegations
     * @param undecided whether more may come back: a key could not be read that may be the realm's
     */
    public record TakenBack(List<String> links, int delegations, boolean undecided) {
        public static final TakenBack NOTHING = new TakenBack(List.of(), 0, false);
    }

    /**
     * Takes back what is the realm's own again: links whose kept credential its keys open, and its users' rows. What
     * belongs to organizations and users that the realm does not have stays apart, and so does what the realm has a new
     * one of.
     *
     * @param application that the realm's settings name
     * @param organization whether the realm has the organization of a link of this name
     * @param users of these user ids, those that the realm has
     */
    public TakenBack takeBack(
            String application, Predicate<String> organization, UnaryOperator<Set<String>> users, Instant now) {
        Map<Proof, List<String>> proofs = proofs(application);
        List<String> proven = proofs.getOrDefault(Proof.GIVEN, List.of());
        boolean undecided = proofs.containsKey(Proof.AWAY);
        if (!removed.back() && proven.isEmpty()) {
            return new TakenBack(List.of(), 0, undecided);
        } else if (!removed.back()) {
            begin();
        }
        List<String> links = takeBackLinks(name -> organization.test(name) && opens(name, proven));
        Set<String> apart = new HashSet<>(namesOfLinks(removed.id()));
        return new TakenBack(links, takeBackUsers(apart, users, now), undecided);
    }

    /**
     * Takes back what could not be so far, once the time is over: what the realm does not have any more ends in it then,
     * as if it had been removed from it.
     *
     * @return names of the links, which are to be ended
     */
    public List<String> takeBackRest(Instant now) {
        List<String> links = takeBackLinks(name -> true);
        Set<String> apart = new HashSet<>(namesOfLinks(removed.id()));
        String user = "";
        for (List<String> page = users(DelegationEntity.class, user);
                !page.isEmpty();
                page = users(DelegationEntity.class, user)) {
            takeBackDelegations(apart, page, now);
            new RosterStore(entities, removed.realm()).departApart(removed.id(), page, now);
            user = page.get(page.size() - 1);
        }
        return links;
    }

    /** What concerns the realm as a whole comes back with its first link. */
    private void begin() {
        entities.createQuery("update RemovedRealmEntity r set r.back = true where r.id = :id")
                .setParameter("id", removed.id())
                .executeUpdate();
        WrittenAttributes.takeBack(entities, removed);
        List.of(InvitationEntity.class, RevocationEntity.class, NotificationEntity.class, DepartureEntity.class)
                .forEach(table -> update(table, "").executeUpdate());
        update(ChangeEntity.class, " and e.kind = '" + ChangeEntity.LINK_ENDED + "'")
                .executeUpdate();
        List<SuspensionEntity> there = suspensions(removed.realm());
        List<String> switches = suspensions(removed.id()).stream()
                .filter(kept -> there.stream().noneMatch(row -> row.subject().equals(kept.subject())))
                .map(VersionedRow::id)
                .toList();
        move(SuspensionEntity.class, "id", switches);
        takeBackMembers();
    }

    /**
     * Those of users whom the realm does not have yet, too: nobody who has opted out may be asked for before that is known.
     */
    private void takeBackMembers() {
        entities.createQuery(
                        "select own, kept from MemberEntity own, MemberEntity kept where own.realmId = :realm"
                                + " and kept.realmId = :apart and kept.userId = own.userId",
                        Object[].class)
                .setParameter("realm", removed.realm())
                .setParameter("apart", removed.id())
                .getResultList()
                .forEach(both -> {
                    ((MemberEntity) both[0]).takeBack((MemberEntity) both[1]);
                    entities.remove(both[1]);
                });
        entities.flush();
        update(MemberEntity.class, "").executeUpdate();
    }

    private List<SuspensionEntity> suspensions(String realmId) {
        return entities.createQuery("select s from SuspensionEntity s where s.realmId = :realm", SuspensionEntity.class)
                .setParameter("realm", realmId)
                .getResultList();
    }

    /** Whether a link's credential was sealed by the very realm that is there now. */
    private enum Proof {
        GIVEN,
        MISSING,
        /** Its key cannot be read now, and may be the realm's. */
        AWAY
    }

    /** Names of the links of the same application, by whether the realm is theirs. */
    private Map<Proof, List<String>> proofs(String application) {
        return entities
                .createQuery(
                        "select l.name, l.id, l.credential from LinkEntity l where l.realmId = :apart"
                                + " and l.application = :application and l.credential is not null",
                        Object[].class)
                .setParameter("apart", removed.id())
                .setParameter("application", application)
                .getResultList()
                .stream()
                .collect(Collectors.groupingBy(
                        row -> proof((String) row[1], (String) row[2]),
                        Collectors.mapping(row -> (String) row[0], Collectors.toList())));
    }

    private Proof proof(String link, String sealed) {
        boolean key;
        try {
            key = sealer.hasKeyOf(sealed);
        } catch (Unreadable away) {
            return Proof.AWAY;
        }
        return key
                        && credentials
                                .open(Sealer.Purpose.SERVICE_ACCOUNT, link, sealed)
                                .isPresent()
                ? Proof.GIVEN
                : Proof.MISSING;
    }

    /** A link that nobody has authorized, and that only has domains or a policy, goes with the others. */
    private boolean opens(String name, List<String> proven) {
        return proven.contains(name)
                || entities.createQuery(
                                        "select count(l) from LinkEntity l where l.realmId = :apart and l.name = :name"
                                                + " and l.credential is null",
                                        Long.class)
                                .setParameter("apart", removed.id())
                                .setParameter("name", name)
                                .getSingleResult()
                        > 0;
    }

    private List<String> takeBackLinks(Predicate<String> wanted) {
        Set<String> taken = new HashSet<>(namesOfLinks(removed.realm()));
        List<String> names = namesOfLinks(removed.id()).stream()
                .filter(name -> !taken.contains(name))
                .filter(wanted)
                .toList();
        move(LinkEntity.class, "name", names);
        Tables.ofLinks().forEach(table -> move(table, "linkName", names));
        return names;
    }

    private List<String> namesOfLinks(String realmId) {
        return entities.createQuery(
                        "select l.name from LinkEntity l where l.realmId = :realm order by l.name", String.class)
                .setParameter("realm", realmId)
                .getResultList();
    }

    private int takeBackUsers(Set<String> linksApart, UnaryOperator<Set<String>> present, Instant now) {
        int delegations = 0;
        for (Class<? extends VersionedRow> table : OF_USERS) {
            String user = "";
            for (List<String> page = users(table, user); !page.isEmpty(); page = users(table, user)) {
                List<String> users = List.copyOf(present.apply(Set.copyOf(page)));
                if (table == DelegationEntity.class) {
                    delegations += takeBackDelegations(linksApart, users, now);
                } else {
                    move(table, "userId", withoutOwn(table, users));
                }
                user = page.get(page.size() - 1);
            }
        }
        return delegations;
    }

    /** A page of the users of whom rows are kept apart, by id. */
    private List<String> users(Class<? extends VersionedRow> table, String after) {
        return entities.createQuery(
                        "select distinct e.userId from " + table.getSimpleName() + " e where e.realmId = :apart"
                                + " and e.userId > :after order by e.userId",
                        String.class)
                .setParameter("apart", removed.id())
                .setParameter("after", after)
                .setMaxResults(PAGE)
                .getResultList();
    }

    /** Those of whom the realm has no new row. */
    private List<String> withoutOwn(Class<? extends VersionedRow> table, List<String> users) {
        if (users.isEmpty()) {
            return users;
        }
        Set<String> own = new HashSet<>(entities.createQuery(
                        "select e.userId from " + table.getSimpleName() + " e where e.realmId = :realm"
                                + " and e.userId in :users",
                        String.class)
                .setParameter("realm", removed.realm())
                .setParameter("users", users)
                .getResultList());
        return users.stream().filter(user -> !own.contains(user)).toList();
    }

    /**
     * Unless the realm has asked for the mailbox anew meanwhile. That their link had ended may be forgotten by now, and is
     * noted anew.
     */
    private int takeBackDelegations(Set<String> linksApart, List<String> users, Instant now) {
        if (users.isEmpty()) {
            return 0;
        }
        Map<String, String> linksOfRows = entities
                .createQuery(
                        "select d.id, d.linkName from DelegationEntity d where d.realmId = :apart and d.userId in :users"
                                + " and not exists (select o.id from DelegationEntity o where o.realmId = :realm"
                                + " and o.application = d.application and o.mailbox = d.mailbox)",
                        Object[].class)
                .setParameter("apart", removed.id())
                .setParameter("realm", removed.realm())
                .setParameter("users", users)
                .getResultList()
                .stream()
                .filter(row -> !linksApart.contains((String) row[1]))
                .collect(Collectors.toMap(row -> (String) row[0], row -> (String) row[1]));
        List<String> rows = List.copyOf(linksOfRows.keySet());
        for (int from = 0; from < rows.size(); from += PAGE) {
            List<String> ids = rows.subList(from, Math.min(rows.size(), from + PAGE));
            move(DelegationEntity.class, "id", ids);
            move(NoticeEntity.class, "id", ids);
            move(WatchEntity.class, "id", ids);
            new RosterStore(entities, removed.realm()).tellAnew(ids, now);
        }
        new EndedLinks(entities).note(removed.realm(), Set.copyOf(linksOfRows.values()), now);
        return rows.size();
    }

    /** Those of the rows whose column has one of these values. */
    private void move(Class<? extends VersionedRow> table, String column, Collection<String> values) {
        if (!values.isEmpty()) {
            update(table, " and e." + column + " in :values")
                    .setParameter("values", values)
                    .executeUpdate();
        }
    }

    /**
     * Gives rows the realm's id back. Deliberately past their versions, for whoever is changing such a row at this
     * moment changes nothing that this concerns.
     */
    private Query update(Class<? extends VersionedRow> table, String condition) {
        return entities.createQuery("update " + table.getSimpleName()
                        + " e set e.realmId = :realm where e.realmId = :apart" + condition)
                .setParameter("apart", removed.id())
                .setParameter("realm", removed.realm());
    }
}
