package io.github.enterpriseconnect.simulator;

/** Authentication of {@code /v1/*} by RFC 6750, and the refusals that go with it (contract 0, 6). */
final class Bearers {
    private final Credentials credentials;
    private final Switches switches;

    Bearers(Credentials credentials, Switches switches) {
        this.credentials = credentials;
        this.switches = switches;
    }

    /** Whoever the token stands for; 401 when it is unknown, expired or revoked. */
    Account account(ReceivedRequest request) {
        return credentials
                .bearer(request.bearer())
                .orElseThrow(() -> Refused.status(401, "the access token is not recognised", switches));
    }

    /** 403 for a user's token. */
    ServiceAccount serviceAccount(ReceivedRequest request) {
        if (account(request) instanceof ServiceAccount account) {
            return account;
        }
        throw forbidden("a service account's token is needed");
    }

    /** 403 for a service account's token: it cannot read calendars itself (contract 5.4). */
    Mailbox mailbox(ReceivedRequest request) {
        if (account(request) instanceof Mailbox account) {
            return account;
        }
        throw forbidden("a user's token is needed");
    }

    /** 403 when the scope lacks, 423 when the profile is disconnected (contract 5.6, 6). */
    Mailbox mailbox(ReceivedRequest request, String scope) {
        Mailbox account = mailbox(request);
        if (!account.scope().has(scope)) {
            throw forbidden("the scope " + scope + " is needed");
        }
        if (!account.connected(switches)) {
            throw Refused.status(423, "no credentials for the underlying account", switches);
        }
        return account;
    }

    Refused forbidden(String message) {
        return Refused.status(403, message, switches);
    }

    Refused notFound() {
        return Refused.status(404, "not found", switches);
    }
}
