package io.github.enterpriseconnect.core;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A mail domain whose mailboxes a link may ask for, once an administrator of the realm has approved it.
 */
public record LinkDomain(Domain domain, boolean approved) {
    /** A service account's domain joins those of its link; unapproved, unless it was approved before. */
    public static List<LinkDomain> joined(@Nullable Domain own, List<LinkDomain> domains) {
        List<LinkDomain> all = new ArrayList<>(domains);
        if (own != null && domains.stream().noneMatch(known -> known.domain().equals(own))) {
            all.add(new LinkDomain(own, false));
        }
        return all;
    }
}
