package io.github.enterpriseconnect.core;

import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The e-mail address that a delegation is asked for, in its one normal form (lower case). The address is the
 * credential: whatever is not a plain {@code local@domain} of RFC 5321 without quoting, comments or non-ASCII
 * characters is no mailbox, so that no two systems can read it differently.
 */
public final class Mailbox {
    private static final Pattern PLAIN_LOCAL_PART =
            Pattern.compile("[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*");

    /** Of the names that a local part is made of. */
    private static final Pattern INITIAL = Pattern.compile("(?<![a-z0-9])[a-z]");

    private final String address;
    private final Domain domain;

    /** @param address for example {@code maria@customer.example} */
    public Mailbox(String address) {
        this(
                address,
                domainOf(address)
                        .orElseThrow(() -> new IllegalArgumentException(
                                "not a plain e-mail address; write it like maria@customer.example")));
    }

    private Mailbox(String address, Domain domain) {
        this.address = address;
        this.domain = domain;
    }

    /** The mailbox that a user's e-mail attribute names; empty if that is no plain address. */
    public static Optional<Mailbox> parse(@Nullable String email) {
        if (email == null || !Domain.ascii(email)) {
            return Optional.empty();
        }
        String address = email.toLowerCase(Locale.ROOT);
        return domainOf(address).map(domain -> new Mailbox(address, domain));
    }

    public String address() {
        return address;
    }

    public Domain domain() {
        return domain;
    }

    /** What stands before the {@code @}. */
    public String localPart() {
        return address.substring(0, address.indexOf('@'));
    }

    /**
     * How people and directories usually write it: stores compare attributes letter by letter, and a search that does not
     * would read through all users.
     */
    public Set<String> spellings() {
        String local = localPart();
        String domainPart = address.substring(local.length());
        String names = INITIAL.matcher(local)
                .replaceAll(initial -> Matcher.quoteReplacement(initial.group().toUpperCase(Locale.ROOT)));
        return Stream.of(local, local.toUpperCase(Locale.ROOT), names)
                .flatMap(one -> Stream.of(one + domainPart, one + domainPart.toUpperCase(Locale.ROOT)))
                .collect(Collectors.toUnmodifiableSet());
    }

    /** Empty unless the address is plain. */
    private static Optional<Domain> domainOf(String address) {
        int at = address.indexOf('@');
        boolean plain = at > 0
                && at <= 64
                && address.length() <= 254
                && PLAIN_LOCAL_PART.matcher(address.substring(0, at)).matches();
        if (!plain) {
            return Optional.empty();
        }
        String written = address.substring(at + 1);
        return Domain.parse(written).filter(domain -> domain.name().equals(written));
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Mailbox mailbox && address.equals(mailbox.address);
    }

    @Override
    public int hashCode() {
        return address.hashCode();
    }

    @Override
    public String toString() {
        return "(mailbox)";
    }
}
