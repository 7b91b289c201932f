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
        Application application, String subject, @Nullable Secret refreshToken) {}
