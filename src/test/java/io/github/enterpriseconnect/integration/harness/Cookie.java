package io.github.enterpriseconnect.integration.harness;

import java.net.URI;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A cookie as RFC 6265 has it, with what a test may want to know of it. The port is no part of where a cookie belongs,
 * nor is its {@code Secure} flag observed: browsers take loopback addresses for secure.
 *
 * @param sameSite {@code Strict}, {@code Lax}, {@code None}, or empty if the server didn't say
 * @param expiresAt absent for a session cookie
 */
public record Cookie(
        String name,
        String value,
        String domain,
        String path,
        boolean secure,
        boolean httpOnly,
        String sameSite,
        @Nullable Instant expiresAt) {

    static Cookie parse(String header, URI origin) {
        String[] parts = header.split(";", -1);
        String[] pair = parts[0].split("=", 2);
        Map<String, String> attributes = new HashMap<>();
        for (int i = 1; i < parts.length; i++) {
            String[] attribute = parts[i].split("=", 2);
            attributes.put(
                    attribute[0].strip().toLowerCase(Locale.ROOT), attribute.length == 1 ? "" : attribute[1].strip());
        }
        String path = attributes.getOrDefault("path", "");
        return new Cookie(
                pair[0].strip(),
                pair.length == 1 ? "" : pair[1].strip(),
                attributes.getOrDefault("domain", origin.getHost()),
                path.startsWith("/") ? path : defaultPath(origin),
                attributes.containsKey("secure"),
                attributes.containsKey("httponly"),
                attributes.getOrDefault("samesite", ""),
                expiry(attributes).orElse(null));
    }

    private static Optional<Instant> expiry(Map<String, String> attributes) {
        return Optional.ofNullable(attributes.get("max-age"))
                .map(seconds -> Instant.now().plusSeconds(Long.parseLong(seconds)))
                .or(() -> Optional.ofNullable(attributes.get("expires"))
                        .map(date ->
                                DateTimeFormatter.RFC_1123_DATE_TIME.parse(date.replace('-', ' '), Instant::from)));
    }

    private static String defaultPath(URI origin) {
        int end = origin.getPath().lastIndexOf('/');
        return end <= 0 ? "/" : origin.getPath().substring(0, end);
    }

    boolean replaces(Cookie other) {
        return name.equals(other.name) && domain.equals(other.domain) && path.equals(other.path);
    }

    boolean isLive() {
        return expiresAt == null || expiresAt.isAfter(Instant.now());
    }

    boolean belongsTo(URI uri) {
        String requested = uri.getPath().isEmpty() ? "/" : uri.getPath();
        boolean below = requested.startsWith(path)
                && (path.endsWith("/")
                        || requested.length() == path.length()
                        || requested.charAt(path.length()) == '/');
        return domain.equals(uri.getHost()) && below;
    }
}
