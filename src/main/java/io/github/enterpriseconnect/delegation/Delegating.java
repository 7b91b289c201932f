package io.github.enterpriseconnect.delegation;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.enterpriseconnect.candidate.KeycloakCandidate;
import io.github.enterpriseconnect.candidate.Links;
import io.github.enterpriseconnect.candidate.RecentSignIns;
import io.github.enterpriseconnect.candidate.SignIn;
import io.github.enterpriseconnect.core.Behaviour;
import io.github.enterpriseconnect.core.Candidate;
import io.github.enterpriseconnect.core.Credential;
import io.github.enterpriseconnect.core.Gate;
import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.platform.BackgroundWorker;
import io.github.enterpriseconnect.platform.Transactions;
import io.github.enterpriseconnect.settings.BehaviourDefaults;
import io.github.enterpriseconnect.storage.Storage;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.models.UserModel;

/**
 * Decides at sign-in who is to be delegated and takes them in hand: members of one link coalesce for a moment and are
 * asked for together, one batch of a link at a time, while the sign-in has long gone on.
 */
public final class Delegating {
    private static final Duration COALESCE = Duration.ofMillis(250);
    private static final Duration BETWEEN_SWEEPS = Duration.ofSeconds(5);
    private static final int BATCH = 50;
    private static final int MOST_WAITING = 10_000;
    private static final int SWEPT = 500;

    private final Transactions transactions;
    private final Links links;
    private final BackgroundWorker worker;
    private final DelegationRequests requests;
    private final DelegationAnswers answers;
    private final Redemption redemption;
    private final RecentSignIns recentSignIns;
    private final ObjectMapper json;
    private final InstantSource clock;

    private final Map<LinkId, Map<String, Optional<SignIn>>> waiting = new ConcurrentHashMap<>();
    private final AtomicInteger waitingMembers = new AtomicInteger();

    public Delegating(
            Transactions transactions,
            Links links,
            BackgroundWorker worker,
            DelegationRequests requests,
            DelegationAnswers answers,
            Redemption redemption,
            RecentSignIns recentSignIns,
            ObjectMapper json,
            InstantSource clock) {
        this.transactions = transactions;
        this.links = links;
        this.worker = worker;
        this.requests = requests;
        this.answers = answers;
        this.redemption = redemption;
        this.recentSignIns = recentSignIns;
        this.json = json;
        this.clock = clock;
    }

    /** Begins to look for work that a crash, an outage or a full queue has left behind. */
    public void start() {
        worker.submitEvery(BETWEEN_SWEEPS, this::sweep);
    }

    /** A member who is to be taken in hand, and how the link has members treated. */
    public record Due(LinkId link, Behaviour behaviour) {}

    /**
     * Whether the user who signs in is to be taken in hand, and for which link. Reads what is cached; calls nobody, writes
     * nothing, and asks no table of ours unless the realm has links that ask for a page and the user has no credential. Where
     * nothing is known of a link, the work behind decides.
     *
     * @return empty if there is nothing to do, which includes that the user was taken in hand a moment ago
     */
    public Optional<Due> dueAtSignIn(KeycloakSession session, RealmModel realm, UserModel user, SignIn signIn) {
        if (recentSignIns.known(user.getId(), signIn)) {
            return Optional.empty();
        }
        Optional<Credential> credential =
                Storage.of(session, realm, json).credentials().of(user);
        boolean mayRead = credential.isEmpty() && BehaviourDefaults.mayAskForPage(realm);
        List<LinkId> unknown = new ArrayList<>();
        Candidate candidate = KeycloakCandidate.atSignIn(
                session, realm, user, signIn, id -> links.known(id).orElseGet(() -> {
                    if (mayRead) {
                        return links.learn(transactions.readBeside(
                                session, realm, work -> work.storage().links().get(id)));
                    }
                    unknown.add(id);
                    return Link.unlinked(id);
                }));
        Optional<Gate.Admission> admission =
                Gate.decide(candidate, Gate.Question.ASK).admission();
        if (admission.isEmpty()) {
            return unknown.stream().findFirst().map(id -> new Due(id, Behaviour.SILENT));
        }
        if (credential.filter(held -> matches(held, admission.get())).isPresent()) {
            return Optional.empty();
        }
        Link link = admission.get().link();
        return Optional.of(new Due(link.id(), link.policy().behaviour().over(candidate.defaults())));
    }

