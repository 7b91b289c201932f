package io.github.enterpriseconnect.login;

import io.github.enterpriseconnect.EnterpriseConnect;
import io.github.enterpriseconnect.candidate.SignIn;
import io.github.enterpriseconnect.delegation.Delegating;
import io.github.enterpriseconnect.delegation.Introductions;
import io.github.enterpriseconnect.platform.AfterCommit;
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
 * Has the member who signs in delegated, without the member noticing: decides from what is cached, and hands over only
 * after the sign-in's own commit. Shows a page only where the link's policy asks for one ({@link SignInPages}), or where an
 * application asks for the user's own ({@link AccountPage}). Nothing is ever noted on the user, and whatever goes wrong, the
 * sign-in goes on.
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
     * The page asks for no fresh authentication: what can be done there can be undone there, lets nobody in, and goes no
     * further than the organization has decided.
     */
    @Override
    public int getMaxAuthAge(KeycloakSession session) {
        return Math.toIntExact(ANY_AGE.toSeconds());
    }

    @Override
    public void evaluateTriggers(RequiredActionContext context) {
        try {
            delegate(new Visit(context));
        } catch (RuntimeException | LinkageError e) {
            // Deliberately everything, a mismatch of versions included: a sign-in never fails because of us.
            LOG.warnf(
                    e,
                    "user %s signs in without being delegated",
                    context.getUser().getId());
        }
    }

    private static void delegate(Visit visit) {
        AuthenticationSessionModel authentication = visit.authentication();
        if (authentication.getAuthNote(DECIDED) != null || visit.hasOtherActions() || visit.impersonated()) {
            return;
        }
        Delegating delegating = visit.enterpriseConnect().delegating();
        SignIn signIn = visit.signIn();
        Optional<Delegating.Due> due = delegating.dueAtSignIn(visit.session(), visit.realm(), visit.user(), signIn);
        if (due.isEmpty()) {
            return;
        }
        Introductions.Course course = visit.enterpriseConnect()
                .introductions()
                .course(visit.session(), visit.realm(), visit.user(), signIn, due.get(), visit.canShowPage());
        authentication.setAuthNote(DECIDED, "true");
        if (course.step() == Introductions.Step.HAND_OVER || course.step() == Introductions.Step.WAIT) {
            String userId = visit.user().getId();
            AfterCommit.run(visit.session(), () -> delegating.handOver(course.link(), userId, signIn));
        }
        if (course.step() == Introductions.Step.NOTICE || course.step() == Introductions.Step.WAIT) {
            new SignInPages(visit).announce(course);
            authentication.addRequiredAction(EnterpriseConnect.ID);
        }
    }

    @Override
    public void requiredActionChallenge(RequiredActionContext context) {
        Visit visit = new Visit(context);
        try {
            if (SignInPages.announced(visit)) {
                new SignInPages(visit).show();
            } else if (visit.wantsAccountPage() && !visit.impersonated()) {
                new AccountPage(visit).show();
            } else {
                SignInPages.end(visit);
            }
        } catch (RuntimeException | LinkageError e) {
            // Deliberately everything, as above.
            LOG.warnf(e, "user %s is not shown a page", context.getUser().getId());
            SignInPages.end(visit);
        }
    }

    @Override
    public void processAction(RequiredActionContext context) {
        Visit visit = new Visit(context);
        try {
            if (SignInPages.announced(visit)) {
                new SignInPages(visit).answer();
            } else if (visit.wantsAccountPage() && !visit.impersonated()) {
                new AccountPage(visit).answer();
            } else {
                context.success();
            }
        } catch (RuntimeException | LinkageError e) {
            // Deliberately everything, as above.
            LOG.warnf(e, "the choice of user %s is lost", context.getUser().getId());
            SignInPages.forget(visit);
            AuthenticationManager.setKcActionStatus(
                    EnterpriseConnect.ID, RequiredActionContext.KcActionStatus.ERROR, visit.authentication());
            context.success();
        }
    }

    @Override
    public void close() {}
}
