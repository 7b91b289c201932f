package io.github.enterpriseconnect.admin;

import io.github.enterpriseconnect.EnterpriseConnect;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
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
