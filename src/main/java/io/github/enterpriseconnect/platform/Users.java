package io.github.enterpriseconnect.platform;

import io.github.enterpriseconnect.core.User;
import java.util.Optional;

/** A realm's users. A directory that cannot be asked makes a look-up throw: {@link
 * DirectorySilent}, or what a directory of somebody else's making has for it. */
public interface Users {
    /** The user as Keycloak's cache may know them; empty if there is none. */
    Optional<User> byId(String id);

    /** The user past Keycloak's cache, which does not hear of what a directory or a database statement has changed. */
    Optional<User> uncached(String id);

    /** Has every node read the user anew. */
    void forgetCached(String id);

    /**
     * Whether the user comes from a directory that is switched off and imports nobody: nothing is known of them then.
     */
    boolean directoryOff(String id);
}
