package io.github.enterpriseconnect.login;

import io.github.enterpriseconnect.EnterpriseConnect;
import io.github.enterpriseconnect.core.SignIn;
import io.github.enterpriseconnect.core.User;
import io.github.enterpriseconnect.platform.BrokeredSignIn;
import io.github.enterpriseconnect.platform.KeycloakTransactions;
import io.github.enterpriseconnect.platform.KeycloakWork;
import io.github.enterpriseconnect.platform.PageHeaders;
import io.github.enterpriseconnect.server.EnterpriseConnectProvider;
import io.github.enterpriseconnect.storage.ActionOnUsers;
import jakarta.ws.rs.core.Response;
import java.time.Instant;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.keycloak.authentication.RequiredActionContext;
import org.keycloak.events.Details;
import org.keycloak.events.EventType;
import org.keycloak.models.Constants;
import org.keycloak.models.ImpersonationSessionNote;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.models.UserModel;
import org.keycloak.models.UserSessionModel;
import org.keycloak.protocol.oidc.OIDCLoginProtocol;
import org.keycloak.services.managers.AuthenticationManager;
import org.keycloak.sessions.AuthenticationSessionModel;
import org.keycloak.util.TokenUtil;

/** Somebody who is signing in, or comes back by single sign-on, as Keycloak's context of the required action tells. */
record SignInContext(RequiredActionContext context) {
    private static final String SAML = "saml";

    KeycloakSession session() {
        return context.getSession();
    }

    RealmModel realm() {
        return context.getRealm();
    }

    UserModel user() {
        return context.getUser();
    }

    AuthenticationSessionModel authentication() {
        return context.getAuthenticationSession();
    }

    EnterpriseConnectProvider enterpriseConnect() {
        return session().getProvider(EnterpriseConnectProvider.class);
    }

    /** The realm within the sign-in's own transaction. */
    KeycloakWork work() {
        return KeycloakTransactions.joined(session(), realm());
    }

    /** The user as the gate asks for them. */
    User member() {
        return work().user(user());
    }

    Instant now() {
        return enterpriseConnect().now();
    }

    /** Whether an action of somebody else comes first. */
    boolean hasOtherActions() {
        return Stream.concat(authentication().getRequiredActions().stream(), user().getRequiredActionsStream())
                .anyMatch(action -> !EnterpriseConnect.ID.equals(action));
    }

    /** Takes our own action off the user, where somebody has put it there like one of Keycloak's. */
    void takeActionOff() {
        new ActionOnUsers(session(), EnterpriseConnect.ID).takeOff(realm(), user());
    }

    /**
     * Whether the sign-in's own transaction can no longer be committed: the database has failed in it. Whoever goes on as
     * if nothing had happened would have Keycloak answer that all was well, and then undo it.
     */
    boolean lost() {
        return session().getTransactionManager().getRollbackOnly();
    }

    boolean impersonated() {
        return notes().containsKey(ImpersonationSessionNote.IMPERSONATOR_ID.toString());
    }

    /** Whether the application asks for our own page. */
    boolean wantsAccountPage() {
        return EnterpriseConnect.ID.equals(authentication().getClientNote(Constants.KC_ACTION));
    }

    /**
     * Whether somebody sits before a browser who has just signed in and expects a page or two. Direct grants and the
     * like have no address to return to; an ongoing session, {@code prompt=none} and an application's own action expect
     * none of ours.
     */
    boolean canShowPage() {
        AuthenticationSessionModel authentication = authentication();
        boolean silent = TokenUtil.hasPrompt(
                authentication.getClientNote(OIDCLoginProtocol.PROMPT_PARAM), OIDCLoginProtocol.PROMPT_VALUE_NONE);
        // At this address SAML's passive requests are answered, of which nothing else is noted.
        boolean maybePassive = SAML.equals(authentication.getProtocol())
                && context.getUriInfo().getPath().endsWith("/protocol/" + SAML);
        return authentication.getRedirectUri() != null
                && !singleSignOn()
                && !silent
                && !maybePassive
                && authentication.getClientNote(Constants.KC_ACTION) == null
                && authentication.getAuthNote(AuthenticationManager.END_AFTER_REQUIRED_ACTIONS) == null;
    }

    /** How the user came in. */
    SignIn signIn() {
        return BrokeredSignIn.noted(session(), notes());
    }

    /** Shows a page of ours. */
    void show(Response page) {
        if (page.getStatus() != Response.Status.OK.getStatusCode()) {
            throw new IllegalStateException("the realm's login theme cannot show the page");
        }
        Response.ResponseBuilder response = Response.fromResponse(page);
        PageHeaders.of(session(), realm()).forEach(response::header);
        context.challenge(response.build());
    }

    /** Leaves an event of what the user has chosen, for auditors. */
    void record(String choice, @Nullable String link) {
        var event = context.getEvent()
                .clone()
                .event(EventType.CUSTOM_REQUIRED_ACTION)
                .user(user())
                .detail(Details.CUSTOM_REQUIRED_ACTION, EnterpriseConnect.ID)
                .detail("choice", choice);
        if (link != null) {
            event.detail("link", link);
        }
        event.success();
    }

    private boolean singleSignOn() {
        return "true".equals(authentication().getAuthNote(AuthenticationManager.SSO_AUTH));
    }

    /**
     * What is noted of the sign-in that is under way, or of the ongoing session that single sign-on brings back, in
     * which an administrator may be impersonating the user.
     */
    private Map<String, String> notes() {
        if (!singleSignOn()) {
            return authentication().getUserSessionNotes();
        }
        UserSessionModel ongoing = session()
                .sessions()
                .getUserSession(realm(), authentication().getParentSession().getId());
        return ongoing == null ? Map.of() : ongoing.getNotes();
    }
}
