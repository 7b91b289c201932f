package io.github.enterpriseconnect.revocation;

import io.github.enterpriseconnect.candidate.MemberCandidate;
import io.github.enterpriseconnect.core.Check;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Gate;
import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Unreadable;
import io.github.enterpriseconnect.core.User;
import io.github.enterpriseconnect.platform.Work;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jboss.logging.Logger;

/**
 * Notes how the directory of a user is set up whom a link denies for a group or role that the directory may have added: once
 * the mapper is switched off that adds it, they seem to be without it. The background work does so wherever the gate has
 * decided, whether or not anybody was ever asked for them.
 */
public final class Denials {
    private static final Logger LOG = Logger.getLogger(Denials.class);

    /** Longer than between two attempts to ask for somebody. */
    private static final Duration SHOWN = Duration.ofMinutes(15);

    private static final Set<Check> DENIALS = Set.of(Check.IN_NO_DENIED_GROUP, Check.HAS_NO_DENIED_ROLE);

    private Denials() {}

    /** Takes down what the gate says of each of the user's links. */
    public static void note(Work work, User user, MemberCandidate candidate) {
        if (user.source().isPresent()) {
            note(work, user, Gate.explain(candidate, Gate.Question.ASK));
        }
    }

    /** As {@link #note(Work, User, MemberCandidate)}, where it is known what the gate says. */
    public static void note(Work work, User user, List<Gate.Decision> decisions) {
        user.source().ifPresent(setUp -> decisions.stream()
                .filter(decision -> decision.link() != null)
                .forEach(decision -> note(work, user.id(), setUp, decision)));
    }

    private static void note(Work work, String userId, String setUp, Gate.Decision decision) {
        Link link = Objects.requireNonNull(decision.link());
        boolean denies = !link.policy().deniedGroups().isEmpty()
                || !link.policy().deniedRoles().isEmpty();
        if (decision.failed() != null && DENIALS.contains(decision.failed())) {
            work.denials().note(userId, link.id(), setUp);
        } else if (denies && decision.passed().containsAll(DENIALS)) {
            work.denials().forget(userId, link.id());
        }
    }

    /** The delegation has just been refused, or has ended, for that reason. */
    public static void note(Work work, Delegation refused, Reason reason) {
        if (Delegation.denies(reason)) {
            source(work, refused.userId()).ifPresent(setUp -> {
                work.denials().note(refused.userId(), refused.link(), setUp);
                work.delegations().examine(refused.id());
            });
        }
    }

    /**
     * The user is not asked for since nobody can tell if they are still denied: the link shows that for a while, unless it is
     * told of anybody again.
     */
    public static void tell(Work work, LinkId link, String userId, Instant now) {
        source(work, userId)
                .map(Denials::directory)
                .filter(directory -> work.linkRecovery().noteDirectory(link, directory, now, now.plus(SHOWN)))
                .ifPresent(directory -> warn(link, directory));
    }

    static String directory(String source) {
        return source.split(" ", 2)[0];
    }

    static void warn(LinkId link, String directory) {
        LOG.warnf(
                "members of link %s are withheld and nobody is ended, since directory %s is set up otherwise than"
                        + " before; set it up as before, or save the link's policy to accept what it says now",
                link.name(), directory);
    }

    /** Empty also for a user who cannot be read now. */
    private static Optional<String> source(Work work, String userId) {
        try {
            return work.users().byId(userId).flatMap(User::source);
        } catch (Unreadable now) {
            return Optional.empty();
        }
    }
}
