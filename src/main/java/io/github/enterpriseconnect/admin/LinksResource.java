package io.github.enterpriseconnect.admin;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.github.enterpriseconnect.EnterpriseConnect;
import io.github.enterpriseconnect.Linking;
import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.LinkDomain;
import io.github.enterpriseconnect.core.LinkId;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.ModelException;
import org.keycloak.models.OrganizationModel;
import org.keycloak.models.RealmModel;
import org.keycloak.organization.OrganizationProvider;
import org.keycloak.services.ErrorResponse;
import org.keycloak.services.resources.admin.AdminEventBuilder;
import org.keycloak.services.resources.admin.fgap.AdminPermissionEvaluator;

/** {@code links}: the realm's organizations with their links, or the one link {@code realm}. */
public final class LinksResource {
    private static final int LARGEST_PAGE = 100;

    private final KeycloakSession session;
    private final RealmModel realm;
    private final AdminPermissionEvaluator auth;
    private final AdminEventBuilder event;
    private final Linking linking;

    LinksResource(KeycloakSession session, RealmModel realm, AdminPermissionEvaluator auth, AdminEventBuilder event) {
        this.session = session;
        this.realm = realm;
        this.auth = auth;
        this.event = event;
        this.linking = session.getProvider(EnterpriseConnect.class).linking();
    }

    /**
     * A link as the API shows it; times in ISO 8601.
     *
     * @param name the organization's; for {@code realm} the realm's
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record LinkAnswer(
            String id,
            String name,
            String state,
            @Nullable String serviceAccount,
            @Nullable String scope,
            @Nullable String delegatedScope,
            @Nullable String linkedAt,
            List<DomainAnswer> domains) {

        static LinkAnswer of(Link link, String name) {
            return new LinkAnswer(
                    link.id().name(),
                    name,
                    link.state().id(),
                    link.serviceAccount(),
                    link.scope(),
                    link.delegatedScope(),
                    Optional.ofNullable(link.linkedAt()).map(Instant::toString).orElse(null),
                    link.domains().stream().map(DomainAnswer::of).toList());
        }
    }

    /** A domain of a link as the API shows it. */
    public record DomainAnswer(String name, boolean approved) {
        static DomainAnswer of(LinkDomain domain) {
            return new DomainAnswer(domain.domain().name(), domain.approved());
        }
    }

    /** One page of organizations, by name, that the administrator may see. */
    @GET
    @Path("")
    @Produces(MediaType.APPLICATION_JSON)
    public List<LinkAnswer> list(
            @QueryParam("search") @DefaultValue("") String search,
            @QueryParam("first") @DefaultValue("0") int first,
            @QueryParam("max") @DefaultValue("20") int max) {
        if (first < 0 || max < 1 || max > LARGEST_PAGE) {
            throw ErrorResponse.error(
                    "first must be 0 or more and max from 1 to " + LARGEST_PAGE, Response.Status.BAD_REQUEST);
        }
        OrganizationProvider organizations = session.getProvider(OrganizationProvider.class);
        if (!organizations.isEnabled()) {
            auth.realm().requireViewRealm();
            return List.of(LinkAnswer.of(
                    linking.get(session, realm, new LinkId(realm.getId(), LinkId.REALM)), realm.getName()));
        }
        auth.orgs().requireQuery();
        return organizations
                .getAllStream(search, false, first, max)
                .filter(auth.orgs()::canView)
                .map(organization -> LinkAnswer.of(
                        linking.get(session, realm, new LinkId(realm.getId(), organization.getId())),
                        organization.getName()))
                .toList();
    }

    /** Unknown, foreign and hidden organizations are one and the same 404. */
    @Path("{id}")
    public LinkResource link(@PathParam("id") String id) {
        return new LinkResource(session, realm, auth, event, visible(id));
    }

    private VisibleLink visible(String id) {
        OrganizationProvider organizations = session.getProvider(OrganizationProvider.class);
        if (LinkId.REALM.equals(id)) {
            if (organizations.isEnabled() || !auth.realm().canViewRealm()) {
                throw new NotFoundException();
            }
            return new VisibleLink(new LinkId(realm.getId(), LinkId.REALM), realm.getName(), null);
        }
        OrganizationModel organization = organizations.isEnabled() ? find(organizations, id) : null;
        if (organization == null || !auth.orgs().canView(organization)) {
            throw new NotFoundException();
        }
        return new VisibleLink(new LinkId(realm.getId(), organization.getId()), organization.getName(), organization);
    }

    private static @Nullable OrganizationModel find(OrganizationProvider organizations, String id) {
        try {
            return organizations.getById(id);
        } catch (ModelException ofAnotherRealm) {
            return null;
        }
    }

    /** @param organization null for the link {@code realm} */
    record VisibleLink(LinkId id, String name, @Nullable OrganizationModel organization) {}
}
