package io.github.enterpriseconnect.admin;

import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Suspensions;
import io.github.enterpriseconnect.core.Verification;
import io.github.enterpriseconnect.platform.RealmOrganizations;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.keycloak.models.OrganizationModel;
import org.keycloak.organization.OrganizationProvider;

/** {@code links}: the realm's organizations with their links, or the one link {@code realm}. */
public final class LinksResource {
    private final AdminRequest request;
    private final VisibleLinks links;

    LinksResource(AdminRequest request) {
        this.request = request;
        this.links = new VisibleLinks(request);
    }

    /** One page of organizations, by name, that the administrator may see. */
    @GET
    @Path("")
    @Produces(MediaType.APPLICATION_JSON)
    public List<LinkRepresentation> list(
            @QueryParam("search") @DefaultValue("") String search,
            @QueryParam("first") @Nullable Integer first,
            @QueryParam("max") @Nullable Integer max) {
        Paging paging = Paging.of(first, max);
        Optional<OrganizationProvider> organizations = RealmOrganizations.of(request.session());
        if (organizations.isEmpty()) {
            request.auth().realm().requireViewRealm();
            VisibleLinks.VisibleLink ofRealm = links.ofRealm();
            Link link = request.work().links().get(ofRealm.id());
            return List.of(links.represent(
                    link,
                    ofRealm,
                    links.suspensions(),
                    request.work().verifications().of(link),
                    null));
        }
        request.auth().orgs().requireQuery();
        Suspensions suspensions = links.suspensions();
        List<OrganizationModel> page = organizations
                .get()
                .getAllStream(search, false, paging.first(), paging.max())
                .filter(request.auth().orgs()::canView)
                .toList();
        String realmId = request.realm().getId();
        Map<String, Link> found = request.work()
                .links()
                .get(realmId, page.stream().map(OrganizationModel::getId).toList());
        Map<String, Verification> verifications = request.work().verifications().of(realmId, found.values());
        return page.stream()
                .map(organization -> links.represent(
                        Objects.requireNonNull(found.get(organization.getId())),
                        new VisibleLinks.VisibleLink(
                                new LinkId(realmId, organization.getId()), organization.getName(), organization),
                        suspensions,
                        Optional.ofNullable(verifications.get(organization.getId())),
                        null))
                .toList();
    }

    /** Unknown, foreign and hidden organizations are one and the same 404. */
    @Path("{id}")
    public LinkResource link(@PathParam("id") String id) {
        return new LinkResource(request, links.byId(id));
    }
}
