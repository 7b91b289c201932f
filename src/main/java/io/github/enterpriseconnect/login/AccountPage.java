package io.github.enterpriseconnect.login;

import io.github.enterpriseconnect.core.Behaviour;
import io.github.enterpriseconnect.core.Check;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Gate;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.TokenUse;
import io.github.enterpriseconnect.delegation.SignInDecision;
import io.github.enterpriseconnect.member.MemberSelfService;
import io.github.enterpriseconnect.member.Standing;
import io.github.enterpriseconnect.platform.RealmOrganizations;
import jakarta.ws.rs.core.Response;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.format.FormatStyle;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.keycloak.authentication.RequiredActionContext;
import org.keycloak.forms.login.LoginFormsProvider;
import org.keycloak.models.ClientModel;
import org.keycloak.sessions.AuthenticationSessionModel;

/**
 * The user's own page, which applications and the account console call up: whether their calendar is connected, and
 * what they can do about it.
 */
final class AccountPage {
    private static final Logger LOG = Logger.getLogger(AccountPage.class);
    private static final String STEP = "enterprise-connect.account";
    private static final String CONNECTING = "connecting";
    private static final String CONFIRMING = "confirming";
    private static final String CHANGED = "changed";
    private static final String TIME_ZONE = "zoneinfo";
    private static final ZoneId UTC = ZoneId.of("UTC");

    /** What stands in the way and can be taken away by the user, or by another try. */
    private static final Set<Check> NO_OBSTACLE =
            EnumSet.of(Check.NOT_OPTED_OUT, Check.NOT_COOLING_DOWN, Check.NOTICE_SEEN);

    private final SignInContext signIn;
    private final RequiredActionContext context;
    private final AuthenticationSessionModel authentication;
    private final MemberSelfService members;
    private final SignInDecision decision;

    AccountPage(SignInContext signIn) {
        this.signIn = signIn;
        this.context = signIn.context();
        this.authentication = signIn.authentication();
        this.members = signIn.enterpriseConnect().memberSelfService();
        this.decision = signIn.enterpriseConnect().signInDecision();
    }

    void show() {
        String step = String.valueOf(authentication.getAuthNote(STEP));
        signIn.show(step.equals(CONNECTING) ? connecting() : state(step));
    }

    /** Does what the user has chosen. */
    void answer() {
        var form = context.getHttpRequest().getDecodedFormParameters();
        if (form.containsKey("done")) {
            context.success();
            return;
        }
        if (form.containsKey("connect")) {
            connect();
        } else if (form.containsKey("disconnect")) {
            authentication.setAuthNote(STEP, CONFIRMING);
        } else if (form.containsKey("confirm")) {
            disconnect();
        } else if (form.containsKey("keep") || form.containsKey("skip")) {
            authentication.removeAuthNote(STEP);
        }
        context.challenge(WaitingPage.again(signIn));
    }

    private void connect() {
        MemberSelfService.Connecting connecting =
                members.connect(signIn.realm().getId(), signIn.user().getId(), signIn.signIn());
        if (connecting.decision().allowed()) {
            WaitingPage.restart(authentication);
            authentication.setAuthNote(STEP, CONNECTING);
        } else {
            // The page says why.
            authentication.setAuthNote(STEP, CHANGED);
        }
        if (connecting.optedIn() || connecting.decision().allowed()) {
            signIn.record(connecting.optedIn() ? "opt_in" : "connect", null);
        }
    }

    private void disconnect() {
        if (members.disconnect(signIn.realm().getId(), signIn.user().getId())) {
            authentication.setAuthNote(STEP, CHANGED);
            signIn.record("opt_out", null);
        } else {
            LOG.debugf("user %s may no longer opt out", signIn.user().getId());
            authentication.removeAuthNote(STEP);
        }
    }

    private Response connecting() {
        WaitingPage page = new WaitingPage(signIn, Behaviour.LONGEST_WAIT);
        boolean underWay = decision.progress(signIn.work(), signIn.member()) == SignInDecision.Progress.UNDER_WAY;
        if (underWay && !page.over()) {
            return page.render();
        }
        authentication.setAuthNote(STEP, CHANGED);
        return state(CHANGED);
    }

