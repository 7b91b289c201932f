package io.github.enterpriseconnect.delegation;

import io.github.enterpriseconnect.core.Application;
import io.github.enterpriseconnect.core.Cronofy;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Secret;
import io.github.enterpriseconnect.core.SignIn;
import io.github.enterpriseconnect.core.Ticket;
import io.github.enterpriseconnect.platform.Endpoints;
import io.github.enterpriseconnect.platform.Work;
import io.github.enterpriseconnect.settings.Settings;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What can be sent.
 *
 * @param application to ask with; empty if the realm has none, and then there is nothing to send
 * @param elsewhere members whom the gate lets through by another link
 * @param troubled whether something was wrong with the link when it was last tried
 */
record PreparedAsks(
        Optional<Application> application,
        List<Prepared> prepared,
        Map<LinkId, Map<String, Optional<SignIn>>> elsewhere,
        boolean troubled) {
    /**
     * An ask that is noted and can be sent.
     *
     * @param through the service account by which it is noted to be asked for
     */
    record Prepared(Delegation delegation, Cronofy.Ask ask, String through) {}

    static final PreparedAsks EMPTY = new PreparedAsks(Optional.empty(), List.of(), Map.of(), false);

    /** Both together. */
    PreparedAsks and(PreparedAsks other) {
        Map<LinkId, Map<String, Optional<SignIn>>> moved = new HashMap<>();
        Stream.of(elsewhere, other.elsewhere)
                .forEach(some -> some.forEach((link, members) ->
                        moved.computeIfAbsent(link, id -> new HashMap<>()).putAll(members)));
        return new PreparedAsks(
                other.application.or(() -> application),
                Stream.concat(prepared.stream(), other.prepared.stream()).toList(),
                moved,
                troubled || other.troubled);
    }

    /** Where Cronofy is to call back. */
    static Secret callbackUrl(Work work, Link link, Ticket ticket) {
        return Secret.of(
                Endpoints.delegationCallback(base(work, link), work.realm().name(), ticket));
    }

    /** By what Cronofy reaches the realm; of a link that is not linked any more, nothing that makes sense. */
    static String base(Work work, Link link) {
        return work.realm().settings().map(Settings::publicUrl).orElseGet(() -> String.valueOf(link.baseUrl()));
    }
}
