package io.github.enterpriseconnect.platform;

import io.github.enterpriseconnect.core.SignIn;
import io.github.enterpriseconnect.storage.SessionDirectory;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.keycloak.models.ImpersonationSessionNote;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.models.UserSessionModel;

/** A realm's sessions by Keycloak's table of them, and by its provider of sessions. */
public record KeycloakSessions(KeycloakSession session, RealmModel realm) implements Sessions {
    @Override
    public List<Session> unaccounted(Instant since, @Nullable Session after, int limit) {
        return SessionDirectory.unaccounted(
                        session,
                        realm.getId(),
                        after == null ? since : after.seenAt(),
                        after == null ? "" : after.id(),
                        limit)
                .stream()
                .map(row -> new Session(
                        row.id(),
                        row.userId(),
                        Instant.ofEpochSecond(row.startedAt()),
                        Instant.ofEpochSecond(row.seenAt())))
                .toList();
    }

    @Override
    public Optional<SignIn> signIn(String sessionId) {
        return Optional.ofNullable(session.sessions().getUserSession(realm, sessionId))
                .or(() -> Optional.ofNullable(session.sessions().getOfflineUserSession(realm, sessionId)))
                .flatMap(found -> signIn(session, found));
    }

    /** How the user of the session came in; empty if it is an administrator who impersonates them. */
    public static Optional<SignIn> signIn(KeycloakSession session, UserSessionModel found) {
        return found.getNote(ImpersonationSessionNote.IMPERSONATOR_ID.toString()) == null
                ? Optional.of(BrokeredSignIn.noted(session, found.getNotes()))
                : Optional.empty();
    }
}
