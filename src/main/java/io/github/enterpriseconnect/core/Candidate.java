package io.github.enterpriseconnect.core;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the gate asks about a user. Answers may cost a look-up each, and the gate asks for no more than it needs, cheap
 * questions first.
 */
public interface Candidate {
    /** Whether the realm has Enterprise Connect switched on with complete settings. */
    boolean realmEnabled();

    /** Whether the realm, or this link, is suspended. */
    boolean suspended(Suspensions.Subject subject);

    /** Not a service account and not a user that lives for one session only. */
    boolean person();

    boolean enabled();

    /**
     * Whether the user is disabled only for now: by protection against guessing, or with the directory they come from.
     */
    boolean disabledForNow();

    boolean optedOut();

    /** How the realm has members treated where a link does not say. */
    Behaviour defaults();

    /** Whether the user has been told of the delegation through this link, by a page, or needs not be. */
    boolean noticed(LinkId link);

    @Nullable String email();

    /** The address, where it is plain. */
    default Optional<Mailbox> mailbox() {
        return Mailbox.parse(email());
    }

    boolean emailVerified();

    /** Whether a second user of the realm holds the same address. */
    boolean emailShared();

    /** Whether the owner has proved this very address. */
    boolean proven(Mailbox mailbox);

    /**
     * The user's memberships that could be linked: one per organization, or the realm's own; empty if there is none.
     */
    List<Membership> memberships();

    /** Whether the user is in one of these groups, by Keycloak's ids, or in a sub-group of one. */
    boolean inAnyGroup(Set<String> groups);

    /** Whether the user has one of these realm roles, by Keycloak's ids. */
    boolean hasAnyRole(Set<String> roles);

    /**
     * Whether nobody can tell if the user is really without what the link denied them for: the directory is set up otherwise
     * than when they had it.
     */
    boolean doubtfullyWithout(LinkId link);

    /** Whether the sign-in came through one of these identity providers, by alias. */
    boolean cameThrough(Set<String> identityProviders);

    /** Whether this mailbox was refused not long ago. */
    boolean coolingDown(Mailbox mailbox);

    /**
     * One organization of the user, or the realm where organizations are off.
     *
     * @param organizationDomains the organization's own domains; null for the realm's link, which has no organization
     */
    record Membership(
            Link link,
            boolean organizationEnabled,
            @Nullable Set<DomainPattern> organizationDomains) {}
}
