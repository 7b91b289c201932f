package io.github.enterpriseconnect.login;

import io.github.enterpriseconnect.Delegating;
import io.github.enterpriseconnect.EnterpriseConnect;
import io.github.enterpriseconnect.core.LinkId;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.keycloak.authentication.RequiredActionContext;
import org.keycloak.authentication.RequiredActionProvider;
import org.keycloak.models.AbstractKeycloakTransaction;
import org.keycloak.models.ImpersonationSessionNote;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.UserModel;
import org.keycloak.models.UserSessionModel;
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
                || user.getRequiredActionsStream().findAny().isPresent()
                || impersonated(context)) {
            return;
        }
        KeycloakSession session = context.getSession();
        Delegating delegating = session.getProvider(EnterpriseConnect.class).delegating();
        Optional<LinkId> link = delegating.dueAtSignIn(session, context.getRealm(), user);
        if (link.isPresent()) {
            signIn.setAuthNote(HANDED_OVER, "true");
            String userId = user.getId();
            session.getTransactionManager().enlistAfterCompletion(new AbstractKeycloakTransaction() {
                @Override
                protected void commitImpl() {
                    delegating.handOver(link.get(), userId);
                }

                @Override
                protected void rollbackImpl() {}
            });
        }
    }

    /** An administrator who impersonates comes back by single sign-on, in a session that says so. */
    private static boolean impersonated(RequiredActionContext context) {
        AuthenticationSessionModel signIn = context.getAuthenticationSession();
        if (!"true".equals(signIn.getAuthNote(AuthenticationManager.SSO_AUTH))) {
            return false;
        }
        UserSessionModel ongoing = context.getSession()
                .sessions()
                .getUserSession(context.getRealm(), signIn.getParentSession().getId());
        return ongoing != null && ongoing.getNote(ImpersonationSessionNote.IMPERSONATOR_ID.toString()) != null;
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
