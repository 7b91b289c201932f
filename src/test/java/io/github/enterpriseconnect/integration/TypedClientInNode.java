package io.github.enterpriseconnect.integration;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.enterpriseconnect.integration.harness.AdminClient;
import io.github.enterpriseconnect.integration.harness.ConnectedRealm;
import io.github.enterpriseconnect.integration.harness.KeycloakExtension;
import io.github.enterpriseconnect.integration.harness.KeycloakServer;
import io.github.enterpriseconnect.integration.harness.Member;
import io.github.enterpriseconnect.integration.harness.OidcClient;
import io.github.enterpriseconnect.integration.harness.OtherProgram;
import io.github.enterpriseconnect.simulator.Simulator;
import java.net.URI;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What {@code openapi-typescript} makes of the description has a type for everything, and works. */
@ExtendWith(KeycloakExtension.class)
class TypedClientInNode {
    @Test
    void whatever_the_types_promise_is_there(KeycloakServer server, AdminClient admin, Simulator simulator) {
        ConnectedRealm realm = ConnectedRealm.create(
                server, admin, simulator, AdminClient.newRealmName(TypedClientInNode.class), true);
        Map<String, Object> settings = new HashMap<>(realm.settings());
        settings.put("consumers", List.of(Map.of("clientId", "calendar-app", "rights", List.of("member", "offline"))));
        admin.put(realm.api("settings"), settings).expect(204);
        String link = realm.linked("customer", "typed.test", Map.of());
        Member maria = realm.member(link, "maria", "maria@typed.test").connect();
        String administrator = OidcClient.withoutBrowser(server.realm("master"), "admin-cli")
                .directGrant(KeycloakServer.ADMIN, KeycloakServer.ADMIN_PASSWORD)
                .accessToken();
        URI base = server.baseUri();
        Map<String, String> environment = new HashMap<>(Map.of(
                "KEYCLOAK_URL",
                base.toString().replaceFirst("/$", ""),
                "REALM",
                realm.name(),
                "CLIENT_ID",
                ConnectedRealm.CONSUMER,
                "CLIENT_SECRET",
                ConnectedRealm.CONSUMER_SECRET,
                "ADMIN_TOKEN",
                administrator,
                "USER_TOKEN",
                maria.signIn().accessToken(),
                "USER",
                maria.id(),
                "LINK",
                link));

        JsonNode told;
        try (OtherProgram program =
                OtherProgram.start(Path.of("target/clients/node"), List.of("node", "built/use.js"), environment)) {
            told = program.answer();
        }

        assertThat(told.at("/exchanged/mailbox").asText()).isEqualTo(maria.address());
        assertThat(told.at("/exchanged/issued").asText()).isEqualTo(TokenDoor.ACCESS_TOKEN);
        assertThat(told.at("/refused/error").asText()).isEqualTo("invalid_grant");
        assertThat(told.at("/absent/mailbox").asText()).isEqualTo(maria.address());
        assertThat(told.at("/settings/consumers/0").asText()).isEqualTo("calendar-app");
        assertThat(told.at("/settings/written").asInt()).isEqualTo(204);
        assertThat(told.at("/settings/stale").asText()).contains("read it again");
        assertThat(told.at("/links/0/id").asText()).isEqualTo(link);
        assertThat(told.at("/links/0/domains/0").asText()).isEqualTo("typed.test");
        assertThat(told.at("/member/state").asText()).isEqualTo("granted");
        assertThat(told.at("/invited/url").asText())
                .startsWith(realm.resource("invitation/").toString());
    }
}
