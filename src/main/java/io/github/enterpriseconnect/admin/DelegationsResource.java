package io.github.enterpriseconnect.admin;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.member.DryRun;
import io.github.enterpriseconnect.platform.KeycloakWork;
import io.github.enterpriseconnect.platform.RealmOrganizations;
import jakarta.ws.rs.ForbiddenException;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.keycloak.models.UserModel;

/**
 * {@code links/{id}/delegations}: the members of a link, as they are and as they would be. Members whom the
 * administrator may not see are left out, and then so are all totals.
 */
public final class DelegationsResource {
    private static final int CHUNK = 100;

    private final AdminRequest request;
    private final LinkId link;

    DelegationsResource(AdminRequest request, LinkId link) {
        this.request = request;
        this.link = link;
    }

    /** A page of delegations. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Page(
            @Nullable Long total, @Nullable Map<String, Long> states, List<DelegationRepresentation> members) {}

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
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record PreviewPage(
            @Nullable Long total, @Nullable Map<String, Integer> counts, List<PreviewRepresentation> members) {}

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
     * @param counts whether the dry run is to count everybody, which takes a while
     */
    @GET
    @Path("")
    @Produces(MediaType.APPLICATION_JSON)
    public Object list(
            @QueryParam("preview") @Nullable String preview,
            @QueryParam("counts") @Nullable String counts,
            @QueryParam("state") @Nullable String state,
            @QueryParam("first") @Nullable Integer first,
            @QueryParam("max") @Nullable Integer max) {
        request.auth().users().requireQuery();
        Paging paging = Paging.of(first, max);
        return wanted("preview", preview) ? preview(paging, wanted("counts", counts)) : list(paging, state);
    }

    /** A parameter without a value is wanted too, but reads as null. */
    private boolean wanted(String name, @Nullable String value) {
        return value == null
                ? request.session().getContext().getUri().getQueryParameters().containsKey(name)
                : !value.equals("false");
    }

    private PreviewPage preview(Paging paging, boolean counts) {
        boolean all = request.auth().users().canView();
        if (counts && !all) {
            throw new ForbiddenException();
        }
        DryRun dryRun = request.parts().dryRun();
        KeycloakWork work = request.work();
        Stream<UserModel> page =
                RealmOrganizations.members(request.session(), request.realm(), link, paging.first(), paging.max());
        return new PreviewPage(
                all ? RealmOrganizations.countMembers(request.session(), request.realm(), link) : null,
                counts ? dryRun.counts(link) : null,
                page.filter(request.auth().users()::canView)
                        .map(user -> PreviewRepresentation.of(
                                user,
                                dryRun.preview(work, link, work.user(user)),
                                request.auth().users().canManage(user)))
                        .toList());
    }

    private Page list(Paging paging, @Nullable String state) {
        Optional<Delegation.State> wanted =
                Optional.ofNullable(state).map(written -> Choice.read("state", written, Delegation.State.class));
        if (!request.auth().users().canView()) {
            return new Page(null, null, visiblePage(paging, wanted.orElse(null)));
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
        return new Page(total, states, page);
    }

    /** Counts only who may be seen, so that a page has no gap that would tell of the others. */
    private List<DelegationRepresentation> visiblePage(Paging paging, Delegation.@Nullable State state) {
        List<DelegationRepresentation> page = new ArrayList<>();
        int toSkip = paging.first();
        int from = 0;
        List<Delegation> chunk;
        do {
            chunk = request.work().delegations().list(link, state, from, CHUNK);
            for (Delegation delegation : chunk) {
                Optional<DelegationRepresentation> member = visible(delegation);
                if (member.isPresent() && toSkip-- <= 0 && page.size() < paging.max()) {
                    page.add(member.get());
                }
            }
            from += CHUNK;
        } while (chunk.size() == CHUNK && page.size() < paging.max());
        return page;
    }

    /** A user who is gone is shown to those who may see all. */
    private Optional<DelegationRepresentation> visible(Delegation delegation) {
        UserModel user = request.session().users().getUserById(request.realm(), delegation.userId());
        boolean visible = user == null
                ? request.auth().users().canView()
                : request.auth().users().canView(user);
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
                        text(delegation.nextAttemptAt()),
                        new MemberAccess(user != null && request.auth().users().canManage(user))))
                : Optional.empty();
    }

    private static @Nullable String text(@Nullable Instant time) {
        return time == null ? null : time.toString();
    }
}
