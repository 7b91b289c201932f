package io.github.enterpriseconnect.core;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A domain of an organization as Keycloak lets it be written: one domain, or with {@code *.} in front a domain together
 * with all its sub-domains. Source: {@code org.keycloak.organization.utils.Organizations#isSameDomain}.
 *
 * @param wildcard whether sub-domains belong to it
 */
public record DomainPattern(Domain base, boolean wildcard) {
    private static final String WILDCARD = "*.";

    /** The pattern that an organization carries; empty if nothing could ever match it. */
    public static Optional<DomainPattern> parse(@Nullable String text) {
        if (text == null) {
            return Optional.empty();
        }
        boolean wildcard = text.startsWith(WILDCARD);
        String base = wildcard ? text.substring(WILDCARD.length()) : text;
        return Domain.parse(base)
                .filter(domain -> domain.name().length() == base.length())
                .map(domain -> new DomainPattern(domain, wildcard));
    }

    public boolean matches(Domain domain) {
        return domain.equals(base) || (wildcard && domain.name().endsWith("." + base.name()));
    }
}
