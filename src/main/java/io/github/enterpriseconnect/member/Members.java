package io.github.enterpriseconnect.member;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.enterpriseconnect.candidate.KeycloakCandidate;
import io.github.enterpriseconnect.candidate.RecentSignIns;
import io.github.enterpriseconnect.candidate.SignIn;
import io.github.enterpriseconnect.core.Candidate;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Gate;
import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Mailbox;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.TokenUse;
import io.github.enterpriseconnect.delegation.Delegating;
import io.github.enterpriseconnect.platform.AfterCommit;
import io.github.enterpriseconnect.platform.Transactions;
import io.github.enterpriseconnect.platform.Transactions.Work;
import io.github.enterpriseconnect.revocation.Ending;
import io.github.enterpriseconnect.revocation.Revoking;
import io.github.enterpriseconnect.storage.Storage;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.models.UserModel;

/**
 * Tells where users stand: what has become of the delegation, and what the gate says today; and does what administrators, or
 * the users themselves, ask for a single one.
 */
public final class Members {
    private static final Duration BETWEEN_ASKS = Duration.ofMinutes(1);

    private final Transactions transactions;
    private final Delegating delegating;
    private final RecentSignIns recentSignIns;
    private final Ending ending;
    private final Revoking revoking;
    private final ObjectMapper json;
    private final InstantSource clock;

    public Members(
            Transactions transactions,
            Delegating delegating,
            RecentSignIns recentSignIns,
            Ending ending,
            Revoking revoking,
            ObjectMapper json,
            InstantSource clock) {
        this.transactions = transactions;
        this.delegating = delegating;
        this.recentSignIns = recentSignIns;
        this.ending = ending;
        this.revoking = revoking;
        this.json = json;
        this.clock = clock;
    }

    /**
     * Where one user stands.
     *
     * @param reason the gate's first "no", else what the delegation failed for; null if there is nothing to complain of
     * @param mailbox null while the gate refuses before it knows one and nothing was ever asked for
     * @param link name of the link; null if none concerns the user
     * @param delegation the user's latest; empty if nothing was ever asked for
     * @param optedOutAt empty unless the user has opted out
     * @param uses which consumers were given the user's token
     * @param gate what the gate says of each of the user's links
     */
    public record Standing(
            Delegation.State state,
            @Nullable Reason reason,
            @Nullable String mailbox,
            @Nullable String link,
            Optional<Delegation> delegation,
            Optional<Instant> optedOutAt,
            List<TokenUse> uses,
            List<Gate.Decision> gate) {}

    /**
     * What has come of a member's wish to be connected.
     *
     * @param optedIn whether the member had opted out until now; that is taken back even where the gate says no for another
     *     reason, so that the member learns it and is connected once it is gone
     * @param decision what the gate says; the member is asked for only if that is yes
     */
    public record Connecting(boolean optedIn, Gate.Decision decision) {}

    /** Why nothing can be asked for. */
    public static final class Refused extends Exception {
        private static final long serialVersionUID = 1L;

        Refused(String message) {
            super(message);
        }
    }

    /** Where the user stands, read within the caller's transaction; the last sign-in that was asked for counts. */
    public Standing standing(KeycloakSession session, RealmModel realm, UserModel user) {
        return standing(work(session, realm), user, null);
    }

    /** Where the user stands who has come in this way, read in a transaction of its own. */
    public Standing standing(KeycloakSession session, RealmModel realm, UserModel user, SignIn signIn) {
        return transactions.readBeside(session, realm, work -> standing(work, user, signIn));
    }

    private Standing standing(Work work, UserModel user, @Nullable SignIn signIn) {
        List<Gate.Decision> gate =
                Gate.explain(KeycloakCandidate.of(work, user, signIn, clock.instant()), Gate.Question.ASK);
        Gate.Decision decision = gate.get(0);
        Optional<Delegation> delegation = latest(work, user);
        Mailbox mailbox = delegation.map(Delegation::mailbox).orElse(decision.mailbox());
        String link = delegation
                .map(row -> row.link().name())
                .orElse(decision.link() == null ? null : decision.link().id().name());
        return new Standing(
                delegation.map(Delegation::state).orElse(Delegation.State.NONE),
                decision.reason() != null && decision.reason() != Reason.COOLDOWN
                        ? decision.reason()
                        : delegation.map(Delegation::reason).orElse(null),
                mailbox == null ? null : mailbox.address(),
                link,
                delegation,
                work.storage().members().optedOut(user.getId()),
                work.storage().uses().ofUser(user.getId()),
                gate);
    }

    /** One page of the link's delegations, by mailbox; a null state matches all. */
    public List<Delegation> list(
            KeycloakSession session,
            RealmModel realm,
            LinkId link,
            Delegation.@Nullable State state,
            int first,
            int max) {
        return work(session, realm).storage().delegations().list(link, state, first, max);
    }

    /** How many of the link's delegations are in which state. */
    public Map<Delegation.State, Long> count(KeycloakSession session, RealmModel realm, LinkId link) {
        return work(session, realm).storage().delegations().count(link);
    }

    /** The latest token that was obtained through the link as it is linked now. */
    public Optional<TokenUse> latestUse(KeycloakSession session, RealmModel realm, Link link) {
        return Optional.ofNullable(link.linkedAt())
                .flatMap(since ->
                        work(session, realm).storage().uses().latest(link.id().name(), since));
    }

