package io.github.enterpriseconnect.login;

import io.github.enterpriseconnect.EnterpriseConnect;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.delegation.Introductions;
import jakarta.ws.rs.core.Response;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.keycloak.authentication.RequiredActionContext;
import org.keycloak.sessions.AuthenticationSessionModel;

/** The pages of a sign-in at which the link's policy asks for some: the notice, and that the calendar is being connected. */
final class SignInPages {
    private static final Logger LOG = Logger.getLogger(SignInPages.class);
    private static final String STEP = "enterprise-connect.step";
    private static final String LINK = "enterprise-connect.link";
    private static final String DECLINE = "decline";
    private static final String SKIP = "skip";

    private final Visit visit;
    private final RequiredActionContext context;
    private final AuthenticationSessionModel authentication;
    private final Introductions introductions;

    SignInPages(Visit visit) {
        this.visit = visit;
        this.context = visit.context();
        this.authentication = visit.authentication();
        this.introductions = visit.enterpriseConnect().introductions();
    }

    /** Notes which page is due. */
    void announce(Introductions.Course course) {
        authentication.setAuthNote(STEP, course.step().name());
        authentication.setAuthNote(LINK, course.link().name());
    }

    static boolean announced(Visit visit) {
        return visit.authentication().getAuthNote(STEP) != null;
    }

    /** The sign-in goes on without a page, and without an event: nobody has done anything. */
    static void end(Visit visit) {
        forget(visit);
        visit.authentication().removeRequiredAction(EnterpriseConnect.ID);
        visit.context().ignore();
    }

    static void forget(Visit visit) {
        visit.authentication().removeAuthNote(STEP);
        visit.authentication().removeAuthNote(LINK);
    }

    /** Shows the page that is due, or has the sign-in go on if it is not any more. */
    void show() {
        Optional<Response> page = waiting() ? waitingPage() : notice();
        if (page.isEmpty()) {
            end(visit);
        } else {
            visit.show(page.get());
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
            context.challenge(WaitingPage.again(visit));
        }
    }

    private void answerWaiting(boolean skip) {
        if (skip) {
            leave();
        } else {
            context.challenge(WaitingPage.again(visit));
        }
    }

    private void accept() {
        introductions.accept(link(), visit.user().getId(), visit.signIn());
        visit.record("connect", link().name());
        if (introductions.patience(visit.session(), visit.realm(), link()).isZero()) {
            leave();
        } else {
            authentication.setAuthNote(STEP, Introductions.Step.WAIT.name());
            context.challenge(WaitingPage.again(visit));
        }
    }

    private void decline() {
        String userId = visit.user().getId();
        if (visit.enterpriseConnect().members().disconnect(visit.realm().getId(), userId)) {
            visit.record("opt_out", link().name());
        } else {
            LOG.debugf("user %s may no longer opt out", userId);
        }
    }

    private void leave() {
        forget(visit);
        context.success();
    }

    private Optional<Response> waitingPage() {
        WaitingPage page = new WaitingPage(visit, introductions.patience(visit.session(), visit.realm(), link()));
        boolean done = introductions.progress(visit.session(), visit.realm(), visit.user())
                != Introductions.Progress.UNDER_WAY;
        return done || page.over() ? Optional.empty() : Optional.of(page.render());
    }

    private Optional<Response> notice() {
        return introductions
                .notice(visit.session(), visit.realm(), visit.user(), visit.signIn(), link())
                .map(notice -> context.form()
                        .setAttribute("organization", notice.organization())
                        .setAttribute("application", notice.application())
                        .setAttribute("mailbox", notice.mailbox())
                        .setAttribute("optOut", notice.optOut())
                        .createForm("enterprise-connect-introduction.ftl"));
    }

    private boolean waiting() {
        return Introductions.Step.WAIT.name().equals(authentication.getAuthNote(STEP));
    }

    private LinkId link() {
        return new LinkId(visit.realm().getId(), String.valueOf(authentication.getAuthNote(LINK)));
    }
}
