package io.github.enterpriseconnect.events;

import io.github.enterpriseconnect.platform.KeycloakSessions;
import io.github.enterpriseconnect.platform.KeycloakTransactions;
import io.github.enterpriseconnect.platform.KeycloakWork;
import io.github.enterpriseconnect.platform.Sessions;
import io.github.enterpriseconnect.server.EnterpriseConnectProvider;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.keycloak.events.Event;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.models.UserModel;
import org.keycloak.models.UserSessionModel;

/** An application that refreshes the tokens of a user, who then may turn out to have been forgotten. */
record RefreshedTokens(KeycloakSession session, RealmModel realm, Event event) {
    /** Goes by caches alone, as a sign-in does; the rest is done in the background. */
    void lookFor() {
        UserSessionModel found = found();
        if (found == null || found.getUser() == null) {
            return;
        }
        UserModel user = found.getUser();
        EnterpriseConnectProvider parts = session.getProvider(EnterpriseConnectProvider.class);
        KeycloakWork work = KeycloakTransactions.joined(session, realm);
        KeycloakSessions.signIn(session, found).ifPresent(by -> parts.forgottenSignIns()
                .refreshed(work, work.user(user), seen(found, user, parts.now()), by));
    }

    private @Nullable UserSessionModel found() {
        if (event.getSessionId() == null) {
            return null;
        }
        UserSessionModel online = session.sessions().getUserSession(realm, event.getSessionId());
        return online == null ? session.sessions().getOfflineUserSession(realm, event.getSessionId()) : online;
    }

    private static Sessions.Session seen(UserSessionModel found, UserModel user, Instant now) {
        return new Sessions.Session(found.getId(), user.getId(), Instant.ofEpochSecond(found.getStarted()), now);
    }
}
