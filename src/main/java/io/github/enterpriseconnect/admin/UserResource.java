package io.github.enterpriseconnect.admin;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.github.enterpriseconnect.core.Attempt;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Gate;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.TokenUse;
import io.github.enterpriseconnect.member.Members;
import io.github.enterpriseconnect.platform.RealmOrganizations;
import io.github.enterpriseconnect.server.EnterpriseConnectProvider;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.keycloak.events.admin.OperationType;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.OrganizationModel;
import org.keycloak.models.RealmModel;
import org.keycloak.models.UserModel;
import org.keycloak.services.ErrorResponse;
import org.keycloak.services.ErrorResponseException;
import org.keycloak.services.resources.admin.AdminEventBuilder;
import org.keycloak.services.resources.admin.fgap.AdminPermissionEvaluator;

/** {@code users/{id}}: where one user stands, and what can be done for them. */
public final class UserResource {
    private final KeycloakSession session;
    private final RealmModel realm;
    private final AdminPermissionEvaluator auth;
    private final AdminEventBuilder event;
    private final Members members;

    UserResource(KeycloakSession session, RealmModel realm, AdminPermissionEvaluator auth, AdminEventBuilder event) {
        this.session = session;
        this.realm = realm;
        this.auth = auth;
        this.event = event;
        this.members = session.getProvider(EnterpriseConnectProvider.class).members();
    }

    /**
     * A member as the API shows them; times in ISO 8601.
     *
     * @param detail Cronofy's own words for a refusal
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Member(
            String state,
            @Nullable String reason,
            @Nullable String detail,
            @Nullable String mailbox,
            @Nullable String link,
            int attempts,
            @Nullable String askedAt,
            @Nullable String grantedAt,
            @Nullable String nextAttemptAt,
            boolean optedOut,
            List<HistoryEntry> history,
            List<Use> uses,
            List<Trace> gate,
            Access access) {}

    /** Whether the administrator may ask for the user's mailbox, end what the user has, and opt them out or in. */
    public record Access(boolean manage) {}

    /** When a consumer was last given a token, to the minute. */
    public record Use(String clientId, String right, String lastAt) {
        static Use of(TokenUse use) {
            return new Use(use.clientId(), use.right().id(), use.lastAt().toString());
        }
    }

    /** Something that happened to the member's delegation. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record HistoryEntry(
            String at, String state, @Nullable String reason) {}

    /** What the gate says with regard to one link, with the checks up to the first that failed. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Trace(
            @Nullable String link,
            boolean allowed,
            @Nullable String reason,
            List<Step> checks) {}

    /** One check of the gate. */
    public record Step(String check, boolean passed) {}

    @GET
    @Path("")
    @Produces(MediaType.APPLICATION_JSON)
    public Member get(@PathParam("user") String userId) {
        UserModel user = user(userId, auth.users()::canView);
        Members.Standing standing = members.standing(session, realm, user);
        Optional<Delegation> delegation = standing.delegation();
        return new Member(
                standing.state().id(),
                standing.reason() == null ? null : standing.reason().id(),
                delegation.map(Delegation::detail).orElse(null),
                standing.mailbox(),
                visible(standing.link()),
                delegation.map(Delegation::attempts).orElse(0),
                time(delegation, Delegation::askedAt),
                time(delegation, Delegation::grantedAt),
                time(delegation, Delegation::nextAttemptAt),
                standing.optedOutAt().isPresent(),
                delegation.map(Delegation::history).orElse(List.of()).stream()
                        .map(UserResource::entry)
                        .toList(),
                standing.uses().stream().map(Use::of).toList(),
                standing.gate().stream()
                        .filter(decision -> decision.link() == null
                                || visible(decision.link().id().name()) != null)
                        .map(UserResource::trace)
                        .toList(),
                new Access(auth.users().canManage(user)));
    }

    /** Asks for the user's mailbox now. */
    @PUT
    @Path("delegation")
    public Response ask(@PathParam("user") String userId) {
        UserModel user = user(userId, auth.users()::canManage);
        try {
            members.askNow(session, realm, user);
        } catch (Members.Refused refused) {
            throw conflict(refused);
        }
        record(OperationType.ACTION);
        return Response.accepted().type(MediaType.APPLICATION_JSON_TYPE).build();
    }

    /** Ends and revokes what the user has. */
    @DELETE
    @Path("delegation")
    public Response end(@PathParam("user") String userId) {
        members.end(session, realm, user(userId, auth.users()::canManage));
        record(OperationType.DELETE);
        return Response.noContent().build();
    }

    @PUT
    @Path("opt-out")
    public Response optOut(@PathParam("user") String userId) {
        UserModel user = user(userId, auth.users()::canManage);
        try {
            members.optOut(session, realm, user);
        } catch (Members.Refused refused) {
            throw conflict(refused);
        }
        record(OperationType.CREATE);
        return Response.noContent().build();
    }

    @DELETE
    @Path("opt-out")
    public Response optIn(@PathParam("user") String userId) {
        members.optIn(session, realm, user(userId, auth.users()::canManage));
        record(OperationType.DELETE);
        return Response.noContent().build();
    }

    /** Unknown, foreign and hidden users are one and the same 404. */
    private UserModel user(String id, Predicate<UserModel> permitted) {
        UserModel user = session.users().getUserById(realm, id);
        if (user == null || !permitted.test(user)) {
            throw new NotFoundException();
        }
        return user;
    }

    private static ErrorResponseException conflict(Members.Refused refused) {
        return ErrorResponse.error(String.valueOf(refused.getMessage()), Response.Status.CONFLICT);
    }

    private void record(OperationType operation) {
        event.resource("ENTERPRISE_CONNECT_MEMBER")
                .operation(operation)
                .resourcePath(session.getContext().getUri())
                .success();
    }

    private static HistoryEntry entry(Attempt attempt) {
        return new HistoryEntry(
                attempt.at().toString(),
                attempt.state().id(),
                attempt.reason() == null ? null : attempt.reason().id());
    }

    private static Trace trace(Gate.Decision decision) {
        List<Step> steps = new ArrayList<>();
        decision.passed().forEach(check -> steps.add(new Step(check.id(), true)));
        if (decision.failed() != null) {
            steps.add(new Step(decision.failed().id(), false));
        }
        return new Trace(
                decision.link() == null ? null : decision.link().id().name(),
                decision.allowed(),
                decision.reason() == null ? null : decision.reason().id(),
                steps);
    }

    /** Who may see a user need not know of the user's organizations. */
    private @Nullable String visible(@Nullable String link) {
        if (link == null || LinkId.REALM.equals(link)) {
            return link;
        }
        OrganizationModel organization = RealmOrganizations.byId(session, link);
        return organization == null || auth.orgs().canView(organization) ? link : null;
    }

    private static @Nullable String time(
            Optional<Delegation> delegation, Function<Delegation, @Nullable Instant> property) {
        return delegation.map(property).map(Instant::toString).orElse(null);
    }
}
