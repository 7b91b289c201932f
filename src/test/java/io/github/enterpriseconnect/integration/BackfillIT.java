package io.github.enterpriseconnect.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.enterpriseconnect.integration.harness.AdminClient;
import io.github.enterpriseconnect.integration.harness.ConnectedRealm;
import io.github.enterpriseconnect.integration.harness.KeycloakExtension;
import io.github.enterpriseconnect.integration.harness.KeycloakServer;
import io.github.enterpriseconnect.integration.harness.Member;
import io.github.enterpriseconnect.integration.harness.UserFederation.Mode;
import io.github.enterpriseconnect.simulator.Simulator;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/** Members are connected without a sign-in of theirs, by administrators who ask for it. */
@ExtendWith(KeycloakExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BackfillIT {
    private static final Duration LONG = Duration.ofMinutes(3);
    private static final int MEMBERS = 30;

    private final KeycloakServer server;
    private final AdminClient admin;
    private final Simulator simulator;
    private final AtCronofy cronofy;
    private final ConnectedRealm realm;

    BackfillIT(KeycloakServer server, AdminClient admin, Simulator simulator) {
        this.server = server;
        this.admin = admin;
        this.simulator = simulator;
        this.cronofy = new AtCronofy(simulator);
        this.realm = ConnectedRealm.create(server, admin, simulator, AdminClient.newRealmName(BackfillIT.class), true);
    }

    private static String backfill(ConnectedRealm of, String link) {
        return of.api("links/" + link + "/backfill");
    }

    private JsonNode progress(ConnectedRealm of, String link) {
        return admin.get(backfill(of, link)).expect(200).json();
    }

    private void awaitGranted(ConnectedRealm of, String link, int members) {
        await().atMost(LONG).untilAsserted(() -> {
            JsonNode progress = progress(of, link);
            assertThat(progress.get("state").asText()).isEqualTo("finished");
            assertThat(progress.get("counts").get("granted").asInt()).isEqualTo(members);
        });
    }

    @Test
    void all_members_of_an_organization_are_connected_once_and_whoever_is_new_by_the_policy() {
        String organization = realm.organization("whole", "whole.test");
        List<Member> members = IntStream.range(0, MEMBERS)
                .mapToObj(number -> realm.member(organization, "member" + number, "member" + number + "@whole.test"))
                .toList();
        realm.member(organization, "elsewhere", "elsewhere@other.test");
        realm.user("stranger", "stranger@whole.test");
        assertThat(progress(realm, organization).get("state").asText()).isEqualTo("none");
        admin.put(backfill(realm, organization), Map.of("state", "running")).expect(409);
        realm.link(organization, "whole.test");
        admin.put(backfill(realm, organization), Map.of("state", "paused")).expect(409);

        Stream.of(1, 2).forEach(time -> admin.put(backfill(realm, organization), Map.of("state", "running"))
                .expect(200));

        awaitGranted(realm, organization, MEMBERS);
        JsonNode counts = progress(realm, organization).get("counts");
        assertThat(counts.get("total").asInt()).isEqualTo(MEMBERS + 1);
        assertThat(counts.get("looked").asInt()).isEqualTo(MEMBERS + 1);
        assertThat(counts.get("asked").asInt()).isEqualTo(MEMBERS);
        assertThat(counts.get("passedOver").get("domain_not_linked").asInt()).isEqualTo(1);
        assertThat(progress(realm, organization).has("secondsLeft")).isFalse();
        assertThat(members).allSatisfy(member -> {
            assertThat(member.state()).isEqualTo("granted");
            assertThat(cronofy.asks(member.address())).hasSize(1);
        });
        assertThat(cronofy.asksNaming("stranger@whole.test")).isEmpty();

        admin.put(backfill(realm, organization), null).expect(200);
        await().atMost(LONG).untilAsserted(() -> assertThat(progress(realm, organization)
                        .path("counts")
                        .path("passedOver")
                        .path("already_granted")
                        .asInt())
                .isEqualTo(MEMBERS));

        Member late = realm.member(organization, "late", "late@whole.test");
        admin.put(realm.api("links/" + organization), Map.of("policy", Map.of("backfill", "continuous")))
                .expect(200);
        late.awaitState("granted");
        await().atMost(LONG)
                .untilAsserted(() ->
                        assertThat(progress(realm, organization).has("nextAt")).isTrue());
        admin.delete(backfill(realm, organization)).expect(204);
        assertThat(progress(realm, organization).get("state").asText()).isEqualTo("cancelled");
        assertThat(progress(realm, organization).has("nextAt")).isFalse();
        assertThat(members)
                .allSatisfy(member -> assertThat(cronofy.asks(member.address())).hasSize(1));
    }

    @Test
    void the_users_of_a_realm_are_connected_also_those_whom_only_a_directory_has() {
        try (Company company = Company.linked(server, admin, simulator, BackfillIT.class, Mode.NOT_IMPORTED)) {
            ConnectedRealm own = company.realm();
            Member local = own.user("local", "local@" + company.domain());
            IntStream.range(0, 3).forEach(number -> company.hire("d" + number));

            admin.put(backfill(own, "realm"), Map.of("state", "running")).expect(200);

            awaitGranted(own, "realm", 4);
            assertThat(local.state()).isEqualTo("granted");
            assertThat(cronofy.live("d2@" + company.domain())).isTrue();
        }
    }

    @Test
    void what_is_written_wrongly_is_refused() {
        String organization = realm.organization("wrong", "wrong.test");
        admin.put(backfill(realm, organization), Map.of("state", "flying")).expect(400);
        admin.put(backfill(realm, organization), Map.of("speed", 3)).expect(400);
        admin.get(backfill(realm, "nobody")).expect(404);
        admin.put(realm.api("links/" + organization), Map.of("policy", Map.of("backfill", "daily")))
                .expect(400);
    }
}
