package io.github.enterpriseconnect.simulator;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;

/** {@code POST /oauth/token} and {@code POST /oauth/token/revoke} (contract 2 and 4.1). The bearer is ignored. */
final class TokenEndpoint {
    private final Registry registry;
    private final Credentials credentials;
    private final Switches switches;

    TokenEndpoint(Registry registry, Credentials credentials, Switches switches) {
        this.registry = registry;
        this.credentials = credentials;
        this.switches = switches;
    }

    Answer token(ReceivedRequest request) {
        String grantType = required(request, "grant_type");
        if (grantType.equals("authorization_code")) {
            return exchange(request);
        }
        if (grantType.equals("refresh_token")) {
            return refresh(request);
        }
        throw Refused.oauth(400, "unsupported_grant_type", "write authorization_code or refresh_token", switches);
    }

    /**
     * 200 for every token of a good client, known or not (contract 4.1). The refresh_token that the Node client sends
     * along is not taken for {@code token}.
     */
    Answer revoke(ReceivedRequest request) {
        if (!request.headers().containsKey("content-type")) {
            throw Refused.oauth(400, "invalid_request", "Content-Type is missing", switches);
        }
        Application application = client(request);
        String token = body(request, "token");
        String sub = body(request, "sub");
        if (token != null) {
            credentials
                    .owner(token)
                    .filter(account -> belongsTo(account, application))
                    .ifPresent(registry::revoke);
        } else if (sub != null) {
            Account account = registry.account(sub)
                    .filter(found -> belongsTo(found, application))
                    .orElse(null);
            if (account == null) {
                return perhaps(switches.get(Switch.REVOKE_UNKNOWN_SUB_STATUS), "the sub is unknown");
            }
            registry.revoke(account);
        } else {
            return perhaps(switches.get(Switch.REVOKE_NOTHING_STATUS), "token or sub is missing");
        }
        return Answer.empty(200);
    }

    /** By the client id: what an application made before its secret was replaced stays its own. */
    private static boolean belongsTo(Account account, Application application) {
        return account.application().clientId().equals(application.clientId());
    }

    /** SA and delegated codes alike; redirect_uri and callback_url are two names for one thing (contract 2.1). */
    private Answer exchange(ReceivedRequest request) {
        Application application = client(request);
        String code = required(request, "code");
        String callbackUrl = body(request, "callback_url");
        String url = callbackUrl == null ? required(request, "redirect_uri") : callbackUrl;
        Credentials.Refreshed granted = registry.redeem(code, application, url)
                .orElseThrow(() -> invalidGrant("the code is unknown, used, expired or bound to another URL"));
        ObjectNode answer = answer(granted);
        granted.account().addToTokenAnswer(answer, switches);
        return Answer.uncached(200, answer);
    }

    private Answer refresh(ReceivedRequest request) {
        Application application = client(request);
        String token = required(request, "refresh_token");
        Credentials.Refreshed refreshed = credentials
                .refresh(token, application.clientId())
                .orElseThrow(() -> invalidGrant("the refresh token is unknown or revoked"));
        return Answer.uncached(200, answer(refreshed));
    }

    private ObjectNode answer(Credentials.Refreshed granted) {
        Scopes scope = granted.account().scope();
        boolean expanded = switches.get(Switch.TOKEN_SCOPE) == Choice.ScopeForm.EXPANDED;
        return Json.object()
                .put("token_type", "bearer")
                .put("access_token", granted.tokens().accessToken())
                .put("expires_in", granted.tokens().expiresIn())
                .put("refresh_token", granted.tokens().refreshToken())
                .put("scope", (expanded ? scope.expanded() : scope).text());
    }

    private Application client(ReceivedRequest request) {
        String id = required(request, "client_id");
        String secret = required(request, "client_secret");
        return registry.application(id, secret)
                .orElseThrow(() -> Refused.oauth(
                        switches.get(Switch.INVALID_CLIENT_STATUS),
                        "invalid_client",
                        "client_id or client_secret is wrong",
                        switches));
    }

    private Answer perhaps(int status, String problem) {
        if (status == 200) {
            return Answer.empty(200);
        }
        throw Refused.oauth(status, "invalid_request", problem, switches);
    }

    private String required(ReceivedRequest request, String name) {
        String value = body(request, name);
        if (value == null) {
            throw Refused.oauth(400, "invalid_request", name + " is missing", switches);
        }
        return value;
    }

    /** From the body only: RFC 6749 keeps these out of the URL. Empty is missing. */
    private static @Nullable String body(ReceivedRequest request, String name) {
        String value = request.members().path(name).asText();
        return value.isEmpty() || request.members().path(name).isNull() ? null : value;
    }

    private Refused invalidGrant(String problem) {
        return Refused.oauth(400, "invalid_grant", problem, switches);
    }
}
