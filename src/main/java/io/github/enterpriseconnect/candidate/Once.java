package io.github.enterpriseconnect.candidate;

import io.github.enterpriseconnect.core.Unreadable;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The answer to a question that is asked when somebody first wants to know, and not again, even if nobody can tell. */
final class Once<T> {
    private final Supplier<T> question;
    private @Nullable Supplier<T> answer;

    Once(Supplier<T> question) {
        this.question = question;
    }

    /** @throws Unreadable nobody could tell */
    T get() {
        Supplier<T> known = answer;
        if (known == null) {
            known = ask();
            answer = known;
        }
        return known.get();
    }

    private Supplier<T> ask() {
        try {
            T told = question.get();
            return () -> told;
        } catch (Unreadable now) {
            return () -> {
                throw now;
            };
        }
    }
}
