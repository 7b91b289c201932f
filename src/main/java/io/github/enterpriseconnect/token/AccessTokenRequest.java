package io.github.enterpriseconnect.token;

import io.github.enterpriseconnect.core.Consumer;
import io.github.enterpriseconnect.core.Secret;
import io.github.enterpriseconnect.core.SignIn;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who asks for whom; the consumer has been authenticated and has the right.
 *
 * @param realm Keycloak's id of the realm
 * @param user Keycloak's id of the user
 * @param signIn the sign-in of the session that the user's token belongs to; null if the user is not present
 * @param actors who acts for the user, each by client id, subject or both, the one to be remembered first; empty if nobody
 *     does
 * @param scope the most that the token may permit, Cronofy's scopes separated by spaces; null for whatever there is
 * @param rejected an access token that Cronofy did not accept from the application; null if it does not say so
 */
public record AccessTokenRequest(
        String realm,
        String user,
        Consumer consumer,
        @Nullable SignIn signIn,
        List<String> actors,
        @Nullable String scope,
        @Nullable Secret rejected) {

    public AccessTokenRequest {
        actors = List.copyOf(actors);
    }

    /** The user is present: the consumer has shown the user's own access token. */
    public static AccessTokenRequest present(String realm, String user, Consumer consumer, SignIn signIn) {
        return new AccessTokenRequest(realm, user, consumer, signIn, List.of(), null, null);
    }

    /** The user is not present; only what was granted before is handed out. */
    public static AccessTokenRequest absent(String realm, String user, Consumer consumer) {
        return new AccessTokenRequest(realm, user, consumer, null, List.of(), null, null);
    }

    /** The same, while somebody acts for the user. */
    public AccessTokenRequest by(List<String> acting) {
        return new AccessTokenRequest(realm, user, consumer, signIn, acting, scope, rejected);
    }

    /** The same, for a token that permits no more than these scopes; a blank text or null for whatever there is. */
    public AccessTokenRequest within(@Nullable String atMost) {
        String most = atMost == null || atMost.isBlank() ? null : atMost.strip();
        return new AccessTokenRequest(realm, user, consumer, signIn, actors, most, rejected);
    }

    /** The same, in place of an access token that Cronofy did not accept. */
    public AccessTokenRequest insteadOf(Secret token) {
        return new AccessTokenRequest(realm, user, consumer, signIn, actors, scope, token);
    }

    /** Who acts for the user; null if nobody does. */
    @Nullable String actor() {
        return actors.isEmpty() ? null : actors.get(0);
    }

    boolean userPresent() {
        return signIn != null;
    }

    Consumer.Right right() {
        return userPresent() ? Consumer.Right.MEMBER : Consumer.Right.OFFLINE;
    }
}
