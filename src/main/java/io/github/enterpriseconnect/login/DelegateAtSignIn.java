package io.github.enterpriseconnect.login;

import io.github.enterpriseconnect.AfterCommit;
import io.github.enterpriseconnect.Delegating;
import io.github.enterpriseconnect.EnterpriseConnect;
import io.github.enterpriseconnect.SignIn;
import io.github.enterpriseconnect.core.LinkId;
import java.util.Map;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.keycloak.authentication.RequiredActionContext;
import org.keycloak.authentication.RequiredActionProvider;
import org.keycloak.broker.oidc.OIDCIdentityProvider;
import org.keycloak.events.Details;
import org.keycloak.jose.jws.JWSInput;
import org.keycloak.jose.jws.JWSInputException;
import org.keycloak.models.ImpersonationSessionNote;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.UserModel;
import org.keycloak.models.UserSessionModel;
import org.keycloak.representations.IDToken;
import org.keycloak.services.managers.AuthenticationManager;
import org.keycloak.sessions.AuthenticationSessionModel;

/**
 * Has the member who signs in delegated, without the member noticing: decides from what is cached, and hands over only
 * after the sign-in's own commit. Adds no required action, shows no page, and whatever goes wrong, the sign-in goes on.
 */
final class DelegateAtSignIn implements RequiredActionProvider {
    private static final Logger LOG = Logger.getLogger(DelegateAtSignIn.class);
    private static final String HANDED_OVER = "enterprise-connect.handed-over";

    @Override
    public void evaluateTriggers(RequiredActionContext context) {
        try {
            delegate(context);
        } catch (RuntimeException | LinkageError e) {
            // Deliberately everything, a mismatch of versions included: a sign-in never fails because of us.
            LOG.warnf(
                    e,
                    "user %s signs in without being delegated",
                    context.getUser().getId());
        }
    }

    private static void delegate(RequiredActionContext context) {
        AuthenticationSessionModel signIn = context.getAuthenticationSession();
        UserModel user = context.getUser();
        if (signIn.getAuthNote(HANDED_OVER) != null
                || !signIn.getRequiredActions().isEmpty()
                || user.getRequiredActionsStream().findAny().isPresent()) {
            return;
        }
        Map<String, String> notes = notes(context);
        if (notes.containsKey(ImpersonationSessionNote.IMPERSONATOR_ID.toString())) {
            return;
        }
        KeycloakSession session = context.getSession();
        Delegating delegating = session.getProvider(EnterpriseConnect.class).delegating();
        SignIn came = signIn(session, notes);
        Optional<LinkId> link = delegating.dueAtSignIn(session, context.getRealm(), user, came);
        if (link.isPresent()) {
            signIn.setAuthNote(HANDED_OVER, "true");
            String userId = user.getId();
            AfterCommit.run(session, () -> delegating.handOver(link.get(), userId, came));
        }
    }

    /**
     * What is noted of the sign-in that is under way, or of the ongoing session that single sign-on brings back, in which an
     * administrator may be impersonating the user.
     */
    private static Map<String, String> notes(RequiredActionContext context) {
        AuthenticationSessionModel signIn = context.getAuthenticationSession();
        if (!"true".equals(signIn.getAuthNote(AuthenticationManager.SSO_AUTH))) {
            return signIn.getUserSessionNotes();
        }
        UserSessionModel ongoing = context.getSession()
                .sessions()
                .getUserSession(context.getRealm(), signIn.getParentSession().getId());
        return ongoing == null ? Map.of() : ongoing.getNotes();
    }

    private static SignIn signIn(KeycloakSession session, Map<String, String> notes) {
        String alias = notes.get(Details.IDENTITY_PROVIDER);
        return alias == null
                ? new SignIn(null, null)
                : SignIn.through(
                        session.identityProviders().getByAlias(alias),
                        alias,
                        idToken(notes.get(OIDCIdentityProvider.FEDERATED_ID_TOKEN)));
    }

    private static @Nullable IDToken idToken(@Nullable String encoded) {
        try {
            return encoded == null ? null : new JWSInput(encoded).readJsonContent(IDToken.class);
        } catch (JWSInputException notReadable) {
            return null;
        }
    }

    @Override
    public void requiredActionChallenge(RequiredActionContext context) {
        context.success();
    }

    @Override
    public void processAction(RequiredActionContext context) {
        context.success();
    }

    @Override
    public void close() {}
}
