package io.github.enterpriseconnect.platform;

import io.github.enterpriseconnect.core.User;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;

/**
 * A realm's users. Where the directory of a user cannot be asked or is switched off, a look-up throws {@link
 * DirectorySilent}, or gives a user whose answers throw {@link io.github.enterpriseconnect.core.Unreadable}; or it
 * throws what a directory of somebody else's making has for it.
 */
public interface Users {
    /** The user as Keycloak's cache may know them; empty if there is none. */
    Optional<User> byId(String id);

    /** The user past Keycloak's cache, which does not hear of what a directory or a database statement has changed. */
    Optional<User> uncached(String id);

    /**
     * Those of the ids whose users are gone, which was read: a directory that cannot be asked or is switched off is no
     * reason, and neither is a user whom a directory of somebody else's making fails to tell of.
     */
    Set<String> gone(Collection<String> ids);

    /** Has every node read the user anew. */
    void forgetCached(String id);

    /**
     * Those of these users whom the realm has, as far as its own tables tell: no directory is asked, and whoever comes
     * from one that imports nobody counts as there while it is configured.
     */
    Set<String> present(Set<String> ids);
}
