package io.github.enterpriseconnect.admin;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Revocation;
import io.github.enterpriseconnect.revocation.Revoking;
import io.github.enterpriseconnect.server.EnterpriseConnectProvider;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.services.resources.admin.fgap.AdminPermissionEvaluator;

/** {@code revocations}: what became at Cronofy of rights that ended here. */
public final class RevocationsResource {
    private final KeycloakSession session;
    private final RealmModel realm;
    private final AdminPermissionEvaluator auth;
    private final LinksResource links;

    RevocationsResource(KeycloakSession session, RealmModel realm, AdminPermissionEvaluator auth, LinksResource links) {
        this.session = session;
        this.realm = realm;
        this.auth = auth;
        this.links = links;
    }

    /**
     * One page.
     *
     * @param total how many there are in the asked state
     * @param states how many there are in each state
     */
    public record Page(long total, Map<String, Long> states, List<RevocationAnswer> revocations) {}

    /** A revocation as the API shows it; times in ISO 8601. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record RevocationAnswer(
            String id,
            String state,
            String reason,
            @Nullable String link,
            @Nullable String user,
            @Nullable String mailbox,
            String subject,
            int attempts,
            String createdAt,
            @Nullable String nextAttemptAt,
            @Nullable String endedAt) {

        static RevocationAnswer of(Revocation revocation) {
            Revocation.Cause cause = revocation.cause();
            return new RevocationAnswer(
                    revocation.id(),
                    revocation.state().id(),
                    cause.reason().id(),
                    cause.link(),
                    cause.user(),
                    cause.mailbox() == null ? null : cause.mailbox().address(),
                    revocation.subject(),
                    revocation.attempts(),
                    revocation.createdAt().toString(),
                    text(revocation.nextAttemptAt()),
                    text(revocation.endedAt()));
        }

        private static @Nullable String text(@Nullable Instant time) {
            return time == null ? null : time.toString();
        }
    }

    @GET
    @Path("")
    @Produces(MediaType.APPLICATION_JSON)
    public Page list(
            @QueryParam("link") @Nullable String link,
            @QueryParam("state") @Nullable String state,
            @QueryParam("first") @Nullable Integer first,
            @QueryParam("max") @Nullable Integer max) {
        LinkId id = link == null ? null : links.visible(link).id();
        if (id == null) {
            auth.realm().requireViewRealm();
        }
        auth.users().requireView();
        Paging paging = Paging.of(first, max);
        Optional<Revocation.State> wanted =
                Optional.ofNullable(state).map(written -> Choice.read("state", written, Revocation.State.class));
        Revoking revoking = session.getProvider(EnterpriseConnectProvider.class).revoking();
        Map<String, Long> states = new TreeMap<>();
        revoking.count(session, realm, id).forEach((key, count) -> states.put(key.id(), count));
        long total = wanted.map(one -> states.getOrDefault(one.id(), 0L))
                .orElseGet(() ->
                        states.values().stream().mapToLong(Long::longValue).sum());
        return new Page(
                total,
                states,
                revoking.list(session, realm, id, wanted.orElse(null), paging.first(), paging.max()).stream()
                        .map(RevocationAnswer::of)
                        .toList());
    }
}
