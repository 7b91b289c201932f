package io.github.enterpriseconnect.admin;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.member.DryRun;
import io.github.enterpriseconnect.member.Members;
import io.github.enterpriseconnect.server.EnterpriseConnectProvider;
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
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.models.UserModel;
import org.keycloak.services.resources.admin.fgap.AdminPermissionEvaluator;

/**
 * {@code links/{id}/delegations}: the members of a link, as they are and as they would be. Members whom the administrator may
 * not see are left out, and then so are all totals.
 */
public final class DelegationsResource {
    private static final int CHUNK = 100;

    private final KeycloakSession session;
    private final RealmModel realm;
    private final AdminPermissionEvaluator auth;
    private final LinkId link;
    private final Members members;
    private final DryRun dryRun;

    DelegationsResource(KeycloakSession session, RealmModel realm, AdminPermissionEvaluator auth, LinkId link) {
        this.session = session;
        this.realm = realm;
        this.auth = auth;
        this.link = link;
        this.members = session.getProvider(EnterpriseConnectProvider.class).members();
        this.dryRun = session.getProvider(EnterpriseConnectProvider.class).dryRun();
    }

    /** A page of delegations. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Page(@Nullable Long total, @Nullable Map<String, Long> states, List<Member> members) {}

    /** A delegation as the API shows it; times in ISO 8601. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Member(
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
            UserResource.Access access) {}

    /**
     * A page of a dry run.
     *
     * @param counts by reason, and under "allowed"; null unless asked for
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record PreviewPage(
            @Nullable Long total, @Nullable Map<String, Integer> counts, List<PreviewedMember> members) {}

    /** What would become of a member. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record PreviewedMember(
            String user,
            String username,
            @Nullable String mailbox,
            boolean allowed,
            @Nullable String reason,
            String state,
            UserResource.Access access) {

        static PreviewedMember of(DryRun.Preview preview, boolean manage) {
            return new PreviewedMember(
                    preview.user().getId(),
                    preview.user().getUsername(),
                    preview.mailbox(),
                    preview.reason() == null,
                    preview.reason() == null ? null : preview.reason().id(),
                    preview.state().id(),
                    new UserResource.Access(manage));
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
        auth.users().requireQuery();
        Paging paging = Paging.of(first, max);
        return wanted("preview", preview) ? preview(paging, wanted("counts", counts)) : list(paging, state);
    }

    /** A parameter without a value is wanted too, but reads as null. */
    private boolean wanted(String name, @Nullable String value) {
        return value == null
                ? session.getContext().getUri().getQueryParameters().containsKey(name)
                : !value.equals("false");
    }

    private PreviewPage preview(Paging paging, boolean counts) {
        boolean all = auth.users().canView();
        if (counts && !all) {
            throw new ForbiddenException();
        }
        Stream<UserModel> page = DryRun.members(session, realm, link, paging.first(), paging.max());
        return new PreviewPage(
                all ? DryRun.countMembers(session, realm, link) : null,
                counts ? dryRun.counts(link) : null,
                page.filter(auth.users()::canView)
                        .map(user -> PreviewedMember.of(
                                dryRun.preview(session, realm, link, user),
                                auth.users().canManage(user)))
                        .toList());
    }

    private Page list(Paging paging, @Nullable String state) {
        Optional<Delegation.State> wanted =
                Optional.ofNullable(state).map(written -> Choice.read("state", written, Delegation.State.class));
        if (!auth.users().canView()) {
            return new Page(null, null, visiblePage(paging, wanted.orElse(null)));
        }
        List<Member> page =
                members.list(session, realm, link, wanted.orElse(null), paging.first(), paging.max()).stream()
                        .flatMap(delegation -> visible(delegation).stream())
                        .toList();
        Map<String, Long> states = new TreeMap<>();
        members.count(session, realm, link).forEach((key, count) -> states.put(key.id(), count));
        long total = wanted.map(one -> states.getOrDefault(one.id(), 0L))
                .orElseGet(() ->
                        states.values().stream().mapToLong(Long::longValue).sum());
        return new Page(total, states, page);
    }

    /** Counts only who may be seen, so that a page has no gap that would tell of the others. */
    private List<Member> visiblePage(Paging paging, Delegation.@Nullable State state) {
        List<Member> page = new ArrayList<>();
        int toSkip = paging.first();
        int from = 0;
        List<Delegation> chunk;
        do {
            chunk = members.list(session, realm, link, state, from, CHUNK);
            for (Delegation delegation : chunk) {
                Optional<Member> member = visible(delegation);
                if (member.isPresent() && toSkip-- <= 0 && page.size() < paging.max()) {
                    page.add(member.get());
                }
            }
            from += CHUNK;
        } while (chunk.size() == CHUNK && page.size() < paging.max());
        return page;
    }

    /** A user who is gone is shown to those who may see all. */
    private Optional<Member> visible(Delegation delegation) {
        UserModel user = session.users().getUserById(realm, delegation.userId());
        boolean visible = user == null ? auth.users().canView() : auth.users().canView(user);
        return visible
                ? Optional.of(new Member(
                        delegation.userId(),
                        user == null ? null : user.getUsername(),
                        delegation.state().id(),
                        delegation.reason() == null ? null : delegation.reason().id(),
                        delegation.detail(),
                        delegation.mailbox().address(),
                        delegation.attempts(),
                        text(delegation.askedAt()),
                        text(delegation.grantedAt()),
                        text(delegation.nextAttemptAt()),
                        new UserResource.Access(user != null && auth.users().canManage(user))))
                : Optional.empty();
    }

    private static @Nullable String text(@Nullable Instant time) {
        return time == null ? null : time.toString();
    }
}
