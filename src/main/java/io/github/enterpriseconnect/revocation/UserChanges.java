package io.github.enterpriseconnect.revocation;

import io.github.enterpriseconnect.candidate.RecentSignIns;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Mailbox;
import io.github.enterpriseconnect.core.User;
import io.github.enterpriseconnect.platform.Work;
import io.github.enterpriseconnect.storage.Change;
import io.github.enterpriseconnect.storage.DatabaseFailure;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * What somebody else's transaction does to users and organizations: noted while it goes on, and written down right before
 * it commits, for {@link ChangeJudgement} to judge afterwards. In that transaction rows are only read and added, none is
 * locked and none is changed, so that no work of ours can get in its way; and a database that fails there is never passed
 * over, since what Keycloak has done is lost then, and whoever asked for it has to learn of it.
 */
public final class UserChanges {
    private static final Logger LOG = Logger.getLogger(UserChanges.class);

    /** More than these in one transaction are left to the reconciliation, so that Keycloak's does not grow by ours. */
    private static final int MOST_AT_ONCE = 1_000;

    private static final int CHUNK = 500;

    private final ChangeJudgement judgement;
    private final RecentSignIns recentSignIns;
    private final InstantSource clock;

    public UserChanges(ChangeJudgement judgement, RecentSignIns recentSignIns, InstantSource clock) {
        this.judgement = judgement;
        this.recentSignIns = recentSignIns;
        this.clock = clock;
    }

    /** What one transaction does in one realm. Not for several threads. */
    public static final class Noted {
        private final Set<String> changed = new HashSet<>();
        private final Map<String, List<String>> removed = new LinkedHashMap<>();
        private final Map<String, String> proofs = new HashMap<>();
        private final Set<LinkId> links = new HashSet<>();
        private final List<Change.Unjudged> written = new ArrayList<>();

        /** The user's address, state, memberships, groups or roles have changed, or may have. */
        public void changed(String userId) {
            if (!full()) {
                changed.add(userId);
            }
        }

        /** The user is being removed; what they carry is gone afterwards. */
        public void removed(Work work, User user) {
            if (!full()) {
                removed.computeIfAbsent(user.id(), id -> carried(work, user));
            }
        }

        /**
         * The user has proved the address that they have, if it still is so when the transaction ends and Keycloak
         * holds it for verified then.
         *
         * @param by the event or the identity provider that proved it
         */
        public void proven(String userId, String by) {
            proofs.put(userId, by);
        }

        /** The link's organization is being removed; its members end with their link. */
        public void removed(LinkId link) {
            links.add(link);
        }

        /** The realm itself is being removed, and with it everybody of whom something was noted. */
        public void realmRemoved() {
            changed.clear();
            removed.clear();
            proofs.clear();
            links.clear();
        }

        /** Links whose organizations are being removed. */
        public Set<LinkId> removedLinks() {
            return Set.copyOf(links);
        }

        private static List<String> carried(Work work, User user) {
            try {
                return work.credentials().sealed(user);
            } catch (RuntimeException e) {
                // Deliberately everything but the database: a removal must not fail for what a directory does not say.
                return unlessInDatabase(e, user.id(), List.of());
            }
        }

        private boolean full() {
            return changed.size() + removed.size() >= MOST_AT_ONCE;
        }

        private Stream<String> changedOnly() {
            return Stream.concat(changed.stream(), proofs.keySet().stream())
                    .distinct()
                    .filter(id -> !removed.containsKey(id));
        }
    }

    /**
     * Writes down, within the transaction that made them, the changes by which a right may have ended.
     *
     * @throws RuntimeException the database failed; the transaction must not be committed then
     */
    public void write(Work work, Noted noted) {
        noted.removed.forEach(
                (userId, carried) -> noted.written.add(add(work, new Change.UserRemoved(userId, carried))));
        Set<String> concerned = concerned(work, noted);
        noted.changedOnly()
                .filter(userId -> concerned.contains(userId) || noted.proofs.containsKey(userId))
                .forEach(userId -> noted.written.add(add(work, changed(work, userId, noted))));
        noted.links.forEach(link -> add(work, new Change.OrganizationRemoved(link)));
    }

    private Change.Unjudged add(Work work, Change change) {
        Instant now = clock.instant();
        return work.changes().add(change, now, now.plus(ChangeJudgement.OWN));
    }

    /** Those who have something that may have ended, other than with their links. */
    private static Set<String> concerned(Work work, Noted noted) {
        Set<String> concerned = new HashSet<>();
        List<String> users = noted.changedOnly().toList();
        for (int from = 0; from < users.size(); from += CHUNK) {
            List<String> chunk = new ArrayList<>(users.subList(from, Math.min(users.size(), from + CHUNK)));
            work.delegations().liveOfUsers(work.realm().id(), chunk).stream()
                    .filter(delegation -> delegation.live() || delegation.state() == Delegation.State.ASKED)
                    .filter(delegation -> !noted.links.contains(delegation.link()))
                    .forEach(delegation -> concerned.add(delegation.userId()));
            concerned.addAll(work.members().withProof(chunk));
        }
        return concerned;
    }

    /** As the transaction leaves the user. */
    private static Change changed(Work work, String userId, Noted noted) {
        Change unknown = new Change.UserChanged(userId, null, null);
        try {
            return work.users()
                    .byId(userId)
                    .map(user -> changed(user, noted.proofs.get(userId)))
                    .orElse(unknown);
        } catch (RuntimeException e) {
            // Deliberately everything but the database: what cannot be read now is judged later.
            return unlessInDatabase(e, userId, unknown);
        }
    }

    private static Change changed(User user, @Nullable String provenBy) {
        return new Change.UserChanged(
                user.id(), Mailbox.parse(user.email()).orElse(null), user.emailVerified() ? provenBy : null);
    }

    /** Directories fail in ways of their own; with a database that fails, this transaction has failed. */
    private static <T> T unlessInDatabase(RuntimeException failure, String userId, T unknown) {
        if (DatabaseFailure.behind(failure)) {
            throw failure;
        }
        LOG.warnf("user %s could not be read while they were changed: %s", userId, failure.getMessage());
        return unknown;
    }

    /** What follows once that transaction has been committed, and whatever was cached of the users has been forgotten. */
    public void committed(Noted noted) {
        noted.changed.forEach(recentSignIns::forget);
        noted.proofs.keySet().forEach(recentSignIns::forget);
        judgement.judgeSoon(noted.written);
    }
}
