package io.github.enterpriseconnect.storage;

import jakarta.persistence.EntityManager;
import jakarta.persistence.LockModeType;
import java.util.List;
import org.keycloak.connections.jpa.JpaConnectionProvider;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.models.UserModel;
import org.keycloak.models.cache.UserCache;
import org.keycloak.models.jpa.entities.UserEntity;
import org.keycloak.models.jpa.entities.UserRequiredActionEntity;
import org.keycloak.storage.StorageId;
import org.keycloak.storage.UserStoragePrivateUtil;
import org.keycloak.storage.UserStorageUtil;

/** A required action where somebody has put it on users, within one session and its transaction. */
public final class ActionOnUsers {
    private final KeycloakSession session;
    private final String action;

    /** @param action alias of the required action */
    public ActionOnUsers(KeycloakSession session, String action) {
        this.session = session;
        this.action = action;
    }

    /**
     * A user whom it is on.
     *
     * @param realm Keycloak's id of the realm
     */
    public record Bearer(String realm, String user) {}

    /**
     * Users whom it is on, in every realm, in an order of the database's.
     *
     * @param after users after the one with this id
     */
    public List<Bearer> bearers(String after, int limit) {
        return bearers(
                "select u.realmId, u.id from UserRequiredActionEntity a join a.user u where a.action = :action"
                        + " and u.id > :after order by u.id",
                after,
                limit);
    }

    /** As {@link #bearers}, of those whom a directory does not import. */
    public List<Bearer> bearersElsewhere(String after, int limit) {
        return bearers(
                "select a.realmId, a.userId from FederatedUserRequiredActionEntity a where a.action = :action"
                        + " and a.userId > :after order by a.userId",
                after,
                limit);
    }

    private List<Bearer> bearers(String query, String after, int limit) {
        return entities()
                .createQuery(query, Object[].class)
                .setParameter("action", action)
                .setParameter("after", after)
                .setMaxResults(limit)
                .getResultList()
                .stream()
                .map(row -> new Bearer((String) row[0], (String) row[1]))
                .toList();
    }

    /**
     * Takes it off somebody who signs in, and whom this session has loaded already. Of several sign-ins at once each
     * goes on as if it had been the one to do it.
     */
    public void takeOff(RealmModel realm, UserModel user) {
        if (user.getRequiredActionsStream().noneMatch(action::equals)) {
            return;
        }
        if (!StorageId.isLocalStorage(user.getId()) || lock(user.getId())) {
            user.removeRequiredAction(action);
            return;
        }
        // Somebody was faster. To remove the row once more would fail, and with it the sign-in.
        UserEntity loaded = entities().find(UserEntity.class, user.getId());
        if (loaded != null) {
            entities().refresh(loaded);
        }
        evict(realm, user);
    }

    /** Takes it off somebody, without asking any directory. */
    public void takeOff(RealmModel realm, String userId) {
        if (!StorageId.isLocalStorage(userId)) {
            UserStorageUtil.userFederatedStorage(session).removeRequiredAction(realm, userId, action);
            return;
        }
        UserModel user = UserStoragePrivateUtil.userLocalStorage(session).getUserById(realm, userId);
        if (user != null && lock(userId)) {
            user.removeRequiredAction(action);
            evict(realm, user);
        }
    }

    private boolean lock(String userId) {
        return !entities()
                .createQuery(
                        "select a from UserRequiredActionEntity a where a.user.id = :user and a.action = :action",
                        UserRequiredActionEntity.class)
                .setParameter("user", userId)
                .setParameter("action", action)
                .setLockMode(LockModeType.PESSIMISTIC_WRITE)
                .getResultList()
                .isEmpty();
    }

    private void evict(RealmModel realm, UserModel user) {
        UserCache cache = UserStorageUtil.userCache(session);
        if (cache != null) {
            cache.evict(realm, user);
        }
    }

    private EntityManager entities() {
        return session.getProvider(JpaConnectionProvider.class).getEntityManager();
    }
}
