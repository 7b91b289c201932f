package io.github.enterpriseconnect.rest;

import io.github.enterpriseconnect.EnterpriseConnect;
import io.github.enterpriseconnect.Invitations;
import io.github.enterpriseconnect.core.Domain;
import io.github.enterpriseconnect.core.LinkId;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.NewCookie;
import jakarta.ws.rs.core.Response;
import java.util.Arrays;
import java.util.Optional;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.OrganizationModel;
import org.keycloak.models.RealmModel;
import org.keycloak.organization.OrganizationProvider;
import org.keycloak.urls.UrlType;

/**
 * The start page of an invitation. Looking at it changes nothing, so that a mail scanner may; only the button begins the
 * round trip to Cronofy.
 */
public final class InvitationPages {
    private final KeycloakSession session;
    private final RealmModel realm;
    private final Invitations invitations;
    private final Pages pages;

    InvitationPages(KeycloakSession session) {
        this.session = session;
        this.realm = session.getContext().getRealm();
        this.invitations = session.getProvider(EnterpriseConnect.class).invitations();
        this.pages = new Pages(session);
    }

    @GET
    @Path("")
    @Produces(MediaType.TEXT_HTML)
    public Response show(@PathParam("ticket") String ticket) {
        Optional<Invitations.Introduction> introduction = invitations.introduce(realm.getId(), ticket);
        if (introduction.isEmpty()) {
            return over();
        }
        Invitations.Introduction shown = introduction.get();
        String organization = name(shown.link());
        String application =
                realm.getDisplayName() == null || realm.getDisplayName().isBlank()
                        ? realm.getName()
                        : realm.getDisplayName();
        session.getTransactionManager().commit();
        return pages.render("enterprise-connect-invitation.ftl", Response.Status.OK, form -> form.setAttribute(
                        "organization", organization)
                .setAttribute("application", application)
                .setAttribute("scopes", Arrays.asList(shown.scope().split(" ")))
                .setAttribute(
                        "delegatedScopes", Arrays.asList(shown.delegatedScope().split(" ")))
                .setAttribute(
                        "domains",
                        shown.approvedDomains().stream().map(Domain::name).toList())
                .setAttribute("relink", shown.relink()));
    }

    @POST
    @Path("")
    @Produces(MediaType.TEXT_HTML)
    public Response start(@PathParam("ticket") String ticket) {
        String frontend =
                Frontend.base(session.getContext().getUri(UrlType.FRONTEND).getBaseUri());
        Optional<Invitations.Departure> departure = invitations.depart(realm.getId(), ticket, frontend);
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
        session.getTransactionManager().commit();
        return pages.render("enterprise-connect-result.ftl", Response.Status.NOT_FOUND, form -> form.setAttribute(
                        "outcome", "invitationOver")
                .setAttribute("succeeded", false));
    }

    private String name(LinkId link) {
        OrganizationProvider organizations = session.getProvider(OrganizationProvider.class);
        OrganizationModel organization =
                link.ofRealm() || organizations == null ? null : organizations.getById(link.name());
        if (organization != null) {
            return organization.getName();
        }
        return realm.getDisplayName() == null || realm.getDisplayName().isBlank()
                ? realm.getName()
                : realm.getDisplayName();
    }
}
