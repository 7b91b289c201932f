package io.github.enterpriseconnect.server;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.enterpriseconnect.candidate.Links;
import io.github.enterpriseconnect.candidate.RecentSignIns;
import io.github.enterpriseconnect.core.Cronofy;
import io.github.enterpriseconnect.core.RetrySchedule;
import io.github.enterpriseconnect.credential.TokenKeeper;
import io.github.enterpriseconnect.cronofy.CronofyClient;
import io.github.enterpriseconnect.cronofy.Hosts;
import io.github.enterpriseconnect.delegation.Delegating;
import io.github.enterpriseconnect.delegation.DelegationAnswers;
import io.github.enterpriseconnect.delegation.DelegationRequests;
import io.github.enterpriseconnect.delegation.Introductions;
import io.github.enterpriseconnect.delegation.Notices;
import io.github.enterpriseconnect.delegation.Redemption;
import io.github.enterpriseconnect.link.InvitationMail;
import io.github.enterpriseconnect.link.Invitations;
import io.github.enterpriseconnect.link.LinkArrival;
import io.github.enterpriseconnect.link.Linking;
import io.github.enterpriseconnect.member.DryRun;
import io.github.enterpriseconnect.member.Members;
import io.github.enterpriseconnect.platform.BackgroundWorker;
import io.github.enterpriseconnect.platform.Transactions;
import io.github.enterpriseconnect.realm.KillSwitches;
import io.github.enterpriseconnect.realm.RealmSetup;
import io.github.enterpriseconnect.realm.SettingsChange;
import io.github.enterpriseconnect.revocation.Departures;
import io.github.enterpriseconnect.revocation.Ending;
import io.github.enterpriseconnect.revocation.Reconciling;
import io.github.enterpriseconnect.revocation.Revoking;
import io.github.enterpriseconnect.settings.RealmSettings;
import io.github.enterpriseconnect.token.AccessTokens;
import io.github.enterpriseconnect.token.TokenUses;
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
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.keycloak.Config;
import org.keycloak.common.util.Time;
import org.keycloak.connections.httpclient.HttpClientProvider;
import org.keycloak.models.GroupModel;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.KeycloakSessionFactory;
import org.keycloak.models.OrganizationModel;
import org.keycloak.models.RealmModel;
import org.keycloak.models.RoleModel;
import org.keycloak.models.UserModel;
import org.keycloak.models.utils.PostMigrationEvent;
import org.keycloak.provider.ProviderConfigProperty;
import org.keycloak.provider.ProviderConfigurationBuilder;
import org.keycloak.provider.ProviderEvent;
import org.keycloak.provider.ProviderFactory;

/**
 * The composition root: wires everything once per server, owns its threads, and hands the same parts to every session.
 * Server options: {@code --spi-enterprise-connect--default--<option>}.
 */
public final class EnterpriseConnectFactory implements ProviderFactory<EnterpriseConnectProvider> {
    private static final Logger LOG = Logger.getLogger(EnterpriseConnectFactory.class);
    private static final String API_URL = "api-url";
    private static final String APP_URL = "app-url";
    private static final String MOST_WAITING = "most-waiting-requests";
    private static final int DEFAULT_MOST_WAITING = 12;
    private static final String RECONCILE_EVERY = "reconcile-every";
    private static final int DEFAULT_RECONCILE_EVERY = 60;

    private Hosts hosts = new Hosts(null, null);
    private int mostWaiting = DEFAULT_MOST_WAITING;
    private Duration reconcileEvery = Duration.ofSeconds(DEFAULT_RECONCILE_EVERY);
    private @Nullable BackgroundWorker worker;
    private @Nullable EnterpriseConnectProvider parts;

    @Override
    public String getId() {
        return "default";
    }

    @Override
    public void init(Config.Scope config) {
        hosts = new Hosts(url(config, API_URL), url(config, APP_URL));
        mostWaiting = number(config, MOST_WAITING, DEFAULT_MOST_WAITING);
        reconcileEvery = Duration.ofSeconds(number(config, RECONCILE_EVERY, DEFAULT_RECONCILE_EVERY));
    }

