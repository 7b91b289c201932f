package io.github.enterpriseconnect.platform;

import io.github.enterpriseconnect.core.Ticket;
import io.github.enterpriseconnect.core.Unreadable;
import io.github.enterpriseconnect.storage.DatabaseFailure;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.keycloak.component.ComponentModel;
import org.keycloak.models.GroupModel;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.models.RoleModel;
import org.keycloak.models.UserModel;
import org.keycloak.models.cache.CachedUserModel;
import org.keycloak.models.cache.UserCache;
import org.keycloak.models.utils.ReadOnlyUserModelDelegate;
import org.keycloak.models.utils.StorageUnavailableUserModelDelegate;
import org.keycloak.models.utils.UserModelDelegate;
import org.keycloak.storage.StorageId;
import org.keycloak.storage.UserStorageManager;
import org.keycloak.storage.UserStorageProvider;
import org.keycloak.storage.UserStorageProviderModel;
import org.keycloak.storage.UserStorageUtil;

/**
 * How far what Keycloak shows of a user from a directory can be believed. Where the directory is silent, off, or no
 * longer has the user, Keycloak does not throw but hands out the local row alone: without the groups and roles, and
 * with an older address than the one, that the directory adds. Its user cache keeps no such stand-in, but reads groups
 * and roles of a cached user when they are first asked for, from a stand-in if the directory is silent at that moment,
 * and then keeps those. Source: {@code UserStorageManager.validateUser}, {@code CachedUser}.
 */
record DirectoryUser(KeycloakSession session, RealmModel realm, UserModel model, ComponentModel directory) {
    /** What of a cached user has been compared with the directory; kept with the cached user. */
    private static final String COMPARED = "enterprise-connect.compared";

    /**
     * What the cache reads of a user when somebody first asks for it.
     *
     * @param key by which it is known with the cached user that it has been compared with the directory
     */
    record Lazily(String key, Function<UserModel, Set<String>> read) {
        static final Lazily GROUPS_AND_ROLES = new Lazily(COMPARED, DirectoryUser::groupsAndRoles);

        static Lazily attribute(String name) {
            return new Lazily(
                    COMPARED + "." + name, user -> user.getAttributeStream(name).collect(Collectors.toSet()));
        }
    }

    /** How the directory stands to what is shown of the user. */
    enum Standing {
        /** What is shown is what the directory says, or has said when it was cached. */
        TOLD,
        /** The directory is switched off, or no longer has the user: shown as disabled, for as long as that lasts. */
        OFF,
        /** Nobody knows what the directory says. */
        SILENT
    }

    /** Empty for a user who comes from no directory. */
    static Optional<DirectoryUser> of(KeycloakSession session, RealmModel realm, UserModel model) {
        return directory(realm, model.isFederated() ? model.getFederationLink() : directoryOf(model.getId()))
                .map(directory -> new DirectoryUser(session, realm, model, directory));
    }

    /** The directory that a user belongs to whom it does not import; empty for every other id. */
    static Optional<ComponentModel> ofId(RealmModel realm, String userId) {
        return directory(realm, directoryOf(userId));
    }

    private static @Nullable String directoryOf(String userId) {
        return StorageId.providerId(userId);
    }

    private static Optional<ComponentModel> directory(RealmModel realm, @Nullable String component) {
        return Optional.ofNullable(component).map(realm::getComponent);
    }

    /** Whether the directory is switched on and what reaches it is installed, so that it can be asked at all. */
    static boolean askable(KeycloakSession session, ComponentModel directory) {
        return new UserStorageProviderModel(directory).isEnabled() && installed(session, directory);
    }

    private static boolean installed(KeycloakSession session, ComponentModel directory) {
        return session.getKeycloakSessionFactory()
                        .getProviderFactory(UserStorageProvider.class, directory.getProviderId())
                != null;
    }

    /** A directory that imports nobody shows nobody while it is off: there, read-only means no more than it says. */
    Standing standing() {
        if (!installed(session, directory)) {
            return Standing.SILENT;
        }
        if (!new UserStorageProviderModel(directory).isEnabled()) {
            return Standing.OFF;
        }
        UserModel shown = changing(model);
        while (shown instanceof UserModelDelegate delegate) {
            UserModel inner = changing(delegate.getDelegate());
            if (delegate instanceof StorageUnavailableUserModelDelegate) {
                return Standing.SILENT;
            }
            if (StorageId.isLocalStorage(model.getId())
                    && delegate instanceof ReadOnlyUserModelDelegate
                    && !(inner instanceof UserModelDelegate)
                    && !(inner instanceof CachedUserModel)) {
                return Standing.OFF;
            }
            shown = inner;
        }
        return Standing.TOLD;
    }

    /** What is behind a cached user who is being changed in this transaction: it answers in place of the cache. */
    private static UserModel changing(UserModel user) {
        return user instanceof CachedUserModel cached && cached.isMarkedForEviction()
                ? cached.getDelegateForUpdate()
                : user;
    }

