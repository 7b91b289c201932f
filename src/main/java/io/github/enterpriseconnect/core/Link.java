package io.github.enterpriseconnect.core;

import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One organization's authorized service account, as it stands now.
 *
 * @param application key of the application it was authorized for ({@link Application#key()}); null while unlinked
 * @param serviceAccount Cronofy's {@code ser_…}; null while unlinked
 * @param accountDomain the service account's own mail domain; null while unlinked, or if Cronofy does not know it
 * @param scope granted to the service account, space-separated; null while unlinked
 * @param delegatedScope the most that may be asked for a mailbox, space-separated: what was really granted, or what was
 *     asked for where Cronofy does not say; null while unlinked
 * @param baseUrl frontend base that callbacks go to, captured when the link was made, ends without a slash; null while
 *     unlinked
 * @param linkedAt null while unlinked
 * @param policy what it asks for before a member is delegated
 * @param problem why the service account's tokens could not be renewed, or no member be asked for, when that was last
 *     tried; null if it could
 * @param stateWritten the state as a newer version has written it; null where this version knows it
 * @param seen how the service account stood when Cronofy was last asked; null if it said nothing, or nobody has asked
 */
public record Link(
        LinkId id,
        State state,
        @Nullable String application,
        @Nullable String serviceAccount,
        @Nullable Domain accountDomain,
        @Nullable String scope,
        @Nullable String delegatedScope,
        @Nullable String baseUrl,
        @Nullable Instant linkedAt,
        List<LinkDomain> domains,
        Policy policy,
        @Nullable Problem problem,
        @Nullable String stateWritten,
        @Nullable Seen seen) {

    /** What a service account is asked for to list and delegate resources. */
    public static final String MANAGE_RESOURCES = "service_account/resources/manage";

    private static final Pattern SPACES = Pattern.compile(" +");

    /** How a service account stood at that time. */
    public record Seen(Condition condition, Instant at) {
        /** What Cronofy has just said; null if it has said nothing. */
        public static @Nullable Seen of(Condition condition, Instant at) {
            return condition.equals(Condition.UNKNOWN) ? null : new Seen(condition, at);
        }
    }

    /**
     * What is wrong with the service account.
     *
     * @param since when it began
     * @param written the reason as a newer version has written it; null where this version knows it
     */
    public record Problem(
            Reason reason, Instant since, @Nullable String written) {
        public Problem(Reason reason, Instant since) {
            this(reason, since, null);
        }

        /** The reason as APIs show it. */
        public String reasonWord() {
            return String.valueOf(new Words(null, written).reason(reason));
        }
    }

    /** Life of a link; the lower-case name is what the admin API shows. */
    public enum State {
        /** No service account. */
        UNLINKED,
        /** A service account, but none of its domains is approved. */
        AWAITING_APPROVAL,
        /** Members can be delegated. */
        ACTIVE,
        /** Cronofy no longer honours the service account's tokens; somebody must authorize it again. */
        NEEDS_AUTHORIZATION,
        /** A newer version has written it: nobody here acts on it. Shown as it is written. */
        UNKNOWN;

        public String id() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** A link whose state is understood. */
    public Link(
            LinkId id,
            State state,
            @Nullable String application,
            @Nullable String serviceAccount,
            @Nullable Domain accountDomain,
            @Nullable String scope,
            @Nullable String delegatedScope,
            @Nullable String baseUrl,
            @Nullable Instant linkedAt,
            List<LinkDomain> domains,
            Policy policy,
            @Nullable Problem problem) {
        this(
                id,
                state,
                application,
                serviceAccount,
                accountDomain,
                scope,
                delegatedScope,
                baseUrl,
                linkedAt,
                domains,
                policy,
                problem,
                null,
                null);
    }

    /** The state as APIs show it. */
    public String stateWord() {
        return new Words(stateWritten, null).state(state.id());
    }

    public Link {
        domains = List.copyOf(domains);
    }

    /** The link of an organization that nobody has touched yet. */
    public static Link unlinked(LinkId id) {
        return new Link(id, State.UNLINKED, null, null, null, null, null, null, null, List.of(), Policy.DEFAULT, null);
    }

    public boolean linked() {
        return state != State.UNLINKED;
    }

    /** Whether the service account may list the organization's resources, and have them delegated. */
    public boolean listsResources() {
        return listsResources(scope);
    }

    /** The same of what was granted to a service account; null for nothing. */
    public static boolean listsResources(@Nullable String scope) {
        return scope != null && SPACES.splitAsStream(scope).anyMatch(MANAGE_RESOURCES::equals);
    }

    public Set<Domain> approvedDomains() {
        return domains.stream()
                .filter(LinkDomain::approved)
                .map(LinkDomain::domain)
                .collect(Collectors.toUnmodifiableSet());
    }

    /**
     * Whether the domains let members be delegated through a service account: its own domain must be among the approved
     * ones, so that an approval given beforehand does not vouch for another customer's service account. Where Cronofy
     * does not know its domain, an approval counts if it is given in the knowledge of the service account.
     *
     * @param knowingly whether the domains are approved while the service account is linked already
     */
    public static State linkedState(@Nullable Domain accountDomain, List<LinkDomain> domains, boolean knowingly) {
        boolean approved = domains.stream()
                .filter(LinkDomain::approved)
                .anyMatch(domain ->
                        accountDomain == null ? knowingly : domain.domain().equals(accountDomain));
        return approved ? State.ACTIVE : State.AWAITING_APPROVAL;
    }
}
