package io.github.enterpriseconnect.platform;

import io.github.enterpriseconnect.core.Unreadable;
import io.github.enterpriseconnect.storage.DatabaseFailure;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
     * Whether anybody but this user holds the address. For a directory that does not answer, or keeps somebody waiting,
     * counts what it has said lately; what it says now, and what any other says, goes before.
     *
     * @throws Unreadable one that has said nothing lately does not answer, and may have such a user
     */
    boolean anybodyElseHolds(String email, String userId) {
        if (held(localStorage(), email, userId)) {
            return true;
        }
        Unreadable silent = null;
        for (ComponentModel directory : directories()) {
            try {
                if (heldIn(directory, email, userId)) {
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

    private boolean heldIn(ComponentModel component, String email, String userId) {
        DirectoryId directory = new DirectoryId(realm.getId(), component.getId());
        Optional<Directories> directories = Directories.of(session);
        boolean nobodyLately = directories
                .filter(all -> all.nobodyElse().known(directory, userId, email))
                .isPresent();
        if (nobodyLately && directories.get().slow(directory)) {
            return false;
        }
        try {
            boolean held = Directories.ask(session, directory, () -> search(component, email, userId));
            directories.ifPresent(all -> all.nobodyElse().note(directory, userId, email, !held));
            return held;
        } catch (Unreadable silent) {
            if (!nobodyLately) {
                throw silent;
            }
            return false;
        }
    }

    private boolean search(ComponentModel component, String email, String userId) {
        try {
            UserQueryMethodsProvider store =
                    getStorageProviderInstance(realm, component.getId(), UserQueryMethodsProvider.class);
            return held(store, email, userId);
        } catch (RuntimeException e) {
            // Directories fail in ways of their own; one that cannot be asked may have such a user.
            if (DatabaseFailure.whileAskingDirectory(session)) {
                throw e;
            }
            throw new DirectorySilent(e);
        }
    }

    /** One that cannot search, or is not installed, has nobody for us. */
    private boolean held(@Nullable UserQueryMethodsProvider store, String email, String userId) {
        if (store == null) {
            return false;
        }
        try (Stream<UserModel> found =
                store.searchForUserStream(realm, Map.of(UserModel.EMAIL, email, UserModel.EXACT, "true"))) {
            return found.toList().stream().anyMatch(other -> !other.getId().equals(userId));
        }
    }
}
