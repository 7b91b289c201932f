package io.github.enterpriseconnect.storage;

import io.github.enterpriseconnect.core.Mailbox;
import jakarta.persistence.EntityManager;
import jakarta.persistence.TypedQuery;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.keycloak.connections.jpa.JpaConnectionProvider;
import org.keycloak.models.KeycloakSession;

/** Which users Keycloak's own table has, with one query for many. */
public final class UserDirectory {
    private UserDirectory() {}

    /**
     * Those of the ids that the realm's table of users has, each with the id of the directory that the user was imported
     * from; empty for users of Keycloak's own.
     */
    public static Map<String, Optional<String>> known(KeycloakSession session, String realmId, Collection<String> ids) {
        return known(entities(session), realmId, ids);
    }

    /** Whether a user of the realm other than this one has one of these values in the attribute, by Keycloak's own table. */
    public static boolean anybodyElse(
            KeycloakSession session, String realmId, String attribute, Collection<String> values, String userId) {
        return !anybodyElse(entities(session), realmId, attribute, values, userId)
                .isEmpty();
    }

    static List<String> anybodyElse(
            EntityManager entities, String realmId, String attribute, Collection<String> values, String userId) {
        return entities.createQuery(
                        "select a.user.id from UserAttributeEntity a where a.name = :name and a.value in :values"
                                + " and a.user.id <> :user and a.user.realmId = :realm",
                        String.class)
                .setParameter("name", attribute)
                .setParameter("values", values)
                .setParameter("user", userId)
                .setParameter("realm", realmId)
                .setMaxResults(1)
                .getResultList();
    }

    /**
     * What the attribute says of these users, by Keycloak's own table; in small letters.
     *
     * @param ids of users
     */
    public static Set<String> names(KeycloakSession session, String attribute, Collection<String> ids) {
        return ids.isEmpty() ? Set.of() : names(entities(session), attribute, ids);
    }

    static Set<String> names(EntityManager entities, String attribute, Collection<String> ids) {
        return Set.copyOf(entities.createQuery(
                        "select distinct lower(a.value) from UserAttributeEntity a where a.name = :name"
                                + " and a.user.id in :ids and a.value is not null",
                        String.class)
                .setParameter("name", attribute)
                .setParameter("ids", ids)
                .getResultList());
    }

    /**
     * How these names are written in the attribute, by anybody of any realm in Keycloak's own table, whatever the capitals.
     * One statement, which reads all that the attribute says, by Keycloak's index of it: only for the background, and for many
     * names at once.
     *
     * @param names in small letters
     */
    public static Set<String> spellings(KeycloakSession session, String attribute, Collection<String> names) {
        return names.isEmpty() ? Set.of() : spellings(entities(session), attribute, names);
    }

    static Set<String> spellings(EntityManager entities, String attribute, Collection<String> names) {
        return Set.copyOf(entities.createQuery(
                        "select distinct a.value from UserAttributeEntity a where a.name = :name"
                                + " and lower(a.value) in :names",
                        String.class)
                .setParameter("name", attribute)
                .setParameter("names", names)
                .getResultList());
    }

    /**
     * As {@link #anybodyElse}, whatever the capitals, of what Keycloak keeps for users of directories that it does not
     * import. Keycloak has no index for that, and searches there itself likewise.
     *
     * @param name in small letters
     */
    public static boolean anybodyElsewhere(
            KeycloakSession session, String realmId, String attribute, String name, String userId) {
        return anybodyElsewhere(entities(session), realmId, attribute, name, userId);
    }

    static boolean anybodyElsewhere(
            EntityManager entities, String realmId, String attribute, String name, String userId) {
        return !entities.createQuery(
                        "select a.userId from FederatedUserAttributeEntity a where a.realmId = :realm"
                                + " and a.name = :attribute and lower(a.value) = :name and a.userId <> :user",
                        String.class)
                .setParameter("realm", realmId)
                .setParameter("attribute", attribute)
                .setParameter("name", name)
                .setParameter("user", userId)
                .setMaxResults(1)
                .getResultList()
                .isEmpty();
    }

    /**
     * How many users of the realm the attribute says something of in Keycloak's own tables, but for those who were imported
     * from these directories; those of directories that Keycloak does not import among them.
     *
     * @param directories ids of those that say themselves what it holds
     */
    public static long countNamed(
            KeycloakSession session, String realmId, String attribute, Collection<String> directories) {
        return countNamed(entities(session), realmId, attribute, directories);
    }

    static long countNamed(EntityManager entities, String realmId, String attribute, Collection<String> directories) {
        TypedQuery<Long> query = entities.createQuery(
                        "select count(distinct a.user.id) from UserAttributeEntity a where a.name = :name"
                                + " and a.user.realmId = :realm"
                                + (directories.isEmpty()
                                        ? ""
                                        : " and (a.user.federationLink is null or a.user.federationLink not in :directories)"),
                        Long.class)
                .setParameter("name", attribute)
                .setParameter("realm", realmId);
        if (!directories.isEmpty()) {
            query.setParameter("directories", directories);
        }
        long elsewhere = entities.createQuery(
                        "select count(distinct a.userId) from FederatedUserAttributeEntity a where a.realmId = :realm"
                                + " and a.name = :name",
                        Long.class)
                .setParameter("realm", realmId)
                .setParameter("name", attribute)
                .getSingleResult();
        return query.getSingleResult() + elsewhere;
    }

    private static EntityManager entities(KeycloakSession session) {
        return session.getProvider(JpaConnectionProvider.class).getEntityManager();
    }

    /** Those of the mailboxes that a user of the realm has as e-mail address, or in this attribute; null if none counts. */
    public static Set<Mailbox> holding(
            KeycloakSession session, String realmId, Set<Mailbox> mailboxes, @Nullable String attribute) {
        if (mailboxes.isEmpty()) {
            return Set.of();
        }
        EntityManager entities = entities(session);
        Stream<String> addresses = entities
                .createQuery(
                        "select u.email from UserEntity u where u.realmId = :realm and u.email in :all", String.class)
                .setParameter("realm", realmId)
                .setParameter("all", mailboxes.stream().map(Mailbox::address).toList())
                .getResultList()
                .stream();
        Stream<String> names = attribute == null
                ? Stream.empty()
                : entities
                        .createQuery(
                                "select a.value from UserAttributeEntity a where a.name = :name and a.value in :all"
                                        + " and a.user.realmId = :realm",
                                String.class)
                        .setParameter("name", attribute)
                        .setParameter("realm", realmId)
                        .setParameter(
                                "all",
                                mailboxes.stream()
                                        .flatMap(one -> one.spellings().stream())
                                        .toList())
                        .getResultList()
                        .stream();
        return Stream.concat(addresses, names)
                .flatMap(held -> Mailbox.parse(held).stream())
                .collect(Collectors.toSet());
    }

    static Map<String, Optional<String>> known(EntityManager entities, String realmId, Collection<String> ids) {
        Map<String, Optional<String>> known = new HashMap<>();
        entities.createQuery(
                        "select u.id, u.federationLink from UserEntity u where u.realmId = :realm and u.id in :ids",
                        Object[].class)
                .setParameter("realm", realmId)
                .setParameter("ids", ids)
                .getResultList()
                .forEach(row -> known.put((String) row[0], Optional.ofNullable((String) row[1])));
        return known;
    }
}
