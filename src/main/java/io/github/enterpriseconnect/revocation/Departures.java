package io.github.enterpriseconnect.revocation;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.enterpriseconnect.candidate.RecentSignIns;
import io.github.enterpriseconnect.core.Credential;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Mailbox;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.link.Linking;
import io.github.enterpriseconnect.platform.AfterCommit;
import io.github.enterpriseconnect.platform.Transactions.Work;
import io.github.enterpriseconnect.storage.Storage;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jboss.logging.Logger;
import org.keycloak.models.AbstractKeycloakTransaction;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.models.UserModel;

/**
 * What Keycloak tells us while it changes users: collected for each of its transactions, and judged right before that
 * commits, when everything has changed that is going to. What has ended is written in that very transaction.
 */
public final class Departures {
    private static final Logger LOG = Logger.getLogger(Departures.class);

    /** More than these in one transaction are left to the reconciliation, so that Keycloak's does not grow by ours. */
    private static final int MOST_AT_ONCE = 1_000;

    private static final int CHUNK = 500;

    private final Ending ending;
    private final Reconciling reconciling;
    private final Revoking revoking;
    private final Linking linking;
    private final RecentSignIns recentSignIns;
    private final ObjectMapper json;
    private final InstantSource clock;

    public Departures(
            Ending ending,
            Reconciling reconciling,
            Revoking revoking,
            Linking linking,
            RecentSignIns recentSignIns,
            ObjectMapper json,
            InstantSource clock) {
        this.ending = ending;
        this.reconciling = reconciling;
        this.revoking = revoking;
        this.linking = linking;
        this.recentSignIns = recentSignIns;
        this.json = json;
        this.clock = clock;
    }

    /** What one transaction of Keycloak does in one realm. */
    private static final class Noted {
        private final Set<String> changed = new HashSet<>();
        private final Map<String, Optional<Credential>> removed = new HashMap<>();
        private final Map<String, String> proofs = new HashMap<>();
        private final Set<LinkId> links = new HashSet<>();

        boolean full() {
            return changed.size() + removed.size() >= MOST_AT_ONCE;
        }
    }

    /** The user's address, state, memberships, groups or roles have changed, or may have. */
    public void changed(KeycloakSession session, RealmModel realm, String userId) {
        Noted noted = noted(session, realm);
        if (!noted.full()) {
            noted.changed.add(userId);
        }
    }

    /** The user is being removed; what they carry is gone afterwards. */
    public void removed(KeycloakSession session, RealmModel realm, UserModel user) {
        Noted noted = noted(session, realm);
        if (!noted.full()) {
            noted.removed.computeIfAbsent(user.getId(), id -> carried(Storage.of(session, realm, json), realm, user));
        }
    }

    /** Locks the rows before Keycloak locks the user's, in the order in which a refresh of the credential does. */
    private static Optional<Credential> carried(Storage storage, RealmModel realm, UserModel user) {
        Optional<Credential> credential = storage.credentials().of(user);
        if (credential.isPresent()) {
            storage.delegations().lockOfUser(realm.getId(), user.getId());
        }
        return credential;
    }

    /**
     * The user has proved the address that they have, if it still is so when the transaction ends and Keycloak holds it for
     * verified then.
     *
     * @param by the event or the identity provider that proved it
     */
    public void proven(KeycloakSession session, RealmModel realm, String userId, String by) {
        noted(session, realm).proofs.put(userId, by);
    }

    /** The organization is being removed, its members before it. */
    public void organizationRemoved(KeycloakSession session, RealmModel realm, String organization) {
        LinkId link = new LinkId(realm.getId(), organization);
        linking.organizationRemoved(session, realm, link);
        noted(session, realm).links.add(link);
        AfterCommit.run(session, () -> linking.unlinked(link));
    }

    /** The organization was switched, or its domains were changed. */
    public void organizationChanged(KeycloakSession session, RealmModel realm, String organization) {
        LinkId link = new LinkId(realm.getId(), organization);
        AfterCommit.run(session, () -> linking.changed(link));
    }

    private Noted noted(KeycloakSession session, RealmModel realm) {
        String key = Departures.class.getName() + " " + realm.getId();
        Noted known = session.getAttribute(key, Noted.class);
        if (known != null) {
            return known;
        }
        Noted created = new Noted();
        session.setAttribute(key, created);
        session.getTransactionManager().enlistPrepare(new AbstractKeycloakTransaction() {
            @Override
            protected void commitImpl() {
                judge(session, realm.getId(), created);
            }

            @Override
            protected void rollbackImpl() {}
        });
        AfterCommit.run(session, () -> {
            created.changed.forEach(recentSignIns::forget);
            created.proofs.keySet().forEach(recentSignIns::forget);
            revoking.deliverSoon();
        });
        return created;
    }

    private void judge(KeycloakSession session, String realmId, Noted noted) {
        RealmModel before = session.getContext().getRealm();
        try {
            RealmModel realm = session.realms().getRealm(realmId);
            if (realm != null) {
                session.getContext().setRealm(realm);
                judge(new Work(session, realm, Storage.of(session, realm, json)), noted);
            }
        } catch (RuntimeException e) {
            // Deliberately everything: what an administrator or a user does must not fail because of us, and the
            // reconciliation finds later what was missed here.
            LOG.errorf(e, "what ended in realm %s could not be written at once", realmId);
        } finally {
            session.getContext().setRealm(before);
        }
    }

    private void judge(Work work, Noted noted) {
        noted.proofs.forEach((userId, by) -> prove(work, userId, by));
        List<String> users = new ArrayList<>(noted.removed.keySet());
        noted.changed.stream().filter(id -> !noted.removed.containsKey(id)).forEach(users::add);
        for (int from = 0; from < users.size(); from += CHUNK) {
            List<String> chunk = users.subList(from, Math.min(users.size(), from + CHUNK));
            work.storage().delegations().liveOfUsers(work.realm().getId(), chunk).stream()
                    // What is only asked for is refused by its answer, which then is revoked.
                    .filter(delegation -> delegation.live() && !noted.links.contains(delegation.link()))
                    .forEach(delegation -> judge(work, noted, delegation));
        }
        noted.removed.keySet().forEach(userId -> {
            work.storage().members().remove(userId);
            work.storage().uses().removeUser(userId);
        });
        noted.changed.stream().filter(id -> !noted.removed.containsKey(id)).forEach(id -> forgetOtherProofs(work, id));
    }

    private void judge(Work work, Noted noted, Delegation delegation) {
        Optional<Credential> carried = noted.removed.get(delegation.userId());
        if (carried != null) {
            ending.end(work, delegation, Reason.USER_REMOVED, carried);
        } else {
            reconciling.ended(work, delegation).ifPresent(reason -> ending.end(work, delegation, reason));
        }
    }

    private void prove(Work work, String userId, String by) {
        UserModel user = work.session().users().getUserById(work.realm(), userId);
        if (user != null && user.isEmailVerified()) {
            Mailbox.parse(user.getEmail())
                    .ifPresent(mailbox -> work.storage().members().prove(userId, mailbox, by, clock.instant()));
        }
    }

    private static void forgetOtherProofs(Work work, String userId) {
        UserModel user = work.session().users().getUserById(work.realm(), userId);
        if (user != null) {
            work.storage().members().forgetOtherProofs(userId, Mailbox.parse(user.getEmail()));
        }
    }
}
