package io.github.enterpriseconnect.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.enterpriseconnect.EnterpriseConnect;
import io.github.enterpriseconnect.core.Domain;
import io.github.enterpriseconnect.core.LinkDomain;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Policy;
import io.github.enterpriseconnect.core.Suspensions;
import io.github.enterpriseconnect.link.Links;
import io.github.enterpriseconnect.platform.KeycloakWork;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.keycloak.events.admin.OperationType;
import org.keycloak.services.ErrorResponseException;

/** {@code links/{id}}: one link, its domains, its policy and its end. */
public final class LinkResource {
    private static final int MOST_DOMAINS = 100;
    private static final Set<String> WRITABLE = Set.of("domains", "policy");
    private static final Set<String> MOVING =
            Set.of("account", "missingScopes", "problem", "verified", "lastUse", "foundNames");

    private final AdminRequest request;
    private final VisibleLinks visible;
    private final VisibleLinks.VisibleLink link;
    private final Links links;

    LinkResource(AdminRequest request, VisibleLinks.VisibleLink link) {
        this.request = request;
        this.visible = new VisibleLinks(request);
        this.link = link;
        this.links = request.parts().links();
    }

    @GET
    @Path("")
    @Produces(MediaType.APPLICATION_JSON)
    public Response get() {
        return answer(visible.represent(request.work(), link));
    }

    private static Response answer(LinkRepresentation shown) {
        return Response.ok(shown).header(HttpHeaders.ETAG, version(shown).tag()).build();
    }

    /** Of what can be replaced and this administrator sees; the state of the link goes its own way. */
    private static Version version(LinkRepresentation shown) {
        return Version.of(Arrays.asList(shown.domains(), shown.policy()));
    }

    /**
     * Approves domains and sets the policy. Who may manage the realm says which mail domains the link may ask for and
     * which of the realm's groups, roles and identity providers count; who manages the organization may only make it
     * stricter.
     */
    @PUT
    @Path("")
    @Consumes(MediaType.APPLICATION_JSON)
    @Produces(MediaType.APPLICATION_JSON)
    public Response put(
            @Nullable String body,
            @QueryParam("force") @Nullable Boolean force,
            @HeaderParam(HttpHeaders.IF_MATCH) @Nullable String ifMatch) {
        visible.requireManage(link);
        ObjectNode json = JsonBody.object(body);
        if (json.isEmpty()) {
            throw wrongDomains();
        }
        LinkRepresentation shown = request.inTurn(work -> {
            LinkRepresentation before = visible.represent(work, link);
            version(before).requireReadBy(ifMatch);
            ObjectNode changes = changes(json, before);
            return changes.isEmpty() ? before : replace(work, changes, Boolean.TRUE.equals(force));
        });
        record(OperationType.UPDATE);
        return answer(shown);
    }

    private static ObjectNode changes(ObjectNode json, LinkRepresentation before) {
        ObjectNode changes = new Rewritten(before, WRITABLE, MOVING).changes(json, "");
        if (!changes.properties().stream().map(Map.Entry::getKey).allMatch(WRITABLE::contains)) {
            throw wrongDomains();
        }
        if (changes.get("policy") instanceof ObjectNode policy) {
            changes.set(
                    "policy", new Rewritten(before.policy(), PolicyJson.MEMBERS, Set.of()).changes(policy, "policy."));
        }
        return changes;
    }

    private LinkRepresentation replace(KeycloakWork work, ObjectNode json, boolean force) {
        if (json.has("domains")) {
            request.auth().realm().requireManageRealm();
            links.approve(work, id(), domains(json));
        }
        if (json.has("policy")) {
            setPolicy(work, json.get("policy"), force);
        }
        work.afterCommit(() -> links.changed(id()));
        return visible.represent(work, link);
    }

    private void setPolicy(KeycloakWork work, JsonNode json, boolean force) {
        // Before any name is looked up, whose answer would tell who may not set it what the realm has.
        if (PolicyJson.namesWhatIsTheRealms(json)) {
            request.auth().realm().requireManageRealm();
        }
        Policy before = work.links().get(id()).policy();
        Policy policy = new PolicyJson(request.session(), request.realm()).read(json, before);
        boolean dropsUnknown = !before.unknown().equals(policy.unknown());
        if (dropsUnknown || (before.proof() == Policy.Proof.OWNER && policy.proof() != Policy.Proof.OWNER)) {
            request.auth().realm().requireManageRealm();
        }
        if (!force) {
            CalendarNameAttribute.requireHarmless(work, id(), before.calendarName(), policy.calendarName());
        }
        String attribute = policy.calendarName();
        if (attribute != null && !attribute.equals(before.calendarName())) {
            work.writtenAttributes().accept(attribute, request.parts().now());
        }
        links.setPolicy(work, id(), policy);
    }

    /** The members. */
    @Path("delegations")
    public DelegationsResource delegations() {
        return new DelegationsResource(request, id());
    }

    /** The invitations to authorize the service account. */
    @Path("invitations")
    public InvitationsResource invitations() {
        visible.requireManage(link);
        return new InvitationsResource(request, link);
    }

    /** The kill switch of the link. */
    @Path("suspension")
    public SuspensionResource suspension() {
        return new SuspensionResource(
                request, Suspensions.Subject.link(id().name()), () -> visible.requireManage(link));
    }

    /** Asking for all members. */
    @Path("backfill")
    public BackfillResource backfill() {
        return new BackfillResource(request, id(), () -> visible.requireManage(link));
    }

    /** Proving it by one real mailbox. */
    @Path("verification")
    public VerificationResource verification() {
        return new VerificationResource(request, id(), visible.manageable(link), () -> visible.requireManage(link));
    }

    /** Rooms, equipment and shared mailboxes. */
    @Path("resources")
    public ResourcesResource resources() {
        return new ResourcesResource(request, id(), () -> visible.requireManage(link));
    }

    /** Another service account in place of the present one. */
    @Path("replacement")
    public ReplacementResource replacement() {
        return new ReplacementResource(request, id(), () -> visible.requireManage(link));
    }

    @DELETE
    @Path("")
    public Response delete() {
        visible.requireManage(link);
        KeycloakWork work = request.work();
        links.unlink(work, id());
        record(OperationType.DELETE);
        work.afterCommit(() -> links.unlinked(id()));
        return Response.noContent().build();
    }

    private LinkId id() {
        return link.id();
    }

    private void record(OperationType operation) {
        request.event()
                .resource("ENTERPRISE_CONNECT_LINK")
                .operation(operation)
                .resourcePath(EnterpriseConnect.ID + "/links/" + id().name())
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
        return RequestRefused.because(
                "Write {\"domains\": [{\"name\": \"customer.example\", \"approved\": true}]}: each plain mail domain once,"
                        + " at most " + MOST_DOMAINS + "; or {\"policy\": {…}}; or both.",
                Response.Status.BAD_REQUEST);
    }
}
