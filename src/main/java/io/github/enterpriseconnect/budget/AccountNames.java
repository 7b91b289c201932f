package io.github.enterpriseconnect.budget;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.enterpriseconnect.core.Application;
import io.github.enterpriseconnect.storage.BudgetStore.Account;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * By what a secret is known in the budget's row, and which are accepted, as far as this node knows. A secret of Cronofy's
 * is long and random: whoever reads its digest learns nothing of it.
 */
final class AccountNames {
    private static final int LENGTH = 40;
    private static final int MOST = 10_000;

    private final Cache<Application, Account> accounts =
            Caffeine.newBuilder().maximumSize(MOST).build();
    private final Cache<Account, Boolean> accepted =
            Caffeine.newBuilder().maximumSize(MOST).build();

    Account of(Application application) {
        return accounts.get(application, key -> new Account(key.key(), digest(key)));
    }

    /** The row says that Cronofy has accepted it. */
    void accept(Account account) {
        accepted.put(account, true);
    }

    /** Whether it is not known yet that Cronofy has accepted this; it is then. */
    boolean news(Account account) {
        return accepted.asMap().putIfAbsent(account, true) == null;
    }

    void forget(Account account) {
        accepted.invalidate(account);
    }

    private static String digest(Application application) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(
                    ("budget " + application.clientSecret().reveal()).getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            byte[] digest = mac.doFinal(application.key().getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest).substring(0, LENGTH);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has HmacSHA256", e);
        }
    }
}
