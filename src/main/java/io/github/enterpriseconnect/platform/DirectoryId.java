package io.github.enterpriseconnect.platform;

/**
 * A source of a realm's users beside Keycloak's own table.
 *
 * @param component id of the realm's component
 */
public record DirectoryId(String realm, String component) {}
