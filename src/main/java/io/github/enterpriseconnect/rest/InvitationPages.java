package io.github.enterpriseconnect.rest;

import io.github.enterpriseconnect.core.Domain;
import io.github.enterpriseconnect.core.Unreadable;
import io.github.enterpriseconnect.link.Invitations;
import io.github.enterpriseconnect.platform.Endpoints;
import io.github.enterpriseconnect.platform.RealmOrganizations;
import io.github.enterpriseconnect.server.EnterpriseConnectProvider;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.NewCookie;
import jakarta.ws.rs.core.Response;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.keycloak.models.KeycloakSession;
import org.keycloak.urls.UrlType;

/**
 * The start page of an invitation. Looking at it changes nothing, so that a mail scanner may; only the button begins
 * the round trip to Cronofy.
 */
public final class InvitationPages {
    private final KeycloakSession session;
    private final String realmId;
    private final Invitations invitations;
    private final Pages pages;

    InvitationPages(KeycloakSession session) {
        this.session = session;
        this.realmId = session.getContext().getRealm().getId();
        this.invitations = session.getProvider(EnterpriseConnectProvider.class).invitations();
        this.pages = new Pages(session);
    }

    @GET
    @Path("")
    @Produces(MediaType.TEXT_HTML)
    public Response show(@PathParam("ticket") String ticket) {
        return show(ticket, Response.Status.OK);
    }

    private Response show(String ticket, Response.Status status) {
        session.getTransactionManager().commit();
        Optional<Invitations.Introduction> introduction = invitations.introduce(realmId, ticket);
        if (introduction.isEmpty()) {
            return over();
        }
        Invitations.Introduction shown = introduction.get();
        return pages.render("enterprise-connect-invitation.ftl", status, (rendering, form) -> form.setAttribute(
                        "organization",
                        RealmOrganizations.displayName(
                                rendering,
                                rendering.getContext().getRealm(),
                                shown.invitation().link()))
                .setAttribute(
                        "application",
                        RealmOrganizations.displayName(rendering.getContext().getRealm()))
                .setAttribute("scopes", Arrays.asList(shown.scope().split(" ")))
                .setAttribute(
                        "delegatedScopes", Arrays.asList(shown.delegatedScope().split(" ")))
                .setAttribute(
                        "domains",
                        shown.approvedDomains().stream().map(Domain::name).toList())
                .setAttribute("relink", shown.relink())
                .setAttribute("replaced", shown.replaced())
                .setAttribute(
                        "expires",
                        Invitations.expiry(
                                shown.invitation(), rendering.getContext().resolveLocale(null))));
    }

    @POST
    @Path("")
    @Produces(MediaType.TEXT_HTML)
    public Response start(
            @PathParam("ticket") String ticket,
            @HeaderParam("Sec-Fetch-Site") @Nullable String fetchSite,
            @HeaderParam("Origin") @Nullable String origin) {
        if (BeginningSite.isForeign(session, fetchSite, origin)) {
            // Whoever was meant to press the button sees it now, and may.
            return show(ticket, Response.Status.FORBIDDEN);
        }
        String frontend =
                Endpoints.base(session.getContext().getUri(UrlType.FRONTEND).getBaseUri());
        Optional<Invitations.Departure> departure;
        try {
            departure = invitations.depart(realmId, ticket, frontend);
        } catch (Unreadable away) {
            return result("temporarilyUnavailable", Response.Status.SERVICE_UNAVAILABLE);
        }
        if (departure.isEmpty()) {
            return over();
        }
        NewCookie cookie = new NewCookie.Builder(departure.get().cookieName())
                .value(departure.get().cookie().reveal())
                .path(departure.get().callback().getRawPath())
                .httpOnly(true)
                .secure("https".equals(departure.get().callback().getScheme()))
                .sameSite(NewCookie.SameSite.LAX)
                .maxAge(NewCookie.DEFAULT_MAX_AGE)
                .build();
        return Response.seeOther(departure.get().authorizationUrl())
                .cookie(cookie)
                .header("Referrer-Policy", "no-referrer")
                .header("Cache-Control", "no-store")
                .build();
    }

    private Response over() {
        return result("invitationOver", Response.Status.NOT_FOUND);
    }

    private Response result(String outcome, Response.Status status) {
        return pages.render(
                "enterprise-connect-result.ftl", status, (rendering, form) -> form.setAttribute("outcome", outcome)
                        .setAttribute("succeeded", false));
    }
}
