package io.github.enterpriseconnect.admin;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.github.enterpriseconnect.candidate.MemberCandidate;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.member.Counted;
import io.github.enterpriseconnect.member.DryRun;
import io.github.enterpriseconnect.platform.KeycloakWork;
import io.github.enterpriseconnect.platform.RealmOrganizations;
import io.github.enterpriseconnect.storage.VisibleDelegations;
import jakarta.ws.rs.ForbiddenException;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.keycloak.models.UserModel;

/**
 * {@code links/{id}/delegations}: the members of a link, as they are and as they would be. Members whom the
 * administrator may not see are left out, and then so are all totals.
 */
public final class DelegationsResource {
    private static final String ANEW = "anew";

    private final AdminRequest request;
    private final LinkId link;

    DelegationsResource(AdminRequest request, LinkId link) {
        this.request = request;
        this.link = link;
    }

    /**
     * A page of delegations.
     *
     * @param next where it goes on, for those who may not see all; null at the end. It tells that rows follow, perhaps
     *     of people who may not be seen, but not whose
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Page(
            @Nullable Long total,
            @Nullable Map<String, Long> states,
            List<DelegationRepresentation> members,
            @Nullable String next) {}

    /** A delegation as the API shows it; times in ISO 8601. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record DelegationRepresentation(
            String user,
            @Nullable String username,
            String state,
            @Nullable String reason,
            @Nullable String detail,
            String mailbox,
            int attempts,
            @Nullable String askedAt,
            @Nullable String grantedAt,
            @Nullable String nextAttemptAt,
            MemberAccess access) {}

    /**
     * A page of a dry run.
     *
     * @param counts by reason, and under "allowed"; null unless asked for
     * @param counting how far that has come
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record PreviewPage(
            @Nullable Long total,
            @Nullable Map<String, Integer> counts,
            @Nullable CountingRepresentation counting,
            List<PreviewRepresentation> members) {}

    /** How far a count has come, and when it ended or else began. */
    public record CountingRepresentation(String state, long counted, String at) {
        static CountingRepresentation of(Counted counted) {
            return new CountingRepresentation(
                    counted.state().id(), counted.counted(), counted.at().toString());
        }
    }

    /** What would become of a member. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record PreviewRepresentation(
            String user,
            String username,
            @Nullable String mailbox,
            boolean allowed,
            boolean withheld,
            @Nullable String reason,
            String state,
            MemberAccess access) {

        static PreviewRepresentation of(UserModel user, DryRun.Preview preview, boolean manage) {
            return new PreviewRepresentation(
                    user.getId(),
                    user.getUsername(),
                    preview.mailbox(),
                    preview.reason() == null,
                    preview.withheld(),
                    preview.reason() == null ? null : preview.reason().id(),
                    preview.state(),
                    new MemberAccess(manage));
        }
    }

    /**
     * One page of the link's members.
     *
     * @param preview for a dry run over everybody whom the link is for, in place of those who were ever asked for
     * @param counts whether everybody is to be counted, which goes on in the background; {@value #ANEW} to begin again
     * @param after what the page before has called its next, in place of how many to leave out; if the delegation that it
     *     names is gone meanwhile, the list begins anew
     */
    @GET
    @Path("")
    @Produces(MediaType.APPLICATION_JSON)
    public Object list(
            @QueryParam("preview") @Nullable String preview,
            @QueryParam("counts") @Nullable String counts,
            @QueryParam("state") @Nullable String state,
            @QueryParam("after") @Nullable String after,
            @QueryParam("first") @Nullable Integer first,
            @QueryParam("max") @Nullable Integer max) {
        request.auth().users().requireQuery();
        Paging paging = Paging.of(first, max);
        return wanted("preview", preview)
                ? preview(paging, wanted("counts", counts), ANEW.equals(counts))
                : list(paging, state, after);
    }

    /** A parameter without a value is wanted too, but reads as null. */
    private boolean wanted(String name, @Nullable String value) {
        return value == null
                ? request.session().getContext().getUri().getQueryParameters().containsKey(name)
                : !value.equals("false");
    }

