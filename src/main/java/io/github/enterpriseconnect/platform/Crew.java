package io.github.enterpriseconnect.platform;

/**
 * Threads that do background work of one kind.
 *
 * @param size how many there are
 */
public record Crew(String name, int size) {}
