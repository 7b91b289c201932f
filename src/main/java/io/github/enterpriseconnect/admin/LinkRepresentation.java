package io.github.enterpriseconnect.admin;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.github.enterpriseconnect.core.Condition;
import io.github.enterpriseconnect.core.FoundName;
import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.LinkDomain;
import io.github.enterpriseconnect.core.Scopes;
import io.github.enterpriseconnect.core.Verification;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A link as the API shows it; times in ISO 8601.
 *
 * @param name the organization's; for {@code realm} the realm's
 * @param missingScopes what the realm wants of mailboxes and the service account was not granted; absent if nothing
 * @param account how the service account stands by Cronofy's word; absent while it has said nothing
 * @param access what this administrator may do
 * @param problem absent while the service account is well
 * @param verified whether one real mailbox could be opened through it
 * @param lastUse absent in lists, and while nobody was given a token
 * @param foundNames absent in lists, while there are none, and for those who may not see all users
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record LinkRepresentation(
        String id,
        String name,
        String state,
        @Nullable String serviceAccount,
        @Nullable String scope,
        @Nullable String delegatedScope,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) List<String> missingScopes,
        @Nullable Account account,
        @Nullable String linkedAt,
        boolean suspended,
        List<DomainRepresentation> domains,
        PolicyJson.PolicyRepresentation policy,
        Access access,
        @Nullable Problem problem,
        VerificationResource.VerificationRepresentation verified,
        @Nullable TokenUseRepresentation lastUse,
        @Nullable List<FoundNames> foundNames) {

    /**
     * Members for whom Cronofy has answered with another name than the one that was asked for, in the same way.
     *
     * @param domain of the other names; null unless they differ by it alone
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record FoundNames(String pattern, @Nullable String domain, long members) {
        static @Nullable List<FoundNames> of(Map<FoundName.Pattern, Long> patterns) {
            return patterns.isEmpty()
                    ? null
                    : patterns.entrySet().stream()
                            .map(one -> new FoundNames(
                                    one.getKey().kind(), one.getKey().domain(), one.getValue()))
                            .toList();
        }
    }

    /** Whether the administrator may invite, unlink, suspend and set the policy within the realm's ceiling. */
    public record Access(boolean manage) {}

    /** How a service account stands, in Cronofy's own words; the time in ISO 8601. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Account(
            @Nullable String status,
            @Nullable String providerName,
            @Nullable String providerProtocol,
            @Nullable String migrationUrl,
            String seenAt) {
        static Account of(Link.Seen seen) {
            Condition condition = seen.condition();
            return new Account(
                    condition.status(),
                    condition.provider(),
                    condition.protocol(),
                    condition.migrationUrl(),
                    seen.at().toString());
        }
    }

    /** What is wrong with a service account; the time in ISO 8601. */
    public record Problem(String reason, String since) {
        static Problem of(Link.Problem problem) {
            return new Problem(problem.reasonWord(), problem.since().toString());
        }
    }

    /** A domain of a link. */
    public record DomainRepresentation(String name, boolean approved) {
        static DomainRepresentation of(LinkDomain domain) {
            return new DomainRepresentation(domain.domain().name(), domain.approved());
        }
    }

    /**
     * As this administrator may see it.
     *
     * @param wanted what the realm wants of mailboxes; empty while it has no settings
     */
    static LinkRepresentation of(
            Link link,
            String name,
            boolean suspended,
            PolicyJson.PolicyRepresentation policy,
            boolean manage,
            Optional<String> wanted,
            Optional<Verification> verification,
            @Nullable TokenUseRepresentation lastUse) {
        return new LinkRepresentation(
                link.id().name(),
                name,
                link.stateWord(),
                link.serviceAccount(),
                link.scope(),
                link.delegatedScope(),
                link.delegatedScope() == null
                        ? List.of()
                        : Scopes.of(link.delegatedScope()).missing(Scopes.of(wanted.orElse(null))),
                Optional.ofNullable(link.seen()).map(Account::of).orElse(null),
                Optional.ofNullable(link.linkedAt()).map(Instant::toString).orElse(null),
                suspended,
                link.domains().stream().map(DomainRepresentation::of).toList(),
                policy,
                new Access(manage),
                Optional.ofNullable(link.problem()).map(Problem::of).orElse(null),
                VerificationResource.VerificationRepresentation.of(verification, manage),
                lastUse,
                null);
    }

    /** The same, with what was found out about members' names. */
    LinkRepresentation with(Map<FoundName.Pattern, Long> patterns) {
        return new LinkRepresentation(
                id,
                name,
                state,
                serviceAccount,
                scope,
                delegatedScope,
                missingScopes,
                account,
                linkedAt,
                suspended,
                domains,
                policy,
                access,
                problem,
                verified,
                lastUse,
                FoundNames.of(patterns));
    }
}
