package io.github.enterpriseconnect.core;

import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What one link asks for before a member is delegated, and how a member is treated. Groups and roles are Keycloak's
 * ids, so that renaming one neither opens nor closes anything; identity providers are aliases, which never change.
 *
 * @param proof what counts as proof that the address is the member's
 * @param behaviour what it says of the treatment of members; the rest follows the realm's defaults
 * @param requiredGroups a member is in at least one of them or of their sub-groups; empty for no such rule
 * @param deniedGroups a member is in none of them or of their sub-groups
 * @param requiredRoles a member has at least one of these realm roles, composites included; empty for no such rule
 * @param deniedRoles a member has none of these realm roles
 * @param identityProviders the sign-in came through one of them; empty for no such rule
 * @param backfill whether members are asked for without a sign-in of theirs
 * @param calendarName the user attribute that says by which name the customer's calendar system has a member, where that is
 *     not the e-mail address; null if members have no such name
 * @param acceptFreeBusy whether a mailbox of which no more than busy times can be had is connected with these alone
 * @param unknown what a newer version has written that this one does not understand: JSON text by the member's name;
 *     where it is the value of a member that this version knows, that member has its default here
 */
public record Policy(
        Proof proof,
        Behaviour.Stated behaviour,
        Set<String> requiredGroups,
        Set<String> deniedGroups,
        Set<String> requiredRoles,
        Set<String> deniedRoles,
        Set<String> identityProviders,
        Backfill backfill,
        @Nullable String calendarName,
        boolean acceptFreeBusy,
        Map<String, String> unknown) {
    /** JSON texts that say nothing, whatever member they are the value of. */
    private static final Set<String> NOTHING = Set.of("null", "false", "0", "\"\"", "[]", "{}");

    /** Whoever has a verified address, treated as the realm's defaults say. */
    public static final Policy DEFAULT =
            new Policy(Proof.KEYCLOAK, Behaviour.Stated.NOTHING, Set.of(), Set.of(), Set.of(), Set.of(), Set.of());

    /** What counts as proof of an address; the lower-case name is what the admin API shows. */
    public enum Proof {
        /** Keycloak's flag: whoever manages users can reach the mailboxes of the link's domains. */
        KEYCLOAK,
        /**
         * The flag, and that the owner has shown to receive mail at this very address, or a trusted provider vouched.
         */
        OWNER;

        public String id() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Whether members are asked for without a sign-in of theirs; the lower-case name is what the admin API shows. */
    public enum Backfill {
        /** Only where an administrator starts one. */
        NONE,
        /** All members, and whoever is new. */
        CONTINUOUS;

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
        unknown = Map.copyOf(unknown);
    }

    /** Without calendar names, and without busy times alone. */
    public Policy(
            Proof proof,
            Behaviour.Stated behaviour,
            Set<String> requiredGroups,
            Set<String> deniedGroups,
            Set<String> requiredRoles,
            Set<String> deniedRoles,
            Set<String> identityProviders,
            Backfill backfill,
            Map<String, String> unknown) {
        this(
                proof,
                behaviour,
                requiredGroups,
                deniedGroups,
                requiredRoles,
                deniedRoles,
                identityProviders,
                backfill,
                null,
                false,
                unknown);
    }

    /** A policy of which everything is understood, without a backfill. */
    public Policy(
            Proof proof,
            Behaviour.Stated behaviour,
            Set<String> requiredGroups,
            Set<String> deniedGroups,
            Set<String> requiredRoles,
            Set<String> deniedRoles,
            Set<String> identityProviders) {
        this(
                proof,
                behaviour,
                requiredGroups,
                deniedGroups,
                requiredRoles,
                deniedRoles,
                identityProviders,
                Backfill.NONE,
                Map.of());
    }

    /** The same but for this. */
    public Policy with(Backfill other) {
        return new Policy(
                proof,
                behaviour,
                requiredGroups,
                deniedGroups,
                requiredRoles,
                deniedRoles,
                identityProviders,
                other,
                calendarName,
                acceptFreeBusy,
                unknown);
    }

    /** The same but for whether busy times alone are enough. */
    public Policy withFreeBusy(boolean accepted) {
        return new Policy(
                proof,
                behaviour,
                requiredGroups,
                deniedGroups,
                requiredRoles,
                deniedRoles,
                identityProviders,
                backfill,
                calendarName,
                accepted,
                unknown);
    }

    /** The same but for this: calendar names come from the user attribute, or there are none. */
    public Policy withCalendarName(@Nullable String attribute) {
        return new Policy(
                proof,
                behaviour,
                requiredGroups,
                deniedGroups,
                requiredRoles,
                deniedRoles,
                identityProviders,
                backfill,
                attribute,
                acceptFreeBusy,
                unknown);
    }

    /** Whether everything that it says is understood. If not, nobody can tell whom it lets through. */
    public boolean understood() {
        return NOTHING.containsAll(unknown.values());
    }
}
