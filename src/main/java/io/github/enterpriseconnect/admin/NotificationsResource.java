package io.github.enterpriseconnect.admin;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.github.enterpriseconnect.core.CalendarEvent;
import io.github.enterpriseconnect.core.Notification;
import io.github.enterpriseconnect.notification.NotificationDispatcher;
import io.github.enterpriseconnect.storage.NotificationStore;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.keycloak.events.admin.OperationType;

/** {@code notifications}: what consumers have still to accept of what has happened to calendars. */
public final class NotificationsResource {
    private static final String RECORDED = "ENTERPRISE_CONNECT_NOTIFICATION";

    private final AdminRequest request;

    NotificationsResource(AdminRequest request) {
        this.request = request;
    }

    /**
     * One page, oldest first.
     *
     * @param total how many there are in the asked state
     * @param states how many there are in each state
     */
    public record Page(long total, Map<String, Long> states, List<NotificationRepresentation> notifications) {}

    /** A notification as the API shows it; times in ISO 8601. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record NotificationRepresentation(
            String id,
            String client,
            String state,
            String event,
            String subjectType,
            String subject,
            @Nullable String link,
            @Nullable String reason,
            String happenedAt,
            int attempts,
            @Nullable String problem,
            @Nullable String nextAttemptAt) {

        static NotificationRepresentation of(Notification notification) {
            CalendarEvent event = notification.event();
            return new NotificationRepresentation(
                    notification.id(),
                    notification.clientId(),
                    notification.words().state(),
                    notification.words().event(),
                    notification.words().subjectType(),
                    event.subject().id(),
                    event.link(),
                    notification.words().reason(),
                    event.at().toString(),
                    notification.attempts(),
                    notification.problem(),
                    notification.nextAttemptAt() == null
                            ? null
                            : notification.nextAttemptAt().toString());
        }
    }

    @GET
    @Path("")
    @Produces(MediaType.APPLICATION_JSON)
    public Page list(
            @QueryParam("client") @Nullable String client,
            @QueryParam("state") @Nullable String state,
            @QueryParam("first") @Nullable Integer first,
            @QueryParam("max") @Nullable Integer max) {
        request.auth().realm().requireViewRealm();
        request.auth().users().requireView();
        Paging paging = Paging.of(first, max);
        Optional<Notification.State> wanted =
                Optional.ofNullable(state).map(written -> Choice.read("state", written, Notification.State.class));
        NotificationStore store = request.work().notifications();
        Map<String, Long> states = new TreeMap<>(store.count(client));
        long total = wanted.map(one -> states.getOrDefault(one.id(), 0L))
                .orElseGet(() ->
                        states.values().stream().mapToLong(Long::longValue).sum());
        return new Page(
                total,
                states,
                store.list(client, wanted.orElse(null), paging.first(), paging.max()).stream()
                        .map(NotificationRepresentation::of)
                        .toList());
    }

    /** Has one sent again, now. */
    @POST
    @Path("{id}/replay")
    public Response replay(@PathParam("id") String id) {
        request.auth().realm().requireManageRealm();
        Optional<String> client =
                request.work().notifications().replay(id, request.parts().now());
        if (client.isEmpty()) {
            throw new NotFoundException();
        }
        replayed();
        return Response.noContent().build();
    }

    /** How many are sent again. */
    public record Replayed(int replayed) {}

    /** Has all sent again, now, that a consumer has not taken and nobody tries any more. */
    @POST
    @Path("replay")
    @Produces(MediaType.APPLICATION_JSON)
    public Replayed replayAll(@QueryParam("client") @Nullable String client) {
        request.auth().realm().requireManageRealm();
        if (client == null || client.isBlank()) {
            throw RequestRefused.because(
                    "write whose notifications are to be sent again, as in ?client=calendar",
                    Response.Status.BAD_REQUEST);
        }
        int replayed =
                request.work().notifications().replayAll(client, request.parts().now());
        replayed();
        return new Replayed(replayed);
    }

    private void replayed() {
        NotificationDispatcher dispatcher = request.parts().notificationDispatcher();
        request.work().afterCommit(dispatcher::sweepSoon);
        request.record(RECORDED, OperationType.ACTION);
    }
}
