package io.github.enterpriseconnect.admin;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.github.enterpriseconnect.core.Suspensions;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.ForbiddenException;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.keycloak.events.admin.OperationType;

/** {@code suspension}: one kill switch. Whoever gets here may see what it is of. */
public final class SuspensionResource {
    private final AdminRequest request;
    private final Suspensions.Subject subject;
    private final Runnable requireManage;

    SuspensionResource(AdminRequest request, Suspensions.Subject subject, Runnable requireManage) {
        this.request = request;
        this.subject = subject;
        this.requireManage = requireManage;
    }

    /**
     * A switch as the API shows it; times in ISO 8601.
     *
     * @param by Keycloak's id of the administrator
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record SuspensionRepresentation(
            boolean suspended,
            @Nullable String since,
            @Nullable String by) {}

    @GET
    @Path("")
    @Produces(MediaType.APPLICATION_JSON)
    public SuspensionRepresentation get() {
        Optional<Suspensions.Suspension> active =
                request.work().suspensions().all().of(subject);
        return new SuspensionRepresentation(
                active.isPresent(),
                active.map(suspension -> suspension.since().toString()).orElse(null),
                active.map(Suspensions.Suspension::by).orElse(null));
    }

    /** Throws the switch. The body says nothing that is needed, but one that says the contrary is a mistake. */
    @PUT
    @Path("")
    public Response put(@Nullable String body) {
        requireManage.run();
        if (!JsonBody.object(body).path("suspended").asBoolean(true)) {
            throw RequestRefused.because(
                    "PUT suspends; write {\"suspended\": true} or nothing. DELETE ends the suspension.",
                    Response.Status.BAD_REQUEST);
        }
        request.parts()
                .killSwitches()
                .suspend(
                        request.realm().getId(),
                        subject,
                        request.auth().adminAuth().getUser().getId(),
                        request.auth().realm().canManageRealm());
        request.record("ENTERPRISE_CONNECT_SUSPENSION", OperationType.CREATE);
        return Response.noContent().build();
    }

    @DELETE
    @Path("")
    public Response delete() {
        requireManage.run();
        if (!request.parts()
                .killSwitches()
                .lift(request.realm().getId(), subject, request.auth().realm().canManageRealm())) {
            throw new ForbiddenException();
        }
        request.record("ENTERPRISE_CONNECT_SUSPENSION", OperationType.DELETE);
        return Response.noContent().build();
    }
}
