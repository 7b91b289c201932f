package io.github.enterpriseconnect.core;

import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The name that Cronofy's answer had in place of the one that was asked for; kept to be shown, and perhaps adopted.
 *
 * @param link name of the link that was asked through
 * @param name as it came, cut to what a table can keep; need not be an address
 * @param circumstances under which it came
 */
public record FoundName(String link, String name, Circumstances circumstances) {
    private static final int LONGEST = 255;

    /** How such a name differs from what was asked for, which many members of a link may have in common. */
    public enum Kind {
        /** The same before the {@code @}, and another domain. */
        OTHER_DOMAIN,
        /** Another local part of the same domain. */
        OTHER_LOCAL_PART,
        /** Anything else, also what is no address. */
        OTHER_NAME
    }

    /**
     * What members have in common.
     *
     * @param kind a {@link Kind} in lower case, or what a newer version has written
     * @param domain the other domain; null unless the names differ by it alone
     */
    public record Pattern(String kind, @Nullable String domain) {}

    public FoundName {
        name = name.substring(0, Math.min(name.length(), LONGEST));
    }

    /** As an address to ask for; empty if it is no plain one. */
    public Optional<Mailbox> mailbox() {
        return Mailbox.parse(name);
    }

    /** How it differs from what was asked for. */
    public Pattern pattern(Mailbox asked) {
        Optional<Mailbox> found = mailbox();
        Kind kind = found.map(other -> kind(other, asked)).orElse(Kind.OTHER_NAME);
        return new Pattern(
                kind.name().toLowerCase(Locale.ROOT),
                kind == Kind.OTHER_DOMAIN ? found.orElseThrow().domain().name() : null);
    }

    private static Kind kind(Mailbox found, Mailbox asked) {
        if (found.domain().equals(asked.domain())) {
            return Kind.OTHER_LOCAL_PART;
        }
        return found.localPart().equals(asked.localPart()) ? Kind.OTHER_DOMAIN : Kind.OTHER_NAME;
    }
}
