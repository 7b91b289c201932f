package io.github.enterpriseconnect.admin;

import jakarta.ws.rs.core.Response;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** One of the constants of an enum, which the API writes in lower case. */
final class Choice {
    private Choice() {}

    /** Answers 400 with what to write instead. */
    static <T extends Enum<T>> T read(String name, @Nullable String written, Class<T> type) {
        return offered(type)
                .filter(one -> written(one).equals(written))
                .findFirst()
                .orElseThrow(() -> RequestRefused.because(
                        name + " must be one of "
                                + offered(type).map(Choice::written).collect(Collectors.joining(", "))
                                + ".",
                        Response.Status.BAD_REQUEST));
    }

    /** What stands for the words of newer versions is nobody's choice. */
    private static <T extends Enum<T>> Stream<T> offered(Class<T> type) {
        return Arrays.stream(type.getEnumConstants()).filter(one -> !one.name().equals("UNKNOWN"));
    }

    private static String written(Enum<?> one) {
        return one.name().toLowerCase(Locale.ROOT);
    }
}
