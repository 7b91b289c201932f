package io.github.enterpriseconnect.middle;

import io.github.enterpriseconnect.core.SignIn;
import io.github.enterpriseconnect.platform.Sessions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Who is signed in to a realm; nobody is left out, whatever our tables tell of them. */
public final class TestSessions implements Sessions {
    private static final Comparator<Session> ORDER =
            Comparator.comparing(Session::seenAt).thenComparing(Session::id);

    private final List<Session> all = new ArrayList<>();
    private final List<SignIn> signIns = new ArrayList<>();

    /** The user signs in, and has a session from then on. */
    public Session begin(TestUser user, SignIn signIn, Instant now) {
        Instant second = Instant.ofEpochSecond(now.getEpochSecond());
        Session session = new Session("session-%05d".formatted(all.size()), user.id(), second, second);
        all.add(session);
        signIns.add(signIn);
        return session;
    }

    @Override
    public List<Session> unaccounted(Instant since, @Nullable Session after, int limit) {
        return all.stream()
                .filter(session -> !session.seenAt().isBefore(Instant.ofEpochSecond(since.getEpochSecond()))
                        && (after == null || ORDER.compare(session, after) > 0))
                .sorted(ORDER)
                .limit(limit)
                .toList();
    }

    @Override
    public Optional<SignIn> signIn(String sessionId) {
        for (int i = 0; i < all.size(); i++) {
            if (all.get(i).id().equals(sessionId)) {
                return Optional.of(signIns.get(i));
            }
        }
        return Optional.empty();
    }
}
