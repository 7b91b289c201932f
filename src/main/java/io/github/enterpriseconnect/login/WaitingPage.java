package io.github.enterpriseconnect.login;

import io.github.enterpriseconnect.EnterpriseConnect;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.time.Instant;
import org.keycloak.services.managers.AuthenticationManager;
import org.keycloak.sessions.AuthenticationSessionModel;

/**
 * The page that shows for a while that the calendar is being connected. It comes anew every other second, by a header
 * and without any script, so that no thread of the server waits; the time counts from when it was shown first.
 */
final class WaitingPage {
    private static final String SHOWN_SINCE = "enterprise-connect.shown-since";
    private static final Duration PAUSE = Duration.ofSeconds(2);

    private final SignInContext signIn;
    private final Duration longest;

    WaitingPage(SignInContext signIn, Duration longest) {
        this.signIn = signIn;
        this.longest = longest;
    }

    /** Begins to count once more. */
    static void restart(AuthenticationSessionModel authentication) {
        authentication.removeAuthNote(SHOWN_SINCE);
    }

    /** Whether the time is over. Counts from the first time that it is asked. */
    boolean over() {
        return elapsed().compareTo(longest) >= 0;
    }

    Response render() {
        Duration elapsed = elapsed();
        Duration pause = min(PAUSE, longest.minus(elapsed).plusMillis(999));
        Response page = signIn.context()
                .form()
                .setAttribute("elapsed", elapsed.toSeconds())
                .setAttribute("longest", longest.toSeconds())
                .createForm("enterprise-connect-waiting.ftl");
        return Response.fromResponse(page)
                .header(
                        "Refresh",
                        Math.max(1, pause.toSeconds()) + "; url="
                                + again(signIn).getLocation())
                .build();
    }

    /** Sends the browser to where the present page is, so that loading it again repeats nothing. */
    static Response again(SignInContext signIn) {
        return AuthenticationManager.redirectToRequiredActions(
                signIn.session(),
                signIn.realm(),
                signIn.authentication(),
                signIn.context().getUriInfo(),
                EnterpriseConnect.ID);
    }

    private Duration elapsed() {
        Instant now = signIn.now();
        String since = signIn.authentication().getAuthNote(SHOWN_SINCE);
        if (since == null) {
            signIn.authentication().setAuthNote(SHOWN_SINCE, now.toString());
            return Duration.ZERO;
        }
        return Duration.between(Instant.parse(since), now);
    }

    private static Duration min(Duration a, Duration b) {
        return a.compareTo(b) <= 0 ? a : b;
    }
}
