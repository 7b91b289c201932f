package io.github.enterpriseconnect.revocation;

import io.github.enterpriseconnect.candidate.AddressProofs;
import io.github.enterpriseconnect.candidate.RecentSignIns;
import io.github.enterpriseconnect.core.Credential;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Unreadable;
import io.github.enterpriseconnect.core.User;
import io.github.enterpriseconnect.platform.Work;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * What somebody else's transaction does to users: noted while it goes on, and judged right before it commits, when
 * everything has changed that is going to. What has ended is written in that very transaction.
 */
public final class UserChanges {
    private static final Logger LOG = Logger.getLogger(UserChanges.class);

    /** More than these in one transaction are left to the reconciliation, so that Keycloak's does not grow by ours. */
    private static final int MOST_AT_ONCE = 1_000;

    private static final int CHUNK = 500;

    private final DelegationTermination termination;
    private final Reconciler reconciler;
    private final RevocationDispatcher dispatcher;
    private final RecentSignIns recentSignIns;
    private final InstantSource clock;

    public UserChanges(
            DelegationTermination termination,
            Reconciler reconciler,
            RevocationDispatcher dispatcher,
            RecentSignIns recentSignIns,
            InstantSource clock) {
        this.termination = termination;
        this.reconciler = reconciler;
        this.dispatcher = dispatcher;
        this.recentSignIns = recentSignIns;
        this.clock = clock;
    }

    /** What one transaction does in one realm. Not for several threads. */
    public static final class Noted {
        private final Set<String> changed = new HashSet<>();
        private final Map<String, Optional<Credential>> removed = new HashMap<>();
        private final Map<String, String> proofs = new HashMap<>();
        private final Set<LinkId> links = new HashSet<>();

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

        /** Locks the rows before Keycloak locks the user's, in the order in which a refresh of the credential does. */
        private static Optional<Credential> carried(Work work, User user) {
            Optional<Credential> credential;
            try {
                credential = work.credentials().of(user);
            } catch (Unreadable keyAway) {
                // Revoked without its tokens then, by the account's id.
                work.delegations().lockOfUser(work.realm().id(), user.id());
                return Optional.empty();
            }
            if (credential.isPresent()) {
                work.delegations().lockOfUser(work.realm().id(), user.id());
            }
            return credential;
        }

        private boolean full() {
            return changed.size() + removed.size() >= MOST_AT_ONCE;
        }

        private Stream<String> changedOnly() {
            return changed.stream().filter(id -> !removed.containsKey(id));
        }
    }

    /** Writes what has ended, within the transaction that changed it. */
    public void judge(Work work, Noted noted) {
        try {
            noted.proofs.forEach((userId, by) -> prove(work, userId, by));
            List<String> users = new ArrayList<>(noted.removed.keySet());
            noted.changedOnly().forEach(users::add);
            for (int from = 0; from < users.size(); from += CHUNK) {
                List<String> chunk = users.subList(from, Math.min(users.size(), from + CHUNK));
                work.delegations().liveOfUsers(work.realm().id(), chunk).stream()
                        // What is only asked for is refused by its answer, which then is revoked.
                        .filter(delegation -> delegation.live() && !noted.links.contains(delegation.link()))
                        .forEach(delegation -> judge(work, noted, delegation));
            }
            noted.removed.keySet().forEach(userId -> {
                work.members().remove(userId);
                work.uses().removeUser(userId);
            });
            noted.changedOnly().forEach(id -> work.users()
                    .byId(id)
                    .ifPresent(user -> AddressProofs.update(work, user, null, clock.instant())));
        } catch (RuntimeException e) {
            // Deliberately everything: what an administrator or a user does must not fail because of us, and the
            // reconciliation finds later what was missed here.
            LOG.errorf(
                    e,
                    "what ended in realm %s could not be written at once",
                    work.realm().id());
        }
    }

    /** What follows once that transaction has been committed. */
    public void committed(Noted noted) {
        noted.changed.forEach(recentSignIns::forget);
        noted.proofs.keySet().forEach(recentSignIns::forget);
        dispatcher.deliverSoon();
    }

    private void judge(Work work, Noted noted, Delegation delegation) {
        Optional<Credential> carried = noted.removed.get(delegation.userId());
        if (carried != null) {
            termination.end(work, delegation, Reason.USER_REMOVED, carried);
        } else {
            reconciler.ended(work, delegation).ifPresent(reason -> termination.end(work, delegation, reason));
        }
    }

    private void prove(Work work, String userId, String by) {
        work.users().byId(userId).ifPresent(user -> AddressProofs.prove(work, user, by, clock.instant()));
    }
}
