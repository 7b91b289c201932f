package io.github.enterpriseconnect.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Mailbox;
import io.github.enterpriseconnect.core.Resource;
import io.github.enterpriseconnect.core.Unreadable;
import io.github.enterpriseconnect.platform.KeycloakWork;
import io.github.enterpriseconnect.resource.Resources;
import io.github.enterpriseconnect.storage.ResourceListing;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.keycloak.events.admin.OperationType;
import org.keycloak.services.ErrorResponseException;

/**
 * {@code links/{id}/resources}: the rooms, equipment and shared mailboxes of a link. Whoever gets here may see the link; who
 * may invite decides what of Cronofy's list is delegated. An address that nobody lists may be anybody's, so that it takes an
 * administrator of the realm to name one.
 */
public final class ResourcesResource {
    private static final String EVENT = "ENTERPRISE_CONNECT_RESOURCE";
    private static final int LONGEST_NAME = 255;

    private final AdminRequest request;
    private final LinkId link;
    private final Runnable requireManage;
    private final Resources resources;

    ResourcesResource(AdminRequest request, LinkId link, Runnable requireManage) {
        this.request = request;
        this.link = link;
        this.requireManage = requireManage;
        this.resources = request.parts().resources();
    }

    /** Which of Cronofy's list are delegated. */
    private enum Delegated {
        ON_DEMAND,
        ALL
    }

    /**
     * A page of resources.
     *
     * @param total of those that are asked for
     * @param states how many there are in which state, whatever is asked for
     */
    public record Page(
            long total,
            Map<String, Long> states,
            ResourceRepresentation.Listing list,
            List<ResourceRepresentation> resources) {}

    @GET
    @Path("")
    @Produces(MediaType.APPLICATION_JSON)
    public Page list(
            @QueryParam("state") @Nullable String state,
            @QueryParam("first") @Nullable Integer first,
            @QueryParam("max") @Nullable Integer max) {
        Paging paging = Paging.of(first, max);
        Delegation.@Nullable State wanted = state == null ? null : Choice.read("state", state, Delegation.State.class);
        KeycloakWork work = request.work();
        Map<String, Long> states = new TreeMap<>(work.resources().count(link));
        long total = wanted == null
                ? states.values().stream().mapToLong(Long::longValue).sum()
                : states.getOrDefault(wanted.id(), 0L);
        return new Page(
                total,
                states,
                listing(work),
                work.resources().list(link, wanted, paging.first(), paging.max()).stream()
                        .map(ResourceRepresentation::of)
                        .toList());
    }

    private ResourceRepresentation.Listing listing(KeycloakWork work) {
        ResourceListing found = work.resourceLists().of(link);
        return ResourceRepresentation.Listing.of(found, work.links().get(link).listsResources());
    }

    /** Whether whatever Cronofy lists is delegated. */
    @PUT
    @Path("")
    @Consumes(MediaType.APPLICATION_JSON)
    @Produces(MediaType.APPLICATION_JSON)
    public ResourceRepresentation.Listing put(@Nullable String body) {
        requireManage.run();
        ObjectNode json = JsonBody.object(body);
        if (json.size() != 1 || !json.path("delegation").isTextual()) {
            throw RequestRefused.because(
                    "Write {\"delegation\": \"all\"} to have all resources delegated that Cronofy lists, or"
                            + " {\"delegation\": \"on_demand\"}.",
                    Response.Status.BAD_REQUEST);
        }
        boolean all = Choice.read("delegation", json.path("delegation").textValue(), Delegated.class) == Delegated.ALL;
        KeycloakWork work = request.work();
        requireLinked(work);
        resources.delegateAll(work, link, all);
        request.record(EVENT, OperationType.UPDATE);
        work.afterCommit(() -> request.parts().resourceAsks().goOn(link));
        return listing(work);
    }

    /** Has Cronofy's list read now. */
    @POST
    @Path("list")
    @Produces(MediaType.APPLICATION_JSON)
    public Response read() {
        requireManage.run();
        KeycloakWork work = request.work();
        requireLinked(work);
        resources.list(work, link);
        request.record(EVENT, OperationType.ACTION);
        work.afterCommit(() -> request.parts().resourceLists().readSoon(link));
        return Response.accepted(listing(work)).build();
    }