    /** How things look to the user. */
    enum State {
        CONNECTED,
        /** Connected, but nobody gets anything at the moment. */
        PAUSED,
        UNDER_WAY,
        NOT_CONNECTED
    }

    private Response state(String step) {
        Standing standing = members.standing(signIn.work(), signIn.member(), signIn.signIn());
        Gate.Decision decision = standing.gate().get(0);
        State state = state(standing, decision);
        boolean optedOut = decision.failed() == Check.NOT_OPTED_OUT;
        boolean mayConnect = state == State.NOT_CONNECTED && unhindered(decision);
        boolean mayDisconnect =
                state != State.NOT_CONNECTED && !optedOut && members.mayOptOut(signIn.work(), signIn.member());
        LoginFormsProvider form = context.form()
                .setAttribute("state", state.name())
                .setAttribute("mayConnect", mayConnect)
                .setAttribute("mayDisconnect", mayDisconnect)
                .setAttribute("optedOut", optedOut)
                .setAttribute("confirming", step.equals(CONFIRMING) && mayDisconnect)
                .setAttribute("changed", step.equals(CHANGED))
                .setAttribute("application", RealmOrganizations.displayName(signIn.realm()))
                .setAttribute("uses", standing.uses().stream().map(this::use).toList());
        reason(standing, decision, state).ifPresent(why -> form.setAttribute("why", why.name()));
        Optional.ofNullable(standing.mailbox()).ifPresent(mailbox -> form.setAttribute("mailbox", mailbox));
        Optional.ofNullable(standing.link())
                .map(link -> new LinkId(signIn.realm().getId(), link))
                .ifPresent(link -> form.setAttribute(
                        "organization", RealmOrganizations.displayName(signIn.session(), signIn.realm(), link)));
        standing.delegation().map(Delegation::grantedAt).ifPresent(since -> form.setAttribute("since", time(since)));
        return form.createForm("enterprise-connect-account.ftl");
    }

    private static State state(Standing standing, Gate.Decision decision) {
        return switch (standing.state()) {
            case GRANTED -> unhindered(decision) ? State.CONNECTED : State.PAUSED;
            case UNKNOWN -> State.PAUSED;
            case ASKED -> State.UNDER_WAY;
            case NONE, REFUSED, REVOKED -> State.NOT_CONNECTED;
        };
    }

    private static boolean unhindered(Gate.Decision decision) {
        return decision.allowed() || (decision.failed() != null && NO_OBSTACLE.contains(decision.failed()));
    }

    /** Empty where there is nothing to explain: all is well, or nothing was ever tried. */
    private static Optional<WhyNot> reason(Standing standing, Gate.Decision decision, State state) {
        Reason reason = standing.reason();
        if (state == State.CONNECTED || reason == null || decision.failed() == Check.NOTICE_SEEN) {
            return Optional.empty();
        }
        return Optional.of(
                reason == Reason.OPTED_OUT && decision.failed() != Check.NOT_OPTED_OUT
                        ? WhyNot.ENDED
                        : WhyNot.of(reason));
    }

    private Map<String, Object> use(TokenUse use) {
        ClientModel client = signIn.realm().getClientByClientId(use.clientId());
        String name =
                client == null || client.getName() == null || client.getName().isBlank()
                        ? use.clientId()
                        : client.getName();
        return Map.of("name", name, "at", time(use.lastAt()));
    }

    /** For machines and, in the user's language and time zone, for people. */
    private Map<String, String> time(Instant time) {
        Locale locale = signIn.session().getContext().resolveLocale(signIn.user());
        String shown = DateTimeFormatter.ofLocalizedDateTime(FormatStyle.LONG, FormatStyle.LONG)
                .withLocale(locale)
                .withZone(zone(signIn.user().getFirstAttribute(TIME_ZONE)))
                .format(time);
        return Map.of("machine", time.toString(), "shown", shown);
    }

    private static ZoneId zone(@Nullable String name) {
        try {
            return name == null ? UTC : ZoneId.of(name);
        } catch (DateTimeException unknown) {
            return UTC;
        }
    }
}
