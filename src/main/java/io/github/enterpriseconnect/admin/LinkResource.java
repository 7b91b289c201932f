package io.github.enterpriseconnect.admin;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.enterpriseconnect.EnterpriseConnect;
import io.github.enterpriseconnect.core.Domain;
import io.github.enterpriseconnect.core.Invitation;
import io.github.enterpriseconnect.core.LinkDomain;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Mailbox;
import io.github.enterpriseconnect.core.Policy;
import io.github.enterpriseconnect.core.Suspensions;
import io.github.enterpriseconnect.link.InvitationMail;
import io.github.enterpriseconnect.link.Invitations;
import io.github.enterpriseconnect.link.Linking;
import io.github.enterpriseconnect.platform.AfterCommit;
import io.github.enterpriseconnect.platform.Endpoints;
import io.github.enterpriseconnect.server.EnterpriseConnectProvider;
import io.github.enterpriseconnect.settings.RealmSettings;
import io.github.enterpriseconnect.settings.Settings;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.net.URI;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.keycloak.common.util.Time;
import org.keycloak.events.admin.OperationType;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.models.UserModel;
import org.keycloak.services.ErrorResponse;
import org.keycloak.services.ErrorResponseException;
import org.keycloak.services.resources.admin.AdminEventBuilder;
import org.keycloak.services.resources.admin.fgap.AdminPermissionEvaluator;
import org.keycloak.urls.UrlType;

/** {@code links/{id}}: one link, its domains, its invitations and its end. */
public final class LinkResource {
    private static final int MOST_DOMAINS = 100;

    private final KeycloakSession session;
    private final RealmModel realm;
    private final AdminPermissionEvaluator auth;
    private final AdminEventBuilder event;
    private final LinksResource links;
    private final LinksResource.VisibleLink link;
    private final Linking linking;
    private final Invitations invitations;

    LinkResource(
            KeycloakSession session,
            RealmModel realm,
            AdminPermissionEvaluator auth,
            AdminEventBuilder event,
            LinksResource links,
            LinksResource.VisibleLink link) {
        this.session = session;
        this.realm = realm;
        this.auth = auth;
        this.event = event;
        this.links = links;
        this.link = link;
        this.linking = session.getProvider(EnterpriseConnectProvider.class).linking();
        this.invitations = session.getProvider(EnterpriseConnectProvider.class).invitations();
    }

    /**
     * A new invitation. Its URL is a secret and is shown this once.
     *
     * @param sent whether the mail server took the mail; null if none was asked for
     * @param problem why not
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Invited(
            String id,
            String url,
            String expiresAt,
            @Nullable Boolean sent,
            @Nullable String problem) {}

    /** An invitation in the list, without its URL. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record InvitationAnswer(
            String id,
            String state,
            String createdBy,
            String createdAt,
            String expiresAt,
            @Nullable String usedAt) {

        static InvitationAnswer of(Invitation invitation, Instant now) {
            String state = invitation.withdrawn()
                    ? "withdrawn"
                    : invitation.usedAt() != null
                            ? "used"
                            : invitation.expiresAt().isAfter(now) ? "open" : "expired";
            return new InvitationAnswer(
                    invitation.id(),
                    state,
                    invitation.createdBy(),
                    invitation.createdAt().toString(),
                    invitation.expiresAt().toString(),
                    Optional.ofNullable(invitation.usedAt())
                            .map(Instant::toString)
                            .orElse(null));
        }
    }

    @GET
    @Path("")
    @Produces(MediaType.APPLICATION_JSON)
    public LinksResource.LinkAnswer get() {
        return links.answer(linking.get(session, realm, id()), link);
    }

    /**
     * Approves domains and sets the policy. Who may manage the realm says which mail domains the link may ask for and which
     * of the realm's groups, roles and identity providers count; who manages the organization may only make it stricter.
     */
    @PUT
    @Path("")
    @Consumes(MediaType.APPLICATION_JSON)
    @Produces(MediaType.APPLICATION_JSON)
    public LinksResource.LinkAnswer put(@Nullable String body) {
        requireManage();
        ObjectNode json = JsonBody.object(body);
        if (json.isEmpty()
                || !json.properties().stream()
                        .map(Map.Entry::getKey)
                        .allMatch(member -> member.equals("domains") || member.equals("policy"))) {
            throw wrongDomains();
        }
        if (json.has("domains")) {
            auth.realm().requireManageRealm();
            linking.approve(session, realm, id(), domains(json));
        }
        if (json.has("policy")) {
            // Before any name is looked up, whose answer would tell who may not set it what the realm has.
            if (PolicyJson.namesWhatIsTheRealms(json.get("policy"))) {
                auth.realm().requireManageRealm();
            }
            Policy before = linking.get(session, realm, id()).policy();
            Policy policy = new PolicyJson(session, realm).read(json.get("policy"), before);
            if (before.proof() == Policy.Proof.OWNER && policy.proof() != Policy.Proof.OWNER) {
                auth.realm().requireManageRealm();
            }
            linking.setPolicy(session, realm, id(), policy);
        }
        LinksResource.LinkAnswer answer = get();
        record(OperationType.UPDATE, "links/" + id().name());
        AfterCommit.run(session, () -> linking.changed(id()));
        return answer;
    }

