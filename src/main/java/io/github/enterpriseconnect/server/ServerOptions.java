package io.github.enterpriseconnect.server;

import io.github.enterpriseconnect.cronofy.Hosts;
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
 * @param mostWaiting how many token requests may wait for refreshes at once
 * @param reconcileEvery how often to look for delegations that have ended without anybody telling us
 */
record ServerOptions(Hosts hosts, int mostWaiting, Duration reconcileEvery) {
    private static final String API_URL = "api-url";
    private static final String APP_URL = "app-url";
    private static final String MOST_WAITING = "most-waiting-requests";
    private static final int DEFAULT_MOST_WAITING = 12;
    private static final String RECONCILE_EVERY = "reconcile-every";
    private static final int DEFAULT_RECONCILE_EVERY = 60;

    /** @throws IllegalArgumentException with the option's name and what to write instead */
    static ServerOptions of(Config.Scope config) {
        return new ServerOptions(
                new Hosts(url(config, API_URL), url(config, APP_URL)),
                number(config, MOST_WAITING, DEFAULT_MOST_WAITING),
                Duration.ofSeconds(number(config, RECONCILE_EVERY, DEFAULT_RECONCILE_EVERY)));
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
                .name(MOST_WAITING)
                .type("int")
                .helpText("How many token requests may wait for refreshes at once; a quarter of the request threads.")
                .defaultValue(DEFAULT_MOST_WAITING)
                .add()
                .property()
                .name(RECONCILE_EVERY)
                .type("int")
                .helpText("Seconds between looks for delegations that have ended without anybody telling us.")
                .defaultValue(DEFAULT_RECONCILE_EVERY)
                .add()
                .build();
    }

    private static int number(Config.Scope config, String option, int preset) {
        int number = config.getInt(option, preset);
        if (number < 1) {
            throw new IllegalArgumentException(
                    "the server option " + option + " of enterprise-connect must be a number from 1 on");
        }
        return number;
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
