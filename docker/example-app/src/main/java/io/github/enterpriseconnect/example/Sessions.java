package io.github.enterpriseconnect.example;

import com.nimbusds.oauth2.sdk.id.Identifier;
import com.nimbusds.oauth2.sdk.id.State;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What is remembered of browsers, in memory: the browser has nothing but a random id in a cookie that scripts cannot read.
 * The oldest are forgotten when there are too many.
 */
final class Sessions<T> {
    private static final int MOST = 10_000;

    private final String cookie;
    private final Duration lifetime;
    private final boolean secure;
    private final Clock clock;
    private final Map<String, Kept<T>> entries = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Kept<T>> eldest) {
            return size() > MOST;
        }
    };

    private record Kept<T>(T value, Instant expiresAt) {}

    /** @param cookie the cookie's name */
    Sessions(String cookie, Duration lifetime, boolean secure, Clock clock) {
        this.cookie = cookie;
        this.lifetime = lifetime;
        this.secure = secure;
        this.clock = clock;
    }

    /** Remembers something under a new id, and gives the value of the header that tells the browser. */
    synchronized String create(T value) {
        Identifier id = new State(32);
        entries.put(id.getValue(), new Kept<>(value, clock.instant().plus(lifetime)));
        return header(id.getValue(), lifetime);
    }

    synchronized Optional<T> get(String cookies) {
        return id(cookies)
                .map(entries::get)
                .filter(entry -> clock.instant().isBefore(entry.expiresAt()))
                .map(Kept::value);
    }

    synchronized void replace(String cookies, T value) {
        id(cookies)
                .ifPresent(id -> entries.computeIfPresent(id, (same, entry) -> new Kept<>(value, entry.expiresAt())));
    }

    /** Forgets it, and gives the value of the header that makes the browser do so too. */
    synchronized String remove(String cookies) {
        id(cookies).ifPresent(entries::remove);
        return header("", Duration.ZERO);
    }

    private Optional<String> id(String cookies) {
        for (String pair : cookies.split(";", -1)) {
            if (pair.strip().startsWith(cookie + "=")) {
                return Optional.of(pair.strip().substring(cookie.length() + 1));
            }
        }
        return Optional.empty();
    }

    private String header(String id, Duration maxAge) {
        return cookie + "=" + id + "; Path=/; HttpOnly; SameSite=Lax; Max-Age=" + maxAge.toSeconds()
                + (secure ? "; Secure" : "");
    }
}