    /** The members. */
    @Path("delegations")
    public DelegationsResource delegations() {
        return new DelegationsResource(session, realm, auth, id());
    }

    /** The kill switch of the link. */
    @Path("suspension")
    public SuspensionResource suspension() {
        return new SuspensionResource(
                session, realm, auth, event, Suspensions.Subject.link(id().name()), this::requireManage);
    }

    @DELETE
    @Path("")
    public Response delete() {
        requireManage();
        linking.unlink(session, realm, id());
        record(OperationType.DELETE, "links/" + id().name());
        AfterCommit.run(session, () -> linking.unlinked(id()));
        return Response.noContent().build();
    }

    @POST
    @Path("invitations")
    @Produces(MediaType.APPLICATION_JSON)
    public Response invite(@Nullable String body) {
        requireManage();
        NewInvitation wanted = NewInvitation.of(JsonBody.object(body), realm);
        Settings settings = RealmSettings.of(realm)
                .orElseThrow(() -> ErrorResponse.error(
                        "The realm has no Enterprise Connect settings yet; PUT settings first.",
                        Response.Status.CONFLICT));
        Invitations.Invited invited = invitations.invite(
                session,
                realm,
                settings,
                id(),
                auth.adminAuth().getUser().getId(),
                Endpoints.base(session.getContext().getUri(UrlType.FRONTEND).getBaseUri()),
                wanted.lifetime());
        record(
                OperationType.CREATE,
                "links/" + id().name() + "/invitations/" + invited.invitation().id());
        URI location = session.getContext()
                .getUri()
                .getAbsolutePathBuilder()
                .path(invited.invitation().id())
                .build();
        Optional<Mailbox> receiver = wanted.receiver();
        Optional<String> problem = receiver.flatMap(to -> send(to, wanted.language(), invited));
        return Response.created(location)
                .entity(new Invited(
                        invited.invitation().id(),
                        invited.ticketUrl().reveal(),
                        invited.invitation().expiresAt().toString(),
                        receiver.map(to -> problem.isEmpty()).orElse(null),
                        problem.orElse(null)))
                .header("Cache-Control", "no-store")
                .build();
    }

    private Optional<String> send(Mailbox to, String language, Invitations.Invited invited) {
        UserModel administrator = auth.adminAuth().getUser();
        String sender = Stream.of(administrator.getFirstName(), administrator.getLastName())
                .filter(name -> name != null && !name.isBlank())
                .collect(Collectors.joining(" "));
        String organization =
                link.organization() == null ? null : link.organization().getName();
        InvitationMail.Letter letter = new InvitationMail.Letter(organization, to, language, sender, invited);
        session.getTransactionManager().commit();
        return session.getProvider(EnterpriseConnectProvider.class)
                .invitationMail()
                .send(letter);
    }

    @GET
    @Path("invitations")
    @Produces(MediaType.APPLICATION_JSON)
    public List<InvitationAnswer> listInvitations() {
        requireManage();
        Instant now = Instant.ofEpochMilli(Time.currentTimeMillis());
        return invitations.list(session, realm, id()).stream()
                .map(invitation -> InvitationAnswer.of(invitation, now))
                .toList();
    }

    @DELETE
    @Path("invitations/{invitation}")
    public Response withdraw(@PathParam("invitation") String invitation) {
        requireManage();
        if (!invitations.withdraw(session, realm, id(), invitation)) {
            throw new NotFoundException();
        }
        record(OperationType.DELETE, "links/" + id().name() + "/invitations/" + invitation);
        return Response.noContent().build();
    }

    private LinkId id() {
        return link.id();
    }

    private void requireManage() {
        if (link.organization() == null) {
            auth.realm().requireManageRealm();
        } else {
            auth.orgs().requireManage(link.organization());
        }
    }

    private void record(OperationType operation, String path) {
        event.resource("ENTERPRISE_CONNECT_LINK")
                .operation(operation)
                .resourcePath(EnterpriseConnect.ID + "/" + path)
                .success();
    }

    private static List<LinkDomain> domains(ObjectNode body) {
        JsonNode list = body.get("domains");
        if (list == null || !list.isArray() || list.size() > MOST_DOMAINS) {
            throw wrongDomains();
        }
        List<LinkDomain> domains = new ArrayList<>();
        Set<Domain> seen = new HashSet<>();
        for (JsonNode entry : list) {
            domains.add(domain(entry));
            if (!seen.add(domains.get(domains.size() - 1).domain())) {
                throw wrongDomains();
            }
        }
        return domains;
    }

    private static LinkDomain domain(JsonNode entry) {
        JsonNode approved = entry.get("approved");
        boolean known = entry.properties().stream()
                .map(Map.Entry::getKey)
                .allMatch(member -> member.equals("name") || member.equals("approved"));
        Optional<Domain> name = Domain.parse(entry.path("name").textValue());
        if (!known || name.isEmpty() || approved == null || !approved.isBoolean()) {
            throw wrongDomains();
        }
        return new LinkDomain(name.get(), approved.booleanValue());
    }

    private static ErrorResponseException wrongDomains() {
        return ErrorResponse.error(
                "Write {\"domains\": [{\"name\": \"customer.example\", \"approved\": true}]}: each plain mail domain once,"
                        + " at most " + MOST_DOMAINS + "; or {\"policy\": {…}}; or both.",
                Response.Status.BAD_REQUEST);
    }
}
