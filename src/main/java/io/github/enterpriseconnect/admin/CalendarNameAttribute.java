package io.github.enterpriseconnect.admin;

import io.github.enterpriseconnect.EnterpriseConnect;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.platform.KeycloakWork;
import jakarta.ws.rs.core.Response;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.keycloak.models.UserModel;

/** Which user attributes calendar names may come from, whoever may write them. */
final class CalendarNameAttribute {
    static final int LONGEST = 64;

    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0," + (LONGEST - 1) + "}");

    /** What Keycloak means something by. */
    private static final Set<String> OF_KEYCLOAK = Stream.of(
                    UserModel.USERNAME,
                    UserModel.EMAIL,
                    UserModel.EMAIL_VERIFIED,
                    UserModel.FIRST_NAME,
                    UserModel.LAST_NAME,
                    UserModel.LOCALE,
                    UserModel.ENABLED,
                    UserModel.DISABLED_REASON,
                    UserModel.CREATED_TIMESTAMP)
            .map(name -> name.toLowerCase(Locale.ROOT))
            .collect(Collectors.toUnmodifiableSet());

    private CalendarNameAttribute() {}

    /**
     * Answers 409 where members may lose their tokens by another attribute, or values count that nobody is known to have looked
     * at, with how many that are.
     */
    static void requireHarmless(KeycloakWork work, LinkId link, @Nullable String before, @Nullable String after) {
        if (Objects.equals(before, after)) {
            return;
        }
        List<String> harm = new ArrayList<>();
        long connected = work.delegations().count(link).getOrDefault(Delegation.State.GRANTED.id(), 0L);
        if (connected > 0) {
            harm.add("Members connected through this link: " + connected
                    + ". Whoever is connected by another name than the one"
                    + " that counts then has no token until Cronofy has been asked for them anew.");
        }
        long named = after == null ? 0 : work.users().countNamed(after);
        if (named > 0) {
            harm.add("Users with something in attribute " + after + " that no directory says itself: " + named
                    + ". It counts, whoever has written it; look through it first.");
        }
        if (!harm.isEmpty()) {
            throw RequestRefused.because(
                    String.join(" ", harm) + " Repeat the request with force=true to save it.",
                    Response.Status.CONFLICT);
        }
    }

    static boolean plain(String name) {
        return PLAIN.matcher(name).matches();
    }

    /** Whether it is one of ours or of Keycloak's. */
    static boolean taken(String name) {
        String folded = name.toLowerCase(Locale.ROOT);
        return OF_KEYCLOAK.contains(folded)
                || folded.equals(EnterpriseConnect.ID)
                || folded.startsWith(EnterpriseConnect.ID + ".");
    }
}
