package io.github.enterpriseconnect.admin;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.enterpriseconnect.core.Check;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.FoundName;
import io.github.enterpriseconnect.core.Gate;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.member.MailboxAccess;
import io.github.enterpriseconnect.member.Members;
import io.github.enterpriseconnect.member.NotPermitted;
import io.github.enterpriseconnect.member.Standing;
import io.github.enterpriseconnect.platform.RealmOrganizations;
import jakarta.ws.rs.Consumes;
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
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.keycloak.events.admin.OperationType;
import org.keycloak.models.OrganizationModel;
import org.keycloak.models.UserModel;
import org.keycloak.services.ErrorResponseException;

/** {@code users/{id}}: where one user stands, and what can be done for them. */
public final class UserResource {
    private final AdminRequest request;
    private final Members members;

    UserResource(AdminRequest request) {
        this.request = request;
        this.members = request.parts().members();
    }

    /**
     * A member as the API shows them; times in ISO 8601.
     *
     * @param detail Cronofy's own words for a refusal
     * @param foundName the name that Cronofy has answered with in place of the one that was asked for
     * @param scope what was granted; absent unless the member is connected
     * @param missingScopes what the realm wants of mailboxes besides; absent if nothing
     * @param profileConnected whether Cronofy reaches the calendar; absent if nobody can tell, like all of these
     * @param profileInitialSyncRequired whether Cronofy has yet to read the calendar for the first time
     * @param profileSeenAt when that was seen
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record MemberRepresentation(
            String state,
            @Nullable String reason,
            @Nullable String detail,
            @Nullable String mailbox,
            @Nullable String foundName,
            @Nullable String link,
            @Nullable String scope,
            @JsonInclude(JsonInclude.Include.NON_EMPTY) List<String> missingScopes,
            @Nullable Boolean profileConnected,
            @Nullable Boolean profileInitialSyncRequired,
            @Nullable String profileSeenAt,
            int attempts,
            @Nullable String askedAt,
            @Nullable String grantedAt,
            @Nullable String nextAttemptAt,
            boolean optedOut,
            List<HistoryEntry> history,
            List<TokenUseRepresentation> uses,
            List<Trace> gate,
            MemberAccess access) {}

    /** Something that happened to the member's delegation. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record HistoryEntry(
            String at, String state, @Nullable String reason) {}

    /**
     * What the gate says with regard to one link, with the checks up to the first that failed.
     *
     * @param withheld whether nobody can tell now: none failed, but one cannot be read
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Trace(
            @Nullable String link,
            boolean allowed,
            boolean withheld,
            @Nullable String reason,
            List<Step> checks) {}

    /**
     * One check of the gate.
     *
     * @param unreadable why it cannot be read now; null if it was read
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Step(
            String check, boolean passed, @Nullable String unreadable) {}

    @GET
    @Path("")
    @Produces(MediaType.APPLICATION_JSON)
    public MemberRepresentation get(@PathParam("user") String userId) {
        UserModel user = user(userId, request.auth().users()::canView);
        Standing standing = members.standing(request.work(), request.work().user(user));
        Optional<Delegation> delegation = standing.delegation();
        MailboxAccess access = delegation
                .map(row ->
                        MailboxAccess.of(request.work(), row, request.parts().now()))
                .orElse(MailboxAccess.NONE);
        return new MemberRepresentation(
                delegation.map(Delegation::stateWord).orElseGet(() -> standing.state()
                        .id()),
                standing.reasonWord(),
                delegation.map(Delegation::detail).orElse(null),
                standing.mailbox(),
                members.foundName(request.work(), request.work().user(user))
                        .map(FoundName::name)
                        .orElse(null),
                visible(standing.link()),
                access.scope(),
                access.missing(),
                access.profile().connected(),
                access.profile().initialSyncRequired(),
                Optional.ofNullable(access.seenAt()).map(Instant::toString).orElse(null),
                delegation.map(Delegation::attempts).orElse(0),
                time(delegation, Delegation::askedAt),
                time(delegation, Delegation::grantedAt),
                time(delegation, Delegation::plannedAt),
                standing.optedOutAt().isPresent(),
                delegation.map(Delegation::history).orElse(List.of()).stream()
                        .map(UserResource::entry)
                        .toList(),
                standing.uses().stream().map(TokenUseRepresentation::of).toList(),
                standing.gate().stream()
                        .filter(decision -> decision.link() == null
                                || visible(decision.link().id().name()) != null)
                        .map(UserResource::trace)
                        .toList(),
                new MemberAccess(request.auth().users().canManage(user)));
    }

    /** Asks for the user's mailbox now. */
    @PUT
    @Path("delegation")
    public Response ask(@PathParam("user") String userId) {
        UserModel user = user(userId, request.auth().users()::canManage);
        try {
            members.ask(request.work(), request.work().user(user));
        } catch (NotPermitted refused) {
            throw conflict(refused);
        }
        request.record("ENTERPRISE_CONNECT_MEMBER", OperationType.ACTION);
        return Response.accepted().type(MediaType.APPLICATION_JSON_TYPE).build();
    }

