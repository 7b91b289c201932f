package io.github.enterpriseconnect.delegation;

import io.github.enterpriseconnect.core.Application;
import io.github.enterpriseconnect.core.Cronofy;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.SignIn;
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
    /** An ask that is noted and can be sent. */
    record Prepared(Delegation delegation, Cronofy.Ask ask) {}

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
}