    /**
     * Has the user asked for at once, even if the mailbox was refused not long ago; within the caller's transaction.
     *
     * @throws Refused the gate says no; the message says why
     */
    public void askNow(KeycloakSession session, RealmModel realm, UserModel user) throws Refused {
        Work work = work(session, realm);
        work.storage().delegations().ofUser(realm.getId(), user.getId()).forEach(delegation -> work.storage()
                .delegations()
                .endCooldown(delegation.id(), clock.instant()));
        Gate.Decision decision = Gate.decide(candidate(work, user), Gate.Question.ASK);
        LinkId link = admitted(decision).link().id();
        String userId = user.getId();
        AfterCommit.run(session, () -> delegating.handOver(link, userId));
    }

    /**
     * Does what members themselves can do to be connected: takes back their opting out, counts a notice as read, and has them
     * asked for, even if the mailbox was refused, but not a moment ago. In a transaction of its own.
     */
    public Connecting connect(String realmId, String userId, SignIn signIn) {
        Connecting connecting = transactions.inRealm(realmId, work -> connect(work, user(work, userId), signIn));
        recentSignIns.forget(userId);
        connecting
                .decision()
                .admission()
                .ifPresent(admission -> delegating.handOver(admission.link().id(), userId, signIn));
        return connecting;
    }

    private Connecting connect(Work work, UserModel user, SignIn signIn) {
        Instant now = clock.instant();
        boolean optedOut = work.storage().members().optedOut(user.getId()).isPresent();
        work.storage().members().optIn(user.getId());
        work.storage().delegations().ofUser(work.realm().getId(), user.getId()).stream()
                .filter(delegation -> delegation.askedAt() == null
                        || delegation.askedAt().plus(BETWEEN_ASKS).isBefore(now))
                .forEach(delegation -> work.storage().delegations().endCooldown(delegation.id(), now));
        Gate.Decision decision = Gate.decide(KeycloakCandidate.of(work, user, signIn, now), Gate.Question.ASK);
        if (decision.failed() == Gate.Check.NOTICE_SEEN && decision.link() != null) {
            work.storage().members().notice(user.getId(), decision.link().id().name());
            decision = Gate.decide(KeycloakCandidate.of(work, user, signIn, now), Gate.Question.ASK);
        }
        return new Connecting(optedOut, decision);
    }

    /**
     * Takes members out as they themselves have asked for, as {@link #optOut} does. In a transaction of its own.
     *
     * @return false if no link of the user permits it, and nothing has changed
     */
    public boolean disconnect(String realmId, String userId) {
        return transactions.inRealm(realmId, work -> optOut(work, user(work, userId)));
    }

    private static UserModel user(Work work, String userId) {
        UserModel user = work.session().users().getUserById(work.realm(), userId);
        if (user == null) {
            throw new IllegalStateException("the user is gone");
        }
        return user;
    }

    private static Gate.Admission admitted(Gate.Decision decision) throws Refused {
        return decision.admission()
                .orElseThrow(() -> new Refused("The user cannot be delegated: "
                        + (decision.reason() == null
                                ? "unknown"
                                : decision.reason().id()) + "."));
    }

    /** Ends and revokes what the user has; the next sign-in asks again. Within the caller's transaction. */
    public void end(KeycloakSession session, RealmModel realm, UserModel user) {
        end(work(session, realm), user, Reason.ENDED_BY_ADMINISTRATOR, link -> true);
    }

    /**
     * Takes the user out of every link that permits it until they opt in again, and ends and revokes what they have through
     * these; within the caller's transaction.
     *
     * @throws Refused no link of the user permits it
     */
    public void optOut(KeycloakSession session, RealmModel realm, UserModel user) throws Refused {
        if (!optOut(work(session, realm), user)) {
            throw new Refused("The policy of the user's link does not let members opt out; set its optOut first.");
        }
    }

    private boolean optOut(Work work, UserModel user) {
        Set<LinkId> permitting = permittingOptOut(work, user);
        if (permitting.isEmpty()) {
            return false;
        }
        work.storage().members().optOut(user.getId(), clock.instant());
        end(work, user, Reason.OPTED_OUT, permitting::contains);
        return true;
    }

    /** Whether the user may opt out, read in a transaction of its own. */
    public boolean mayOptOut(KeycloakSession session, RealmModel realm, UserModel user) {
        return transactions.readBeside(
                session, realm, work -> !permittingOptOut(work, user).isEmpty());
    }

    private Set<LinkId> permittingOptOut(Work work, UserModel user) {
        Candidate candidate = candidate(work, user);
        return candidate.memberships().stream()
                .map(Candidate.Membership::link)
                .filter(link ->
                        link.policy().behaviour().over(candidate.defaults()).optOut())
                .map(Link::id)
                .collect(Collectors.toSet());
    }

    /** Lets the user be delegated again at the next sign-in; within the caller's transaction. */
    public void optIn(KeycloakSession session, RealmModel realm, UserModel user) {
        work(session, realm).storage().members().optIn(user.getId());
        AfterCommit.run(session, () -> recentSignIns.forget(user.getId()));
    }

    private void end(Work work, UserModel user, Reason reason, Predicate<LinkId> through) {
        work.storage().delegations().liveOfUsers(work.realm().getId(), List.of(user.getId())).stream()
                .filter(delegation -> through.test(delegation.link()))
                .forEach(delegation -> ending.end(work, delegation, reason));
        AfterCommit.run(work.session(), revoking::deliverSoon);
    }

    private KeycloakCandidate candidate(Work work, UserModel user) {
        return KeycloakCandidate.of(work, user, null, clock.instant());
    }

    static Optional<Delegation> latest(Work work, UserModel user) {
        return work.storage().delegations().ofUser(work.realm().getId(), user.getId()).stream()
                .findFirst();
    }

    private Work work(KeycloakSession session, RealmModel realm) {
        return new Work(session, realm, Storage.of(session, realm, json));
    }
}
