package io.github.enterpriseconnect.core;

import org.jspecify.annotations.Nullable;

/**
 * That an ask through a link was answered by what is no calendar of the member's: another ask under the same circumstances
 * brings the same.
 *
 * @param link name of the link that was asked through
 * @param holder id of somebody else's delegation that holds the account, as long as that stands; null if it was
 *     another name that came, or none
 */
public record OddAnswer(
        String link, Circumstances circumstances, @Nullable String holder) {
    /** The one that {@link #line} has written; null if it was not. */
    public static @Nullable OddAnswer parse(String line) {
        String[] parts = line.split("\t", -1);
        return parts.length < 3
                ? null
                : new OddAnswer(parts[0], new Circumstances(parts[1]), parts[2].isEmpty() ? null : parts[2]);
    }

    /** One line of text. */
    public String line() {
        return link + "\t" + circumstances.digest() + "\t" + (holder == null ? "" : holder);
    }
}
