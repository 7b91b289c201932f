package io.github.enterpriseconnect.integration.harness;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The end of a sign-in, as the client sees it.
 *
 * @param parameters what came to the redirect URI
 * @param pages what the person was shown on the way, without redirects
 * @param granted the tokens for the code, if one came
 */
public record SignIn(
        Map<String, String> parameters,
        List<Page> pages,
        @Nullable Tokens granted) {

    public Optional<String> error() {
        return Optional.ofNullable(parameters.get("error"));
    }

    /** The authorization code; it has been exchanged already. */
    public String code() {
        return Optional.ofNullable(parameters.get("code")).orElseThrow(this::refused);
    }

    public Tokens tokens() {
        return Optional.ofNullable(granted).orElseThrow(this::refused);
    }

    private AssertionError refused() {
        return new AssertionError("The sign-in was refused: " + parameters);
    }
}
