package io.github.enterpriseconnect.core;

/**
 * A mail domain whose mailboxes a link may ask for, once an administrator of the realm has approved it.
 */
public record LinkDomain(Domain domain, boolean approved) {}
