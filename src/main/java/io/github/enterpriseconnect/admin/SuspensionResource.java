package io.github.enterpriseconnect.admin;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.github.enterpriseconnect.core.Suspensions;
import io.github.enterpriseconnect.realm.KillSwitches;
import io.github.enterpriseconnect.server.EnterpriseConnectProvider;
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
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.services.resources.admin.AdminEventBuilder;
import org.keycloak.services.resources.admin.fgap.AdminPermissionEvaluator;

/** {@code suspension}: one kill switch. Whoever gets here may see what it is of. */
public final class SuspensionResource {
    private final KeycloakSession session;
    private final RealmModel realm;
    private final AdminPermissionEvaluator auth;
    private final AdminEventBuilder event;
    private final Suspensions.Subject subject;
    private final Runnable requireManage;
    private final KillSwitches switches;

    SuspensionResource(
            KeycloakSession session,
            RealmModel realm,
            AdminPermissionEvaluator auth,
            AdminEventBuilder event,
            Suspensions.Subject subject,
            Runnable requireManage) {
        this.session = session;
        this.realm = realm;
        this.auth = auth;
        this.event = event;
        this.subject = subject;
        this.requireManage = requireManage;
        this.switches = session.getProvider(EnterpriseConnectProvider.class).killSwitches();
    }

    /**
     * A switch as the API shows it; times in ISO 8601.
     *
     * @param by Keycloak's id of the administrator
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record SuspensionAnswer(
            boolean suspended,
            @Nullable String since,
            @Nullable String by) {}

    @GET
    @Path("")
    @Produces(MediaType.APPLICATION_JSON)
    public SuspensionAnswer get() {
        Optional<Suspensions.Suspension> thrown = switches.thrown(session, realm, subject);
        return new SuspensionAnswer(
                thrown.isPresent(),
                thrown.map(suspension -> suspension.since().toString()).orElse(null),
                thrown.map(Suspensions.Suspension::by).orElse(null));
    }

    @PUT
    @Path("")
    public Response put() {
        requireManage.run();
        switches.suspend(
                realm, subject, auth.adminAuth().getUser().getId(), auth.realm().canManageRealm());
        record(OperationType.CREATE);
        return Response.noContent().build();
    }

    @DELETE
    @Path("")
    public Response delete() {
        requireManage.run();
        if (!switches.lift(realm, subject, auth.realm().canManageRealm())) {
            throw new ForbiddenException();
        }
        record(OperationType.DELETE);
        return Response.noContent().build();
    }

    private void record(OperationType operation) {
        event.resource("ENTERPRISE_CONNECT_SUSPENSION")
                .operation(operation)
                .resourcePath(session.getContext().getUri())
                .success();
    }
}
