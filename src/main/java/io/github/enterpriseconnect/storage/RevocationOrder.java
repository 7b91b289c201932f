package io.github.enterpriseconnect.storage;

import io.github.enterpriseconnect.core.Application;
import io.github.enterpriseconnect.core.Secret;
import org.jspecify.annotations.Nullable;

/**
 * All that a revocation at Cronofy needs, kept apart from the realm that it came from, because a removed realm takes
 * its key, its settings and its users along at once.
 *
 * @param subject {@code ser_…} or {@code acc_…}
 * @param refreshToken preferred over the subject, or an access token where none came; null if it was lost
 */
public record RevocationOrder(
        Application application, String subject, @Nullable Secret refreshToken) {
    private static final String UNNAMED = "unknown-";

    /**
     * What stands for a subject that Cronofy did not name: such an authorization is revoked by its token alone.
     *
     * @param origin id of what it was obtained for
     */
    public static String unnamed(String origin) {
        return UNNAMED + origin;
    }

    /** Whether this is Cronofy's name of an account. */
    public static boolean named(String subject) {
        return !subject.startsWith(UNNAMED);
    }
}
