package io.github.enterpriseconnect.integration.harness;

import java.net.URI;
import java.util.List;
import java.util.Map;

/** One wish of a client to sign somebody in, and what the client keeps to recognise the answer. */
public record AuthorizationRequest(OidcClient client, URI uri, String state, String verifier) {

    /** Whether a browser that is about to go to this address has the answer for the client. */
    public boolean isAnsweredAt(URI address) {
        URI expected = client.redirectUri();
        return expected.getScheme().equals(address.getScheme())
                && expected.getAuthority().equals(address.getAuthority())
                && expected.getPath().equals(address.getPath());
    }

    /** Does what the client does when the person is back: checks the state and exchanges the code, if there is one. */
    public SignIn complete(Page landing, List<Page> shown) {
        if (!isAnsweredAt(landing.uri())) {
            throw new AssertionError("The sign-in at " + client + " stopped at " + landing);
        }
        Map<String, String> parameters = Answer.decode(landing.uri().getRawQuery());
        if (!state.equals(parameters.get("state"))) {
            throw new AssertionError("The answer for " + client + " is to another request: " + landing.uri());
        }
        String code = parameters.get("code");
        return new SignIn(parameters, shown, code == null ? null : client.exchangeCode(code, verifier));
    }
}
