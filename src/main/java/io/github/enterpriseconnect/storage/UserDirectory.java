package io.github.enterpriseconnect.storage;

import jakarta.persistence.EntityManager;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
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
        return known(session.getProvider(JpaConnectionProvider.class).getEntityManager(), realmId, ids);
    }

    /** Whether a user of the realm other than this one has one of these values in the attribute, by Keycloak's own table. */
    public static boolean anybodyElse(
            KeycloakSession session, String realmId, String attribute, Collection<String> values, String userId) {
        return !session.getProvider(JpaConnectionProvider.class)
                .getEntityManager()
                .createQuery(
                        "select a.user.id from UserAttributeEntity a where a.name = :name and a.value in :values"
                                + " and a.user.id <> :user and a.user.realmId = :realm",
                        String.class)
                .setParameter("name", attribute)
                .setParameter("values", values)
                .setParameter("user", userId)
                .setParameter("realm", realmId)
                .setMaxResults(1)
                .getResultList()
                .isEmpty();
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
