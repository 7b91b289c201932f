package io.github.enterpriseconnect.core;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A one-time start page for linking, as it stands now; its ticket is known to nobody but its bearer.
 *
 * @param createdBy Keycloak's id of the administrator
 * @param replacement whether another service account may take the place of the link's
 * @param usedAt when a service account was linked with it; null until then
 */
public record Invitation(
        String id,
        LinkId link,
        String createdBy,
        boolean replacement,
        Instant createdAt,
        Instant expiresAt,
        @Nullable Instant usedAt,
        boolean withdrawn) {}
