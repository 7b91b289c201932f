package io.github.enterpriseconnect.core;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the gate asks about a user. Answers may cost a look-up each, and the gate asks for no more than it needs, cheap
 * questions first.
 */
public interface Candidate {
    /** Whether the realm has Enterprise Connect switched on with complete settings. */
    boolean realmEnabled();

    /** Not a service account and not a user that lives for one session only. */
    boolean person();

    boolean enabled();

    @Nullable String email();

    boolean emailVerified();

    /** Whether a second user of the realm holds the same address. */
    boolean emailShared();

    /** The user's memberships that could be linked: one per organization, or the realm's own; empty if there is none. */
    List<Membership> memberships();

    /**
     * One organization of the user, or the realm where organizations are off.
     *
     * @param organizationDomains the organization's own domains; null for the realm's link, which has no organization
     */
    record Membership(
            Link link,
            boolean organizationEnabled,
            @Nullable Set<Domain> organizationDomains) {}
}
