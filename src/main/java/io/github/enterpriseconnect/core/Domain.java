package io.github.enterpriseconnect.core;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A mail domain in its one normal form: lower-case ASCII labels, at least two of them. A sub-domain is another domain.
 */
public final class Domain {
    private static final Pattern PLAIN = Pattern.compile(
            "(?=.{3,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+" + "[a-z]([a-z0-9-]{0,61}[a-z0-9])?");

    private final String name;

    /** @param name for example {@code customer.example} */
    public Domain(String name) {
        if (!PLAIN.matcher(name).matches()) {
            throw new IllegalArgumentException("'" + name
                    + "' is not a mail domain; write it like customer.example, internationalized names as xn--…");
        }
        this.name = name;
    }

    /** Of what has been looked at. */
    private Domain(MatchResult plain) {
        this.name = plain.group();
    }

    /** The domain that a person wrote, whatever its case and the white space around it; empty if it is none. */
    public static Optional<Domain> parse(@Nullable String text) {
        if (text == null || !ascii(text)) {
            return Optional.empty();
        }
        Matcher plain = PLAIN.matcher(text.strip().toLowerCase(Locale.ROOT));
        return plain.matches() ? Optional.of(new Domain(plain)) : Optional.empty();
    }

    /** To be asked before folding: Unicode folds some look-alikes, such as the Kelvin sign, into plain letters. */
    static boolean ascii(String text) {
        return text.chars().allMatch(character -> character < 0x80);
    }

    public String name() {
        return name;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Domain domain && name.equals(domain.name);
    }

    @Override
    public int hashCode() {
        return name.hashCode();
    }

    @Override
    public String toString() {
        return name;
    }
}
