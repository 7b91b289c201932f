package io.github.enterpriseconnect.admin;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Revocation;
import io.github.enterpriseconnect.storage.RevocationStore;
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

/** {@code revocations}: what became at Cronofy of rights that ended here. */
public final class RevocationsResource {
    private final AdminRequest request;

    RevocationsResource(AdminRequest request) {
        this.request = request;
    }

    /**
     * One page.
     *
     * @param total how many there are in the asked state
     * @param states how many there are in each state
     */
    public record Page(long total, Map<String, Long> states, List<RevocationRepresentation> revocations) {}

    /** A revocation as the API shows it; times in ISO 8601. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record RevocationRepresentation(
            String id,
            String state,
            String reason,
            @Nullable String link,
            @Nullable String user,
            @Nullable String mailbox,
            String subject,
            int attempts,
            @Nullable String problem,
            String createdAt,
            @Nullable String nextAttemptAt,
            @Nullable String endedAt) {

        static RevocationRepresentation of(Revocation revocation) {
            Revocation.Cause cause = revocation.cause();
            return new RevocationRepresentation(
                    revocation.id(),
                    revocation.stateWord(),
                    revocation.reasonWord(),
                    cause.link(),
                    cause.user(),
                    cause.mailbox() == null ? null : cause.mailbox().address(),
                    revocation.subject(),
                    revocation.attempts(),
                    revocation.problem() == null ? null : revocation.problem().id(),
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
        LinkId id = link == null ? null : new VisibleLinks(request).byId(link).id();
        if (id == null) {
            request.auth().realm().requireViewRealm();
        }
        request.auth().users().requireView();
        Paging paging = Paging.of(first, max);
        Optional<Revocation.State> wanted =
                Optional.ofNullable(state).map(written -> Choice.read("state", written, Revocation.State.class));
        RevocationStore store = request.work().revocations();
        String realmId = request.realm().getId();
        String name = id == null ? null : id.name();
        Map<String, Long> states = new TreeMap<>();
        store.count(realmId, name).forEach(states::put);
        long total = wanted.map(one -> states.getOrDefault(one.id(), 0L))
                .orElseGet(() ->
                        states.values().stream().mapToLong(Long::longValue).sum());
        return new Page(
                total,
                states,
                store.list(realmId, name, wanted.orElse(null), paging.first(), paging.max()).stream()
                        .map(RevocationRepresentation::of)
                        .toList());
    }
}
