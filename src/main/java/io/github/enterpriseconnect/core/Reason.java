package io.github.enterpriseconnect.core;

import java.util.Locale;

/**
 * Why somebody is not delegated (yet, or any more). The lower-case name is what the admin API shows. Those of the gate
 * stand in {@link Check}, with their order.
 */
public enum Reason {
    /** The realm has not switched Enterprise Connect on, or its settings are incomplete. */
    NOT_ENABLED(false),
    /** The realm is suspended. */
    SUSPENDED(false),
    /** None of the member's organizations is linked, or, with organizations off, the realm is not. */
    NOT_LINKED(false),
    /** The link is suspended. */
    LINK_SUSPENDED(false),
    /** The link waits for a domain to be approved, or needs a new authorization. */
    LINK_NOT_ACTIVE(false),
    /** A service account or a user that exists for one session only. */
    NOT_A_PERSON(true),
    /** The user is disabled. */
    USER_DISABLED(true),
    /** The user is disabled for now: by protection against guessing, or with the directory they come from. */
    USER_SUSPENDED(false),
    /** The user has opted out. */
    OPTED_OUT(true),
    /** The user has no e-mail address. */
    EMAIL_MISSING(true),
    /** The e-mail address is not a plain one. */
    EMAIL_NOT_PLAIN(true),
    /** The e-mail address is not verified. */
    EMAIL_NOT_VERIFIED(false),
    /** A second user holds the same address. */
    EMAIL_SHARED(false),
    /** The link wants proof by the owner of the address, and there is none of this address. */
    ADDRESS_NOT_PROVEN(false),
    /** The user may write the attribute that calendar names come from: what it says counts for nothing. */
    CALENDAR_NAME_WRITABLE(false),
    /** The calendar name is not a plain address, or there are several. */
    CALENDAR_NAME_NOT_PLAIN(true),
    /** The link wants proof by the owner, and an administrator may have written the calendar name. */
    CALENDAR_NAME_NOT_PROVEN(false),
    /** The organization is disabled. */
    ORGANIZATION_DISABLED(false),
    /** The address's domain is not among the link's domains. */
    DOMAIN_NOT_LINKED(true),
    /** The address's domain is among the link's domains, but nobody has approved it, or not any more. */
    DOMAIN_NOT_APPROVED(false),
    /** The address's domain is not among the organization's domains. */
    DOMAIN_NOT_OF_ORGANIZATION(true),
    /** A second user has the name that would be asked for as e-mail address or calendar name. */
    CALENDAR_NAME_SHARED(false),
    /** A meeting room, equipment or a shared mailbox has the name that would be asked for. */
    MAILBOX_OF_RESOURCE(false),
    /** The user is in none of the groups that the link requires. */
    GROUP_MISSING(true),
    /** The user is in a group that the link denies. */
    GROUP_DENIED(true),
    /** The user has none of the realm roles that the link requires. */
    ROLE_MISSING(true),
    /** The user has a realm role that the link denies. */
    ROLE_DENIED(true),
    /** The sign-in did not come through an identity provider that the link allows. */
    IDENTITY_PROVIDER_NOT_ALLOWED(false),
    /** The mailbox was refused not long ago. */
    COOLDOWN(false),
    /** The link has members told by a page before they are delegated, and this one has not confirmed it yet. */
    NOTICE_NOT_SEEN(false),

    /** The directory that the user comes from cannot be read at the moment. */
    DIRECTORY_SILENT(false),
    /**
     * The user was in a group or had a role that the link denies, and the directory that they come from is set up otherwise
     * since, as without the mapper that adds it.
     */
    DIRECTORY_CHANGED(false),
    /** The link's policy names a group or role that the realm no longer has, and the answer depends on it. */
    RULE_UNRESOLVED(false),
    /** The realm's key that seals what is needed is away at the moment. */
    KEY_AWAY(false),
    /** Something was written by a newer version, and this one does not know what it means. */
    VALUE_UNKNOWN(false),

    /** Cronofy has not called back in time; asked again later. */
    NO_ANSWER(false),
    /** Cronofy could not be reached or was busy; asked again later. */
    UNAVAILABLE(false),
    /** Cronofy refused this mailbox; the service account's rights at the customer decide. */
    REFUSED_BY_CRONOFY(false),
    /**
     * The customer does not permit what was asked for of this mailbox; the service account's rights at the customer decide,
     * or the link's policy, by accepting less.
     */
    SCOPE_NOT_GRANTED(false),
    /** Cronofy does not accept the application's credentials, plan or request; the settings must be looked at. */
    MISCONFIGURED(false),
    /** Cronofy's answer was for another mailbox and was dropped; it is not asked again before something has changed. */
    WRONG_PROFILE(false),
    /** Cronofy's answer was for an account that somebody else's delegation holds, and was dropped. */
    ACCOUNT_HELD(false),
    /** Cronofy no longer honours the delegation. */
    AUTHORIZATION_GONE(false),
    /** The stored credential can no longer be opened, or does not belong to this user. */
    CREDENTIAL_UNREADABLE(false),

    /** A user has the resource's address, as e-mail address or calendar name. */
    MAILBOX_OF_MEMBER(false),
    /** Cronofy's list has been without the resource for days. */
    RESOURCE_MISSING(true),

    /** The mailbox passed to another user or the user's address changed. */
    MAILBOX_CHANGED(true),
    /** The user was removed. */
    USER_REMOVED(true),
    /** The user is no longer a member of the organization. */
    LEFT_ORGANIZATION(true),
    /** The link was removed, with its organization or by an administrator. */
    UNLINKED(true),
    /** The realm was removed. */
    REALM_REMOVED(true),
    /** The service account that was authorized could not be stored, or another one holds the link. */
    NOT_STORED(true),
    /** Another service account has taken the place of the one that it came through. */
    REPLACED(true),
    /** An administrator ended the delegation. */
    ENDED_BY_ADMINISTRATOR(true),
    /** The mailbox was opened only to prove the link ({@link Verification}). */
    VERIFICATION(true);

    private final boolean endsRight;

    Reason(boolean endsRight) {
        this.endsRight = endsRight;
    }

    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * Whether a right that was granted ends for this reason and is revoked at Cronofy; otherwise it is withheld while
     * the reason lasts, and comes back by itself.
     */
    public boolean endsRight() {
        return endsRight;
    }
}
