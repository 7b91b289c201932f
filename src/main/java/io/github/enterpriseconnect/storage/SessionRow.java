package io.github.enterpriseconnect.storage;

/** A row of Keycloak's table of sessions; times are in seconds since 1970. */
public record SessionRow(String id, String userId, int startedAt, int seenAt) {}
