package io.github.enterpriseconnect.core;

import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Whether one real mailbox could be opened through a link: it is asked for and given back at once, nothing of it is kept.
 *
 * @param serviceAccount that it was asked for through
 * @param mailbox which one, so much of it as may be shown ({@link #masked})
 * @param at when it was begun while it is pending, else when the result came
 * @param reason why it failed, or what it waits for while it is pending; null if there is nothing to explain
 * @param detail Cronofy's own words for a refusal, to be shown as text; null if it has said none
 * @param words what a newer version has written of result and reason
 */
public record Verification(
        LinkId link,
        String serviceAccount,
        Result result,
        String mailbox,
        Instant at,
        @Nullable Reason reason,
        @Nullable String detail,
        Words words) {

    /** What came of it; the lower-case name is what APIs show. */
    public enum Result {
        /** Cronofy has been asked, or is about to be. */
        PENDING,
        /** Cronofy has opened the very mailbox. */
        PROVEN,
        FAILED,
        /** A newer version has written it: nobody here acts on it. Shown as it is written. */
        UNKNOWN;

        public String id() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** The result as APIs show it. */
    public String resultWord() {
        return words.state(result.id());
    }

    /** The reason as APIs show it; null if there is none. */
    public @Nullable String reasonWord() {
        return words.reason(reason);
    }

    /** So much of an address that whoever wrote it knows it again: {@code m…@customer.example}. */
    public static String masked(Mailbox mailbox) {
        return mailbox.address().charAt(0) + "\u2026@" + mailbox.domain().name();
    }
}