    private PreviewPage preview(Paging paging, boolean counts, boolean anew) {
        boolean all = request.seesAllUsers();
        if (counts && !all) {
            throw new ForbiddenException();
        }
        DryRun dryRun = request.parts().dryRun();
        Optional<Counted> counted =
                counts ? Optional.of(request.parts().memberCounts().of(link, anew)) : Optional.empty();
        KeycloakWork work = request.work();
        List<UserModel> page = RealmOrganizations.members(
                        request.session(), request.realm(), link, paging.first(), paging.max())
                .filter(request.auth().users()::canView)
                .toList();
        MemberCandidate.expect(work, link, page.stream().map(UserModel::getId).toList());
        return new PreviewPage(
                all ? RealmOrganizations.countMembers(request.session(), request.realm(), link) : null,
                counted.map(Counted::counts).orElse(null),
                counted.map(CountingRepresentation::of).orElse(null),
                page.stream()
                        .map(user -> PreviewRepresentation.of(
                                user,
                                dryRun.preview(work, link, work.user(user)),
                                request.auth().users().canManage(user)))
                        .toList());
    }

    private Page list(Paging paging, @Nullable String state, @Nullable String after) {
        Optional<Delegation.State> wanted =
                Optional.ofNullable(state).map(written -> Choice.read("state", written, Delegation.State.class));
        if (!request.seesAllUsers()) {
            return visiblePage(paging, wanted.orElse(null), after);
        }
        List<DelegationRepresentation> page =
                request.work().delegations().list(link, wanted.orElse(null), paging.first(), paging.max()).stream()
                        .flatMap(delegation -> visible(delegation).stream())
                        .toList();
        Map<String, Long> states = new TreeMap<>();
        request.work().delegations().count(link).forEach(states::put);
        long total = wanted.map(one -> states.getOrDefault(one.id(), 0L))
                .orElseGet(() ->
                        states.values().stream().mapToLong(Long::longValue).sum());
        return new Page(total, states, page, null);
    }

    /**
     * Counts only who may be seen, so that a page has no gap that would tell of the others. Where few of many may be seen,
     * one request does not look for all of the page.
     */
    private Page visiblePage(Paging paging, Delegation.@Nullable State state, @Nullable String after) {
        VisibleDelegations delegations = new VisibleDelegations(request.session(), request.realm(), link);
        VisiblePage.Position from = after == null
                ? new VisiblePage.Position(null, paging.first())
                : VisiblePage.Position.read(after)
                        .orElseThrow(() -> RequestRefused.because(
                                "after must be what a page has called its next; begin anew",
                                Response.Status.BAD_REQUEST));
        VisiblePage<DelegationRepresentation> page = VisiblePage.of(
                from,
                paging.max(),
                (last, limit) -> delegations.page(state, last, limit),
                Delegation::id,
                this::visible);
        return new Page(
                null,
                null,
                page.shown(),
                page.next() == null ? null : page.next().toString());
    }

    /** A user who is gone is shown to those who may see all. */
    private Optional<DelegationRepresentation> visible(Delegation delegation) {
        UserModel user = request.session().users().getUserById(request.realm(), delegation.userId());
        boolean visible =
                user == null ? request.seesAllUsers() : request.auth().users().canView(user);
        return visible
                ? Optional.of(new DelegationRepresentation(
                        delegation.userId(),
                        user == null ? null : user.getUsername(),
                        delegation.stateWord(),
                        delegation.reasonWord(),
                        delegation.detail(),
                        delegation.mailbox().address(),
                        delegation.attempts(),
                        text(delegation.askedAt()),
                        text(delegation.grantedAt()),
                        text(delegation.plannedAt()),
                        new MemberAccess(user != null && request.auth().users().canManage(user))))
                : Optional.empty();
    }

    private static @Nullable String text(@Nullable Instant time) {
        return time == null ? null : time.toString();
    }
}
