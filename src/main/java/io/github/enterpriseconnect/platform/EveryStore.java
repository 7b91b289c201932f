package io.github.enterpriseconnect.platform;

import io.github.enterpriseconnect.core.Unreadable;
import io.github.enterpriseconnect.storage.DatabaseFailure;
import io.github.enterpriseconnect.storage.UserDirectory;
import java.util.HashSet;
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
     * @param afresh whether it is looked for in whatever capitals, and what a directory has said of it before does not count
     */
    record Name(String address, @Nullable String attribute, Set<String> spellings, boolean afresh) {
        /** An e-mail address, for which no capitals matter. */
        static Name ofAddress(String address) {
            return new Name(address, null, Set.of(), false);
        }

        /** What a directory has said of it is known by this. */
        String key() {
            return attribute == null ? address : attribute + "\n" + address;
        }
    }

    /**
     * Whether anybody but this user holds the name. For a directory that does not answer, or keeps somebody waiting,
     * counts what it has said lately of an e-mail address. Of a name in an attribute counts that for some minutes, unless it
     * is looked for afresh: then each directory is asked, and has to answer.
     *
     * @throws Unreadable one of whom nothing counts does not answer, and may have such a user
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
        return all().filter(directory -> new UserStorageProviderModel(directory).isEnabled())
                .toList();
    }

    private Stream<ComponentModel> all() {
        return realm.getComponentsStream(realm.getId(), UserStorageProvider.class.getName());
    }

    /** Keycloak's tables are asked for all spellings at once. */
    private boolean heldHere(Name name, String userId) {
        return held(localStorage(), UserModel.EMAIL, name.address(), userId)
                || (name.attribute() != null && heldHere(name, name.attribute(), userId));
    }

    private boolean heldHere(Name name, String attribute, String userId) {
        Set<String> spellings = new HashSet<>(name.spellings());
        if (name.afresh()) {
            spellings.addAll(Spellings.of(session).of(attribute, name.address()));
        }
        return UserDirectory.anybodyElse(session, realm.getId(), attribute, spellings, userId)
                || (name.afresh()
                        && all().anyMatch(directory -> !new UserStorageProviderModel(directory).isImportEnabled())
                        && UserDirectory.anybodyElsewhere(session, realm.getId(), attribute, name.address(), userId));
    }

    private boolean heldIn(ComponentModel component, Name name, String userId) {
        DirectoryId directory = new DirectoryId(realm.getId(), component.getId());
        Optional<Directories> directories = Directories.of(session);
        boolean nobodyLately = directories
                .filter(all -> all.nobodyElse().known(directory, userId, name.key()))
                .isPresent();
        boolean ofName = name.attribute() != null;
        if (nobodyLately && !name.afresh() && (ofName || directories.get().slow(directory))) {
            return false;
        }
        try {
            boolean held = Directories.ask(session, directory, () -> search(component, name, userId));
            directories.ifPresent(all -> all.nobodyElse().note(directory, userId, name.key(), !held));
            return held;
        } catch (Unreadable silent) {
            if (!nobodyLately || name.afresh()) {
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
                    || (name.attribute() != null && named(component, store, name, name.attribute(), userId));
        } catch (RuntimeException e) {
            // Directories fail in ways of their own; one that cannot be asked may have such a user.
            if (DatabaseFailure.whileAskingDirectory(session)) {
                throw e;
            }
            throw new DirectorySilent(e);
        }
    }

    /** LDAP does not mind capitals; what others do nobody knows. */
    private boolean named(
            ComponentModel component,
            @Nullable UserQueryMethodsProvider store,
            Name name,
            String attribute,
            String userId) {
        boolean folds = "ldap".equals(component.getProviderId());
        return (folds ? Set.of(name.address()) : name.spellings())
                .stream().anyMatch(spelling -> held(store, attribute, spelling, userId));
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
