package io.github.enterpriseconnect.storage;

import java.util.List;
import org.keycloak.connections.jpa.JpaConnectionProvider;
import org.keycloak.models.KeycloakSession;

/** Finds realms by their required actions with one query each, so that a start does not load thousands of realms. */
public final class RealmDirectory {
    private RealmDirectory() {}

    /** Ids of realms that do not have the required action. */
    public static List<String> without(KeycloakSession session, String requiredAction) {
        return query(
                session,
                "select r.id from RealmEntity r where not exists (select a.id from RequiredActionProviderEntity a"
                        + " where a.realm = r and a.alias = :alias)",
                requiredAction);
    }

    /** Ids of realms in which the required action is switched on. */
    public static List<String> with(KeycloakSession session, String requiredAction) {
        return query(
                session,
                "select a.realm.id from RequiredActionProviderEntity a where a.alias = :alias and a.enabled = true",
                requiredAction);
    }

    private static List<String> query(KeycloakSession session, String query, String alias) {
        return session.getProvider(JpaConnectionProvider.class)
                .getEntityManager()
                .createQuery(query, String.class)
                .setParameter("alias", alias)
                .getResultList();
    }
}
