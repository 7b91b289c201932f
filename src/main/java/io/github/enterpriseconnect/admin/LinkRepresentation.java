package io.github.enterpriseconnect.admin;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.LinkDomain;
import io.github.enterpriseconnect.core.Verification;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A link as the API shows it; times in ISO 8601.
 *
 * @param name the organization's; for {@code realm} the realm's
 * @param access what this administrator may do
 * @param problem absent while the service account is well
 * @param verified whether one real mailbox could be opened through it
 * @param lastUse absent in lists, and while nobody was given a token
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record LinkRepresentation(
        String id,
        String name,
        String state,
        @Nullable String serviceAccount,
        @Nullable String scope,
        @Nullable String delegatedScope,
        @Nullable String linkedAt,
        boolean suspended,
        List<DomainRepresentation> domains,
        PolicyJson.PolicyRepresentation policy,
        Access access,
        @Nullable Problem problem,
        VerificationResource.VerificationRepresentation verified,
        @Nullable TokenUseRepresentation lastUse) {

    /** Whether the administrator may invite, unlink, suspend and set the policy within the realm's ceiling. */
    public record Access(boolean manage) {}

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

    /** As this administrator may see it. */
    static LinkRepresentation of(
            Link link,
            String name,
            boolean suspended,
            PolicyJson.PolicyRepresentation policy,
            boolean manage,
            Optional<Verification> verification,
            @Nullable TokenUseRepresentation lastUse) {
        return new LinkRepresentation(
                link.id().name(),
                name,
                link.stateWord(),
                link.serviceAccount(),
                link.scope(),
                link.delegatedScope(),
                Optional.ofNullable(link.linkedAt()).map(Instant::toString).orElse(null),
                suspended,
                link.domains().stream().map(DomainRepresentation::of).toList(),
                policy,
                new Access(manage),
                Optional.ofNullable(link.problem()).map(Problem::of).orElse(null),
                VerificationResource.VerificationRepresentation.of(verification, manage),
                lastUse);
    }
}
