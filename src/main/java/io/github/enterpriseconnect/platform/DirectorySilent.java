package io.github.enterpriseconnect.platform;

import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Unreadable;

/**
 * The directory that a user comes from cannot be asked at the moment, so nothing is known of the user. Try again later.
 */
public final class DirectorySilent extends Unreadable {
    private static final long serialVersionUID = 1L;

    public DirectorySilent(Throwable cause) {
        super(Reason.DIRECTORY_SILENT, "a user's directory cannot be asked", cause);
    }
}
