package io.github.enterpriseconnect.core;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The e-mail address that a delegation is asked for, in its one normal form (lower case). The address is the
 * credential: whatever is not a plain {@code local@domain} of RFC 5321 without quoting, comments or non-ASCII
 * characters is no mailbox, so that no two systems can read it differently.
 *
 * @param address for example {@code maria@customer.example}
 */
public record Mailbox(String address) {
    private static final Pattern PLAIN_LOCAL_PART =
            Pattern.compile("[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*");

    public Mailbox {
        if (!isPlain(address)) {
            throw new IllegalArgumentException("not a plain e-mail address; write it like maria@customer.example");
        }
    }

    /** The mailbox that a user's e-mail attribute names; empty if that is no plain address. */
    public static Optional<Mailbox> parse(@Nullable String email) {
        if (email == null || !Domain.ascii(email)) {
            return Optional.empty();
        }
        String address = email.toLowerCase(Locale.ROOT);
        return isPlain(address) ? Optional.of(new Mailbox(address)) : Optional.empty();
    }

    public Domain domain() {
        return new Domain(address.substring(address.indexOf('@') + 1));
    }

    private static boolean isPlain(String address) {
        int at = address.indexOf('@');
        return at > 0
                && at <= 64
                && address.length() <= 254
                && PLAIN_LOCAL_PART.matcher(address.substring(0, at)).matches()
                && Domain.parse(address.substring(at + 1))
                        .filter(domain -> domain.name().equals(address.substring(at + 1)))
                        .isPresent();
    }

    @Override
    public String toString() {
        return "(mailbox)";
    }
}
