package io.github.enterpriseconnect.simulator;

import java.util.Locale;

/** The alternatives of those switches that have a handful of them. In JSON they are written in lower case. */
public sealed interface Choice {
    String name();

    /** As it stands in JSON. */
    default String written() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** What the authorize page does: ask, or answer at once (contract 1). */
    enum Consent implements Choice {
        PAGE,
        APPROVE,
        DECLINE,
        INVALID_REQUEST,
        UNAUTHORIZED_CLIENT,
        UNSUPPORTED_RESPONSE_TYPE,
        INVALID_SCOPE,
        SERVER_ERROR,
        TEMPORARILY_UNAVAILABLE
    }

    /** What authorizing a live account again does to its earlier tokens (unknown). */
    enum Reauthorization implements Choice {
        NEW_TOKENS,
        SAME_REFRESH_TOKEN,
        REPLACE
    }

    /** What a refresh does to the refresh token (contract 2.2). */
    enum Refresh implements Choice {
        KEEP,
        ROTATE,
        ROTATE_AND_INVALIDATE
    }

    /** Which members name the service account in its token answer (contract 2.1). */
    enum Identifiers implements Choice {
        BOTH,
        SUB,
        SERVICE_ACCOUNT_ID,
        NONE
    }

    /** How the scope comes back in token answers (contract 2.1). */
    enum ScopeForm implements Choice {
        AS_ASKED,
        EXPANDED
    }

    /** Whether and how something doubtful in a delegation request is refused (contract 12). */
    enum Refusal implements Choice {
        NONE,
        CALLBACK,
        UNPROCESSABLE,
        FORBIDDEN
    }

    /** Which of two active secrets authenticates (unknown how Cronofy's own rotation goes). */
    enum Secrets implements Choice {
        BOTH,
        NEW,
        OLD
    }

    /** Which member of a callback says that the scope cannot be granted (contract 3.1). */
    enum ScopeError implements Choice {
        BOTH,
        ERROR,
        ERROR_KEY
    }

    /** How the callbacks of one batch follow each other. */
    enum Order implements Choice {
        PARALLEL,
        IN_ORDER,
        REVERSED
    }

    /** What stands in the signature header of callbacks (contract 5.7). */
    enum Signing implements Choice {
        VALID,
        ABSENT,
        WRONG
    }

    /** What the profile of a mailbox is called (contract 13). */
    enum ProfileName implements Choice {
        ADDRESS,
        PRINCIPAL,
        OTHER
    }

    /** What is answered to who asks for details of resources (contract 5.3). */
    enum ResourceDetails implements Choice {
        GIVEN,
        LEFT_OUT,
        REFUSED
    }

    /** By which of its names a mailbox may be asked for (contract 13). */
    enum AskedName implements Choice {
        EITHER,
        ADDRESS,
        PRINCIPAL
    }

    /** What becomes of a state beside the collection of a bulk ask (contract 13). */
    enum BulkState implements Choice {
        /** Each callback brings it, unless its entry has one of its own. */
        RETURNED,
        IGNORED,
        UNPROCESSABLE
    }

    /** The shape of a service account's userinfo (contract 5.1). */
    enum ServiceAccountShape implements Choice {
        FULL,
        WITHOUT_DOMAIN,
        /** Nested, but domain and address are flat. */
        FLAT_DOMAIN,
        FLAT
    }
}
