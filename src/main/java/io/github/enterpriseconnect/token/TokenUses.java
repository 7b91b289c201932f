package io.github.enterpriseconnect.token;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.enterpriseconnect.core.Consumer;
import io.github.enterpriseconnect.core.TokenUse;
import io.github.enterpriseconnect.platform.Transactions;
import io.github.enterpriseconnect.platform.Work;
import io.github.enterpriseconnect.platform.Worker;
import io.github.enterpriseconnect.revocation.Reconciler;
import io.github.enterpriseconnect.storage.TokenUseStore;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Remembers which consumer was last given whose token. Requests do not wait for it: of those of one minute on one node
 * only the first is noted, and notes are written a few seconds later, many at once. A server that is killed forgets the
 * last ones.
 */
public final class TokenUses {
    private static final Duration PRECISION = Duration.ofMinutes(1);
    private static final Duration BETWEEN_WRITES = Duration.ofSeconds(5);
    private static final int MOST = 100_000;
    private static final int BATCH = 200;

    private final Transactions transactions;
    private final Worker worker;
    private final Reconciler reconciler;
    private final InstantSource clock;
    private final Cache<Subject, Boolean> recent;
    private final Map<Subject, Note> unwritten = new ConcurrentHashMap<>();

    public TokenUses(Transactions transactions, Worker worker, Reconciler reconciler, InstantSource clock) {
        this.transactions = transactions;
        this.worker = worker;
        this.reconciler = reconciler;
        this.clock = clock;
        this.recent = Caffeine.newBuilder()
                .expireAfterWrite(PRECISION)
                .ticker(() -> TimeUnit.MILLISECONDS.toNanos(clock.millis()))
                .maximumSize(MOST)
                .build();
    }

    /** Of whom one row tells, and who acted for them. */
    private record Subject(
            String realm,
            String user,
            String clientId,
            Consumer.Right right,
            @Nullable String actor) {
        TokenUse use(Instant at) {
            return new TokenUse(clientId, right.id(), at, actor == null ? null : new TokenUse.Acted(actor, at));
        }
    }

    private record Note(String link, Instant at) {}

    public void start() {
        worker.submitEvery(BETWEEN_WRITES, this::write);
    }

    /** @param link name of the link that the token was obtained through */
    void note(AccessTokenRequest request, String link) {
        Subject subject = new Subject(
                request.realm(), request.user(), request.consumer().clientId(), request.right(), request.actor());
        if (unwritten.size() < MOST && recent.asMap().putIfAbsent(subject, true) == null) {
            unwritten.put(subject, new Note(link, clock.instant()));
        }
    }

    private void write() {
        unwritten.keySet().stream()
                .collect(Collectors.groupingBy(Subject::realm))
                .forEach((realm, subjects) -> {
                    for (int from = 0; from < subjects.size(); from += BATCH) {
                        List<Subject> batch = subjects.subList(from, Math.min(subjects.size(), from + BATCH));
                        worker.attempt(() -> write(realm, batch));
                        batch.forEach(unwritten::remove);
                    }
                });
    }

    private void write(String realm, List<Subject> batch) {
        try {
            transactions.doInRealm(realm, work -> write(work, batch));
        } catch (Transactions.RealmGone gone) {
            throw gone;
        } catch (RuntimeException oneOfThem) {
            // Deliberately everything: whatever it is about one of them is no matter of the others.
            batch.forEach(
                    one -> worker.attempt(() -> transactions.doInRealm(realm, work -> write(work, List.of(one)))));
        }
    }

    /** Of whom the realm still has, without asking any directory: whom one no longer has is forgotten in time. */
    private void write(Work work, List<Subject> subjects) {
        Set<String> present =
                work.users().present(subjects.stream().map(Subject::user).collect(Collectors.toSet()));
        List<TokenUseStore.Noted> uses = subjects.stream()
                .filter(subject -> present.contains(subject.user()))
                .flatMap(subject -> Optional.ofNullable(unwritten.get(subject)).stream()
                        .map(note -> new TokenUseStore.Noted(subject.user(), note.link(), subject.use(note.at()))))
                .toList();
        if (!uses.isEmpty()) {
            work.uses().note(uses);
            reconciler.inUse(
                    work, uses.stream().map(TokenUseStore.Noted::userId).collect(Collectors.toSet()));
        }
    }
}
