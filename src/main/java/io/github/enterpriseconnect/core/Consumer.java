package io.github.enterpriseconnect.core;

import java.util.Arrays;
import java.util.Collection;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A Keycloak client that may fetch tokens.
 *
 * @param links names of the links it is limited to, of which an empty set has none; null for all
 */
public record Consumer(
        String clientId, Set<Right> rights, @Nullable Set<String> links) {

    /** What a consumer may fetch. */
    public enum Right {
        /** For a member who is present: with that member's own access token. */
        MEMBER,
        /** For a room, equipment or shared mailbox. */
        RESOURCE,
        /** For a named member without their access token. */
        OFFLINE;

        public String id() {
            return name().toLowerCase(Locale.ROOT);
        }

        public static Optional<Right> byId(@Nullable String id) {
            return Arrays.stream(values())
                    .filter(right -> right.id().equals(id))
                    .findFirst();
        }
    }

    public Consumer {
        rights = Set.copyOf(rights);
        links = links == null ? null : Set.copyOf(links);
    }

    public boolean may(Right right) {
        return rights.contains(right);
    }

    /** Whether it may fetch tokens of anybody with these memberships, of whom a consumer without limits may of all. */
    public boolean coversAny(Collection<Candidate.Membership> memberships) {
        return links == null
                || memberships.stream()
                        .anyMatch(membership -> covers(membership.link().id().name()));
    }

    public boolean covers(String link) {
        return links == null || links.contains(link);
    }
}
