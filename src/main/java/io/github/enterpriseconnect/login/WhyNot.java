package io.github.enterpriseconnect.login;

import io.github.enterpriseconnect.core.Reason;

/**
 * Why a member's calendar is not connected, in as few words as a member needs: what they, or whom they ask, can do
 * about it.
 */
enum WhyNot {
    /** It is not offered, or not at the moment. */
    NOT_OFFERED,
    /** The member has decided so. */
    OPTED_OUT,
    /** The member's address is missing, unusual, not verified, or not theirs alone. */
    ADDRESS,
    /** The address does not belong to the organization. */
    DOMAIN,
    /** The organization has not included the member. */
    NOT_INCLUDED,
    /** The calendar service has refused the mailbox. */
    REFUSED,
    /** It was tried without success, and is tried again. */
    TRIED,
    /** An administrator has to repair something. */
    BROKEN,
    /** It ended, and can be connected again. */
    ENDED;

    static WhyNot of(Reason reason) {
        return switch (reason) {
            case NOT_ENABLED,
                    SUSPENDED,
                    NOT_LINKED,
                    LINK_SUSPENDED,
                    LINK_NOT_ACTIVE,
                    NOT_A_PERSON,
                    USER_DISABLED,
                    USER_SUSPENDED,
                    ORGANIZATION_DISABLED,
                    UNLINKED,
                    REALM_REMOVED,
                    USER_REMOVED,
                    NOT_STORED,
                    VERIFICATION,
                    REPLACED,
                    MAILBOX_OF_MEMBER,
                    RESOURCE_MISSING,
                    LEFT_ORGANIZATION -> NOT_OFFERED;
            case OPTED_OUT -> OPTED_OUT;
            case EMAIL_MISSING, EMAIL_NOT_PLAIN, EMAIL_NOT_VERIFIED, EMAIL_SHARED, ADDRESS_NOT_PROVEN -> ADDRESS;
            case DOMAIN_NOT_LINKED, DOMAIN_NOT_APPROVED, DOMAIN_NOT_OF_ORGANIZATION -> DOMAIN;
            case GROUP_MISSING, GROUP_DENIED, ROLE_MISSING, ROLE_DENIED, IDENTITY_PROVIDER_NOT_ALLOWED -> NOT_INCLUDED;
            case COOLDOWN, REFUSED_BY_CRONOFY, SCOPE_NOT_GRANTED, WRONG_PROFILE, ACCOUNT_HELD -> REFUSED;
            case NO_ANSWER, UNAVAILABLE, DIRECTORY_SILENT, DIRECTORY_CHANGED, KEY_AWAY -> TRIED;
            case MISCONFIGURED,
                    RULE_UNRESOLVED,
                    VALUE_UNKNOWN,
                    CALENDAR_NAME_WRITABLE,
                    CALENDAR_NAME_NOT_PLAIN,
                    CALENDAR_NAME_NOT_PROVEN,
                    CALENDAR_NAME_SHARED,
                    MAILBOX_OF_RESOURCE -> BROKEN;
            case AUTHORIZATION_GONE, CREDENTIAL_UNREADABLE, MAILBOX_CHANGED, ENDED_BY_ADMINISTRATOR, NOTICE_NOT_SEEN ->
                ENDED;
        };
    }
}
