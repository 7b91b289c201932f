package io.github.enterpriseconnect.core;

/**
 * Which mailbox is asked for, on behalf of whom, and by which way.
 *
 * @param userId Keycloak's id of the member
 * @param application see {@link Application#key()}
 */
public record Mandate(LinkId link, String userId, String application, Mailbox mailbox) {}
