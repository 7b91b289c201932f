package io.github.enterpriseconnect.core;

/** What a request to Cronofy is for; who comes first in this list comes first where the allowance is short. */
public enum Purpose {
    /** An application waits for the token. */
    AWAITED_REFRESH,
    /** A person waits for a page, or members wait for the token of their link's service account. */
    SIGN_IN,
    /** Members are asked for, up to fifty at once. */
    ASK,
    /** The code of a member is redeemed, of whose link few have been lately. */
    REDEMPTION,
    /** The code of a member is redeemed, of whose link many have been lately. */
    CROWD,
    /** An application says that Cronofy rejects a token which looks good, and waits for another. */
    REPORTED_REFRESH,
    /** A right has ended. */
    REVOCATION,
    /** A token is renewed ahead of time. */
    REFRESH,
    /** The code of a member is redeemed who was asked for by a backfill, and has not signed in since. */
    BACKFILL_CODE,
    /** Members are asked for without a sign-in of theirs: nobody waits. */
    BACKFILL,
    /** Somebody looks at how something stands at Cronofy, so that it can be shown. */
    LOOK
}
