package io.github.enterpriseconnect.candidate;

import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.NameOrigin;
import io.github.enterpriseconnect.core.SignIn;
import io.github.enterpriseconnect.core.Unreadable;
import io.github.enterpriseconnect.core.User;
import io.github.enterpriseconnect.platform.Work;
import io.github.enterpriseconnect.storage.WrittenAttribute;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * By whom calendar names come, taken down whenever a user is looked at in the background: what an attribute says by itself
 * does not tell who has written it, or when. What has come up unseen in a time when users could write the attribute
 * counts as the user's own; whoever was seen since is known again.
 */
public final class NameOrigins {
    private NameOrigins() {}

    /**
     * Takes down, of each attribute that a link of the user's has calendar names from, by whom came what it says now. Nothing changes
     * while the user cannot be read.
     *
     * @param signIn that has just been; null if it is about none
     */
    public static void update(Work work, User user, @Nullable SignIn signIn, Instant now) {
        try {
            attributes(work, user).forEach(attribute -> update(work, user, signIn, attribute, now));
        } catch (Unreadable silent) {
            // The next look may tell.
            return;
        }
    }

    private static Stream<String> attributes(Work work, User user) {
        return user.organizations()
                .map(affiliations -> affiliations.stream().map(User.Affiliation::organization))
                .orElseGet(() -> Stream.of(LinkId.REALM))
                .map(link -> work.links()
                        .get(new LinkId(work.realm().id(), link))
                        .policy()
                        .calendarName())
                .filter(Objects::nonNull)
                .distinct();
    }

    /** Whoever leaves one of several names says which one counts. */
    private static void update(Work work, User user, @Nullable SignIn signIn, String attribute, Instant now) {
        WrittenAttribute written = work.writtenAttributes()
                .note(
                        attribute,
                        work.realm().usersWrite(attribute),
                        () -> work.realm().formerlyWritten(attribute),
                        now);
        List<String> names = user.names(attribute);
        Optional<NameOrigin> known = work.members().nameOrigin(user.id(), attribute);
        if (names.size() > 1
                || (names.isEmpty() && known.isEmpty() && written.byUsersUntil().isEmpty())) {
            return;
        }
        Seen seen = new Seen(attribute, written, names, known, now);
        NameOrigin told = told(work, user, signIn, seen);
        // When it was seen counts once users cannot write it any more.
        boolean stays = known.filter(told::same)
                .filter(origin -> written.byUsers() || !seen.before(origin.seenAt()))
                .isPresent();
        if (!stays) {
            work.members().nameCame(user.id(), told);
        }
    }

    /**
     * What there is to judge by.
     *
     * @param written who could write the attribute
     * @param known what was noted last
     */
    private record Seen(
            String attribute, WrittenAttribute written, List<String> names, Optional<NameOrigin> known, Instant now) {
        String name() {
            return names.isEmpty() ? "" : names.get(0);
        }

        /** Whether users could write it after that. */
        boolean before(Instant time) {
            return written.byUsersUntil().filter(time::isBefore).isPresent();
        }

        /** As it was noted, if that is about the same name. */
        Optional<NameOrigin> stands() {
            return known.filter(origin -> origin.isOf(names))
                    .filter(origin -> !origin.byUser() || !written.accepted(origin.seenAt()))
                    .map(origin -> origin.seen(now));
        }
    }

    private static NameOrigin told(Work work, User user, @Nullable SignIn signIn, Seen seen) {
        String attribute = seen.attribute();
        NameOrigin ofOthers = NameOrigin.ofOthers(attribute, seen.name(), seen.now());
        NameOrigin ofUser = NameOrigin.ofUser(attribute, seen.name(), seen.now());
        if (seen.names().isEmpty() || user.filledByDirectory(attribute)) {
            return ofOthers;
        }
        if (seen.written().byUsers()) {
            return seen.stands().orElse(ofUser);
        }
        return Optional.ofNullable(signIn)
                .map(SignIn::identityProvider)
                .filter(work.realm().namingProviders(attribute)::contains)
                .map(provider -> NameOrigin.ofProvider(attribute, seen.name(), provider, seen.now()))
                .or(seen::stands)
                .orElseGet(() -> unseenBefore(user, seen) ? ofUser : ofOthers);
    }

    /** Whether the user was there while users could write it, and nobody has looked at them since. */
    private static boolean unseenBefore(User user, Seen seen) {
        boolean there = user.createdAt()
                .map(seen::before)
                .orElseGet(() -> seen.written().byUsersUntil().isPresent());
        return there && seen.known().map(origin -> seen.before(origin.seenAt())).orElse(true);
    }
}
