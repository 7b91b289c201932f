package io.github.enterpriseconnect.platform;

import io.github.enterpriseconnect.core.Unreadable;
import io.github.enterpriseconnect.storage.DatabaseFailure;
import io.github.enterpriseconnect.storage.UserDirectory;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.keycloak.component.ComponentModel;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.models.UserModel;
import org.keycloak.storage.UserStorageManager;
import org.keycloak.storage.UserStorageProvider;
import org.keycloak.storage.UserStorageProviderModel;
import org.keycloak.storage.user.UserQueryMethodsProvider;

/**
 * Keycloak's own table and all directories of a realm. Keycloak's own search passes over a directory that does not
 * answer, as if it had no such user.
 */
final class EveryStore extends UserStorageManager {
    private final RealmModel realm;

    EveryStore(KeycloakSession session, RealmModel realm) {
        super(session);
        this.realm = realm;
    }

    /**
     * By what somebody is looked for.
     *
     * @param address who has it as e-mail address
     * @param attribute or who has it in this one; null if that does not count
     * @param spellings how it may be written there
     */
    record Name(String address, @Nullable String attribute, Set<String> spellings) {
        /** What a directory has said of it is known by this. */
        String key() {
            return attribute == null ? address : attribute + "\n" + address;
        }
    }

    /**
     * Whether anybody but this user holds the name. For a directory that does not answer, or keeps somebody waiting,
     * counts what it has said lately; what it says now, and what any other says, goes before.
     *
     * @throws Unreadable one that has said nothing lately does not answer, and may have such a user
     */
    boolean anybodyElseHolds(Name name, String userId) {
        if (heldHere(name, userId)) {
            return true;
        }
        Unreadable silent = null;
        for (ComponentModel directory : directories()) {
            try {
                if (heldIn(directory, name, userId)) {
                    return true;
                }
            } catch (Unreadable now) {
                silent = now;
            }
        }
        if (silent != null) {
            throw silent;
        }
        return false;
    }

    private List<ComponentModel> directories() {
        return realm.getComponentsStream(realm.getId(), UserStorageProvider.class.getName())
                .filter(directory -> new UserStorageProviderModel(directory).isEnabled())
                .toList();
    }

    /** Keycloak's table is asked for all spellings at once; directories do not mind them. */
    private boolean heldHere(Name name, String userId) {
        return held(localStorage(), UserModel.EMAIL, name.address(), userId)
                || (name.attribute() != null
                        && UserDirectory.anybodyElse(
                                session, realm.getId(), name.attribute(), name.spellings(), userId));
    }

    /** Whether anybody has a name in an attribute is asked anew every some minutes, since every token depends on it. */
    private boolean heldIn(ComponentModel component, Name name, String userId) {
        DirectoryId directory = new DirectoryId(realm.getId(), component.getId());
        Optional<Directories> directories = Directories.of(session);
        boolean nobodyLately = directories
                .filter(all -> all.nobodyElse().known(directory, userId, name.key()))
                .isPresent();
        if (nobodyLately && (name.attribute() != null || directories.get().slow(directory))) {
            return false;
        }
        try {
            boolean held = Directories.ask(session, directory, () -> search(component, name, userId));
            directories.ifPresent(all -> all.nobodyElse().note(directory, userId, name.key(), !held));
            return held;
        } catch (Unreadable silent) {
            if (!nobodyLately) {
                throw silent;
            }
            return false;
        }
    }

    private boolean search(ComponentModel component, Name name, String userId) {
        try {
            UserQueryMethodsProvider store =
                    getStorageProviderInstance(realm, component.getId(), UserQueryMethodsProvider.class);
            return held(store, UserModel.EMAIL, name.address(), userId)
                    || (name.attribute() != null && held(store, name.attribute(), name.address(), userId));
        } catch (RuntimeException e) {
            // Directories fail in ways of their own; one that cannot be asked may have such a user.
            if (DatabaseFailure.whileAskingDirectory(session)) {
                throw e;
            }
            throw new DirectorySilent(e);
        }
    }

    /** One that cannot search, or is not installed, has nobody for us. */
    private boolean held(@Nullable UserQueryMethodsProvider store, String attribute, String value, String userId) {
        if (store == null) {
            return false;
        }
        try (Stream<UserModel> found = attribute.equals(UserModel.EMAIL)
                ? store.searchForUserStream(realm, Map.of(UserModel.EMAIL, value, UserModel.EXACT, "true"))
                : store.searchForUserByUserAttributeStream(realm, attribute, value)) {
            return found.toList().stream().anyMatch(other -> !other.getId().equals(userId));
        }
    }
}
