package io.github.enterpriseconnect.platform;

import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Unreadable;
import io.github.enterpriseconnect.core.User;
import io.github.enterpriseconnect.storage.DatabaseFailure;
import io.github.enterpriseconnect.storage.RealmDirectory;
import io.github.enterpriseconnect.storage.UserDirectory;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.keycloak.component.ComponentModel;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.models.UserModel;
import org.keycloak.models.cache.UserCache;
import org.keycloak.storage.StorageId;
import org.keycloak.storage.StorageUnavailableException;
import org.keycloak.storage.UserStorageManager;
import org.keycloak.storage.UserStorageUtil;

/** A realm's users by Keycloak's user providers. */
record KeycloakUsers(KeycloakSession session, RealmModel realm) implements Users {
    @Override
    public Optional<User> byId(String id) {
        return find(id, () -> session.users().getUserById(realm, id));
    }

    @Override
    public Optional<User> uncached(String id) {
        return find(id, () -> new UserStorageManager(session).getUserById(realm, id));
    }

    /** Where a directory that does not import is off, or what reaches it is not installed, Keycloak finds nobody. */
    private Optional<User> find(String id, Supplier<@Nullable UserModel> lookUp) {
        Optional<ComponentModel> directory = DirectoryUser.ofId(realm, id);
        UserModel found;
        try {
            found = lookUp.get();
        } catch (StorageUnavailableException e) {
            throw new DirectorySilent(e);
        } catch (RuntimeException e) {
            // Directories of somebody else's making fail in ways of their own.
            if (directory.isEmpty() || DatabaseFailure.whileAskingDirectory(session)) {
                throw e;
            }
            throw new DirectorySilent(e);
        }
        if (found == null && directory.isPresent() && !DirectoryUser.askable(session, directory.get())) {
            throw Unreadable.directory(directory.get().getId());
        }
        return Optional.ofNullable(found).map(model -> KeycloakUser.toDecideOn(session, realm, model));
    }

    /** Most are settled by one query; directories are asked for theirs, one by one. */
    @Override
    public Set<String> gone(Collection<String> ids) {
        Map<String, Optional<String>> known = UserDirectory.known(session, realm.getId(), ids);
        return ids.stream()
                .filter(id -> {
                    Optional<String> importedFrom = known.get(id);
                    boolean ofDirectory =
                            importedFrom == null ? !StorageId.isLocalStorage(id) : importedFrom.isPresent();
                    return ofDirectory ? goneFromDirectory(id) : importedFrom == null;
                })
                .collect(Collectors.toSet());
    }

    private boolean goneFromDirectory(String id) {
        try {
            return uncached(id).isEmpty();
        } catch (RuntimeException e) {
            if (DatabaseFailure.behind(e)) {
                throw e;
            }
            return false;
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
    public List<Listed> members(LinkId link, String after, int limit) {
        return new ListedMembers(session, realm, link).page(after, limit);
    }

    @Override
    public long countMembers(LinkId link) {
        return RealmOrganizations.countMembers(session, realm, link);
    }

    @Override
    public Set<String> present(Set<String> ids) {
        Set<String> present = new HashSet<>(RealmDirectory.users(session, realm, ids));
        ids.stream()
                .filter(id -> !StorageId.isLocalStorage(id))
                .filter(id -> realm.getComponent(StorageId.providerId(id)) != null)
                .forEach(present::add);
        return present;
    }
}
