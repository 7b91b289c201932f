package io.github.enterpriseconnect.token;

import io.github.enterpriseconnect.core.Credential;
import io.github.enterpriseconnect.core.ProfileState;
import io.github.enterpriseconnect.core.Scopes;
import io.github.enterpriseconnect.core.Secret;
import io.github.enterpriseconnect.settings.Settings;
import java.net.URI;
import java.time.Duration;
import java.util.List;

/**
 * An access token to hand out.
 *
 * @param expiresIn how long the access token works from now
 * @param missingScopes what the realm wants of mailboxes and this token does not permit; empty if nothing, or if Cronofy did
 *     not say what it permits
 * @param profile how the calendar stands by Cronofy's word
 * @param subject Cronofy's id of the account
 * @param mailbox the address it gives access to
 * @param link name of the link it was obtained through
 * @param api base of Cronofy's API for this account
 * @param refreshed whether it had to be refreshed for this answer
 */
public record IssuedToken(
        Secret accessToken,
        Duration expiresIn,
        String scope,
        List<String> missingScopes,
        ProfileState profile,
        String subject,
        String mailbox,
        String link,
        URI api,
        boolean refreshed) {

    IssuedToken(
            Credential credential,
            Duration expiresIn,
            Settings settings,
            ProfileState profile,
            URI api,
            boolean refreshed) {
        this(
                credential.tokens().accessToken(),
                expiresIn,
                credential.tokens().scope(),
                missing(credential.tokens().scope(), settings.delegatedScope()),
                profile,
                credential.subject(),
                credential.mailbox(),
                credential.link(),
                api,
                refreshed);
    }

    private static List<String> missing(String permitted, String wanted) {
        return permitted.isBlank() || permitted.equals(wanted)
                ? List.of()
                : Scopes.of(permitted).missing(Scopes.of(wanted));
    }
}