    private static int number(Config.Scope config, String option, int preset) {
        int number = config.getInt(option, preset);
        if (number < 1) {
            throw new IllegalArgumentException(
                    "the server option " + option + " of enterprise-connect must be a number from 1 on");
        }
        return number;
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
                .property()
                .name(RECONCILE_EVERY)
                .type("int")
                .helpText("Seconds between looks for delegations that have ended without anybody telling us.")
                .defaultValue(DEFAULT_RECONCILE_EVERY)
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
    public EnterpriseConnectProvider create(KeycloakSession session) {
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
                transactions,
                cronofy,
                threads,
                clock,
                pause -> LockSupport.parkNanos(pause.toNanos()),
                jitter,
                mostWaiting);
        Revoking revoking = new Revoking(transactions, cronofy, threads, outages, json, clock);
        RecentSignIns recentSignIns = new RecentSignIns();
        Ending ending = new Ending(recentSignIns, clock);
        Reconciling reconciling = new Reconciling(transactions, threads, ending, revoking, reconcileEvery, clock);
        DelegationRequests requests = new DelegationRequests(
                transactions, links, tokens, cronofy, outages, answers, refusals, random, ending, clock);
        Redemption redemption = new Redemption(transactions, cronofy, threads, revoking, outages, refusals, clock);
        DelegationAnswers delegationAnswers = new DelegationAnswers(transactions, redemption, refusals, json, clock);
        Delegating delegating = new Delegating(
                transactions, links, threads, requests, delegationAnswers, redemption, recentSignIns, json, clock);
        Invitations invitations = new Invitations(transactions, cronofy, random, json, clock);
        LinkArrival linkArrival = new LinkArrival(transactions, links, cronofy, revoking, clock);
        Linking linking = new Linking(transactions, links, threads, revoking, ending, reconciling, json, clock);
        TokenUses uses = new TokenUses(transactions, threads, clock);
        AccessTokens accessTokens = new AccessTokens(transactions, tokens, delegating, uses, hosts, clock);
        RealmSetup realmSetup = new RealmSetup(transactions);
        SettingsChange settingsChange = new SettingsChange(linking, realmSetup, cronofy);
        return new Wired(
                invitations,
                new InvitationMail(transactions),
                linkArrival,
                linking,
                delegating,
                new Introductions(transactions, delegating, clock),
                accessTokens,
                settingsChange,
                realmSetup,
                new Members(transactions, delegating, recentSignIns, ending, revoking, json, clock),
                new DryRun(transactions, json, clock),
                new Departures(ending, reconciling, revoking, linking, recentSignIns, json, clock),
                new KillSwitches(transactions, json, clock),
                revoking,
                reconciling,
                new Notices(transactions, threads, outages, clock),
                uses,
                threads);
    }

    private static void onEvent(Wired wired, ProviderEvent event) {
        if (event instanceof PostMigrationEvent) {
            wired.worker().submit(wired.realmSetup()::startUp);
            wired.delegating().start();
            wired.linking().start();
            wired.revoking().start();
            wired.reconciling().start();
            wired.notices().start();
            wired.uses().start();
        } else if (event instanceof RealmModel.RealmPostCreateEvent created) {
            wired.realmSetup().register(created.getCreatedRealm());
            wired.realmSetup().complete(created.getKeycloakSession(), created.getCreatedRealm());
        } else if (event instanceof RealmModel.RealmRemovedEvent removed) {
            wired.linking().realmRemoved(removed.getKeycloakSession(), removed.getRealm());
        } else {
            try {
                onChange(wired.departures(), event);
            } catch (RuntimeException e) {
                // Deliberately everything: Keycloak's change must not fail because of us; the reconciliation comes
                // later.
                LOG.error("a change of users was not noticed at once", e);
            }
        }
    }

    private static void onChange(Departures departures, ProviderEvent event) {
        if (event instanceof UserModel.UserPreRemovedEvent removed) {
            departures.removed(removed.getKeycloakSession(), removed.getRealm(), removed.getUser());
        } else if (event instanceof UserModel.UserRemovedEvent removed) {
            departures.removed(removed.getKeycloakSession(), removed.getRealm(), removed.getUser());
        } else if (event instanceof OrganizationModel.OrganizationMemberLeaveEvent left) {
            changed(departures, left.getSession(), left.getUser());
        } else if (event instanceof OrganizationModel.OrganizationRemovedEvent removed) {
            KeycloakSession session = removed.getKeycloakSession();
            departures.organizationRemoved(
                    session,
                    session.getContext().getRealm(),
                    removed.getOrganization().getId());
        } else if (event instanceof GroupModel.GroupMemberJoinEvent joined) {
            changed(departures, joined.getKeycloakSession(), joined.getUser());
        } else if (event instanceof GroupModel.GroupMemberLeaveEvent left) {
            changed(departures, left.getKeycloakSession(), left.getUser());
        } else if (event instanceof RoleModel.RoleGrantedEvent granted) {
            changed(departures, granted.getKeycloakSession(), granted.getUser());
        } else if (event instanceof RoleModel.RoleRevokedEvent revoked) {
            changed(departures, revoked.getKeycloakSession(), revoked.getUser());
        }
    }

    /** Realms without settings have nothing to do with us; these events are too frequent there to be looked at. */
    private static void changed(Departures departures, KeycloakSession session, UserModel user) {
        RealmModel realm = session.getContext().getRealm();
        if (realm != null && RealmSettings.component(realm).isPresent()) {
            departures.changed(session, realm, user.getId());
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
            InvitationMail invitationMail,
            LinkArrival linkArrival,
            Linking linking,
            Delegating delegating,
            Introductions introductions,
            AccessTokens accessTokens,
            SettingsChange settingsChange,
            RealmSetup realmSetup,
            Members members,
            DryRun dryRun,
            Departures departures,
            KillSwitches killSwitches,
            Revoking revoking,
            Reconciling reconciling,
            Notices notices,
            TokenUses uses,
            BackgroundWorker worker)
            implements EnterpriseConnectProvider {
        @Override
        public void close() {}
    }
}
