package io.github.enterpriseconnect.middle;

import io.github.enterpriseconnect.core.Secret;
import io.github.enterpriseconnect.notification.Push;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Applications that receive notifications and answer as the test says; each accepts until it is told otherwise. */
public final class ScriptedPush implements Push {
    private static final Answer ACCEPTED = new Answer(202, null, Duration.ZERO);

    private final BooleanSupplier inTransaction;
    private final Map<URI, Supplier<Answer>> answers = new HashMap<>();
    private final List<Sent> sent = new CopyOnWriteArrayList<>();

    /** One request as it came. */
    public record Sent(URI address, @Nullable String authorization, String token, Answer answer) {}

    ScriptedPush(BooleanSupplier inTransaction) {
        this.inTransaction = inTransaction;
    }

    /** From now on this address answers so. */
    public void answer(URI address, Answer answer) {
        answer(address, () -> answer);
    }

    /** From now on this address answers as this says at each request. */
    public void answer(URI address, Supplier<Answer> answer) {
        answers.put(address, answer);
    }

    public void accept(URI address) {
        answers.remove(address);
    }

    /** All requests so far. */
    public List<Sent> sent() {
        return sent;
    }

    /** What this address has accepted, in its order. */
    public List<String> accepted(URI address) {
        return sent.stream()
                .filter(one -> one.address().equals(address) && one.answer().accepted())
                .map(Sent::token)
                .toList();
    }

    @Override
    public Answer send(URI address, @Nullable Secret authorization, String token, Duration deadline) {
        if (inTransaction.getAsBoolean()) {
            throw new AssertionError("nobody is told anything within a transaction");
        }
        Answer answer = answers.getOrDefault(address, () -> ACCEPTED).get();
        sent.add(new Sent(address, authorization == null ? null : authorization.reveal(), token, answer));
        return answer;
    }
}
