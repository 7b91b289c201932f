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

    /**
     * The mailbox to ask for through a link: the calendar name where the link has members named and the user is, else
     * the address; empty if that is no plain one.
     *
     * @throws Unreadable nobody can tell now, as while users may write the attribute themselves, or have written what it says
     */
    default Optional<Mailbox> mailbox(Link link) {
        String attribute = link.policy().calendarName();
        if (attribute == null) {
            return mailbox();
        }
        if (usersWrite(attribute)) {
            throw Unreadable.because(Reason.CALENDAR_NAME_WRITABLE);
        }
        List<String> names = calendarNames(attribute);
        if (names.isEmpty()) {
            return mailbox();
        }
        if (names.size() > 1) {
            return Optional.empty();
        }
        if (writtenByUser(attribute)) {
            throw Unreadable.because(Reason.CALENDAR_NAME_WRITABLE);
        }
        return Mailbox.parse(names.get(0));
    }

    /**
     * Whether this is the user's address or calendar name, may be delegated as far as its domain goes, and is nobody else's: it
     * may stand for the user in place of the mailbox to ask for. A calendar name that users may have written is none.
     *
     * @throws Unreadable nobody can tell now
     */
    default boolean bears(Membership membership, Mailbox name) {
        Link link = membership.link();
        Optional<Mailbox> wanted = Optional.of(name);
        return (mailbox().equals(wanted) || named(link).equals(wanted))
                && membership.covers(name.domain())
                && (link.policy().calendarName() == null
                        || !heldElsewhere(name, link.policy().calendarName(), Search.AFRESH));
    }

    /** That users may write the attribute was read: nothing that it says is the user's. */
    private Optional<Mailbox> named(Link link) {
        try {
            return mailbox(link);
        } catch (Unreadable now) {
            if (now.reason() == Reason.CALENDAR_NAME_WRITABLE) {
                return Optional.empty();
            }
            throw now;
        }
    }

    /** What this attribute of the user's says, each of its values once and but for blank ones. */
    List<String> calendarNames(String attribute);

    /** Whether the realm's user profile lets users write this attribute of theirs. */
    boolean usersWrite(String attribute);

    /**
     * Whether the attribute was seen to say what it says now while users could write it, and neither a directory nor an
     * identity provider has said it since.
     */
    boolean writtenByUser(String attribute);

    /**
     * Whether what this attribute says comes from a directory or a trusted identity provider, which has said this very name.
     *
     * @param search lately: that the provider is still trusted is enough
     */
    boolean calendarNameProven(String attribute, Search search);

    /**
     * Whether a second user of the realm has this as e-mail address, or in this attribute.
     *
     * @throws Unreadable nobody can tell now
     */
    boolean heldElsewhere(Mailbox mailbox, String attribute, Search search);

    /** Whether an ask for this mailbox was answered with another name, and nothing has changed that another answer could come of. */
    boolean answeredOtherwise(Link link, Mailbox mailbox);

    /** Whether a resource of the realm has this address. */
    boolean ofResource(Mailbox mailbox);

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
            @Nullable Set<DomainPattern> organizationDomains) {
        /** Whether the organization has the domain; the realm's link is for all that are its own. */
        boolean organizationHas(Domain domain) {
            return organizationDomains == null
                    || organizationDomains.stream().anyMatch(pattern -> pattern.matches(domain));
        }

        /** Whether mailboxes of this domain may be delegated. */
        public boolean covers(Domain domain) {
            return link.approvedDomains().contains(domain) && organizationHas(domain);
        }
    }
}
