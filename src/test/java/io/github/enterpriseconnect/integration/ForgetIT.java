package io.github.enterpriseconnect.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.enterpriseconnect.integration.harness.AdminClient;
import io.github.enterpriseconnect.integration.harness.Answer;
import io.github.enterpriseconnect.integration.harness.Browser;
import io.github.enterpriseconnect.integration.harness.ConnectedRealm;
import io.github.enterpriseconnect.integration.harness.KeycloakServer;
import io.github.enterpriseconnect.simulator.Choice;
import io.github.enterpriseconnect.simulator.Delivery;
import io.github.enterpriseconnect.simulator.Fault;
import io.github.enterpriseconnect.simulator.ReceivedRequest;
import io.github.enterpriseconnect.simulator.Simulator;
import io.github.enterpriseconnect.simulator.Switch;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Everything that ends a right ends it here at once and at Cronofy surely; what only withholds it revokes nothing. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ForgetIT {
    private static final Duration SOON = Duration.ofMinutes(3);
    private static final Duration SURELY = Duration.ofMinutes(8);

    private final Simulator simulator =
            Simulator.start(0, ConnectedRealm.APPLICATION_ID, ConnectedRealm.APPLICATION_SECRET);
    private final AtCronofy cronofy = new AtCronofy(simulator);
    private KeycloakServer server;
    private AdminClient admin;
    private int tenants;

    @BeforeAll
    void start() {
        server = ConnectedRealm.extendedServer(simulator)
                .options(
                        "--spi-enterprise-connect--default--reconcile-every=3600",
                        "--spi-enterprise-connect--default--realm-removal-grace=0",
                        // What H2 has committed is to survive a kill, as it does with other databases.
                        "--db-url-properties=;WRITE_DELAY=0")
                .start();
        admin = AdminClient.of(server);
    }

    @AfterAll
    void stop() {
        server.close();
        simulator.close();
    }

    @AfterEach
    void calm() {
        cronofy.calm();
    }

    /** What ends a member's right. The reconciliation is too slow here to be what ends it. */
    enum Trigger {
        USER_DELETED(tenant ->
                tenant.admin.delete(tenant.path("/users/" + tenant.member)).expect(204)),
        USER_DISABLED(tenant -> tenant.changeMember("enabled", false)),
        ADDRESS_CHANGED(tenant -> tenant.changeMember("email", "other@" + tenant.domain)),
        LEFT_THE_ORGANIZATION(tenant -> tenant.admin
                .delete(tenant.path("/organizations/" + tenant.organization + "/members/" + tenant.member))
                .expect(204)),
        OPTED_OUT(tenant -> {
            tenant.policy(Map.of("optOut", true));
            tenant.admin
                    .put(tenant.realm.api("users/" + tenant.member + "/opt-out"), null)
                    .expect(204);
        }),
        ENDED_BY_AN_ADMINISTRATOR(tenant -> tenant.admin
                .delete(tenant.realm.api("users/" + tenant.member + "/delegation"))
                .expect(204)),
        REQUIRED_GROUP_LOST(tenant -> tenant.admin
                .delete(tenant.path("/users/" + tenant.member + "/groups/" + tenant.group))
                .expect(204)),
        DENIED_ROLE_GAINED(tenant -> {
            JsonNode role =
                    tenant.admin.get(tenant.path("/roles/board")).expect(200).json();
            tenant.admin
                    .post(tenant.path("/users/" + tenant.member + "/role-mappings/realm"), List.of(role))
                    .expect(204);
        }),
        DOMAIN_TAKEN_FROM_THE_LINK(tenant -> tenant.admin
                .put(tenant.realm.api("links/" + tenant.organization), Map.of("domains", List.of()))
                .expect(200)),
        LINK_REMOVED(tenant -> tenant.realm.unlink(tenant.organization)),
        ORGANIZATION_REMOVED(tenant -> tenant.admin
                .delete(tenant.path("/organizations/" + tenant.organization))
                .expect(204)),
        REALM_REMOVED(tenant -> tenant.admin.deleteRealm(tenant.realm.name()));

        @SuppressWarnings("ImmutableEnumChecker") // It captures nothing.
        private final Consumer<Tenant> cause;

        Trigger(Consumer<Tenant> cause) {
            this.cause = cause;
        }
    }

    /** A realm with one linked organization, one delegated member, and an application of its own at Cronofy. */
    private static final class Tenant {
        private final AdminClient admin;
        private final Simulator simulator;
        private final ConnectedRealm realm;
        private final String domain;
        private final String organization;
        private final String member;
        private final String group;
        private final String accessToken;

        Tenant(KeycloakServer server, AdminClient admin, Simulator simulator, int number) {
            this.admin = admin;
            this.simulator = simulator;
            this.realm =
                    ConnectedRealm.create(server, admin, simulator, AdminClient.newRealmName(ForgetIT.class), true);
            this.domain = "customer-" + number + ".test";
            admin.put(path(""), Map.of("accessTokenLifespan", 3600)).expect(204);
            simulator.addApplication(realm.name(), "secret");
            Map<String, Object> settings = new HashMap<>(realm.settings());
            settings.put("clientId", realm.name());
            settings.put("clientSecret", "secret");
            admin.put(realm.api("settings"), settings).expect(204);
            this.organization = realm.organization("customer", domain);
            this.member = realm.member(organization, "maria", "maria@" + domain).id();
            this.group = admin.post(path("/groups"), Map.of("name", "staff"))
                    .expect(201)
                    .createdId();
            admin.put(path("/users/" + member + "/groups/" + group), null).expect(204);
            admin.post(path("/roles"), Map.of("name", "board")).expect(201);
            realm.link(organization, domain);
            policy(Map.of("requiredGroups", List.of("/staff"), "deniedRoles", List.of("board")));
            this.accessToken = realm.consumer()
                    .directGrant("maria", ConnectedRealm.PASSWORD)
                    .accessToken();
        }

        void awaitGranted() {
            await().atMost(SOON).untilAsserted(() -> assertThat(token().status())
                    .as("%s", realm.member(member))
                    .isEqualTo(200));
        }

        String path(String path) {
            return "/admin/realms/" + realm.name() + path;
        }

        void policy(Map<String, ?> policy) {
            admin.put(realm.api("links/" + organization), Map.of("policy", policy))
                    .expect(200);
        }

        void switchKey(boolean on) {
            for (JsonNode key : admin.get(path("/components?type=org.keycloak.keys.KeyProvider"))
                    .expect(200)
                    .json()) {
                if (key.get("providerId").asText().equals("aes-generated")) {
                    ((ObjectNode) key.get("config")).putArray("enabled").add(String.valueOf(on));
                    admin.put(path("/components/" + key.get("id").asText()), key)
                            .expect(204);
                }
            }
        }

        void changeMember(String property, Object value) {
            ObjectNode user =
                    (ObjectNode) admin.get(path("/users/" + member)).expect(200).json();
            user.putPOJO(property, value);
            admin.put(path("/users/" + member), user.toString()).expect(204);
        }

        Answer token() {
            return realm.token(accessToken);
        }

        String mailbox() {
            return "maria@" + domain;
        }

        boolean live() {
            return new AtCronofy(simulator).live(mailbox());
        }

        /** What Cronofy accepted. */
        List<ReceivedRequest> revocations() {
            return simulator.requests("POST", "/oauth/token/revoke").stream()
                    .filter(request -> realm.name().equals(request.parameter("client_id")) && request.status() == 200)
                    .toList();
        }
    }

    private Tenant tenant() {
        Tenant tenant = new Tenant(server, admin, simulator, ++tenants);
        tenant.awaitGranted();
        return tenant;
    }

    /** A tenant whose member was asked for, while Cronofy's answer is not accepted yet; it comes again and again. */
    private Tenant unanswered() {
        simulator.change(Switch.CALLBACK_SIGNATURE, Choice.Signing.WRONG);
        Tenant tenant = new Tenant(server, admin, simulator, ++tenants);
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(cronofy.asks(tenant.mailbox())).isNotEmpty());
        await().atMost(SOON).untilAsserted(() -> assertThat(cronofy.deliveries(cronofy.callbackUrl(tenant.mailbox())))
                .isNotEmpty());
        return tenant;
    }

    private void awaitAccepted(Tenant tenant) {
        simulator.change(Switch.CALLBACK_SIGNATURE, Choice.Signing.VALID);
        await().atMost(SOON).untilAsserted(() -> assertThat(cronofy.deliveries(cronofy.callbackUrl(tenant.mailbox())))
                .extracting(Delivery::status)
                .contains(204));
    }

    @ParameterizedTest
    @EnumSource
    void a_right_that_ends_is_refused_at_the_next_call_and_revoked_once(Trigger trigger) {
        Tenant tenant = tenant();

        trigger.cause.accept(tenant);

        assertThat(tenant.token().status()).as(trigger.name()).isNotEqualTo(200);
        await().atMost(SOON).until(() -> !tenant.live());
        await().atMost(SOON).until(() -> tenant.revocations().size() == 1);
        if (trigger != Trigger.REALM_REMOVED) {
            JsonNode page =
                    admin.get(tenant.realm.api("revocations")).expect(200).json();
            assertThat(page.get("states").path("delivered").asInt())
                    .as("%s", page)
                    .isEqualTo(1);
        }
    }

    @Test
    void a_group_that_is_deleted_although_a_policy_names_it_ends_nobody_and_is_shown_as_a_problem() {
        Tenant tenant = tenant();

        admin.delete(tenant.path("/groups/" + tenant.group)).expect(204);

        Answer withheld = tenant.token();
        assertThat(withheld.status()).as(withheld.text()).isEqualTo(503);
        assertThat(withheld.headers().firstValue("Retry-After")).isPresent();
        await().atMost(SOON).untilAsserted(() -> {
            JsonNode link = admin.get(tenant.realm.api("links/" + tenant.organization))
                    .expect(200)
                    .json();
            assertThat(link.path("problem").path("reason").asText())
                    .as("%s", link)
                    .isEqualTo("rule_unresolved");
        });
        assertThat(admin.get(tenant.realm.api("status")).expect(200).json().get("warnings"))
                .anySatisfy(warning ->
                        assertThat(warning.path("names").path(0).asText()).isEqualTo(tenant.organization));
        assertThat(tenant.live()).isTrue();
        assertThat(tenant.realm.member(tenant.member).get("state").asText()).isEqualTo("granted");

        tenant.policy(Map.of("requiredGroups", List.of()));
        assertThat(tenant.token().status()).isEqualTo(200);
        assertThat(tenant.revocations()).isEmpty();
    }

    @Test
    void a_key_provider_that_is_switched_off_ends_nothing_and_everybody_is_served_again_when_it_is_back() {
        Tenant tenant = tenant();
        String kim = tenant.realm
                .member(tenant.organization, "kim", "kim@" + tenant.domain)
                .id();
        tenant.policy(Map.of("requiredGroups", List.of()));

        tenant.switchKey(false);
        Answer withheld = tenant.token();
        assertThat(withheld.status()).as(withheld.text()).isEqualTo(503);
        admin.put(tenant.realm.api("users/" + kim + "/delegation"), null);
        await().atMost(SOON).untilAsserted(() -> assertThat(
                        tenant.realm.member(kim).get("state").asText())
                .isNotEqualTo("granted"));
        tenant.switchKey(true);

        assertThat(tenant.token().status()).isEqualTo(200);
        admin.put(tenant.realm.api("users/" + kim + "/delegation"), null).expect(202);
        await().atMost(SOON).untilAsserted(() -> assertThat(
                        tenant.realm.member(kim).get("state").asText())
                .isEqualTo("granted"));
        JsonNode link = admin.get(tenant.realm.api("links/" + tenant.organization))
                .expect(200)
                .json();
        assertThat(link.get("state").asText()).as("%s", link).isEqualTo("active");
        assertThat(tenant.revocations()).isEmpty();
        assertThat(cronofy.asks(tenant.mailbox())).hasSize(1);
    }

    @Test
    void nothing_is_lost_when_cronofy_is_down_and_the_server_is_killed_between_cause_and_delivery() {
        Map<Trigger, Tenant> all = new EnumMap<>(Trigger.class);
        List.of(Trigger.values()).forEach(trigger -> all.put(trigger, tenant()));
        simulator.addFault(Fault.on("POST", "/oauth/token/revoke").status(503).build());
        all.forEach((trigger, tenant) -> trigger.cause.accept(tenant));

        server.kill();
        server.restart();

        all.forEach((trigger, tenant) ->
                assertThat(tenant.token().status()).as(trigger.name()).isNotEqualTo(200));
        await().atMost(SURELY)
                .until(() -> simulator.requests("POST", "/oauth/token/revoke").stream()
                                .filter(request -> request.status() == 503)
                                .count()
                        > 2L * all.size());
        simulator.clearFaults();
        all.forEach((trigger, tenant) -> await(trigger.name())
                .atMost(SURELY)
                .until(() -> tenant.revocations().size() == 1));
    }

    @ParameterizedTest
    @EnumSource(names = {"USER_DELETED", "USER_DISABLED", "ADDRESS_CHANGED", "LEFT_THE_ORGANIZATION", "OPTED_OUT"})
    void an_answer_that_comes_after_the_right_has_ended_is_given_back(Trigger trigger) {
        Tenant tenant = unanswered();

        trigger.cause.accept(tenant);
        awaitAccepted(tenant);

        await().atMost(SOON).until(() -> tenant.revocations().size() == 1);
        assertThat(tenant.live()).isFalse();
        assertThat(tenant.token().status()).isNotEqualTo(200);
        assertThat(simulator.isLive(tenant.realm
                        .link(tenant.organization)
                        .get("serviceAccount")
                        .asText()))
                .isTrue();
    }

    @ParameterizedTest
    @EnumSource(names = {"ORGANIZATION_DISABLED", "LINK_SUSPENDED", "FLAG_NOT_VERIFIED"})
    void an_answer_that_comes_while_the_right_is_withheld_is_kept(Freeze freeze) {
        Tenant tenant = unanswered();
        Frozen frozen = new Frozen(tenant);

        freeze.freeze.accept(frozen);
        awaitAccepted(tenant);
        await().atMost(SOON).untilAsserted(() -> assertThat(
                        tenant.realm.member(tenant.member).get("state").asText())
                .isEqualTo("granted"));
        assertThat(tenant.token().status()).isEqualTo(403);
        freeze.thaw.accept(frozen);

        assertThat(tenant.token().status()).isEqualTo(200);
        assertThat(cronofy.asks(tenant.mailbox())).hasSize(1);
        assertThat(tenant.revocations()).isEmpty();
    }

    @Test
    void opting_out_leaves_alone_what_another_link_gave_that_does_not_permit_it() {
        Tenant tenant = tenant();
        String lenient = tenant.realm.organization("lenient", "lenient-" + tenant.domain);
        admin.addMember(tenant.realm.name(), lenient, tenant.member);
        admin.put(tenant.realm.api("links/" + lenient), Map.of("policy", Map.of("optOut", true)))
                .expect(200);

        admin.put(tenant.realm.api("users/" + tenant.member + "/opt-out"), null).expect(204);

        assertThat(tenant.token().status()).isEqualTo(200);
        tenant.realm.unlink(tenant.organization);
        await().atMost(SOON).until(() -> !tenant.live());
        assertThat(tenant.revocations()).as("only the one of unlinking").hasSize(1);
    }

    /** What comes twice at Cronofy, or seems to, and must not cost what is in use. */
    enum Repetition {
        SAME_SERVICE_ACCOUNT_AUTHORIZED_AGAIN(tenant ->
                tenant.realm.authorize(new Browser(), tenant.realm.invite(tenant.organization), tenant.domain)),
        SAME_MEMBER_ASKED_FOR_AGAIN(tenant -> tenant.admin
                .put(tenant.realm.api("users/" + tenant.member + "/delegation"), null)
                .expect(202));

        @SuppressWarnings("ImmutableEnumChecker") // It captures nothing.
        private final Consumer<Tenant> cause;

        Repetition(Consumer<Tenant> cause) {
            this.cause = cause;
        }
    }

    @ParameterizedTest
    @EnumSource
    void what_is_still_in_use_is_not_revoked(Repetition repetition) {
        simulator.change(Switch.CALLBACK_COPIES, 3);
        Tenant tenant = tenant();

        repetition.cause.accept(tenant);

        assertThat(tenant.token().status()).isEqualTo(200);
        tenant.realm.unlink(tenant.organization);
        await().atMost(SOON).until(() -> !tenant.live());
        assertThat(tenant.revocations()).as("only the one of unlinking").hasSize(1);
    }

    /** What withholds a right, and what gives it back. */
    enum Freeze {
        ORGANIZATION_DISABLED(tenant -> tenant.changeOrganization(false), tenant -> tenant.changeOrganization(true)),
        REALM_SUSPENDED(tenant -> tenant.put("suspension"), tenant -> tenant.delete("suspension")),
        LINK_SUSPENDED(
                tenant -> tenant.put("links/" + tenant.organization() + "/suspension"),
                tenant -> tenant.delete("links/" + tenant.organization() + "/suspension")),
        CONSUMER_SUSPENDED(
                tenant -> tenant.put("consumers/calendar-app/suspension"),
                tenant -> tenant.delete("consumers/calendar-app/suspension")),
        SWITCHED_OFF(tenant -> tenant.switchTo(false), tenant -> tenant.switchTo(true)),
        FLAG_NOT_VERIFIED(tenant -> tenant.verified(false), tenant -> tenant.verified(true));

        @SuppressWarnings("ImmutableEnumChecker") // It captures nothing.
        private final Consumer<Frozen> freeze;

        @SuppressWarnings("ImmutableEnumChecker") // It captures nothing.
        private final Consumer<Frozen> thaw;

        Freeze(Consumer<Frozen> freeze, Consumer<Frozen> thaw) {
            this.freeze = freeze;
            this.thaw = thaw;
        }
    }

    /** The tenant that all freezes share. */
    private record Frozen(Tenant tenant) {
        String organization() {
            return tenant.organization;
        }

        void put(String path) {
            tenant.admin.put(tenant.realm.api(path), null).expect(204);
        }

        void delete(String path) {
            tenant.admin.delete(tenant.realm.api(path)).expect(204);
        }

        void verified(boolean verified) {
            tenant.changeMember("emailVerified", verified);
        }

        void changeOrganization(boolean enabled) {
            String path = tenant.path("/organizations/" + tenant.organization);
            ObjectNode organization =
                    (ObjectNode) tenant.admin.get(path).expect(200).json();
            tenant.admin
                    .put(path, organization.put("enabled", enabled).toString())
                    .expect(204);
        }

        void switchTo(boolean enabled) {
            String path = tenant.path("/authentication/required-actions/enterprise-connect");
            ObjectNode action = (ObjectNode) tenant.admin.get(path).expect(200).json();
            tenant.admin.put(path, action.put("enabled", enabled).toString()).expect(204);
        }
    }

    @Test
    void what_can_come_back_is_refused_at_once_and_comes_back_at_once_without_a_revocation_or_a_new_ask() {
        Tenant tenant = tenant();
        int asks = cronofy.asks("maria@" + tenant.domain).size();
        Frozen frozen = new Frozen(tenant);

        for (Freeze freeze : Freeze.values()) {
            freeze.freeze.accept(frozen);
            assertThat(tenant.token().status()).as(freeze.name()).isIn(403, 404);
            freeze.thaw.accept(frozen);
            assertThat(tenant.token().status()).as(freeze.name()).isEqualTo(200);
        }

        assertThat(tenant.live()).isTrue();
        assertThat(tenant.revocations()).isEmpty();
        assertThat(cronofy.asks("maria@" + tenant.domain)).hasSize(asks);
    }

    @Test
    void members_of_a_link_whose_service_account_another_link_holds_are_revoked_one_by_one() {
        Tenant tenant = tenant();
        String twin = tenant.realm.organization("twin", "twin-of-" + tenant.domain);
        tenant.realm.approve(twin, tenant.domain);
        tenant.realm.authorize(new Browser(), tenant.realm.invite(twin), tenant.domain);
        String serviceAccount = tenant.realm.link(twin).get("serviceAccount").asText();
        assertThat(tenant.realm.link(tenant.organization).get("serviceAccount").asText())
                .isEqualTo(serviceAccount);

        tenant.realm.unlink(tenant.organization);

        await().atMost(SOON).until(() -> !tenant.live());
        assertThat(simulator.isLive(serviceAccount)).isTrue();
        assertThat(tenant.revocations()).hasSize(1);
        JsonNode states =
                admin.get(tenant.realm.api("revocations")).expect(200).json().get("states");
        assertThat(states.get("kept").asInt()).isEqualTo(1);
        assertThat(states.get("delivered").asInt()).isEqualTo(1);
    }
}
