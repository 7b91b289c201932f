package io.github.enterpriseconnect.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.enterpriseconnect.integration.Company.Person;
import io.github.enterpriseconnect.integration.harness.AdminClient;
import io.github.enterpriseconnect.integration.harness.Answer;
import io.github.enterpriseconnect.integration.harness.ConnectedRealm;
import io.github.enterpriseconnect.integration.harness.KeycloakServer;
import io.github.enterpriseconnect.integration.harness.LdapDirectory;
import io.github.enterpriseconnect.integration.harness.Member;
import io.github.enterpriseconnect.integration.harness.UserFederation.Mode;
import io.github.enterpriseconnect.simulator.Choice;
import io.github.enterpriseconnect.simulator.Delivery;
import io.github.enterpriseconnect.simulator.ReceivedRequest;
import io.github.enterpriseconnect.simulator.Simulator;
import io.github.enterpriseconnect.simulator.Switch;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What becomes of delegations when an LDAP directory changes, also behind Keycloak's back. The server examines some of
 * them every other second.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class DirectoryChangeIT {
    private final Simulator simulator =
            Simulator.start(0, ConnectedRealm.APPLICATION_ID, ConnectedRealm.APPLICATION_SECRET);
    private final AtCronofy cronofy = new AtCronofy(simulator);
    private final KeycloakServer server = ConnectedRealm.extendedServer(simulator)
            .options(
                    "--spi-enterprise-connect--default--reconcile-every=2",
                    "--spi-enterprise-connect--default--reconcile-idle-every=2")
            .start();
    private final AdminClient admin = AdminClient.of(server);
    private final List<Company> companies = new ArrayList<>();
    private final Company other = linked(Mode.READ_ONLY);
    private final List<String> ended = new ArrayList<>();

    @AfterEach
    void calm() {
        cronofy.calm();
    }

    @AfterAll
    void stop() {
        companies.forEach(Company::close);
        server.close();
        simulator.close();
    }

    private Company linked(Mode mode) {
        Company company = Company.linked(server, admin, simulator, DirectoryChangeIT.class, mode);
        companies.add(company);
        return company;
    }

    private void awaitRevoked(Person person) {
        await().atMost(Company.PATIENCE)
                .untilAsserted(() -> assertThat(cronofy.live(person.address())).isFalse());
        ended.add(person.address());
    }

    private void assertStillGranted(Person person) {
        assertThat(person.standing().get("state").asText()).isEqualTo("granted");
        assertThat(cronofy.live(person.address())).isTrue();
        assertThat(cronofy.asks(person.address())).hasSize(1);
    }

    private static void assertRefused(Person person) {
        Answer answer = person.ask();
        assertThat(answer.status()).as(answer.text()).isBetween(400, 499);
        assertThat(answer.json().has("access_token")).isFalse();
    }

    private static Person delegatedAnew(Company company, String name) {
        Person person = company.person(name);
        person.awaitGranted();
        person.token();
        return person;
    }

    /** Returns when the server has examined delegations that are younger than all there were before. */
    private void awaitExamination() {
        String name = "leaver-" + ended.size();
        Person leaver = other.delegated(name);
        other.directory().changeMail(name, name + "@elsewhere.test");
        other.notice();
        awaitRevoked(leaver);
    }

    @ParameterizedTest
    @EnumSource(Mode.class)
    void a_person_whom_an_administrator_deletes_is_revoked_and_delegated_anew_if_the_directory_keeps_him(Mode mode) {
        Company company = linked(mode);
        String entry = company.hire("dora");
        Person dora = company.person("dora");
        dora.awaitGranted();

        admin.delete("/admin/realms/" + company.realm().name() + "/users/" + dora.id())
                .expect(204);

        assertRefused(dora);
        awaitRevoked(dora);
        if (mode.writable()) {
            assertThat(company.directory().entry("dora")).isEmpty();
        } else {
            company.assertUntouched("dora", entry);
            delegatedAnew(company, "dora");
            assertThat(cronofy.asks(dora.address())).hasSize(2);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Mode.class,
            names = {"READ_ONLY", "WRITABLE", "UNSYNCED"})
    void people_whose_import_is_undone_are_revoked_and_delegated_anew_when_they_come_back(Mode mode) {
        Company company = linked(mode);
        Person ina = company.delegated("ina");

        company.federation().removeImported();

        assertRefused(ina);
        awaitRevoked(ina);
        Person again = delegatedAnew(company, "ina");
        assertThat(again.id()).isNotEqualTo(ina.id());
    }

    @ParameterizedTest
    @EnumSource(
            value = Mode.class,
            names = {"READ_ONLY", "NOT_IMPORTED"})
    void people_of_a_directory_that_is_parted_from_the_realm_are_revoked(Mode mode) {
        Company company = linked(mode);
        Person pam = company.delegated("pam");

        company.federation().remove();

        assertRefused(pam);
        awaitRevoked(pam);
    }

    @ParameterizedTest
    @EnumSource(Mode.class)
    void a_person_who_has_vanished_from_the_directory_is_refused_and_revoked_once_keycloak_looks(Mode mode) {
        Company company = linked(mode);
        Person vera = company.delegated("vera");

        company.directory().remove("vera");
        company.federation().forgetCached();

        assertRefused(vera);
        awaitRevoked(vera);
        company.federation().syncAll();
        assertRefused(vera);
    }

    @ParameterizedTest
    @EnumSource(
            value = Mode.class,
            names = {"READ_ONLY", "NOT_IMPORTED"})
    void a_person_who_has_vanished_from_the_directory_is_revoked_although_nobody_looks(Mode mode) {
        Company company = linked(mode);
        Person victor = company.delegated("victor");
        victor.token();

        company.directory().remove("victor");

        awaitRevoked(victor);
        assertRefused(victor);
    }

    @ParameterizedTest
    @EnumSource(Mode.class)
    void a_person_whose_address_has_changed_is_refused_at_once_and_gets_the_new_mailbox(Mode mode) {
        Company company = linked(mode);
        Person amy = company.delegated("amy");
        Person bea = new Person(company, "bea", amy.id(), amy.tokens());

        company.directory().changeMail("amy", bea.address());
        company.notice();

        assertRefused(amy);
        awaitRevoked(amy);
        bea.awaitGranted();
        assertThat(bea.ask().expect(200).json().get("mailbox").asText()).isEqualTo(bea.address());
        assertThat(company.directory().changesByOthers()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(
            value = Mode.class,
            names = {"READ_ONLY", "NOT_IMPORTED"})
    void a_person_whose_address_has_changed_is_revoked_although_nobody_asks(Mode mode) {
        Company company = linked(mode);
        Person carl = company.delegated("carl");

        company.directory().changeMail("carl", "carl@elsewhere.test");
        company.notice();

        awaitRevoked(carl);
        assertRefused(carl);
        assertThat(cronofy.asks("carl@elsewhere.test")).isEmpty();
    }

    @Test
    void a_namesake_inherits_nothing() {
        Company company = linked(Mode.READ_ONLY);
        Person first = company.delegated("nora");

        company.directory().remove("nora");
        company.hire("nora");
        company.federation().forgetCached();

        assertRefused(first);
        awaitRevoked(first);
        Person second = delegatedAnew(company, "nora");
        assertThat(second.id()).isNotEqualTo(first.id());
        assertThat(cronofy.asks(second.address())).hasSize(2);
    }

    @ParameterizedTest
    @EnumSource(
            value = Mode.class,
            names = {"READ_ONLY", "NOT_IMPORTED"})
    void a_directory_that_is_silent_ends_no_delegation(Mode mode) {
        Company company = linked(mode);
        Person silva = company.delegated("silva");
        String token = silva.token();

        company.directory().fallSilent();
        // That nobody else holds the address was told by the directory a moment ago.
        assertThat(silva.token()).isEqualTo(token);
        company.federation().forgetCached();
        Answer signIn = company.realm()
                .consumer()
                .token(Map.of("grant_type", "password", "username", "silva", "password", LdapDirectory.PASSWORD));
        Answer meanwhile = silva.ask();

        assertThat(signIn.status()).as(signIn.text()).isNotEqualTo(200);
        assertThat(meanwhile.status()).as(meanwhile.text()).isNotEqualTo(200);
        awaitExamination();
        company.directory().answer();
        assertThat(silva.token()).isEqualTo(token);
        company.signIn("silva");
        assertStillGranted(silva);
    }

    /** Keycloak shows the local row of such a person, without the group, and its cache may read groups from that. */
    @Test
    void a_person_whose_group_comes_from_a_directory_that_falls_silent_is_withheld_and_served_again() {
        Company company = linked(Mode.READ_ONLY);
        company.hire("gail");
        company.directory().addGroup("staff", "gail");
        company.federation().mapGroups();
        company.realm().setPolicy("realm", Map.of("requiredGroups", List.of("/staff")));
        Person gail = company.person("gail");
        gail.awaitGranted();
        String token = gail.token();
        company.federation().forgetCached();
        String inKeycloak = "/admin/realms/" + company.realm().name() + "/users/" + gail.id();
        admin.get(inKeycloak).expect(200);

        company.directory().fallSilent();
        assertThat(admin.get(inKeycloak + "/groups").expect(200).json()).isEmpty();
        Answer byCache = gail.ask();
        company.federation().forgetCached();
        Answer withoutCache = gail.ask();
        JsonNode gate = gail.standing().get("gate").get(0);
        awaitExamination();
        company.federation().forgetCached();
        awaitExamination();

        assertThat(byCache.status()).as(byCache.text()).isEqualTo(503);
        assertThat(byCache.json().get("error").asText()).isEqualTo("temporarily_unavailable");
        assertThat(byCache.headers().firstValue("Retry-After")).isPresent();
        // Keycloak itself may not find the user's session meanwhile.
        assertThat(withoutCache.status()).as(withoutCache.text()).isIn(401, 503);
        assertThat(gate.get("withheld").asBoolean()).as("%s", gate).isTrue();
        assertThat(gate.get("reason").asText()).isEqualTo("directory_silent");
        company.directory().answer();
        assertThat(gail.token()).isEqualTo(token);
        assertStillGranted(gail);
    }

    /** Of what the README tells applications about, nothing else fits. */
    @ParameterizedTest
    @EnumSource(
            value = Mode.class,
            names = {"READ_ONLY", "NOT_IMPORTED"})
    void an_application_is_told_in_oauth_s_words_that_the_directory_is_silent(Mode mode) {
        Company company = linked(mode);
        Person sam = company.delegated("sam");

        company.directory().fallSilent();
        company.federation().forgetCached();
        Answer answer = sam.ask();

        company.directory().answer();
        assertThat(answer.status() + " " + answer.json().get("error").asText())
                .isIn("401 invalid_token", "403 access_denied", "503 temporarily_unavailable");
    }

    @ParameterizedTest
    @EnumSource(
            value = Mode.class,
            names = {"READ_ONLY", "NOT_IMPORTED"})
    void an_answer_that_comes_while_the_directory_is_silent_is_not_lost(Mode mode) {
        Company company = linked(mode);
        company.hire("abby");
        simulator.change(Switch.CALLBACK_SIGNATURE, Choice.Signing.WRONG);
        Person abby = company.person("abby");
        await().atMost(Company.PATIENCE)
                .untilAsserted(() -> assertThat(cronofy.asks(abby.address())).hasSize(1));
        URI url = cronofy.callbackUrl(abby.address());
        assertThat(abby.standing().get("state").asText()).isEqualTo("asked");

        company.directory().fallSilent();
        company.federation().forgetCached();
        simulator.change(Switch.CALLBACK_SIGNATURE, Choice.Signing.VALID);
        await().atMost(Company.PATIENCE).untilAsserted(() -> assertThat(cronofy.deliveries(url))
                .extracting(Delivery::status)
                .contains(204));
        awaitExamination();
        company.directory().answer();

        abby.awaitGranted();
        abby.token();
        assertThat(cronofy.asks(abby.address())).hasSize(1);
    }

    /** The code of somebody in the directory is kept while nobody can look them up. */
    @Test
    void a_directory_that_hangs_holds_up_its_own_people_alone() {
        Company company = linked(Mode.READ_ONLY);
        Person harry = company.delegated("harry");
        Member lena = company.realm().user("lena", company.address("lena"));
        company.hire("hilda");
        simulator.change(Switch.CALLBACK_SIGNATURE, Choice.Signing.WRONG);
        Person hilda = company.person("hilda");
        await().atMost(Company.PATIENCE)
                .untilAsserted(() -> assertThat(cronofy.asks(hilda.address())).hasSize(1));
        URI url = cronofy.callbackUrl(hilda.address());

        company.directory().hang();
        company.federation().forgetCached();
        simulator.change(Switch.CALLBACK_SIGNATURE, Choice.Signing.VALID);
        await().atMost(Company.PATIENCE).untilAsserted(() -> assertThat(cronofy.deliveries(url))
                .extracting(Delivery::status)
                .contains(204));
        company.directory().awaitQuestion();
        lena.signIn();
        lena.awaitState("granted");
        awaitExamination();

        assertThat(cronofy.exchanges(url)).isEmpty();
        assertThat(cronofy.live(harry.address())).isTrue();
        company.directory().answer();
        hilda.awaitGranted();
        assertThat(cronofy.asks(hilda.address())).hasSize(1);
        assertStillGranted(harry);
    }

    /** It is asked whether it has somebody with the same address before anybody of the realm is delegated or served. */
    @Test
    void a_silent_directory_that_imports_nobody_withholds_those_alone_of_whom_it_has_said_nothing_lately() {
        Company company = linked(Mode.NOT_IMPORTED);
        Member lena = company.realm().user("lena", company.address("lena"));
        Member nils = company.realm().user("nils", company.address("nils"));
        lena.connect();

        company.directory().fallSilent();
        Answer known = lena.token();
        nils.signIn();
        Answer unknown = nils.token();

        assertThat(known.status()).as(known.text()).isEqualTo(200);
        assertThat(unknown.status()).as(unknown.text()).isEqualTo(503);
        assertThat(cronofy.asks(nils.address())).isEmpty();
        company.directory().answer();
        nils.awaitState("granted");
    }

    @ParameterizedTest
    @EnumSource(
            value = Mode.class,
            names = {"READ_ONLY", "UNSYNCED"})
    void a_person_whose_account_is_disabled_in_active_directory_is_refused_and_revoked(Mode mode) {
        Company company = linked(mode);
        company.federation().readAccountControl();
        company.hire("adam");
        company.directory().changeAccount("adam", true);
        Person adam = company.person("adam");
        adam.awaitGranted();

        company.directory().changeAccount("adam", false);

        awaitRevoked(adam);
        company.federation().forgetCached();
        assertRefused(adam);
    }

    @ParameterizedTest
    @EnumSource(
            value = Mode.class,
            names = {"READ_ONLY", "NOT_IMPORTED"})
    void a_directory_that_is_switched_off_freezes_its_people(Mode mode) {
        Company company = linked(mode);
        Person frida = company.delegated("frida");
        String token = frida.token();

        company.federation().switchOn(false);

        assertRefused(frida);
        awaitExamination();
        company.federation().switchOn(true);
        // Keycloak may have ended the session of somebody whom it could not find meanwhile.
        assertThat(company.person("frida").token()).isEqualTo(token);
        assertStillGranted(frida);
    }

    @Test
    @Order(Integer.MAX_VALUE)
    void whoever_was_revoked_was_revoked_once() {
        List<ReceivedRequest> revocations = simulator.requests("POST", "/oauth/token/revoke");
        assertThat(revocations).extracting(ReceivedRequest::status).containsOnly(200);
        assertThat(revocations)
                .extracting(request -> Objects.requireNonNullElse(request.parameter("token"), request.parameter("sub")))
                .doesNotHaveDuplicates()
                .as("those of %s", ended)
                .hasSize(ended.size());
    }
}
