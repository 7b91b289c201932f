package io.github.enterpriseconnect.storage;

import java.util.Collection;
import java.util.List;
import org.keycloak.connections.jpa.JpaConnectionProvider;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;

/** Finds realms and users with one query each, so that a start does not load thousands of them. */
public final class RealmDirectory {
    private RealmDirectory() {}

    /** Ids of realms that do not have the required action. */
    public static List<String> without(KeycloakSession session, String requiredAction) {
        return query(
                session,
                "select r.id from RealmEntity r where not exists (select a.id from RequiredActionProviderEntity a"
                        + " where a.realm = r and a.alias = :name)",
                requiredAction);
    }

    /** Ids of realms in which the required action is switched on. */
    public static List<String> with(KeycloakSession session, String requiredAction) {
        return query(
                session,
                "select a.realm.id from RequiredActionProviderEntity a where a.alias = :name and a.enabled = true",
                requiredAction);
    }

    /** Those of these ids that are local users of the realm, past every cache and directory. */
    public static List<String> users(KeycloakSession session, RealmModel realm, Collection<String> ids) {
        return session.getProvider(JpaConnectionProvider.class)
                .getEntityManager()
                .createQuery("select u.id from UserEntity u where u.realmId = :realm and u.id in :ids", String.class)
                .setParameter("realm", realm.getId())
                .setParameter("ids", ids)
                .getResultList();
    }

    /** Ids of realms that put the required action on every new user. */
    public static List<String> byDefault(KeycloakSession session, String requiredAction) {
        return query(
                session,
                "select a.realm.id from RequiredActionProviderEntity a where a.alias = :name and a.defaultAction = true",
                requiredAction);
    }

    /** Ids of realms that have a component of this type. */
    public static List<String> withComponent(KeycloakSession session, String providerType) {
        return query(
                session,
                "select distinct c.realm.id from ComponentEntity c where c.providerType = :name",
                providerType);
    }

    private static List<String> query(KeycloakSession session, String query, String name) {
        return session.getProvider(JpaConnectionProvider.class)
                .getEntityManager()
                .createQuery(query, String.class)
                .setParameter("name", name)
                .getResultList();
    }
}