    /**
     * Takes a member in hand who has signed in; returns at once and never throws. A member for whom there is no room is taken
     * in hand at the next sign-in.
     */
    public void handOver(LinkId link, String userId, SignIn signIn) {
        recentSignIns.remember(userId, signIn);
        enqueue(link, Map.of(userId, Optional.of(signIn)));
    }

    /** Takes a member in hand on somebody else's account; the member's last sign-in counts. */
    public void handOver(LinkId link, String userId) {
        enqueue(link, Map.of(userId, Optional.empty()));
    }

    /** See {@link DelegationAnswers#receive}. */
    public DelegationAnswers.Receipt receive(String realmId, String ticket, Optional<String> signature, byte[] body) {
        return answers.receive(realmId, ticket, signature, body);
    }

    public static boolean matches(Credential credential, Gate.Admission admission) {
        return credential.link().equals(admission.link().id().name())
                && credential.application().equals(admission.link().application())
                && credential.mailbox().equals(admission.mailbox().address());
    }

    private void enqueue(LinkId link, Map<String, Optional<SignIn>> members) {
        if (waitingMembers.get() + members.size() > MOST_WAITING) {
            return;
        }
        AtomicBoolean first = new AtomicBoolean();
        waiting.compute(link, (id, waitingAlready) -> {
            first.set(waitingAlready == null);
            Map<String, Optional<SignIn>> queue =
                    waitingAlready == null ? Collections.synchronizedMap(new LinkedHashMap<>()) : waitingAlready;
            members.forEach((userId, signIn) -> {
                Optional<SignIn> before = queue.get(userId);
                queue.put(userId, before == null ? signIn : signIn.or(() -> before));
                if (before == null) {
                    waitingMembers.incrementAndGet();
                }
            });
            return queue;
        });
        if (first.get()) {
            flushSoon(link);
        }
    }

    private void flushSoon(LinkId link) {
        worker.submitLater(COALESCE, () -> flush(link), () -> abandon(link));
    }

    private void abandon(LinkId link) {
        Map<String, Optional<SignIn>> members = waiting.remove(link);
        if (members != null) {
            waitingMembers.addAndGet(-members.size());
        }
    }

    /** One flush of a link runs at a time: the next is scheduled only once this one has ended. */
    private void flush(LinkId link) {
        try {
            Map<String, Optional<SignIn>> batch = take(link);
            if (!batch.isEmpty()) {
                requests.ask(link, batch).forEach(this::enqueue);
            }
        } finally {
            boolean more = waiting.computeIfPresent(link, (id, members) -> members.isEmpty() ? null : members) != null;
            if (more) {
                flushSoon(link);
            }
        }
    }

    private Map<String, Optional<SignIn>> take(LinkId link) {
        Map<String, Optional<SignIn>> batch = new LinkedHashMap<>();
        waiting.computeIfPresent(link, (id, members) -> {
            members.entrySet().stream().limit(BATCH).forEach(member -> batch.put(member.getKey(), member.getValue()));
            batch.keySet().forEach(members::remove);
            waitingMembers.addAndGet(-batch.size());
            return members;
        });
        return batch;
    }

    private void sweep() {
        Instant now = clock.instant();
        transactions
                .inServer(session -> Storage.sweeping(session).due(now, SWEPT))
                .forEach(delegation -> handOver(delegation.link(), delegation.userId()));
        transactions
                .inServer(session -> Storage.sweeping(session).unredeemed(now, SWEPT))
                .forEach(delegation -> redemption.redeemSoon(delegation.link().realm(), delegation.id()));
    }
}
