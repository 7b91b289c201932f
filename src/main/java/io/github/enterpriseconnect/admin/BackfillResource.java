package io.github.enterpriseconnect.admin;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.enterpriseconnect.core.BackfillRun;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.delegation.Backfills;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.keycloak.events.admin.OperationType;

/**
 * {@code links/{id}/backfill}: all members of a link are asked for without a sign-in of theirs. Whoever gets here may see
 * the link; how many of its members are in which state is told to those who may see all users.
 */
public final class BackfillResource {
    private static final Set<String> WRITABLE = Set.of("state");
    private static final Set<String> MOVING = Set.of("endedAt", "waitsFor", "nextAt", "secondsLeft", "counts");

    private final AdminRequest request;
    private final LinkId link;
    private final Runnable requireManage;
    private final Backfills backfills;

    BackfillResource(AdminRequest request, LinkId link, Runnable requireManage) {
        this.request = request;
        this.link = link;
        this.requireManage = requireManage;
        this.backfills = request.parts().backfills();
    }

    /** What an administrator may have one do. */
    private enum Wish {
        RUNNING,
        PAUSED
    }

    /**
     * How one stands, as the API shows it; times in ISO 8601.
     *
     * @param waitsFor why nobody can be asked for now; absent if that is not so
     * @param nextAt when the next begins by the link's policy; absent if none does
     * @param secondsLeft absent once nothing is to be done
     * @param counts absent for those who may not see all users
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record BackfillRepresentation(
            String state,
            @Nullable String startedAt,
            @Nullable String endedAt,
            @Nullable String waitsFor,
            @Nullable String nextAt,
            @Nullable Long secondsLeft,
            @Nullable Counts counts) {
        static final BackfillRepresentation NONE =
                new BackfillRepresentation("none", null, null, null, null, null, null);
    }

    /**
     * How many members.
     *
     * @param total of the link, when it began; absent until somebody has counted them
     * @param looked have been looked at: those who were asked for and those who were passed over
     * @param awaited of those who were asked for are not answered yet
     * @param passedOver by the reason
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Counts(
            @Nullable Long total,
            long looked,
            long asked,
            long awaited,
            long granted,
            long refused,
            long revoked,
            Map<String, Long> passedOver) {}

    @GET
    @Path("")
    @Produces(MediaType.APPLICATION_JSON)
    public BackfillRepresentation get() {
        return backfills.progress(link).map(this::represent).orElse(BackfillRepresentation.NONE);
    }

    /** Begins one, or has one go on or pause. What is wanted already stays as it is. */
    @PUT
    @Path("")
    @Consumes(MediaType.APPLICATION_JSON)
    @Produces(MediaType.APPLICATION_JSON)
    public BackfillRepresentation put(@Nullable String body) {
        requireManage.run();
        ObjectNode changes = new Rewritten(get(), WRITABLE, MOVING).changes(JsonBody.object(body), "");
        if (wish(changes) == Wish.RUNNING) {
            if (!request.work().links().get(link).linked()) {
                throw RequestRefused.because("Link the organization first.", Response.Status.CONFLICT);
            }
            backfills.begin(link);
        } else if (!backfills.pause(link)) {
            throw RequestRefused.because("There is no backfill that could be paused.", Response.Status.CONFLICT);
        }
        request.record("ENTERPRISE_CONNECT_BACKFILL", OperationType.UPDATE);
        return get();
    }

    @DELETE
    @Path("")
    public Response delete() {
        requireManage.run();
        backfills.cancel(link);
        request.record("ENTERPRISE_CONNECT_BACKFILL", OperationType.DELETE);
        return Response.noContent().build();
    }

    private static Wish wish(ObjectNode json) {
        boolean known = json.properties().stream()
                .allMatch(member ->
                        member.getKey().equals("state") && member.getValue().isTextual());
        if (!known) {
            throw RequestRefused.because(
                    "Write {\"state\": \"running\"} or {\"state\": \"paused\"}; without a body it runs.",
                    Response.Status.BAD_REQUEST);
        }
        return json.isEmpty()
                ? Wish.RUNNING
                : Choice.read("state", json.path("state").textValue(), Wish.class);
    }

    private BackfillRepresentation represent(Backfills.Progress progress) {
        BackfillRun run = progress.run();
        boolean ended = run.endedAt() != null;
        return new BackfillRepresentation(
                run.stateWord(),
                run.startedAt().toString(),
                text(run.endedAt()),
                run.waitsForWord(),
                ended ? text(run.nextAt()) : null,
                seconds(progress.left()),
                request.seesAllUsers() ? counts(run, progress.outcomes()) : null);
    }

    private static Counts counts(BackfillRun run, Map<Delegation.State, Long> outcomes) {
        return new Counts(
                run.total(),
                run.looked(),
                run.asked(),
                outcomes.getOrDefault(Delegation.State.ASKED, 0L),
                outcomes.getOrDefault(Delegation.State.GRANTED, 0L),
                outcomes.getOrDefault(Delegation.State.REFUSED, 0L),
                outcomes.getOrDefault(Delegation.State.REVOKED, 0L),
                new TreeMap<>(run.passedOver()));
    }

    private static @Nullable String text(@Nullable Instant time) {
        return time == null ? null : time.toString();
    }

    private static @Nullable Long seconds(@Nullable Duration duration) {
        return duration == null ? null : Long.valueOf(duration.toSeconds());
    }
}
