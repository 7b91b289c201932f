package io.github.enterpriseconnect.storage;

import io.github.enterpriseconnect.core.Reason;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How the list of a link's resources stands.
 *
 * @param all whether whatever is listed is delegated, too
 * @param readAt when it was read last; null if it never was
 * @param problem why it could not be read when that was last tried; null if it could
 */
public record ResourceListing(
        boolean all, @Nullable Instant readAt, @Nullable Reason problem) {
    static final ResourceListing NONE = new ResourceListing(false, null, null);
}
