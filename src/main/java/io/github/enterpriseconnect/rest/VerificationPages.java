package io.github.enterpriseconnect.rest;

import io.github.enterpriseconnect.core.Domain;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Verification;
import io.github.enterpriseconnect.delegation.LinkVerifications;
import io.github.enterpriseconnect.delegation.NotVerifiable;
import io.github.enterpriseconnect.link.Invitations;
import io.github.enterpriseconnect.server.EnterpriseConnectProvider;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Cookie;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.core.Response;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.keycloak.forms.login.LoginFormsProvider;
import org.keycloak.models.KeycloakSession;

/**
 * Where whoever has just authorized a link names one mailbox that proves it, in the same browser, once. Looking changes
 * nothing; only the button begins it. Lies under the callback of the link, so that its cookie comes along.
 */
public final class VerificationPages {
    private static final Logger LOG = Logger.getLogger(VerificationPages.class);
    private static final int SECONDS_BETWEEN_LOOKS = 3;

    /** Reasons that the page has words of its own for; all others read alike. */
    private static final Set<Reason> EXPLAINED =
            Set.of(Reason.REFUSED_BY_CRONOFY, Reason.NO_ANSWER, Reason.WRONG_PROFILE, Reason.UNAVAILABLE);

    private final KeycloakSession session;
    private final String realmId;
    private final LinkVerifications verifications;

    VerificationPages(KeycloakSession session) {
        this.session = session;
        this.realmId = session.getContext().getRealm().getId();
        this.verifications =
                session.getProvider(EnterpriseConnectProvider.class).linkVerifications();
    }

    @GET
    @Path("")
    @Produces(MediaType.TEXT_HTML)
    public Response show(@QueryParam("state") @Nullable String state) {
        String cookie = cookie(state);
        session.getTransactionManager().commit();
        return show(state, cookie);
    }

    @POST
    @Path("")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    @Produces(MediaType.TEXT_HTML)
    public Response begin(
            @HeaderParam("Sec-Fetch-Site") @Nullable String fetchSite, @HeaderParam("Origin") @Nullable String origin) {
        MultivaluedMap<String, String> form =
                session.getContext().getHttpRequest().getDecodedFormParameters();
        String state = form.getFirst("state");
        String cookie = cookie(state);
        boolean foreign = BeginningSite.isForeign(session, fetchSite, origin);
        session.getTransactionManager().commit();
        if (foreign) {
            return notYours();
        }
        try {
            verifications.beginAsAuthorizer(realmId, state, cookie, form.getFirst("mailbox"));
        } catch (NotVerifiable not) {
            return not.why() == NotVerifiable.Why.NOT_YOURS ? show(state, cookie) : again(state, cookie, not);
        }
        return show(state, cookie);
    }

    /** What may be offered after an authorization; empty if that cannot be told now, which keeps nobody from their page. */
    Optional<LinkVerifications.Right> offered(@Nullable String state) {
        try {
            return verifications.right(realmId, state, cookie(state)).filter(right -> !right.used());
        } catch (RuntimeException e) {
            // Deliberately everything: what has been authorized is, whatever can be offered besides.
            LOG.debugf(e, "nothing can be told of a verification in realm %s", realmId);
            return Optional.empty();
        }
    }

    /** Has the page ask for a mailbox. */
    static void ask(LoginFormsProvider form, LinkVerifications.Right right, @Nullable String state, String action) {
        form.setAttribute("verificationState", state)
                .setAttribute("verificationAction", action)
                .setAttribute(
                        "verificationDomains",
                        right.domains().stream().map(Domain::name).collect(Collectors.joining(", ")));
    }

    private Response show(@Nullable String state, @Nullable String cookie) {
        Optional<LinkVerifications.Right> right = verifications.right(realmId, state, cookie);
        if (right.isEmpty() || state == null) {
            return notYours();
        }
        Optional<Verification> verification = right.get().verification();
        if (!right.get().used() || verification.filter(VerificationPages::known).isEmpty()) {
            return render(Response.Status.OK, "none", form -> {
                if (!right.get().used()) {
                    ask(form, right.get(), state, "verification");
                }
            });
        }
        Verification shown = verification.get();
        Response page = render(Response.Status.OK, shown.resultWord(), form -> {
            Optional.ofNullable(shown.reason()).ifPresent(reason -> form.setAttribute("why", why(reason)));
            Optional.ofNullable(shown.detail()).ifPresent(detail -> form.setAttribute("detail", detail));
            form.setAttribute("mailbox", shown.mailbox());
        });
        return shown.result() == Verification.Result.PENDING
                ? Response.fromResponse(page)
                        .header(
                                "Refresh",
                                SECONDS_BETWEEN_LOOKS + "; url=verification?state="
                                        + URLEncoder.encode(state, StandardCharsets.UTF_8))
                        .build()
                : page;
    }

    private static boolean known(Verification verification) {
        return verification.result() != Verification.Result.UNKNOWN;
    }

    private static String why(Reason reason) {
        return EXPLAINED.contains(reason) ? reason.id() : "other";
    }

    private Response again(@Nullable String state, @Nullable String cookie, NotVerifiable not) {
        Optional<LinkVerifications.Right> right = verifications.right(realmId, state, cookie);
        if (right.isEmpty()) {
            return notYours();
        }
        return render(Response.Status.BAD_REQUEST, "none", form -> {
            ask(form, right.get(), state, "verification");
            form.setAttribute("verificationProblem", problem(not.why()));
        });
    }

    /** What is the site's matter, and not the reader's, reads alike. */
    private static String problem(NotVerifiable.Why why) {
        return switch (why) {
            case ADDRESS, DOMAIN, IN_USE, UNDER_WAY, REVOKING, TOO_MANY ->
                why.name().toLowerCase(Locale.ROOT);
            case NOT_ACTIVE, NOT_ENABLED, SUSPENDED, NOT_YOURS -> "not_active";
        };
    }

    private interface Content {
        void fill(LoginFormsProvider form);
    }

    private Response render(Response.Status status, String result, Content content) {
        return new Pages(session).render("enterprise-connect-verification.ftl", status, (rendering, form) -> {
            form.setAttribute("result", result);
            content.fill(form);
        });
    }

    private Response notYours() {
        return new Pages(session)
                .render(
                        "enterprise-connect-result.ftl",
                        Response.Status.NOT_FOUND,
                        (rendering, form) ->
                                form.setAttribute("outcome", "notYours").setAttribute("succeeded", false));
    }

    private @Nullable String cookie(@Nullable String state) {
        Cookie cookie = state == null
                ? null
                : session.getContext()
                        .getHttpRequest()
                        .getHttpHeaders()
                        .getCookies()
                        .get(Invitations.cookieName(state));
        return cookie == null ? null : cookie.getValue();
    }
}
