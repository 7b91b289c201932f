package client;

import io.quarkus.arc.Unremovable;
import io.quarkus.oidc.common.OidcEndpoint;
import io.quarkus.oidc.common.OidcResponseFilter;
import jakarta.enterprise.context.ApplicationScoped;

/** Sees the header, which the exception has not. */
@ApplicationScoped
@Unremovable
@OidcEndpoint(OidcEndpoint.Type.TOKEN)
public class RetryAfter implements OidcResponseFilter {
    private volatile String last = "";

    @Override
    public void filter(OidcResponseContext answer) {
        String seconds = answer.responseHeaders().get("Retry-After");
        last = seconds == null ? "" : seconds;
    }

    String last() {
        return last;
    }
}
