package io.github.enterpriseconnect.login;

import io.github.enterpriseconnect.EnterpriseConnect;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.delegation.SignInDecision;
import jakarta.ws.rs.core.Response;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.keycloak.authentication.RequiredActionContext;
import org.keycloak.sessions.AuthenticationSessionModel;

/**
 * The pages of a sign-in at which the link's policy asks for some: the notice, and that the calendar is being
 * connected.
 */
final class SignInPages {
    private static final Logger LOG = Logger.getLogger(SignInPages.class);
    private static final String STEP = "enterprise-connect.step";
    private static final String LINK = "enterprise-connect.link";
    private static final String DECLINE = "decline";
    private static final String SKIP = "skip";

    private final SignInContext signIn;
    private final RequiredActionContext context;
    private final AuthenticationSessionModel authentication;
    private final SignInDecision decision;

    SignInPages(SignInContext signIn) {
        this.signIn = signIn;
        this.context = signIn.context();
        this.authentication = signIn.authentication();
        this.decision = signIn.enterpriseConnect().signInDecision();
    }

    /** Notes which page is due. */
    void announce(SignInDecision.Course course) {
        authentication.setAuthNote(STEP, course.step().name());
        authentication.setAuthNote(LINK, course.link().name());
    }

    static boolean announced(SignInContext signIn) {
        return signIn.authentication().getAuthNote(STEP) != null;
    }

    /** The sign-in goes on without a page, and without an event: nobody has done anything. */
    static void end(SignInContext signIn) {
        forget(signIn);
        signIn.authentication().removeRequiredAction(EnterpriseConnect.ID);
        signIn.context().ignore();
    }

    static void forget(SignInContext signIn) {
        signIn.authentication().removeAuthNote(STEP);
        signIn.authentication().removeAuthNote(LINK);
    }

    /** Shows the page that is due, or has the sign-in go on if it is not any more. */
    void show() {
        Optional<Response> page = waiting() ? waitingPage() : notice();
        if (page.isEmpty()) {
            end(signIn);
        } else {
            signIn.show(page.get());
        }
    }

    /** Does what the member has chosen. */
    void answer() {
        var form = context.getHttpRequest().getDecodedFormParameters();
        if (waiting()) {
            answerWaiting(form.containsKey(SKIP));
        } else if (form.containsKey(DECLINE)) {
            decline();
            leave();
        } else if (form.containsKey("continue")) {
            accept();
        } else {
            context.challenge(WaitingPage.again(signIn));
        }
    }

    private void answerWaiting(boolean skip) {
        if (skip) {
            leave();
        } else {
            context.challenge(WaitingPage.again(signIn));
        }
    }

    private void accept() {
        decision.accept(link(), signIn.user().getId(), signIn.signIn());
        signIn.record("connect", link().name());
        if (decision.patience(signIn.work(), link()).isZero()) {
            leave();
        } else {
            authentication.setAuthNote(STEP, SignInDecision.Step.WAIT.name());
            context.challenge(WaitingPage.again(signIn));
        }
    }

    private void decline() {
        String userId = signIn.user().getId();
        if (signIn.enterpriseConnect()
                .memberSelfService()
                .disconnect(signIn.realm().getId(), userId)) {
            signIn.record("opt_out", link().name());
        } else {
            LOG.debugf("user %s may no longer opt out", userId);
        }
    }

    private void leave() {
        forget(signIn);
        context.success();
    }

    private Optional<Response> waitingPage() {
        WaitingPage page = new WaitingPage(signIn, decision.patience(signIn.work(), link()));
        boolean done = decision.progress(signIn.work(), signIn.member()) != SignInDecision.Progress.UNDER_WAY;
        return done || page.over() ? Optional.empty() : Optional.of(page.render());
    }

    private Optional<Response> notice() {
        return decision.noticePage(signIn.work(), signIn.member(), signIn.signIn(), link())
                .map(notice -> context.form()
                        .setAttribute("organization", notice.organization())
                        .setAttribute("application", notice.application())
                        .setAttribute("mailbox", notice.mailbox())
                        .setAttribute("optOut", notice.optOut())
                        .createForm("enterprise-connect-introduction.ftl"));
    }

    private boolean waiting() {
        return SignInDecision.Step.WAIT.name().equals(authentication.getAuthNote(STEP));
    }

    private LinkId link() {
        return new LinkId(signIn.realm().getId(), String.valueOf(authentication.getAuthNote(LINK)));
    }
}
