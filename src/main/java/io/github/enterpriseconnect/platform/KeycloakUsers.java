package io.github.enterpriseconnect.platform;

import io.github.enterpriseconnect.core.User;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.keycloak.component.ComponentModel;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.models.UserModel;
import org.keycloak.models.cache.UserCache;
import org.keycloak.storage.StorageId;
import org.keycloak.storage.StorageUnavailableException;
import org.keycloak.storage.UserStorageManager;
import org.keycloak.storage.UserStorageProviderModel;
import org.keycloak.storage.UserStorageUtil;

/** A realm's users by Keycloak's user providers. */
record KeycloakUsers(KeycloakSession session, RealmModel realm) implements Users {
    @Override
    public Optional<User> byId(String id) {
        return find(() -> session.users().getUserById(realm, id));
    }

    @Override
    public Optional<User> uncached(String id) {
        return find(() -> new UserStorageManager(session).getUserById(realm, id));
    }

    private Optional<User> find(Supplier<@Nullable UserModel> lookUp) {
        try {
            return Optional.ofNullable(lookUp.get()).map(model -> new KeycloakUser(session, realm, model));
        } catch (StorageUnavailableException e) {
            throw new DirectorySilent(e);
        }
    }

    @Override
    public void forgetCached(String id) {
        UserCache cache = UserStorageUtil.userCache(session);
        UserModel cached = session.users().getUserById(realm, id);
        if (cache != null && cached != null) {
            cache.evict(realm, cached);
        }
    }

    @Override
    public boolean directoryOff(String id) {
        String directory = new StorageId(id).getProviderId();
        ComponentModel component = directory == null ? null : realm.getComponent(directory);
        return component != null && !new UserStorageProviderModel(component).isEnabled();
    }
}
