package io.github.enterpriseconnect.core;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A mail domain in its one normal form: lower-case ASCII labels, at least two of them. A sub-domain is another domain.
 *
 * @param name for example {@code customer.example}
 */
public record Domain(String name) {
    private static final Pattern PLAIN = Pattern.compile(
            "(?=.{3,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+" + "[a-z]([a-z0-9-]{0,61}[a-z0-9])?");

    public Domain {
        if (!PLAIN.matcher(name).matches()) {
            throw new IllegalArgumentException("'" + name
                    + "' is not a mail domain; write it like customer.example, internationalized names as xn--…");
        }
    }

    /** The domain that a person wrote, whatever its case and the white space around it; empty if it is none. */
    public static Optional<Domain> parse(@Nullable String text) {
        if (text == null || !ascii(text)) {
            return Optional.empty();
        }
        String name = text.strip().toLowerCase(Locale.ROOT);
        return PLAIN.matcher(name).matches() ? Optional.of(new Domain(name)) : Optional.empty();
    }

    /** To be asked before folding: Unicode folds some look-alikes, such as the Kelvin sign, into plain letters. */
    static boolean ascii(String text) {
        return text.chars().allMatch(character -> character < 0x80);
    }

    @Override
    public String toString() {
        return name;
    }
}
