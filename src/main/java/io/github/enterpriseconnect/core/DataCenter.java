package io.github.enterpriseconnect.core;

import java.net.URI;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Cronofy's data centres. An application, its accounts and its tokens live in exactly one of them. Source: Cronofy's
 * documentation of delegated access, "Data centers".
 */
public enum DataCenter {
    US(""),
    UK("-uk"),
    DE("-de"),
    AU("-au"),
    CA("-ca"),
    SG("-sg");

    private final String suffix;

    DataCenter(String suffix) {
        this.suffix = suffix;
    }

    /** The identifier that settings and Cronofy's SDKs use, for example {@code de}. */
    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static Optional<DataCenter> byId(@Nullable String id) {
        return Arrays.stream(values()).filter(center -> center.id().equals(id)).findFirst();
    }

    /** All identifiers, comma-separated, for messages that say what to write. */
    public static String ids() {
        return Arrays.stream(values()).map(DataCenter::id).collect(Collectors.joining(", "));
    }

    /** Base of the REST API and of the token endpoints. */
    public URI apiUrl() {
        return URI.create("https://api" + suffix + ".cronofy.com");
    }

    /** Base of the pages that an administrator's browser is sent to. */
    public URI appUrl() {
        return URI.create("https://app" + suffix + ".cronofy.com");
    }
}
