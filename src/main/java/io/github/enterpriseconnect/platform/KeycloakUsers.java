package io.github.enterpriseconnect.platform;

import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Mailbox;
import io.github.enterpriseconnect.core.Unreadable;
import io.github.enterpriseconnect.core.User;
import io.github.enterpriseconnect.storage.DatabaseFailure;
import io.github.enterpriseconnect.storage.RealmDirectory;
import io.github.enterpriseconnect.storage.UserDirectory;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.keycloak.component.ComponentModel;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.models.UserModel;
import org.keycloak.models.cache.UserCache;
import org.keycloak.storage.StorageId;
import org.keycloak.storage.StorageUnavailableException;
import org.keycloak.storage.UserStorageManager;
import org.keycloak.storage.UserStoragePrivateUtil;
import org.keycloak.storage.UserStorageProvider;
import org.keycloak.storage.UserStorageUtil;

/** A realm's users by Keycloak's user providers. */
record KeycloakUsers(KeycloakSession session, RealmModel realm) implements Users {
    /** No user has this id. */
    private static final String NOBODY = "";

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
            found = inTurn(id, lookUp);
        } catch (Unreadable hanging) {
            throw hanging;
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

    /** A request looks users up as Keycloak does, whose cache may know them; the background keeps the directory's turn. */
    private @Nullable UserModel inTurn(String id, Supplier<@Nullable UserModel> lookUp) {
        boolean inBackground =
                Directories.of(session).filter(Directories::inBackground).isPresent();
        Optional<DirectoryId> directory = inBackground ? directoryOf(id) : Optional.empty();
        if (directory.isEmpty()) {
            return lookUp.get();
        }
        Supplier<Optional<UserModel>> question = () -> Optional.ofNullable(lookUp.get());
        return Directories.ask(session, directory.get(), question, this::told).orElse(null);
    }

    /** Where the directory is silent, Keycloak finds the local row alone. */
    private boolean told(Optional<UserModel> found) {
        return found.flatMap(model -> DirectoryUser.of(session, realm, model))
                .filter(user -> user.standing() == DirectoryUser.Standing.SILENT)
                .isEmpty();
    }

    /** By the user's row, which is read by whoever looks the user up past the cache anyway. */
    private Optional<DirectoryId> directoryOf(String id) {
        if (!StorageId.isLocalStorage(id)) {
            return DirectoryUser.ofId(realm, id).map(this::idOf);
        }
        if (directories().findAny().isEmpty()) {
            return Optional.empty();
        }
        return Optional.ofNullable(
                        UserStoragePrivateUtil.userLocalStorage(session).getUserById(realm, id))
                .map(UserModel::getFederationLink)
                .map(realm::getComponent)
                .map(this::idOf);
    }

    private DirectoryId idOf(ComponentModel directory) {
        return new DirectoryId(realm.getId(), directory.getId());
    }

    private Stream<ComponentModel> directories() {
        return realm.getComponentsStream(realm.getId(), UserStorageProvider.class.getName());
    }

    @Override
    public Map<Optional<DirectoryId>, List<String>> byDirectory(Collection<String> ids) {
        if (ids.isEmpty() || directories().findAny().isEmpty()) {
            return ids.isEmpty() ? Map.of() : Map.of(Optional.empty(), List.copyOf(ids));
        }
        Map<String, Optional<String>> known = UserDirectory.known(session, realm.getId(), ids);
        return ids.stream()
                .collect(Collectors.groupingBy(
                        id -> known.getOrDefault(id, Optional.ofNullable(StorageId.providerId(id)))
                                .map(component -> new DirectoryId(realm.getId(), component)),
                        LinkedHashMap::new,
                        Collectors.toList()));
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
            // Deliberately everything but the database: who cannot be looked up is not known to be gone.
            if (DatabaseFailure.behind(e)) {
                throw e;
            }
            return false;
        }
    }

    @Override
    public void forgetCached(String id) {
        UserCache cache = UserStorageUtil.userCache(session);
        UserModel cached = inTurn(id, () -> session.users().getUserById(realm, id));
        if (cache != null && cached != null) {
            cache.evict(realm, cached);
        }
    }

    @Override
    public boolean write(String id, String attribute, String value) {
        UserModel row = StorageId.isLocalStorage(id) ? row(id) : null;
        if (row == null
                || DirectoryUser.of(session, realm, row)
                        .filter(of -> of.says(attribute))
                        .isPresent()) {
            return false;
        }
        row.setSingleAttribute(attribute, value);
        UserCache cache = UserStorageUtil.userCache(session);
        if (cache != null) {
            cache.evict(realm, row);
        }
        return true;
    }

    @Override
    public void expectNames(String attribute, Collection<String> ids) {
        Spellings.of(session).expect(attribute, ids);
    }

    @Override
    public long countNamed(String attribute) {
        Set<String> saying = directories()
                .filter(directory -> DirectoryUser.saysAlone(realm, directory, attribute))
                .map(ComponentModel::getId)
                .collect(Collectors.toSet());
        return UserDirectory.countNamed(session, realm.getId(), attribute, saying);
    }

    /** The user's own row, or else what their directory says; null if there is neither. */
    @Nullable UserModel row(String id) {
        return StorageId.isLocalStorage(id)
                ? UserStoragePrivateUtil.userLocalStorage(session).getUserById(realm, id)
                : inTurn(id, () -> session.users().getUserById(realm, id));
    }

    @Override
    public List<Listed> members(LinkId link, String after, int limit) {
        return new ListedMembers(session, realm, link).page(after, limit);
    }

    /** Without those of a directory that does not say how many it has. */
    @Override
    public long countMembers(LinkId link) {
        if (!link.ofRealm()) {
            return RealmOrganizations.countMembers(session, realm, link);
        }
        Supplier<Long> count = () -> RealmOrganizations.countMembers(session, realm, link);
        for (ComponentModel directory : directories().toList()) {
            Supplier<Long> ofOthers = count;
            count = () -> Directories.ask(session, idOf(directory), ofOthers);
        }
        try {
            return count.get();
        } catch (Unreadable hanging) {
            return UserStoragePrivateUtil.userLocalStorage(session).getUsersCount(realm);
        }
    }

    @Override
    public boolean anybodyHas(Mailbox mailbox, @Nullable String attribute) {
        return new EveryStore(session, realm)
                .anybodyElseHolds(
                        new EveryStore.Name(mailbox.address(), attribute, mailbox.spellings(), false), NOBODY);
    }

    @Override
    public Set<Mailbox> heldHere(Set<Mailbox> mailboxes, @Nullable String attribute) {
        return UserDirectory.holding(session, realm.getId(), mailboxes, attribute);
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
