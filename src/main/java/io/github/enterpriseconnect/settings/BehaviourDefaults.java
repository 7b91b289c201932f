package io.github.enterpriseconnect.settings;

import io.github.enterpriseconnect.EnterpriseConnect;
import io.github.enterpriseconnect.core.Behaviour;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.keycloak.models.RealmModel;
import org.keycloak.models.RequiredActionConfigModel;
import org.keycloak.provider.ProviderConfigProperty;
import org.keycloak.provider.ProviderConfigurationBuilder;

/**
 * How a realm has members treated where a link does not say: the configuration of the required action, with its fields,
 * defaults and checks.
 */
public final class BehaviourDefaults {
    private static final String NOTICE = "notice";
    private static final String OPT_OUT = "optOut";
    private static final String WAIT = "wait";
    private static final String REALM_ASKS_FOR_PAGES = EnterpriseConnect.ID + ".pages";

    private BehaviourDefaults() {}

    /** What is wrong with a field, and what to write instead. */
    public static final class Invalid extends Exception {
        private static final long serialVersionUID = 1L;

        private final String field;

        Invalid(String field, String message) {
            super(message);
            this.field = field;
        }

        public String field() {
            return field;
        }
    }

    /** The fields as the admin console shows them. */
    public static List<ProviderConfigProperty> fields() {
        return ProviderConfigurationBuilder.create()
                .property()
                .name(NOTICE)
                .label("Notice")
                .helpText(
                        "How members learn that their calendar is connected. none: they do not. email: by a mail from the"
                                + " realm once it is connected. page: by a page at sign-in, once, before anything is connected."
                                + " Links whose own policy says otherwise do not follow this.")
                .type(ProviderConfigProperty.LIST_TYPE)
                .options(notices())
                .defaultValue(Behaviour.SILENT.notice().id())
                .add()
                .property()
                .name(OPT_OUT)
                .label("Members may opt out")
                .helpText("Whether members may keep their calendar from being connected, or disconnect it.")
                .type(ProviderConfigProperty.BOOLEAN_TYPE)
                .defaultValue(Behaviour.SILENT.optOut())
                .add()
                .property()
                .name(WAIT)
                .label("Wait at sign-in")
                .helpText("For how many seconds, at most, members who sign in for the first time are shown that their"
                        + " calendar is being connected. 0: no such page. At most "
                        + Behaviour.LONGEST_WAIT.toSeconds() + ".")
                .type(ProviderConfigProperty.STRING_TYPE)
                .defaultValue(String.valueOf(Behaviour.SILENT.patience().toSeconds()))
                .add()
                .build();
    }

    /**
     * Checks the configuration of the required action.
     *
     * @throws Invalid with what to write instead
     */
    public static void validate(RealmModel realm, Map<String, String> config) throws Invalid {
        Behaviour.Notice notice = notice(config.get(NOTICE))
                .orElseThrow(() -> new Invalid(NOTICE, "Notice must be one of " + String.join(", ", notices()) + "."));
        if (notice == Behaviour.Notice.EMAIL && realm.getSmtpConfig().isEmpty()) {
            throw new Invalid(
                    NOTICE, "Notice can be email once the realm has a mail server; set one in Realm settings, Email.");
        }
        if (optOut(config.get(OPT_OUT)).isEmpty()) {
            throw new Invalid(OPT_OUT, "Members may opt out must be true or false.");
        }
        if (patience(config.get(WAIT)).isEmpty()) {
            throw new Invalid(
                    WAIT,
                    "Wait at sign-in must be a number of seconds from 0 to " + Behaviour.LONGEST_WAIT.toSeconds()
                            + ".");
        }
    }

    /**
     * What holds in the realm. Reads what is cached; something wrong that an import has brought counts as not written.
     */
    public static Behaviour of(RealmModel realm) {
        RequiredActionConfigModel model = realm.getRequiredActionConfigByAlias(EnterpriseConnect.ID);
        if (model == null || model.getConfig() == null) {
            return Behaviour.SILENT;
        }
        Map<String, String> config = model.getConfig();
        return new Behaviour(
                optOut(config.get(OPT_OUT)).orElse(Behaviour.SILENT.optOut()),
                notice(config.get(NOTICE)).orElse(Behaviour.SILENT.notice()),
                patience(config.get(WAIT)).orElse(Behaviour.SILENT.patience()));
    }

    /**
     * Whether any link of the realm may ask for a page: what a sign-in has to know before it may ask our tables. Noted
     * in an attribute of the realm, which Keycloak caches.
     */
    public static boolean mayAskForPage(RealmModel realm) {
        return of(realm).asksForPage() || realm.getAttribute(REALM_ASKS_FOR_PAGES, false);
    }

    /** Some link of the realm asks for a page by its own policy. */
    public static void notePage(RealmModel realm) {
        if (!realm.getAttribute(REALM_ASKS_FOR_PAGES, false)) {
            realm.setAttribute(REALM_ASKS_FOR_PAGES, true);
        }
    }

    private static List<String> notices() {
        return Arrays.stream(Behaviour.Notice.values())
                .map(Behaviour.Notice::id)
                .collect(Collectors.toList());
    }

    private static Optional<Behaviour.Notice> notice(@Nullable String text) {
        return blank(text)
                ? Optional.of(Behaviour.SILENT.notice())
                : Arrays.stream(Behaviour.Notice.values())
                        .filter(notice -> notice.id().equals(text))
                        .findFirst();
    }

    private static Optional<Boolean> optOut(@Nullable String text) {
        if (blank(text)) {
            return Optional.of(Behaviour.SILENT.optOut());
        }
        return "true".equals(text) || "false".equals(text) ? Optional.of(Boolean.valueOf(text)) : Optional.empty();
    }

    private static Optional<Duration> patience(@Nullable String text) {
        if (text == null || text.isBlank()) {
            return Optional.of(Behaviour.SILENT.patience());
        }
        return text.strip().matches("[0-9]{1,2}")
                ? Optional.of(Duration.ofSeconds(Long.parseLong(text.strip())))
                        .filter(patience -> patience.compareTo(Behaviour.LONGEST_WAIT) <= 0)
                : Optional.empty();
    }

    private static boolean blank(@Nullable String text) {
        return text == null || text.isBlank();
    }
}
