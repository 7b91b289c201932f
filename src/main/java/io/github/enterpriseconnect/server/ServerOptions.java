package io.github.enterpriseconnect.server;

import io.github.enterpriseconnect.core.Limits;
import io.github.enterpriseconnect.cronofy.Hosts;
import io.github.enterpriseconnect.revocation.Pace;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.keycloak.Config;
import org.keycloak.provider.ProviderConfigProperty;
import org.keycloak.provider.ProviderConfigurationBuilder;

/**
 * What the operator has set for the whole server: {@code --spi-enterprise-connect--default--<option>}.
 *
 * @param limits how many requests Cronofy allows each application
 * @param mostWaiting how many token requests may wait for refreshes at once
 * @param pace how often to look for delegations that have ended without anybody telling us
 * @param realmRemovalGrace for how long what a removed realm leaves behind is kept before it is revoked
 */
record ServerOptions(Hosts hosts, Limits limits, int mostWaiting, Pace pace, Duration realmRemovalGrace) {
    private static final String API_URL = "api-url";
    private static final String APP_URL = "app-url";
    private static final String PER_SECOND = "requests-per-second";
    private static final String PER_MINUTE = "requests-per-minute";
    private static final String MOST_WAITING = "most-waiting-requests";
    private static final int DEFAULT_MOST_WAITING = 12;
    private static final String RECONCILE_EVERY = "reconcile-every";
    private static final int DEFAULT_RECONCILE_EVERY = 600;
    private static final String RECONCILE_IDLE_EVERY = "reconcile-idle-every";
    private static final int DEFAULT_RECONCILE_IDLE_EVERY = 24 * 3_600;
    private static final String REALM_REMOVAL_GRACE = "realm-removal-grace";
    private static final int DEFAULT_REALM_REMOVAL_GRACE = 3_600;
    private static final int LONGEST_REALM_REMOVAL_GRACE = 7 * 24 * 3_600;

    /** @throws IllegalArgumentException with the option's name and what to write instead */
    static ServerOptions of(Config.Scope config) {
        return new ServerOptions(
                new Hosts(url(config, API_URL), url(config, APP_URL)),
                limits(config),
                number(config, MOST_WAITING, DEFAULT_MOST_WAITING),
                new Pace(
                        Duration.ofSeconds(number(config, RECONCILE_EVERY, DEFAULT_RECONCILE_EVERY)),
                        Duration.ofSeconds(number(config, RECONCILE_IDLE_EVERY, DEFAULT_RECONCILE_IDLE_EVERY))),
                Duration.ofSeconds(grace(config)));
    }

    static List<ProviderConfigProperty> metadata() {
        return ProviderConfigurationBuilder.create()
                .property()
                .name(API_URL)
                .type("string")
                .helpText("Talk to this API instead of Cronofy's, such as the simulator or a proxy.")
                .add()
                .property()
                .name(APP_URL)
                .type("string")
                .helpText("Send administrators to these pages instead of Cronofy's.")
                .add()
                .property()
                .name(PER_SECOND)
                .type("int")
                .helpText("How many requests a second Cronofy allows an application, if it has granted more than usual;"
                        + " the same on all nodes.")
                .defaultValue(Limits.DEFAULT.perSecond())
                .add()
                .property()
                .name(PER_MINUTE)
                .type("int")
                .helpText("How many requests a minute Cronofy allows an application, if it has granted more than usual;"
                        + " the same on all nodes.")
                .defaultValue(Limits.DEFAULT.perMinute())
                .add()
                .property()
                .name(MOST_WAITING)
                .type("int")
                .helpText("How many token requests may wait for refreshes at once; a quarter of the request threads.")
                .defaultValue(DEFAULT_MOST_WAITING)
                .add()
                .property()
                .name(RECONCILE_EVERY)
                .type("int")
                .helpText(
                        "Seconds after which a member whose token was fetched is looked at again, for a right that has"
                                + " ended without anybody telling us.")
                .defaultValue(DEFAULT_RECONCILE_EVERY)
                .add()
                .property()
                .name(RECONCILE_IDLE_EVERY)
                .type("int")
                .helpText("Seconds after which every other member is looked at again; never sooner than those.")
                .defaultValue(DEFAULT_RECONCILE_IDLE_EVERY)
                .add()
                .property()
                .name(REALM_REMOVAL_GRACE)
                .type("int")
                .helpText("Seconds for which what a removed realm leaves behind is kept, in case the realm is imported"
                        + " again, before it is revoked at Cronofy: 0 to 604800 (7 days).")
                .defaultValue(DEFAULT_REALM_REMOVAL_GRACE)
                .add()
                .build();
    }

    private static Limits limits(Config.Scope config) {
        int perSecond = within(
                config,
                PER_SECOND,
                Limits.DEFAULT.perSecond(),
                1,
                Limits.MOST_PER_SECOND,
                "a number from 1 to " + Limits.MOST_PER_SECOND + ", as Cronofy has granted it");
        int most = 60 * perSecond;
        int perMinute = within(
                config,
                PER_MINUTE,
                Math.max(perSecond, Math.min(most, Limits.DEFAULT.perMinute())),
                perSecond,
                most,
                "a number from " + perSecond + " to " + most + ", from one to sixty times " + PER_SECOND);
        return new Limits(perSecond, perMinute);
    }

    private static int number(Config.Scope config, String option, int preset) {
        return within(config, option, preset, 1, Integer.MAX_VALUE, "a number from 1 on");
    }

    private static int grace(Config.Scope config) {
        return within(
                config,
                REALM_REMOVAL_GRACE,
                DEFAULT_REALM_REMOVAL_GRACE,
                0,
                LONGEST_REALM_REMOVAL_GRACE,
                "a number of seconds from 0 to " + LONGEST_REALM_REMOVAL_GRACE + " (7 days), such as 3600");
    }

    private static int within(Config.Scope config, String option, int preset, int least, int most, String wanted) {
        try {
            int number = config.getInt(option, preset);
            if (number >= least && number <= most) {
                return number;
            }
        } catch (IllegalArgumentException notANumber) {
            // Answered below, like every other wrong value.
        }
        throw new IllegalArgumentException("the server option " + option + " of enterprise-connect must be " + wanted);
    }

    private static @Nullable URI url(Config.Scope config, String option) {
        String text = config.get(option);
        if (text == null || text.isBlank()) {
            return null;
        }
        try {
            URI uri = URI.create(text.strip());
            if (uri.getHost() != null && ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))) {
                return uri;
            }
        } catch (IllegalArgumentException notAUrl) {
            // Answered below, like every other wrong value.
        }
        throw new IllegalArgumentException(
                "the server option " + option + " of enterprise-connect must be a URL like https://api.example.com");
    }
}
