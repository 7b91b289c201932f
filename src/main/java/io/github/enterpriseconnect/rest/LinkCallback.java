package io.github.enterpriseconnect.rest;

import io.github.enterpriseconnect.delegation.LinkVerifications;
import io.github.enterpriseconnect.link.Invitations;
import io.github.enterpriseconnect.link.LinkAuthorization;
import io.github.enterpriseconnect.server.EnterpriseConnectProvider;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Cookie;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.keycloak.models.KeycloakSession;

/** Where Cronofy sends the administrator's browser back to; every outcome has a page of its own. */
public final class LinkCallback {
    private final KeycloakSession session;

    LinkCallback(KeycloakSession session) {
        this.session = session;
    }

    @GET
    @Path("")
    @Produces(MediaType.TEXT_HTML)
    public Response arrive(
            @QueryParam("state") @Nullable String state,
            @QueryParam("code") @Nullable String code,
            @QueryParam("error") @Nullable String error) {
        String realmId = session.getContext().getRealm().getId();
        LinkAuthorization authorization =
                session.getProvider(EnterpriseConnectProvider.class).linkAuthorization();
        Cookie cookie = state == null
                ? null
                : session.getContext()
                        .getHttpRequest()
                        .getHttpHeaders()
                        .getCookies()
                        .get(Invitations.cookieName(state));
        session.getTransactionManager().commit();
        LinkAuthorization.Outcome outcome =
                authorization.complete(realmId, state, cookie == null ? null : cookie.getValue(), code, error);
        VerificationPages verification = new VerificationPages(session);
        Optional<LinkVerifications.Right> right =
                outcome == LinkAuthorization.Outcome.LINKED ? verification.offered(state) : Optional.empty();
        return new Pages(session).render("enterprise-connect-result.ftl", status(outcome), (rendering, form) -> {
            form.setAttribute("outcome", key(outcome)).setAttribute("succeeded", succeeded(outcome));
            right.ifPresent(offer -> VerificationPages.ask(form, offer, state, "link/verification"));
        });
    }

    private static boolean succeeded(LinkAuthorization.Outcome outcome) {
        return outcome == LinkAuthorization.Outcome.LINKED || outcome == LinkAuthorization.Outcome.AWAITING_APPROVAL;
    }

    private static Response.Status status(LinkAuthorization.Outcome outcome) {
        return switch (outcome) {
            case LINKED, AWAITING_APPROVAL -> Response.Status.OK;
            case OTHER_SERVICE_ACCOUNT, OTHER_DOMAIN, NOT_REPLACEABLE -> Response.Status.CONFLICT;
            case SERVER_ERROR, TEMPORARILY_UNAVAILABLE -> Response.Status.SERVICE_UNAVAILABLE;
            case DECLINED,
                    INVALID_REQUEST,
                    UNAUTHORIZED_CLIENT,
                    UNSUPPORTED_RESPONSE_TYPE,
                    INVALID_SCOPE,
                    MISCONFIGURED,
                    CODE_GONE,
                    NOT_YOURS -> Response.Status.BAD_REQUEST;
        };
    }

    /** The part of the message keys that names the outcome. */
    private static String key(LinkAuthorization.Outcome outcome) {
        return switch (outcome) {
            case LINKED -> "linked";
            case AWAITING_APPROVAL -> "awaitingApproval";
            case DECLINED -> "declined";
            case INVALID_REQUEST -> "invalidRequest";
            case UNAUTHORIZED_CLIENT -> "unauthorizedClient";
            case UNSUPPORTED_RESPONSE_TYPE -> "unsupportedResponseType";
            case INVALID_SCOPE -> "invalidScope";
            case SERVER_ERROR -> "serverError";
            case TEMPORARILY_UNAVAILABLE -> "temporarilyUnavailable";
            case MISCONFIGURED -> "misconfigured";
            case CODE_GONE -> "codeGone";
            case OTHER_SERVICE_ACCOUNT -> "otherServiceAccount";
            case OTHER_DOMAIN -> "otherDomain";
            case NOT_REPLACEABLE -> "notReplaceable";
            case NOT_YOURS -> "notYours";
        };
    }
}
