package io.github.enterpriseconnect.platform;

import io.github.enterpriseconnect.core.SignIn;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Who is signed in to a realm, by what Keycloak itself keeps of it. Where Keycloak keeps sessions in memory alone, none
 * but offline sessions are found.
 */
public interface Sessions {
    /**
     * A session of a user; times are known to the second, and are never later than they were.
     *
     * @param startedAt when the user signed in
     * @param seenAt when the user last came back, or an application of theirs refreshed its tokens
     */
    record Session(String id, String userId, Instant startedAt, Instant seenAt) {}

    /**
     * Sessions of users of whom no table of ours tells that they wait, are asked for or granted, or have been refused or
     * ended since they signed in; by the time at which they were last seen.
     *
     * @param since nobody who was last seen before that
     * @param after the last session of the page before; null for the first page
     */
    List<Session> unaccounted(Instant since, @Nullable Session after, int limit);

    /** How the user came in; empty if the session has ended, or an administrator impersonates the user in it. */
    Optional<SignIn> signIn(String sessionId);
}
