package io.github.enterpriseconnect.platform;

import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Unreadable;
import io.github.enterpriseconnect.storage.DatabaseFailure;
import io.github.enterpriseconnect.storage.MemberDirectory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.keycloak.component.ComponentModel;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.models.UserModel;
import org.keycloak.storage.UserStorageManager;
import org.keycloak.storage.UserStorageProvider;
import org.keycloak.storage.UserStorageProviderModel;
import org.keycloak.storage.user.UserQueryMethodsProvider;

/**
 * Those whom a link is for, a page at a time: first whom Keycloak's tables of users have, by id; then whom only a directory
 * has that imports nobody. An organization's members of that kind are in a table, too; of the realm's own link, each
 * directory lists its users by a number, in its own order.
 */
record ListedMembers(KeycloakSession session, RealmModel realm, LinkId link) {
    private static final String ELSEWHERE = "elsewhere ";

    /** @param after empty, the id of a user, or {@value #ELSEWHERE} and what tells how far that has come */
    List<Users.Listed> page(String after, int limit) {
        List<Users.Listed> page = new ArrayList<>();
        boolean elsewhere = after.startsWith(ELSEWHERE);
        if (!elsewhere) {
            inTables(after, limit).forEach(id -> page.add(new Users.Listed(id, id)));
        }
        if (page.size() < limit) {
            String begun = elsewhere ? after.substring(ELSEWHERE.length()) : "";
            page.addAll(elsewhere(begun, limit - page.size()));
        }
        return page;
    }

    private MemberDirectory tables() {
        return new MemberDirectory(session, realm.getId());
    }

    private List<String> inTables(String after, int limit) {
        return link.ofRealm() ? tables().users(after, limit) : tables().members(link.name(), after, limit);
    }

    private List<Users.Listed> elsewhere(String after, int limit) {
        if (!link.ofRealm()) {
            return tables().membersElsewhere(link.name(), after, limit).stream()
                    .map(id -> new Users.Listed(id, ELSEWHERE + id))
                    .toList();
        }
        String[] begun = after.isEmpty() ? new String[] {"", "0"} : after.split(" ", 2);
        List<Users.Listed> page = new ArrayList<>();
        List<ComponentModel> directories = realm.getComponentsStream(realm.getId(), UserStorageProvider.class.getName())
                .filter(directory -> importsNobody(new UserStorageProviderModel(directory)))
                .filter(directory -> directory.getId().compareTo(begun[0]) >= 0)
                .sorted((one, other) -> one.getId().compareTo(other.getId()))
                .toList();
        for (ComponentModel directory : directories) {
            int first = directory.getId().equals(begun[0]) ? Integer.parseInt(begun[1]) : 0;
            page.addAll(of(directory, first, limit - page.size()));
            if (page.size() >= limit) {
                break;
            }
        }
        return page;
    }

    private static boolean importsNobody(UserStorageProviderModel directory) {
        return directory.isEnabled() && !directory.isImportEnabled();
    }

    private List<Users.Listed> of(ComponentModel directory, int first, int limit) {
        List<String> ids;
        try {
            ids = Directories.ask(
                    session, new DirectoryId(realm.getId(), directory.getId()), () -> new OneDirectory(session)
                            .users(realm, directory.getId(), first, limit));
        } catch (Unreadable hanging) {
            throw hanging;
        } catch (RuntimeException e) {
            // Directories fail in ways of their own.
            if (DatabaseFailure.whileAskingDirectory(session)) {
                throw e;
            }
            throw new DirectorySilent(e);
        }
        return IntStream.range(0, ids.size())
                .mapToObj(i -> new Users.Listed(ids.get(i), ELSEWHERE + directory.getId() + " " + (first + i + 1)))
                .toList();
    }

    /** Keycloak's own search goes through all stores at once, and passes over one that does not answer. */
    private static final class OneDirectory extends UserStorageManager {
        OneDirectory(KeycloakSession session) {
            super(session);
        }

        List<String> users(RealmModel realm, String directory, int first, int limit) {
            UserQueryMethodsProvider users =
                    getStorageProviderInstance(realm, directory, UserQueryMethodsProvider.class);
            return users == null
                    ? List.of()
                    : users.searchForUserStream(realm, Map.of(), first, limit)
                            .limit(limit)
                            .map(UserModel::getId)
                            .toList();
        }
    }
}
