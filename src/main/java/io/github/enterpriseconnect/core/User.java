package io.github.enterpriseconnect.core;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A user as the realm and its directories know them: the half of a {@link Candidate} that no table of ours could tell.
 * Answers may cost a look-up each.
 */
public interface User {
    /** Keycloak's id of the user. */
    String id();

    /** Not a service account and not a user that lives for one session only. */
    boolean person();

    boolean enabled();

    /**
     * Whether the user is disabled only for now: by protection against guessing, or with the directory they come from.
     */
    boolean disabledForNow();

    /** As it is written, which need not be an address that we ask for; null if there is none. */
    @Nullable String email();

    boolean emailVerified();

    /** Whether a second user of the realm holds the same address; may search user stores that are far away. */
    boolean emailShared();

    /**
     * What an attribute says that whoever fills it has the last word on, each of its values once and but for blank ones.
     *
     * @throws Unreadable the directory that may fill it cannot be read now
     */
    List<String> names(String attribute);

    /** When Keycloak began to know the user; empty if it does not say. */
    Optional<Instant> createdAt();

    /** Whether the directory that the user comes from has the attribute, so that nobody else can have written what it says. */
    boolean filledByDirectory(String attribute);

    /**
     * Whether a second user of the realm has this as e-mail address or in this attribute, however it is written; may search
     * user stores that are far away.
     *
     * @throws Unreadable one of them cannot be searched now
     */
    boolean heldElsewhere(Mailbox mailbox, String attribute, Search search);

    /** The organizations that the user is a member of; empty where the realm has Organizations switched off. */
    Optional<List<Affiliation>> organizations();

    /** Whether the user is in one of these groups, by Keycloak's ids, or in a sub-group of one. */
    boolean inAnyGroup(Set<String> groups);

    /** Whether the user has one of these realm roles, by Keycloak's ids. */
    boolean hasAnyRole(Set<String> roles);

    /**
     * How the directory that the user comes from is set up to add to them: another text whenever anything of that has
     * changed; empty for a user who comes from none.
     */
    Optional<String> source();

    /** The values of a user attribute; none if there is no such attribute. */
    Stream<String> attribute(String name);

    /**
     * One organization of a user.
     *
     * @param organization Keycloak's id of it
     * @param domains the organization's own mail domains
     */
    record Affiliation(String organization, boolean enabled, Set<DomainPattern> domains) {
        public Affiliation {
            domains = Set.copyOf(domains);
        }
    }
}
