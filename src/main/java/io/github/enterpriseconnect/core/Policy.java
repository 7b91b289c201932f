package io.github.enterpriseconnect.core;

import java.util.Locale;
import java.util.Set;

/**
 * What one link asks for before a member is delegated, and how a member is treated. Groups and roles are Keycloak's ids,
 * so that renaming one neither opens nor closes anything; identity providers are aliases, which never change.
 *
 * @param proof what counts as proof that the address is the member's
 * @param optOut whether members may opt out
 * @param notice how a member learns of the delegation
 * @param requiredGroups a member is in at least one of them or of their sub-groups; empty for no such rule
 * @param deniedGroups a member is in none of them or of their sub-groups
 * @param requiredRoles a member has at least one of these realm roles, composites included; empty for no such rule
 * @param deniedRoles a member has none of these realm roles
 * @param identityProviders the sign-in came through one of them; empty for no such rule
 */
public record Policy(
        Proof proof,
        boolean optOut,
        Notice notice,
        Set<String> requiredGroups,
        Set<String> deniedGroups,
        Set<String> requiredRoles,
        Set<String> deniedRoles,
        Set<String> identityProviders) {

    /** Whoever has a verified address; silently, without a way out. */
    public static final Policy DEFAULT =
            new Policy(Proof.KEYCLOAK, false, Notice.NONE, Set.of(), Set.of(), Set.of(), Set.of(), Set.of());

    /** What counts as proof of an address; the lower-case name is what the admin API shows. */
    public enum Proof {
        /** Keycloak's flag: whoever manages users can reach the mailboxes of the link's domains. */
        KEYCLOAK,
        /** The flag, and that the owner has shown to receive mail at this very address, or a trusted provider vouched. */
        OWNER;

        public String id() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** How a member learns of the delegation; the lower-case name is what the admin API shows. */
    public enum Notice {
        /** Not at all: it is silent. */
        NONE,
        /** By a mail from the realm once it is granted, and not again when it is renewed. */
        EMAIL;

        public String id() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public Policy {
        requiredGroups = Set.copyOf(requiredGroups);
        deniedGroups = Set.copyOf(deniedGroups);
        requiredRoles = Set.copyOf(requiredRoles);
        deniedRoles = Set.copyOf(deniedRoles);
        identityProviders = Set.copyOf(identityProviders);
    }
}
