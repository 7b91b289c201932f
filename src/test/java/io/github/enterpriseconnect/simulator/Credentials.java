package io.github.enterpriseconnect.simulator;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Codes, access tokens and refresh tokens, and how long each is good for (contract 2). */
final class Credentials {
    private static final String ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    private final SecureRandom random = new SecureRandom();
    private final SimulatorClock clock;
    private final Switches switches;
    private final Map<String, Code> codes = new HashMap<>();
    private final Map<String, AccessToken> accessTokens = new HashMap<>();
    private final Map<String, RefreshToken> refreshTokens = new HashMap<>();
    private final Map<String, Held> held = new HashMap<>();

    Credentials(SimulatorClock clock, Switches switches) {
        this.clock = clock;
        this.switches = switches;
    }

    /**
     * A code of 32 characters (contract 0).
     *
     * @param url the redirect_uri or callback_url it is bound to, to the letter
     * @param parent the service account without which it is void
     * @param consent makes the authorization when the code is redeemed
     */
    synchronized String code(String clientId, String url, @Nullable String parent, Supplier<Account> consent) {
        String code = secret();
        Instant expires = clock.instant().plusSeconds(switches.get(Switch.CODE_SECONDS));
        codes.put(code, new Code(clientId, url, expires, parent, consent));
        return code;
    }

    /** What the code stands for, once; empty when it is unknown, used, too old, or bound to something else. */
    synchronized Optional<Supplier<Account>> redeem(String code, String clientId, String url) {
        Code found = codes.get(code);
        if (found == null || !found.clientId.equals(clientId)) {
            return Optional.empty();
        }
        if (!found.url.equals(url)) {
            if (switches.get(Switch.MISMATCH_CONSUMES_CODE)) {
                codes.remove(code);
            }
            return Optional.empty();
        }
        codes.remove(code);
        return found.expires.isAfter(clock.instant()) ? Optional.of(found.consent) : Optional.empty();
    }

    /** Tokens for a new authorization of the account. */
    synchronized Tokens authorize(Account account) {
        Choice.Reauthorization mode = switches.get(Switch.REAUTHORIZATION);
        if (mode == Choice.Reauthorization.REPLACE) {
            forget(account);
        }
        Optional<String> kept = mode == Choice.Reauthorization.SAME_REFRESH_TOKEN
                ? held(account).refresh.stream().findFirst()
                : Optional.empty();
        return new Tokens(access(account), account.tokenSeconds(switches), kept.orElseGet(() -> refresh(account)));
    }

    /** Tokens for a refresh token by the mode of the switches; empty when it is not good (any more). */
    synchronized Optional<Refreshed> refresh(String token, String clientId) {
        RefreshToken found = refreshTokens.get(token);
        Instant now = clock.instant();
        if (found == null || !found.account.application().clientId().equals(clientId) || !found.goodAt(now)) {
            return Optional.empty();
        }
        Account account = found.account;
        Choice.Refresh mode = switches.get(Switch.REFRESH);
        if (mode == Choice.Refresh.ROTATE_AND_INVALIDATE && found.dies == null) {
            found.dies = now.plusSeconds(switches.get(Switch.REFRESH_GRACE_SECONDS));
        }
        found.idleAfter = idleAfter(now);
        String next = mode == Choice.Refresh.KEEP ? token : refresh(account);
        return Optional.of(new Refreshed(account, refreshed(account, next, now)));
    }

    /** Whose the access token is; empty when it is unknown or has expired. */
    synchronized Optional<Account> bearer(@Nullable String token) {
        AccessToken found = token == null ? null : accessTokens.get(token);
        return found == null || !found.expires.isAfter(clock.instant()) ? Optional.empty() : Optional.of(found.account);
    }

    /** Whose the token is, of either sort and whether or not it has expired (contract 4.1). */
    synchronized Optional<Account> owner(String token) {
        AccessToken access = accessTokens.get(token);
        RefreshToken refresh = refreshTokens.get(token);
        return Optional.ofNullable(access != null ? access.account : refresh != null ? refresh.account : null);
    }

    synchronized List<String> refreshTokens(Account account) {
        return List.copyOf(held(account).refresh);
    }

    /** Ends all tokens of the account and voids the codes that came about through it. */
    synchronized void forget(Account account) {
        Held all = held(account);
        accessTokens.keySet().removeAll(all.access);
        refreshTokens.keySet().removeAll(all.refresh);
        held.remove(account.sub());
        if (account instanceof ServiceAccount) {
            codes.values().removeIf(code -> account.sub().equals(code.parent));
        }
    }

    /** Makes every access token as good as expired. */
    synchronized void expireAccessTokens() {
        accessTokens.replaceAll((token, access) -> new AccessToken(access.account, Instant.MIN));
    }

    synchronized void clear() {
        codes.clear();
        accessTokens.clear();
        refreshTokens.clear();
        held.clear();
    }

    private Tokens refreshed(Account account, String refreshToken, Instant now) {
        int reuse = switches.get(Switch.REFRESH_REUSES_ACCESS_TOKEN_SECONDS);
        if (reuse > 0) {
            for (String token : held(account).access) {
                AccessToken before = accessTokens.get(token);
                if (before != null && before.expires.isAfter(now.plusSeconds(reuse))) {
                    int left = (int) Duration.between(now, before.expires).toSeconds();
                    return new Tokens(token, left, refreshToken);
                }
            }
        }
        if (switches.get(Switch.REFRESH_KILLS_ACCESS_TOKEN)) {
            accessTokens.keySet().removeAll(held(account).access);
            held(account).access.clear();
        }
        return new Tokens(access(account), account.tokenSeconds(switches), refreshToken);
    }

    private String access(Account account) {
        String token = secret();
        held(account).access.add(token);
        accessTokens.put(token, new AccessToken(account, clock.instant().plusSeconds(account.tokenSeconds(switches))));
        return token;
    }

    private String refresh(Account account) {
        String token = secret();
        held(account).refresh.add(token);
        refreshTokens.put(token, new RefreshToken(account, idleAfter(clock.instant())));
        return token;
    }

    private Held held(Account account) {
        return held.computeIfAbsent(account.sub(), sub -> new Held(new LinkedHashSet<>(), new LinkedHashSet<>()));
    }

    private Instant idleAfter(Instant now) {
        int idle = switches.get(Switch.REFRESH_IDLE_SECONDS);
        return idle == 0 ? Instant.MAX : now.plusSeconds(idle);
    }

    private String secret() {
        StringBuilder secret = new StringBuilder(32);
        random.ints(32, 0, ALPHABET.length()).forEach(index -> secret.append(ALPHABET.charAt(index)));
        return secret.toString();
    }

    /** What a token answer carries of secrets. */
    record Tokens(String accessToken, int expiresIn, String refreshToken) {}

    /** A refresh that worked. */
    record Refreshed(Account account, Tokens tokens) {}

    private record Code(
            String clientId,
            String url,
            Instant expires,
            @Nullable String parent,
            Supplier<Account> consent) {}

    /** The tokens of one account, so that a revocation does not look through everybody's. */
    private record Held(Set<String> access, Set<String> refresh) {}

    private record AccessToken(Account account, Instant expires) {}

    private static final class RefreshToken {
        private final Account account;
        private Instant idleAfter;
        private @Nullable Instant dies;

        private RefreshToken(Account account, Instant idleAfter) {
            this.account = account;
            this.idleAfter = idleAfter;
        }

        private boolean goodAt(Instant now) {
            return idleAfter.isAfter(now) && (dies == null || dies.isAfter(now));
        }
    }
}
