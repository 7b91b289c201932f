package io.github.enterpriseconnect.platform;

import org.keycloak.common.util.Environment;

/** What this process is for. */
public final class ServerMode {
    private ServerMode() {}

    /**
     * Whether this is a server that people sign in to. Keycloak's own tools ({@code kc.sh import}, {@code export},
     * {@code bootstrap-admin}) run everything that a server does but its doors: in them nothing of ours may go on by
     * itself, since they may be started on another day, on another machine and without the server's options.
     */
    public static boolean serves() {
        return !Environment.isNonServerMode();
    }
}
