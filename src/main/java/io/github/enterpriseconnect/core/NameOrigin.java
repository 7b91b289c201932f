package io.github.enterpriseconnect.core;

import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * By whom came what a user attribute with calendar names was last seen to say. That is kept as a digest, to be compared
 * alone, and as it is written: the same name in other letters has been written anew.
 *
 * @param provider alias of the identity provider that has said it; null if none has
 * @param seenAt when it was last noted that the attribute says this
 */
public record NameOrigin(
        String attribute, String digest, By by, @Nullable String provider, Instant seenAt) {
    /** Who has written it. */
    public enum By {
        /** The user may have, while users could. */
        USER,
        /** An identity provider, at a sign-in. */
        PROVIDER,
        /** Whoever may write it while users may not. */
        OTHERS
    }

    /** What the attribute says now, empty for nothing, is from whoever may write it, users apart. */
    public static NameOrigin ofOthers(String attribute, String name, Instant now) {
        return new NameOrigin(attribute, Ticket.hash(name), By.OTHERS, null, now);
    }

    /** What the attribute says now may be the user's own. */
    public static NameOrigin ofUser(String attribute, String name, Instant now) {
        return new NameOrigin(attribute, Ticket.hash(name), By.USER, null, now);
    }

    /** An identity provider says what the attribute says now. */
    public static NameOrigin ofProvider(String attribute, String name, String provider, Instant now) {
        return new NameOrigin(attribute, Ticket.hash(name), By.PROVIDER, provider, now);
    }

    /** Whether the user may have written it. */
    public boolean byUser() {
        return by == By.USER;
    }

    /** Whether it is about what the attribute says. */
    public boolean isOf(List<String> names) {
        return names.size() < 2
                && Ticket.hash(names.isEmpty() ? "" : names.get(0)).equals(digest);
    }

    /** As it was, but for when it was last seen. */
    public boolean same(NameOrigin other) {
        return attribute.equals(other.attribute)
                && digest.equals(other.digest)
                && by == other.by
                && Objects.equals(provider, other.provider);
    }

    /** The same, seen at another time. */
    public NameOrigin seen(Instant at) {
        return new NameOrigin(attribute, digest, by, provider, at);
    }
}
