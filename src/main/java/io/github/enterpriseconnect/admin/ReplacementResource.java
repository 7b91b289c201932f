package io.github.enterpriseconnect.admin;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Replacement;
import io.github.enterpriseconnect.delegation.Replacements;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.keycloak.events.admin.OperationType;
import org.keycloak.services.ErrorResponseException;

/**
 * {@code links/{id}/replacement}: the service account of a link is replaced by another. It begins by an invitation that is
 * made for it. Whoever gets here may see the link; how many members are concerned is told to those who may see all users.
 */
public final class ReplacementResource {
    private static final Set<String> MEMBERS = Set.of("former", "members");

    private final AdminRequest request;
    private final LinkId link;
    private final Runnable requireManage;
    private final Replacements replacements;

    ReplacementResource(AdminRequest request, LinkId link, Runnable requireManage) {
        this.request = request;
        this.link = link;
        this.requireManage = requireManage;
        this.replacements = request.parts().replacements();
    }

    /** What becomes of the former service account. */
    private enum Former {
        REVOKE,
        LEAVE
    }

    /**
     * How one stands, as the API shows it; times in ISO 8601.
     *
     * @param former the service account that members are moved away from
     * @param serviceAccount the one that they are moved to
     * @param cancelled whether it was turned round
     * @param formerLeft whether the former service account stays authorized at Cronofy; absent until it has ended
     * @param waitsFor why nobody can be asked for now; absent if that is not so
     * @param counts absent for those who may not see all users
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record ReplacementRepresentation(
            String state,
            @Nullable String former,
            @Nullable String serviceAccount,
            @Nullable Boolean cancelled,
            @Nullable String startedAt,
            @Nullable String endedAt,
            @Nullable Boolean formerLeft,
            @Nullable String waitsFor,
            Replacement.@Nullable Counts counts) {
        static final ReplacementRepresentation NONE =
                new ReplacementRepresentation("none", null, null, null, null, null, null, null, null);
    }

    @GET
    @Path("")
    @Produces(MediaType.APPLICATION_JSON)
    public ReplacementRepresentation get() {
        return replacements
                .progress(link, request.seesAllUsers())
                .map(this::represent)
                .orElse(ReplacementRepresentation.NONE);
    }

    private ReplacementRepresentation represent(Replacements.Progress progress) {
        Replacement replacement = progress.replacement();
        boolean ended = replacement.endedAt() != null;
        return new ReplacementRepresentation(
                replacement.stateWord(),
                replacement.former(),
                replacement.successor(),
                replacement.cancelled(),
                replacement.startedAt().toString(),
                Optional.ofNullable(replacement.endedAt())
                        .map(Instant::toString)
                        .orElse(null),
                ended ? replacement.left() : null,
                replacement.waitsForWord(),
                progress.counts());
    }

    /** Turns it round: whoever has moved moves back. */
    @DELETE
    @Path("")
    public Response delete() {
        requireManage.run();
        requireDone(replacements.cancel(link));
        request.record("ENTERPRISE_CONNECT_REPLACEMENT", OperationType.DELETE);
        return Response.noContent().build();
    }

    /** Decides what becomes of the former service account where it is not revoked by itself. */
    @POST
    @Path("end")
    @Consumes(MediaType.APPLICATION_JSON)
    @Produces(MediaType.APPLICATION_JSON)
    public ReplacementRepresentation end(@Nullable String body) {
        requireManage.run();
        ObjectNode json = JsonBody.object(body);
        JsonNode former = json.path("former");
        if (!former.isTextual()
                || !json.properties().stream().map(Map.Entry::getKey).allMatch(MEMBERS::contains)) {
            throw wrong();
        }
        switch (Choice.read("former", former.textValue(), Former.class)) {
            case REVOKE -> requireDone(replacements.revokeFormer(link, members(json)));
            case LEAVE -> requireDone(replacements.leaveFormer(link));
        }
        request.record("ENTERPRISE_CONNECT_REPLACEMENT", OperationType.ACTION);
        return get();
    }

    private static long members(ObjectNode json) {
        JsonNode members = json.path("members");
        if (!members.isIntegralNumber() || !members.canConvertToLong() || members.longValue() < 0) {
            throw wrong();
        }
        return members.longValue();
    }

    private static ErrorResponseException wrong() {
        return RequestRefused.because(
                "Write {\"former\": \"revoke\", \"members\": 12} with the number of members who are concerned, or {\"former\":"
                        + " \"leave\"} to leave the former service account authorized at Cronofy.",
                Response.Status.BAD_REQUEST);
    }

    private static void requireDone(Replacements.Answer answer) {
        String why =
                switch (answer) {
                    case DONE -> null;
                    case NOTHING_OPEN ->
                        "No service account is being replaced, or the former one is being revoked already.";
                    case CANCELLED_ALREADY -> "It is being undone already.";
                    case FORMER_GONE ->
                        "The former service account is no longer authorized, so there is nothing to go back to. Members go on"
                                + " with the new one; invite for another replacement once this one has ended.";
                    case OTHER_NUMBER ->
                        "Another number of members is concerned; read it again as \"concerned\" of the \"counts\", and write"
                                + " it as \"members\".";
                    case STILL_USED ->
                        "Members still use what came through the former service account. Wait until they have moved, or"
                                + " revoke it.";
                };
        if (why != null) {
            throw RequestRefused.because(why, Response.Status.CONFLICT);
        }
    }
}
