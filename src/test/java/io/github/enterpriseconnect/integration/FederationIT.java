package io.github.enterpriseconnect.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.enterpriseconnect.integration.Company.Person;
import io.github.enterpriseconnect.integration.harness.AdminClient;
import io.github.enterpriseconnect.integration.harness.Answer;
import io.github.enterpriseconnect.integration.harness.KeycloakExtension;
import io.github.enterpriseconnect.integration.harness.KeycloakServer;
import io.github.enterpriseconnect.integration.harness.SignIn;
import io.github.enterpriseconnect.integration.harness.UserFederation.Mode;
import io.github.enterpriseconnect.simulator.Simulator;
import io.github.enterpriseconnect.simulator.Switch;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Members who come from an LDAP directory, in each of the ways in which Keycloak can deal with one. */
@ExtendWith(KeycloakExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FederationIT {
    private final KeycloakServer server;
    private final AdminClient admin;
    private final Simulator simulator;
    private final AtCronofy cronofy;
    private final Map<Mode, Company> shared = new EnumMap<>(Mode.class);
    private final List<Company> companies = new ArrayList<>();

    FederationIT(KeycloakServer server, AdminClient admin, Simulator simulator) {
        this.server = server;
        this.admin = admin;
        this.simulator = simulator;
        this.cronofy = new AtCronofy(simulator);
    }

    @AfterEach
    void calm() {
        cronofy.calm();
    }

    @AfterAll
    void close() {
        companies.forEach(Company::close);
    }

    private Company linked(Mode mode) {
        Company company = Company.linked(server, admin, simulator, FederationIT.class, mode);
        companies.add(company);
        return company;
    }

    private Company shared(Mode mode) {
        return shared.computeIfAbsent(mode, this::linked);
    }

    private Company found(Mode mode, boolean organizations, Map<String, String> options) {
        Company company = Company.found(server, admin, simulator, FederationIT.class, mode, organizations, options);
        companies.add(company);
        return company;
    }

    private static String organization(Company company) {
        String organization = company.realm().organization("organization", company.domain());
        company.realm().link(organization, company.domain());
        return organization;
    }

    private static String error(Answer answer, int status) {
        return answer.expect(status).json().get("error").asText();
    }

    @ParameterizedTest
    @EnumSource(Mode.class)
    void a_person_in_the_directory_is_delegated_at_sign_in_and_the_application_gets_a_token(Mode mode) {
        Company company = shared(mode);
        String entry = company.hire("jane");

        Person jane = company.person("jane");

        jane.awaitGranted();
        assertThat(jane.id().startsWith("f:")).isEqualTo(!mode.imports());
        assertThat(jane.ask().expect(200).json().get("mailbox").asText()).isEqualTo(jane.address());
        assertThat(cronofy.live(jane.address())).isTrue();
        company.assertUntouched("jane", entry);
    }

    @ParameterizedTest
    @EnumSource(Mode.class)
    void an_expired_token_is_refreshed_once_and_stored(Mode mode) {
        Company company = shared(mode);
        String entry = company.hire("rita");
        simulator.change(Switch.USER_TOKEN_SECONDS, 1);
        Person rita = company.person("rita");
        rita.awaitGranted();
        simulator.change(Switch.USER_TOKEN_SECONDS, Switch.USER_TOKEN_SECONDS.initial());
        Instant expiry =
                Instant.parse(rita.standing().get("grantedAt").asText()).plusSeconds(1);
        await().atMost(Company.PATIENCE).until(() -> Instant.now().isAfter(expiry));
        int refreshes = cronofy.refreshes().size();

        String token = rita.token();

        company.federation().forgetCached();
        assertThat(rita.token()).isEqualTo(token);
        assertThat(cronofy.refreshes()).hasSize(refreshes + 1);
        company.assertUntouched("rita", entry);
    }

    @ParameterizedTest
    @EnumSource(Mode.class)
    void a_person_who_signs_in_again_is_not_asked_for_again(Mode mode) {
        Company company = shared(mode);
        Person again = company.delegated("again");
        company.federation().forgetCached();

        company.signIn("again");

        company.delegated("next");
        assertThat(cronofy.asks(again.address())).hasSize(1);
        again.token();
    }

    @ParameterizedTest
    @EnumSource(Mode.class)
    void unlinking_takes_the_tokens_of_people_in_the_directory_away(Mode mode) {
        Company company = linked(mode);
        String entry = company.hire("una");
        Person una = company.person("una");
        una.awaitGranted();

        company.realm().unlink("realm");

        assertThat(error(una.ask(), 404)).isEqualTo("not_delegated");
        await().atMost(Company.PATIENCE)
                .untilAsserted(() -> assertThat(cronofy.live(una.address())).isFalse());
        company.assertUntouched("una", entry);
        company.realm().link("realm", company.domain());
        assertThat(una.ask().status()).isEqualTo(409);
        una.awaitGranted();
        una.token();
        assertThat(cronofy.asks(una.address())).hasSize(2);
    }

    @ParameterizedTest
    @EnumSource(
            value = Mode.class,
            names = {"READ_ONLY", "WRITABLE", "UNSYNCED"})
    void a_person_in_the_directory_is_delegated_as_a_member_of_an_organization(Mode mode) {
        Company company = found(mode, true, Map.of());
        String organization = organization(company);
        String entry = company.hire("orla");
        Person orla = company.person("orla");
        assertThat(error(orla.ask(), 404)).isEqualTo("not_delegated");
        admin.addMember(company.realm().name(), organization, orla.id());

        SignIn signIn = company.realm().signIn("orla");

        orla.awaitGranted();
        assertThat(signIn.pages()).hasSize(2);
        JsonNode token =
                company.realm().token(signIn.tokens().accessToken()).expect(200).json();
        assertThat(token.get("mailbox").asText()).isEqualTo(orla.address());
        assertThat(orla.standing().get("link").asText()).isEqualTo(organization);
        company.assertUntouched("orla", entry);
    }

    @Test
    void a_person_who_is_not_imported_can_be_no_member_and_is_not_asked_for() {
        Company company = found(Mode.NOT_IMPORTED, true, Map.of());
        String organization = organization(company);
        company.hire("otto");
        Person otto = company.person("otto");
        Answer joined = admin.post(
                "/admin/realms/" + company.realm().name() + "/organizations/" + organization + "/members",
                "\"" + otto.id() + "\"");
        assertThat(joined.status()).as(joined.text()).isGreaterThanOrEqualTo(400);

        company.signIn("otto");

        String local = company.realm()
                .member(organization, "local", company.address("local"))
                .id();
        company.signIn("local");
        company.awaitGranted(local);
        assertThat(cronofy.asks(otto.address())).isEmpty();
        assertThat(error(otto.ask(), 404)).isEqualTo("not_delegated");
    }

    @ParameterizedTest
    @EnumSource(Mode.class)
    void nobody_is_asked_for_whose_address_the_realm_does_not_trust(Mode mode) {
        Company company = found(mode, false, Map.of("trustEmail", "false"));
        company.realm().link("realm", company.domain());
        company.hire("doubtful");

        Person doubtful = company.person("doubtful");

        String local = company.realm().user("local", company.address("local")).id();
        company.signIn("local");
        company.awaitGranted(local);
        assertThat(cronofy.asks(doubtful.address())).isEmpty();
        assertThat(error(doubtful.ask(), 403)).isEqualTo("access_denied");
        assertThat(doubtful.standing().get("reason").asText()).isEqualTo("email_not_verified");
    }

    @ParameterizedTest
    @EnumSource(Mode.class)
    void a_trusted_directory_proves_no_address_where_the_owner_has_to(Mode mode) {
        Company company = linked(mode);
        prove(company, "owner");
        company.hire("owen");

        Person owen = company.person("owen");

        assertThat(error(owen.ask(), 403)).isEqualTo("access_denied");
        assertThat(owen.standing().get("reason").asText()).isEqualTo("address_not_proven");
        prove(company, "keycloak");
        assertThat(error(owen.ask(), 409)).isEqualTo("delegation_pending");
        owen.awaitGranted();
        assertThat(cronofy.asks(owen.address())).hasSize(1);
    }

    private void prove(Company company, String proof) {
        admin.put(company.realm().api("links/realm"), Map.of("policy", Map.of("proof", proof)))
                .expect(200);
    }
}