    String mappers() {
        return mappers(realm, directory);
    }

    /** What stands for the mappers of the directory and all that they are told, which are components of their own. */
    static String mappers(RealmModel realm, ComponentModel directory) {
        String mappers = realm.getComponentsStream(directory.getId())
                .map(mapper -> mapper.getId() + mapper.getProviderId() + new TreeMap<>(mapper.getConfig()))
                .sorted()
                .collect(Collectors.joining("\n"));
        return directory.getId() + " " + Ticket.hash(mappers);
    }

    Unreadable unreadable() {
        return Unreadable.directory(directory.getId());
    }

    /** The answer to what the cache keeps of a user; of others, and of what they are in, the directory may be asked. */
    <T> T ask(Supplier<T> question) {
        return told(fromCache() ? question : () -> inTurn(question));
    }

    /** The answer to what the cache may still have to read of the user, for which the directory may be asked. */
    <T> T ask(Lazily what, Supplier<T> question) {
        boolean here = cached().filter(cached -> isCompared(cached, what)).isPresent();
        return told(here ? question : () -> inTurn(question));
    }

    /** Whether it is the directory alone that says what the attribute holds, and Keycloak lets nobody write it there. */
    boolean saysAlone(String attribute) {
        return saysAlone(realm, directory, attribute);
    }

    /** As {@link #saysAlone(String)}, of whoever comes from this directory. */
    static boolean saysAlone(RealmModel realm, ComponentModel directory, String attribute) {
        boolean writable = "WRITABLE".equals(directory.get("editMode"));
        return mappersOf(realm, directory, attribute)
                .anyMatch(mapper -> mapper.get("always.read.value.from.ldap", false)
                        && (!writable || mapper.get("read.only", false)));
    }

    /** Whether the directory says what the attribute holds, in place of what is written to Keycloak. */
    boolean says(String attribute) {
        return mappersOf(realm, directory, attribute).findAny().isPresent();
    }

    /** Source: {@code UserAttributeLDAPStorageMapper}. */
    private static Stream<ComponentModel> mappersOf(RealmModel realm, ComponentModel directory, String attribute) {
        return realm.getComponentsStream(directory.getId())
                .filter(mapper -> "user-attribute-ldap-mapper".equals(mapper.getProviderId())
                        && attribute.equalsIgnoreCase(mapper.get("user.model.attribute")));
    }

    <T> T inTurn(Supplier<T> question) {
        return Directories.ask(session, new DirectoryId(realm.getId(), directory.getId()), question);
    }

    /** Directories fail in ways of their own, which all mean that nobody knows. */
    private <T> T told(Supplier<T> question) {
        if (standing() != Standing.TOLD) {
            throw unreadable();
        }
        try {
            return question.get();
        } catch (Unreadable e) {
            throw e;
        } catch (RuntimeException e) {
            // Deliberately everything but the database, see above.
            if (DatabaseFailure.whileAskingDirectory(session)) {
                throw e;
            }
            throw new DirectorySilent(e);
        }
    }

    /** What the cache knows of the user; empty for one who is not from there. */
    private Optional<CachedUserModel> cached() {
        UserModel inner = changing(model);
        while (inner instanceof ReadOnlyUserModelDelegate shown) {
            inner = changing(shown.getDelegate());
        }
        return inner instanceof CachedUserModel cached ? Optional.of(cached) : Optional.empty();
    }

    /** Whether what is asked of the user is answered without the directory. */
    boolean fromCache() {
        return cached().isPresent();
    }

    private static boolean isCompared(CachedUserModel cached, Lazily what) {
        return cached.getCachedWith().containsKey(what.key());
    }

    /** The user by whom this can be told: a cached one only once it has been compared with the directory. */
    UserModel compared(Lazily what) {
        Optional<CachedUserModel> uncompared = cached().filter(cached -> !isCompared(cached, what));
        if (uncompared.isEmpty()) {
            return model;
        }
        UserModel told = new UserStorageManager(session).getUserById(realm, model.getId());
        if (told == null || new DirectoryUser(session, realm, told, directory).standing() != Standing.TOLD) {
            throw unreadable();
        }
        if (what.read().apply(told).equals(what.read().apply(model))) {
            compared(uncompared.get(), what);
            return model;
        }
        UserCache cache = UserStorageUtil.userCache(session);
        if (cache != null) {
            cache.evict(realm, model);
        }
        return told;
    }

    @SuppressWarnings("unchecked") // Keycloak's map has no types.
    private static void compared(CachedUserModel cached, Lazily what) {
        cached.getCachedWith().put(what.key(), true);
    }

    private static Set<String> groupsAndRoles(UserModel user) {
        return Stream.concat(
                        user.getGroupsStream().map(GroupModel::getId),
                        user.getRoleMappingsStream().map(RoleModel::getId))
                .collect(Collectors.toSet());
    }
}
