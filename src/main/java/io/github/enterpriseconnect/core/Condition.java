package io.github.enterpriseconnect.core;

import org.jspecify.annotations.Nullable;

/**
 * How a service account stands at Cronofy, in Cronofy's own words: to be shown, never to decide on. A word that nobody here
 * knows is no fact about anybody's rights. Source: Cronofy's documentation of {@code userinfo} and of Office 365 by Graph.
 *
 * @param status of its authorization, as a rule {@code active}; null if Cronofy does not say, like all others
 * @param provider whose calendars they are, such as {@code exchange}
 * @param protocol by which Cronofy reaches them, such as {@code graph_api}
 * @param migrationUrl page of Cronofy's by which the customer moves from Exchange Web Services to Graph
 */
public record Condition(
        @Nullable String status,
        @Nullable String provider,
        @Nullable String protocol,
        @Nullable String migrationUrl) {
    /** Cronofy says nothing. */
    public static final Condition UNKNOWN = new Condition(null, null, null, null);
}
