package io.github.enterpriseconnect.admin;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.LinkDomain;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Suspensions;
import io.github.enterpriseconnect.core.TokenUse;
import io.github.enterpriseconnect.link.Linking;
import io.github.enterpriseconnect.platform.RealmOrganizations;
import io.github.enterpriseconnect.server.EnterpriseConnectProvider;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.OrganizationModel;
import org.keycloak.models.RealmModel;
import org.keycloak.organization.OrganizationProvider;
import org.keycloak.services.resources.admin.AdminEventBuilder;
import org.keycloak.services.resources.admin.fgap.AdminPermissionEvaluator;

/** {@code links}: the realm's organizations with their links, or the one link {@code realm}. */
public final class LinksResource {
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
        this.linking = session.getProvider(EnterpriseConnectProvider.class).linking();
    }

    /**
     * A link as the API shows it; times in ISO 8601.
     *
     * @param name the organization's; for {@code realm} the realm's
     * @param access what this administrator may do
     * @param problem absent while the service account is well
     * @param lastUse absent in lists, and while nobody was given a token
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
            boolean suspended,
            List<DomainAnswer> domains,
            PolicyJson.PolicyAnswer policy,
            AccessAnswer access,
            @Nullable ProblemAnswer problem,
            UserResource.@Nullable Use lastUse) {

        static LinkAnswer of(
                Link link,
                String name,
                boolean suspended,
                PolicyJson.PolicyAnswer policy,
                AccessAnswer access,
                UserResource.@Nullable Use lastUse) {
            return new LinkAnswer(
                    link.id().name(),
                    name,
                    link.state().id(),
                    link.serviceAccount(),
                    link.scope(),
                    link.delegatedScope(),
                    Optional.ofNullable(link.linkedAt()).map(Instant::toString).orElse(null),
                    suspended,
                    link.domains().stream().map(DomainAnswer::of).toList(),
                    policy,
                    access,
                    Optional.ofNullable(link.problem()).map(ProblemAnswer::of).orElse(null),
                    lastUse);
        }
    }

    /** Whether the administrator may invite, unlink, suspend and set the policy within the realm's ceiling. */
    public record AccessAnswer(boolean manage) {}

    /** What is wrong with a service account as the API shows it; the time in ISO 8601. */
    public record ProblemAnswer(String reason, String since) {
        static ProblemAnswer of(Link.Problem problem) {
            return new ProblemAnswer(problem.reason().id(), problem.since().toString());
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
            @QueryParam("first") @Nullable Integer first,
            @QueryParam("max") @Nullable Integer max) {
        Paging paging = Paging.of(first, max);
        Optional<OrganizationProvider> organizations = RealmOrganizations.of(session);
        if (organizations.isEmpty()) {
            auth.realm().requireViewRealm();
            return List.of(answer(
                    linking.get(session, realm, new LinkId(realm.getId(), LinkId.REALM)),
                    realm.getName(),
                    null,
                    thrown(),
                    null));
        }
        auth.orgs().requireQuery();
        Suspensions thrown = thrown();
        List<OrganizationModel> page = organizations
                .get()
                .getAllStream(search, false, paging.first(), paging.max())
                .filter(auth.orgs()::canView)
                .toList();
        Map<String, Link> links = linking.get(
                session, realm, page.stream().map(OrganizationModel::getId).toList());
        return page.stream()
                .map(organization -> answer(
                        Objects.requireNonNull(links.get(organization.getId())),
                        organization.getName(),
                        organization,
                        thrown,
                        null))
                .toList();
    }

    /** A link as this administrator may see it. */
    LinkAnswer answer(Link link, VisibleLink visible) {
        Optional<TokenUse> lastUse =
                session.getProvider(EnterpriseConnectProvider.class).members().latestUse(session, realm, link);
        return answer(
                link,
                visible.name(),
                visible.organization(),
                thrown(),
                lastUse.map(UserResource.Use::of).orElse(null));
    }

    private LinkAnswer answer(
            Link link,
            String name,
            @Nullable OrganizationModel organization,
            Suspensions thrown,
            UserResource.@Nullable Use lastUse) {
        boolean rules = auth.realm().canViewRealm();
        boolean manage = organization == null
                ? auth.realm().canManageRealm()
                : auth.orgs().canManage(organization);
        return LinkAnswer.of(
                link,
                name,
                thrown.link(link.id().name()),
                new PolicyJson(session, realm).write(link.policy(), rules),
                new AccessAnswer(manage),
                lastUse);
    }

    private Suspensions thrown() {
        return session.getProvider(EnterpriseConnectProvider.class)
                .killSwitches()
                .thrown(session, realm);
    }

    /** Unknown, foreign and hidden organizations are one and the same 404. */
    @Path("{id}")
    public LinkResource link(@PathParam("id") String id) {
        return new LinkResource(session, realm, auth, event, this, visible(id));
    }

    VisibleLink visible(String id) {
        if (LinkId.REALM.equals(id)) {
            if (RealmOrganizations.of(session).isPresent() || !auth.realm().canViewRealm()) {
                throw new NotFoundException();
            }
            return new VisibleLink(new LinkId(realm.getId(), LinkId.REALM), realm.getName(), null);
        }
        OrganizationModel organization = RealmOrganizations.byId(session, id);
        if (organization == null || !auth.orgs().canView(organization)) {
            throw new NotFoundException();
        }
        return new VisibleLink(new LinkId(realm.getId(), organization.getId()), organization.getName(), organization);
    }

    /** @param organization null for the link {@code realm} */
    record VisibleLink(LinkId id, String name, @Nullable OrganizationModel organization) {}
}
