package io.github.enterpriseconnect.login;

import io.github.enterpriseconnect.EnterpriseConnect;
import io.github.enterpriseconnect.core.SignIn;
import io.github.enterpriseconnect.delegation.DelegationQueue;
import io.github.enterpriseconnect.delegation.SignInDecision;
import java.time.Duration;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.keycloak.authentication.InitiatedActionSupport;
import org.keycloak.authentication.RequiredActionContext;
import org.keycloak.authentication.RequiredActionProvider;
import org.keycloak.models.KeycloakSession;
import org.keycloak.services.managers.AuthenticationManager;
import org.keycloak.sessions.AuthenticationSessionModel;

/**
 * Has the member who signs in delegated, without the member noticing: decides from what is cached, and queues the
 * member only after the sign-in's own commit. Shows a page only where the link's policy asks for one ({@link
 * SignInPages}), or where an application asks for the user's own ({@link AccountPage}). Nothing is ever noted on the
 * user; but where somebody has put the action on one, it is taken off. Whatever goes wrong, the sign-in goes on.
 */
final class DelegateAtSignIn implements RequiredActionProvider {
    private static final Logger LOG = Logger.getLogger(DelegateAtSignIn.class);
    private static final String DECIDED = "enterprise-connect.decided";

    /** Long, and yet no more than can be added to a time in seconds. */
    private static final Duration ANY_AGE = Duration.ofDays(365);

    @Override
    public InitiatedActionSupport initiatedActionSupport() {
        return InitiatedActionSupport.SUPPORTED;
    }

    /**
     * The page asks for no fresh authentication: what can be done there can be undone there, lets nobody in, and goes
     * no further than the organization has decided.
     */
    @Override
    public int getMaxAuthAge(KeycloakSession session) {
        return Math.toIntExact(ANY_AGE.toSeconds());
    }

    @Override
    public void evaluateTriggers(RequiredActionContext context) {
        SignInContext signIn = new SignInContext(context);
        try {
            signIn.takeActionOff();
        } catch (RuntimeException | LinkageError e) {
            rethrowIfLost(signIn, e);
            // Deliberately everything, as below. Users of some directories can only be read.
            LOG.warnf(
                    e,
                    "the required action of Enterprise Connect stays on user %s",
                    context.getUser().getId());
        }
        try {
            delegate(signIn);
        } catch (RuntimeException | LinkageError e) {
            rethrowIfLost(signIn, e);
            // Deliberately everything, a mismatch of versions included: a sign-in never fails because of us.
            LOG.warnf(
                    e,
                    "user %s signs in without being delegated",
                    context.getUser().getId());
        }
    }

    /** What failed in the sign-in's own transaction is not ours to pass over. */
    private static void rethrowIfLost(SignInContext signIn, Throwable failure) {
        if (signIn.lost() && failure instanceof RuntimeException unchecked) {
            throw unchecked;
        }
    }

    private static void delegate(SignInContext context) {
        AuthenticationSessionModel authentication = context.authentication();
        if (authentication.getAuthNote(DECIDED) != null || context.hasOtherActions() || context.impersonated()) {
            return;
        }
        SignIn signIn = context.signIn();
        Optional<SignInDecision.Course> decided = context.enterpriseConnect()
                .signInDecision()
                .course(context.work(), context.member(), signIn, context.canShowPage());
        if (decided.isEmpty()) {
            return;
        }
        SignInDecision.Course course = decided.get();
        authentication.setAuthNote(DECIDED, "true");
        if (course.step().queues()) {
            DelegationQueue queue = context.enterpriseConnect().delegationQueue();
            String userId = context.user().getId();
            context.work().afterCommit(() -> queue.add(course.link(), userId, signIn));
        }
        if (course.step() == SignInDecision.Step.NOTICE || course.step() == SignInDecision.Step.WAIT) {
            new SignInPages(context).announce(course);
            authentication.addRequiredAction(EnterpriseConnect.ID);
        }
    }

    @Override
    public void requiredActionChallenge(RequiredActionContext context) {
        SignInContext signIn = new SignInContext(context);
        try {
            if (SignInPages.announced(signIn)) {
                new SignInPages(signIn).show();
            } else if (signIn.wantsAccountPage() && !signIn.impersonated()) {
                new AccountPage(signIn).show();
            } else {
                SignInPages.end(signIn);
            }
        } catch (RuntimeException | LinkageError e) {
            rethrowIfLost(signIn, e);
            // Deliberately everything, as above.
            LOG.warnf(e, "user %s is not shown a page", context.getUser().getId());
            SignInPages.end(signIn);
        }
    }

    @Override
    public void processAction(RequiredActionContext context) {
        SignInContext signIn = new SignInContext(context);
        try {
            if (SignInPages.announced(signIn)) {
                new SignInPages(signIn).answer();
            } else if (signIn.wantsAccountPage() && !signIn.impersonated()) {
                new AccountPage(signIn).answer();
            } else {
                context.success();
            }
        } catch (RuntimeException | LinkageError e) {
            rethrowIfLost(signIn, e);
            // Deliberately everything, as above.
            LOG.warnf(e, "the choice of user %s is lost", context.getUser().getId());
            SignInPages.forget(signIn);
            AuthenticationManager.setKcActionStatus(
                    EnterpriseConnect.ID, RequiredActionContext.KcActionStatus.ERROR, signIn.authentication());
            context.success();
        }
    }

    @Override
    public void close() {}
}
