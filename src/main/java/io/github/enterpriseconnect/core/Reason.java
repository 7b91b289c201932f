package io.github.enterpriseconnect.core;

import java.util.Locale;

/**
 * Why somebody is not delegated (yet). The lower-case name is what the admin API shows; the gate's reasons stand in the
 * order in which the gate asks, so that of several links' refusals the later one came closer.
 */
public enum Reason {
    /** The realm has not switched Enterprise Connect on, or its settings are incomplete. */
    NOT_ENABLED,
    /** None of the member's organizations is linked, or, with organizations off, the realm is not. */
    NOT_LINKED,
    /** The link waits for a domain to be approved, or needs a new authorization. */
    LINK_NOT_ACTIVE,
    /** A service account or a user that exists for one session only. */
    NOT_A_PERSON,
    /** The user is disabled. */
    USER_DISABLED,
    /** The user has no e-mail address. */
    EMAIL_MISSING,
    /** The e-mail address is not a plain one. */
    EMAIL_NOT_PLAIN,
    /** The e-mail address is not verified. */
    EMAIL_NOT_VERIFIED,
    /** A second user holds the same address. */
    EMAIL_SHARED,
    /** The organization is disabled. */
    ORGANIZATION_DISABLED,
    /** The address's domain is not among the link's approved domains. */
    DOMAIN_NOT_LINKED,
    /** The address's domain is not among the organization's domains. */
    DOMAIN_NOT_OF_ORGANIZATION,

    /** Cronofy has not called back in time; asked again later. */
    NO_ANSWER,
    /** Cronofy could not be reached or was busy; asked again later. */
    UNAVAILABLE,
    /** Cronofy refused this mailbox; the service account's rights at the customer decide. */
    REFUSED_BY_CRONOFY,
    /** Cronofy does not accept the application's credentials, plan or request; the settings must be looked at. */
    MISCONFIGURED,
    /** Cronofy's answer was for another mailbox and was dropped. */
    WRONG_PROFILE,
    /** Cronofy no longer honours the delegation. */
    AUTHORIZATION_GONE,
    /** The stored credential can no longer be opened, or does not belong to this user. */
    CREDENTIAL_UNREADABLE,
    /** The link was removed. */
    UNLINKED,
    /** The mailbox passed to another user or the user's address changed. */
    MAILBOX_CHANGED;

    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }
}
