package io.github.enterpriseconnect.bench;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.enterpriseconnect.integration.harness.AdminClient;
import io.github.enterpriseconnect.integration.harness.ConnectedRealm;
import io.github.enterpriseconnect.integration.harness.IdentityProvider;
import io.github.enterpriseconnect.integration.harness.OidcClient;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;

/** What a token that works costs an application, beside what Keycloak itself offers applications of the kind. */
final class TokenFigures {
    private static final int COUNTED = 100;
    private static final int WARM_UP = 4_000;
    private static final String ALIAS = "workplace";
    private static final String USER = "brokered";
    private static final String ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token";
    private static final String EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange";

    private final Site site;
    private final Effort effort;
    private final Results results;
    private final Caller caller = new Caller();
    private String userToken = "";

    TokenFigures(Site site, Effort effort, Results results) {
        this.site = site;
        this.effort = effort;
        this.results = results;
    }

    void measure() {
        prepare();
        Turns turns = new Turns()
                .add("ours", site.server(), this::ours)
                .add("broker", site.server(), this::broker)
                .add("broker again", site.server(), this::broker)
                .add("userinfo", site.server(), this::userinfo)
                .add("our exchange", site.server(), this::ourExchange)
                .add("exchange", site.server(), this::exchange)
                .add("exchange again", site.server(), this::exchange);
        turns.run(1, WARM_UP, Effort.CALLERS);
        counts();
        Taken taken = turns.run(effort.rounds(), effort.eachToken(), Effort.CALLERS);
        Ratio same = taken.ratio("broker again", "broker", Round::throughput);
        results.ratio(Figure.TOKEN_VS_BROKER_THROUGHPUT, taken.ratio("ours", "broker", Round::throughput), same);
        results.ratio(
                Figure.TOKEN_VS_BROKER_CPU,
                taken.ratio("ours", "broker", Round::cpu),
                taken.ratio("broker again", "broker", Round::cpu));
        results.ratio(
                Figure.EXCHANGE_VS_EXCHANGE_THROUGHPUT,
                taken.ratio("our exchange", "exchange", Round::throughput),
                taken.ratio("exchange again", "exchange", Round::throughput));
        Taken alone = new Turns()
                .add("ours", site.server(), this::ours)
                .add("userinfo", site.server(), this::userinfo)
                .add("userinfo again", site.server(), this::userinfo)
                .run(effort.rounds(), effort.eachToken(), 1);
        results.ratio(
                Figure.TOKEN_VS_USERINFO_P95,
                alone.ratio("ours", "userinfo", Round.latency(0.95)),
                alone.ratio("userinfo again", "userinfo", Round.latency(0.95)));
    }

    /** Somebody whose calendar is connected, and who has signed in by an identity provider whose tokens are kept. */
    private void prepare() {
        AdminClient admin = site.realm().admin();
        IdentityProvider provider = IdentityProvider.create(site.server(), admin, ALIAS);
        provider.connect(Site.REALM, ALIAS, true, "IMPORT");
        String instance = "/admin/realms/" + Site.REALM + "/identity-provider/instances/" + ALIAS;
        ObjectNode settings = (ObjectNode) admin.get(instance).expect(200).json();
        settings.put("storeToken", true);
        admin.put(instance, settings).expect(204);
        OidcClient client = site.client();
        String clients = "/admin/realms/" + Site.REALM + "/clients";
        ObjectNode registered = (ObjectNode) admin.get(clients + "?clientId=" + client.clientId())
                .expect(200)
                .json()
                .get(0);
        ObjectNode attributes = registered.withObject("/attributes");
        attributes.put("external.token.enabled", "true");
        attributes.put("external.token.idp", ALIAS);
        attributes.put("standard.token.exchange.enabled", "true");
        admin.put(clients + "/" + registered.get("id").asText(), registered).expect(204);

        site.realmWith(USER);
        String user = site.realm().userNamed(USER);
        String address = USER + "@" + Site.ACME + ".test";
        provider.federate(Site.REALM, ALIAS, user, provider.person(USER, address, true), USER);
        client.directGrant(USER, ConnectedRealm.PASSWORD);
        await().atMost(Duration.ofMinutes(1)).until(() -> "granted"
                .equals(site.realm().member(user).get("state").asText()));
        userToken = provider.signIn(client, ALIAS, USER).tokens().accessToken();
    }

    private void counts() {
        try (StatementCount count = new StatementCount(site.database(), effort.idle())) {
            results.count(
                    Figure.TOKEN_STATEMENTS,
                    count.each(Site.OURS, COUNTED, this::ours).all());
            results.remark(String.format(
                    Locale.ROOT,
                    "statements of one request: our exchange %s, Keycloak's exchange %s, broker %s, userinfo %s",
                    count.each(Site.OURS, COUNTED, this::ourExchange),
                    count.each(Site.OURS, COUNTED, this::exchange),
                    count.each(Site.OURS, COUNTED, this::broker),
                    count.each(Site.OURS, COUNTED, this::userinfo)));
        }
        Path recording =
                site.server().record(() -> IntStream.range(0, COUNTED * 5).forEach(this::ours));
        results.remark(String.format(
                Locale.ROOT,
                "bytes allocated by a token request: %d",
                Recording.of(recording).allocated() / (COUNTED * 5)));
    }

    private void ours(int number) {
        caller.post(site.realm().resource("token"), site.client().authenticated(Map.of("token", userToken)));
    }

    private void broker(int number) {
        caller.post(
                URI.create(site.client().realm() + "/broker/" + ALIAS + "/token"),
                site.client().authenticated(Map.of("token", userToken)));
    }

    private void userinfo(int number) {
        caller.get(URI.create(site.client().realm() + "/protocol/openid-connect/userinfo"), userToken);
    }

    private void ourExchange(int number) {
        exchange(Map.of("requested_issuer", "enterprise-connect"));
    }

    private void exchange(int number) {
        exchange(Map.of("requested_token_type", ACCESS_TOKEN));
    }

    private void exchange(Map<String, String> asked) {
        Map<String, String> form = new HashMap<>(asked);
        form.put("grant_type", EXCHANGE);
        form.put("subject_token", userToken);
        form.put("subject_token_type", ACCESS_TOKEN);
        caller.post(
                URI.create(site.client().realm() + "/protocol/openid-connect/token"),
                site.client().authenticated(form));
    }
}
