package io.github.enterpriseconnect;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.enterpriseconnect.core.Consumer;
import io.github.enterpriseconnect.core.TokenUse;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;

/**
 * Remembers which consumer was last given whose token. Requests do not wait for it, and of those of one minute on one node
 * only the first is written, so that it costs next to nothing.
 */
final class TokenUses {
    private static final Duration PRECISION = Duration.ofMinutes(1);
    private static final int MOST = 100_000;

    private final Transactions transactions;
    private final BackgroundWorker worker;
    private final InstantSource clock;
    private final Cache<Subject, Boolean> noted =
            Caffeine.newBuilder().expireAfterWrite(PRECISION).maximumSize(MOST).build();

    TokenUses(Transactions transactions, BackgroundWorker worker, InstantSource clock) {
        this.transactions = transactions;
        this.worker = worker;
        this.clock = clock;
    }

    /** Of whom one row tells. */
    private record Subject(String realm, String user, String clientId, Consumer.Right right) {}

    /** @param link name of the link that the token was obtained through */
    void note(AccessTokens.Request request, String link) {
        Subject subject =
                new Subject(request.realm(), request.user(), request.consumer().clientId(), request.right());
        if (noted.asMap().putIfAbsent(subject, true) != null) {
            return;
        }
        TokenUse use = new TokenUse(subject.clientId(), subject.right(), clock.instant());
        boolean accepted = worker.submit(() -> transactions.claimInRealm(request.realm(), work -> {
            work.storage().uses().note(request.user(), link, use);
            return Optional.of(use);
        }));
        if (!accepted) {
            noted.invalidate(subject);
        }
    }
}
