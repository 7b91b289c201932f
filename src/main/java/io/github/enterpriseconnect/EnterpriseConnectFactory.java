package io.github.enterpriseconnect;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.enterpriseconnect.core.Cronofy;
import io.github.enterpriseconnect.core.RetrySchedule;
import io.github.enterpriseconnect.cronofy.CronofyClient;
import io.github.enterpriseconnect.cronofy.Hosts;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;
import org.apache.http.impl.client.CloseableHttpClient;
import org.jspecify.annotations.Nullable;
import org.keycloak.Config;
import org.keycloak.common.util.Time;
import org.keycloak.connections.httpclient.HttpClientProvider;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.KeycloakSessionFactory;
import org.keycloak.models.RealmModel;
import org.keycloak.models.utils.PostMigrationEvent;
import org.keycloak.provider.ProviderConfigProperty;
import org.keycloak.provider.ProviderConfigurationBuilder;
import org.keycloak.provider.ProviderEvent;
import org.keycloak.provider.ProviderFactory;

/**
 * The composition root: wires everything once per server, owns its threads, and hands the same parts to every session.
 * Server options: {@code --spi-enterprise-connect--default--<option>}.
 */
public final class EnterpriseConnectFactory implements ProviderFactory<EnterpriseConnect> {
    private static final String API_URL = "api-url";
    private static final String APP_URL = "app-url";
    private static final String MOST_WAITING = "most-waiting-requests";
    private static final int DEFAULT_MOST_WAITING = 12;

    private Hosts hosts = new Hosts(null, null);
    private int mostWaiting = DEFAULT_MOST_WAITING;
    private @Nullable BackgroundWorker worker;
    private @Nullable EnterpriseConnect parts;

    @Override
    public String getId() {
        return "default";
    }

    @Override
    public void init(Config.Scope config) {
        hosts = new Hosts(url(config, API_URL), url(config, APP_URL));
        mostWaiting = config.getInt(MOST_WAITING, DEFAULT_MOST_WAITING);
        if (mostWaiting < 1) {
            throw new IllegalArgumentException(
                    "the server option " + MOST_WAITING + " of enterprise-connect must be a number from 1 on");
        }
    }

    @Override
    public List<ProviderConfigProperty> getConfigMetadata() {
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
                .build();
    }

    @Override
    public void postInit(KeycloakSessionFactory factory) {
        Wired wired = wire(factory);
        parts = wired;
        factory.register(event -> onEvent(wired, event));
    }

    @Override
    public EnterpriseConnect create(KeycloakSession session) {
        if (parts == null) {
            throw new IllegalStateException("the server has not started yet");
        }
        return parts;
    }

    @Override
    public void close() {
        if (worker != null) {
            worker.close();
        }
    }

    private Wired wire(KeycloakSessionFactory factory) {
        ObjectMapper json = new ObjectMapper();
        InstantSource clock = () -> Instant.ofEpochMilli(Time.currentTimeMillis());
        SecureRandom random = new SecureRandom();
        DoubleSupplier jitter = random::nextDouble;
        BackgroundWorker threads = new BackgroundWorker();
        worker = threads;

        Transactions transactions = new Transactions(factory, json);
        Cronofy cronofy = new CronofyClient(httpClient(transactions), threads.timer(), json, hosts, clock);
        RetrySchedule outages = new RetrySchedule(Duration.ofSeconds(5), Duration.ofMinutes(30), jitter);
        RetrySchedule answers = new RetrySchedule(Duration.ofMinutes(15), Duration.ofHours(24), jitter);
        RetrySchedule refusals = new RetrySchedule(Duration.ofHours(1), Duration.ofHours(24), jitter);
        Links links = new Links(clock);
        TokenKeeper tokens = new TokenKeeper(
                transactions, cronofy, threads, clock, pause -> LockSupport.parkNanos(pause.toNanos()), mostWaiting);
        Revoking revoking = new Revoking(transactions, cronofy, threads, outages, json, clock);
        DelegationRequests requests =
                new DelegationRequests(transactions, links, tokens, cronofy, outages, answers, refusals, random, clock);
        Redemption redemption = new Redemption(transactions, cronofy, threads, revoking, outages, refusals, clock);
        DelegationAnswers delegationAnswers = new DelegationAnswers(transactions, redemption, refusals, json, clock);
        Delegating delegating =
                new Delegating(transactions, links, threads, requests, delegationAnswers, redemption, json, clock);
        Invitations invitations = new Invitations(transactions, cronofy, random, json, clock);
        LinkArrival linkArrival = new LinkArrival(transactions, links, cronofy, revoking, clock);
        Linking linking = new Linking(transactions, links, threads, revoking, json, clock);
        AccessTokens accessTokens = new AccessTokens(transactions, tokens, delegating, hosts, clock);
        RealmSetup realmSetup = new RealmSetup(transactions);
        SettingsChange settingsChange = new SettingsChange(linking, realmSetup, cronofy);
        return new Wired(
                invitations,
                linkArrival,
                linking,
                delegating,
                accessTokens,
                settingsChange,
                realmSetup,
                new Members(json),
                revoking,
                threads);
    }

    private static void onEvent(Wired wired, ProviderEvent event) {
        if (event instanceof PostMigrationEvent) {
            wired.worker().submit(wired.realmSetup()::startUp);
            wired.delegating().start();
            wired.linking().start();
            wired.revoking().start();
        } else if (event instanceof RealmModel.RealmPostCreateEvent created) {
            wired.realmSetup().register(created.getCreatedRealm());
            wired.realmSetup().complete(created.getKeycloakSession(), created.getCreatedRealm());
        } else if (event instanceof RealmModel.RealmRemovedEvent removed) {
            wired.linking().realmRemoved(removed.getKeycloakSession(), removed.getRealm());
        }
    }

    /** Keycloak makes its HTTP client with a session; the client itself outlives the session. */
    private static Supplier<CloseableHttpClient> httpClient(Transactions transactions) {
        return () -> transactions.inServer(
                session -> session.getProvider(HttpClientProvider.class).getHttpClient());
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

    private record Wired(
            Invitations invitations,
            LinkArrival linkArrival,
            Linking linking,
            Delegating delegating,
            AccessTokens accessTokens,
            SettingsChange settingsChange,
            RealmSetup realmSetup,
            Members members,
            Revoking revoking,
            BackgroundWorker worker)
            implements EnterpriseConnect {
        @Override
        public void close() {}
    }
}