    /** Names one that Cronofy need not list, and has it delegated. */
    @POST
    @Path("")
    @Consumes(MediaType.APPLICATION_JSON)
    @Produces(MediaType.APPLICATION_JSON)
    public Response name(@Nullable String body) {
        request.auth().realm().requireManageRealm();
        ObjectNode json = JsonBody.object(body);
        Mailbox mailbox = mailbox(json);
        KeycloakWork work = request.work();
        Optional<Resources.Objection> objection = resources.objection(work, link, mailbox);
        if (objection.isPresent()) {
            throw answer(objection.get());
        }
        Resource named = resources.name(work, link, mailbox, json.path("name").textValue());
        request.record(EVENT, OperationType.CREATE);
        work.afterCommit(() -> request.parts().resourceAsks().goOn(link));
        return Response.status(Response.Status.CREATED)
                .entity(ResourceRepresentation.of(named))
                .build();
    }

    private static Mailbox mailbox(ObjectNode json) {
        JsonNode name = json.path("name");
        boolean known = Set.of("mailbox", "name")
                        .containsAll(json.properties().stream()
                                .map(Map.Entry::getKey)
                                .toList())
                && (name.isMissingNode()
                        || (name.isTextual()
                                && !name.textValue().isBlank()
                                && name.textValue().length() <= LONGEST_NAME));
        return Optional.ofNullable(json.path("mailbox").textValue())
                .filter(written -> known)
                .flatMap(Mailbox::parse)
                .orElseThrow(() -> RequestRefused.because(
                        "Write {\"mailbox\": \"info@customer.example\", \"name\": \"Information desk\"}: one plain address in"
                                + " an approved domain of the link; the name may be left out.",
                        Response.Status.BAD_REQUEST));
    }

    private static ErrorResponseException answer(Resources.Objection objection) {
        return switch (objection) {
            case NOT_LINKED -> RequestRefused.because("The link has no service account.", Response.Status.CONFLICT);
            case DOMAIN ->
                RequestRefused.because(
                        "The address's domain is not approved for the link, or is none of the organization's.",
                        Response.Status.BAD_REQUEST);
            case MEMBERS ->
                RequestRefused.because(
                        "A user has this address, as e-mail address or calendar name, so that it is a member's: delegate"
                                + " the member, or take the address from the user.",
                        Response.Status.CONFLICT);
            case TOO_MANY ->
                RequestRefused.because("The link has as many resources as it may have.", Response.Status.CONFLICT);
        };
    }

    @GET
    @Path("{resource}")
    @Produces(MediaType.APPLICATION_JSON)
    public ResourceRepresentation get(@PathParam("resource") String id) {
        return ResourceRepresentation.of(find(request.work(), id));
    }

    /** Has it delegated; also to try again at once what was refused. */
    @PUT
    @Path("{resource}/delegation")
    @Produces(MediaType.APPLICATION_JSON)
    public ResourceRepresentation delegate(@PathParam("resource") String id) {
        requireManage.run();
        KeycloakWork work = request.work();
        requireLinked(work);
        resources.delegate(work, find(work, id));
        request.record(EVENT, OperationType.UPDATE);
        work.afterCommit(() -> request.parts().resourceAsks().goOn(link));
        return get(id);
    }

    /** Ends its delegation. */
    @DELETE
    @Path("{resource}/delegation")
    public Response revoke(@PathParam("resource") String id) {
        return end(id, found -> resources.revoke(request.work(), found));
    }

    /** Forgets one that was named. */
    @DELETE
    @Path("{resource}")
    public Response forget(@PathParam("resource") String id) {
        return end(id, found -> {
            if (!resources.forget(request.work(), found)) {
                throw RequestRefused.because(
                        "Cronofy lists this resource, so that it would be there again: end its delegation instead.",
                        Response.Status.CONFLICT);
            }
        });
    }

    private Response end(String id, Consumer<Resource> deed) {
        requireManage.run();
        KeycloakWork work = request.work();
        try {
            deed.accept(find(work, id));
        } catch (Unreadable secret) {
            throw RequestRefused.because(
                    "The client secret cannot be read now, and nothing can be revoked without it; try again later.",
                    Response.Status.SERVICE_UNAVAILABLE);
        }
        request.record(EVENT, OperationType.DELETE);
        work.afterCommit(() -> resources.ended());
        return Response.noContent().build();
    }

    private Resource find(KeycloakWork work, String id) {
        return work.resources().byId(link, id).orElseThrow(NotFoundException::new);
    }

    private void requireLinked(KeycloakWork work) {
        if (!work.links().get(link).linked()) {
            throw answer(Resources.Objection.NOT_LINKED);
        }
    }
}
