package io.github.enterpriseconnect.revocation;

import io.github.enterpriseconnect.storage.Looks;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * People whom this node looks at, and nobody else meanwhile.
 *
 * @param until when another node may look at whoever is left
 */
record Claimed(Origin origin, List<Looks.Due> people, Instant until) {
    /**
     * Where people come from.
     *
     * @param directory its id; null for Keycloak's own
     */
    record Origin(String realm, @Nullable String directory) {
        static Origin of(Looks.Due due) {
            return new Origin(due.delegation().link().realm(), due.directory());
        }

        boolean keycloak() {
            return directory == null;
        }
    }

    List<String> ids() {
        return ids(people);
    }

    static List<String> ids(List<Looks.Due> people) {
        return people.stream().map(due -> due.delegation().id()).toList();
    }
}
