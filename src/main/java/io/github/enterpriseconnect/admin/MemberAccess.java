package io.github.enterpriseconnect.admin;

/** Whether the administrator may ask for the user's mailbox, end what the user has, and opt them out or in. */
public record MemberAccess(boolean manage) {}