    /** Ends and revokes what the user has. */
    @DELETE
    @Path("delegation")
    public Response end(@PathParam("user") String userId) {
        members.end(
                request.work(), request.work().user(user(userId, request.auth().users()::canManage)));
        request.record("ENTERPRISE_CONNECT_MEMBER", OperationType.DELETE);
        return Response.noContent().build();
    }

    /**
     * Adopts the name that Cronofy has answered with as the user's calendar name, and asks for it. That says whose calendar is
     * opened for the user, so it takes who may manage the realm.
     */
    @PUT
    @Path("calendar-name")
    @Consumes(MediaType.APPLICATION_JSON)
    public Response adopt(@PathParam("user") String userId, @Nullable String body) {
        UserModel user = user(userId, request.auth().users()::canView);
        request.auth().realm().requireManageRealm();
        ObjectNode json = JsonBody.object(body);
        boolean known = json.properties().stream()
                .map(Map.Entry::getKey)
                .allMatch(member -> member.equals("adopt") || member.equals("name"));
        if (!known
                || !json.path("adopt").isBoolean()
                || !json.path("adopt").booleanValue()
                || (json.has("name") && !json.path("name").isTextual())) {
            throw RequestRefused.because(
                    "Write {\"adopt\": true}, or {\"adopt\": true, \"name\": \"…\"} with the foundName of the user.",
                    Response.Status.BAD_REQUEST);
        }
        try {
            members.adopt(
                    request.work(),
                    request.work().user(user),
                    Optional.ofNullable(json.path("name").textValue()));
        } catch (NotPermitted refused) {
            throw conflict(refused);
        }
        request.record("ENTERPRISE_CONNECT_MEMBER", OperationType.UPDATE);
        return Response.accepted().type(MediaType.APPLICATION_JSON_TYPE).build();
    }

    @PUT
    @Path("opt-out")
    public Response optOut(@PathParam("user") String userId) {
        UserModel user = user(userId, request.auth().users()::canManage);
        try {
            members.optOut(request.work(), request.work().user(user));
        } catch (NotPermitted refused) {
            throw conflict(refused);
        }
        request.record("ENTERPRISE_CONNECT_MEMBER", OperationType.CREATE);
        return Response.noContent().build();
    }

    @DELETE
    @Path("opt-out")
    public Response optIn(@PathParam("user") String userId) {
        members.optIn(
                request.work(), request.work().user(user(userId, request.auth().users()::canManage)));
        request.record("ENTERPRISE_CONNECT_MEMBER", OperationType.DELETE);
        return Response.noContent().build();
    }

    /** Unknown, foreign and hidden users are one and the same 404. */
    private UserModel user(String id, Predicate<UserModel> permitted) {
        UserModel user = request.session().users().getUserById(request.realm(), id);
        if (user == null || !permitted.test(user)) {
            throw new NotFoundException();
        }
        return user;
    }

    private static ErrorResponseException conflict(NotPermitted refused) {
        return RequestRefused.because(String.valueOf(refused.getMessage()), Response.Status.CONFLICT);
    }

    private static HistoryEntry entry(Delegation.Attempt attempt) {
        return new HistoryEntry(attempt.at().toString(), attempt.stateWord(), attempt.reasonWord());
    }

    private static Trace trace(Gate.Decision decision) {
        return new Trace(
                decision.link() == null ? null : decision.link().id().name(),
                decision.allowed(),
                decision.withheld(),
                decision.reason() == null ? null : decision.reason().id(),
                Arrays.stream(Check.values())
                        .filter(check -> decision.failed() == null || check.compareTo(decision.failed()) <= 0)
                        .map(check -> step(check, decision))
                        .toList());
    }

    private static Step step(Check check, Gate.Decision decision) {
        Reason unreadable = decision.unreadable().get(check);
        return new Step(
                check.id(),
                unreadable == null && check != decision.failed(),
                unreadable == null ? null : unreadable.id());
    }

    /** Who may see a user need not know of the user's organizations. */
    private @Nullable String visible(@Nullable String link) {
        if (link == null || LinkId.REALM.equals(link)) {
            return link;
        }
        OrganizationModel organization = RealmOrganizations.byId(request.session(), link);
        return organization == null || request.auth().orgs().canView(organization) ? link : null;
    }

    private static @Nullable String time(
            Optional<Delegation> delegation, Function<Delegation, @Nullable Instant> property) {
        return delegation.map(property).map(Instant::toString).orElse(null);
    }
}
