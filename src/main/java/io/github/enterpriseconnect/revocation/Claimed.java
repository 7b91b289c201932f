package io.github.enterpriseconnect.revocation;

import io.github.enterpriseconnect.storage.Looks;
import java.time.Instant;
import java.util.List;

/**
 * People whom this node looks at, and nobody else meanwhile.
 *
 * @param origin where all of them come from
 * @param until when another node may look at whoever is left
 */
record Claimed(Looks.Origin origin, List<Looks.Due> people, Instant until) {
    List<String> ids() {
        return ids(people);
    }

    static List<String> ids(List<Looks.Due> people) {
        return people.stream().map(due -> due.delegation().id()).toList();
    }
}
