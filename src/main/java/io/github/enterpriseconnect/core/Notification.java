package io.github.enterpriseconnect.core;

import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a consumer is to be told, until it has accepted it.
 *
 * @param id the same however often it is sent
 * @param clientId of the consumer
 * @param transaction the same for all consumers that are told of one event
 * @param attempts how often it has been sent in vain
 * @param problem why not, when that was last tried; null if nothing was wrong
 * @param failingSince since when the consumer has not taken it, without a wait of ours in between, or nobody tries any more;
 *     null if it has not been sent since
 * @param nextAttemptAt null while nobody tries any more
 * @param words what of it is written how, for APIs: a newer version may have words of its own
 */
public record Notification(
        String id,
        String clientId,
        CalendarEvent event,
        String transaction,
        State state,
        int attempts,
        @Nullable String problem,
        Instant createdAt,
        @Nullable Instant failingSince,
        @Nullable Instant nextAttemptAt,
        Written words) {

    /** State, kind, kind of subject and reason in small letters, as the table has them. */
    public record Written(
            String state,
            String event,
            String subjectType,
            @Nullable String reason) {}

    /** What becomes of a notification; one that was accepted is not kept. */
    public enum State {
        /** To be sent, now or later. */
        PENDING,
        /** The consumer does not take it; sent again only if somebody has it replayed. */
        UNDELIVERABLE,
        /** A newer version has written it: nobody here acts on it. */
        UNKNOWN;

        public String id() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
