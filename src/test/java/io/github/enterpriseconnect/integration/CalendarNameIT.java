package io.github.enterpriseconnect.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.enterpriseconnect.integration.harness.AdminClient;
import io.github.enterpriseconnect.integration.harness.Answer;
import io.github.enterpriseconnect.integration.harness.Browser;
import io.github.enterpriseconnect.integration.harness.ConnectedRealm;
import io.github.enterpriseconnect.integration.harness.KeycloakExtension;
import io.github.enterpriseconnect.integration.harness.KeycloakServer;
import io.github.enterpriseconnect.integration.harness.MailServer;
import io.github.enterpriseconnect.integration.harness.Member;
import io.github.enterpriseconnect.integration.harness.RealmAdministrators;
import io.github.enterpriseconnect.integration.harness.Tokens;
import io.github.enterpriseconnect.integration.harness.UserFederation;
import io.github.enterpriseconnect.simulator.Choice;
import io.github.enterpriseconnect.simulator.Simulator;
import io.github.enterpriseconnect.simulator.Switch;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Members whom the customer's calendar system knows by another name than their address. */
@ExtendWith(KeycloakExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CalendarNameIT {
    private static final Duration LONG = Duration.ofMinutes(3);
    private static final String UPN = "userPrincipalName";
    private static final Map<String, Object> NAMED = Map.of("calendarName", UPN);

    private final KeycloakServer server;
    private final AdminClient admin;
    private final Simulator simulator;
    private final AtCronofy cronofy;
    private final ConnectedRealm realm;

    CalendarNameIT(KeycloakServer server, AdminClient admin, Simulator simulator) {
        this.server = server;
        this.admin = admin;
        this.simulator = simulator;
        this.cronofy = new AtCronofy(simulator);
        this.realm =
                ConnectedRealm.create(server, admin, simulator, AdminClient.newRealmName(CalendarNameIT.class), true);
    }

    @BeforeAll
    void haveAdministratorsWriteTheAttribute() {
        manageAttribute(UPN, "admin");
    }

    @AfterEach
    void calm() {
        cronofy.calm();
    }

    private String path(String path) {
        return "/admin/realms/" + realm.name() + path;
    }

    /** Has the user profile name the attribute, to be written by these. */
    private void manageAttribute(String name, String... writers) {
        ObjectNode profile =
                (ObjectNode) admin.get(path("/users/profile")).expect(200).json();
        for (int i = profile.withArray("attributes").size() - 1; i >= 0; i--) {
            if (profile.withArray("attributes").get(i).get("name").asText().equals(name)) {
                profile.withArray("attributes").remove(i);
            }
        }
        ObjectNode attribute = profile.withArray("attributes").addObject().put("name", name);
        attribute.put("multivalued", true);
        attribute.putObject("permissions").putArray("view").add("admin");
        for (String writer : writers) {
            attribute.withObject("/permissions").withArray("edit").add(writer);
        }
        attribute.withObject("/permissions").withArray("edit");
        admin.put(path("/users/profile"), profile).expect(200);
    }

    /** An organization with its own domain and one for calendar names, both approved. */
    private String linked(String name, Map<String, ?> policy) {
        String organization = realm.organization(name, name + ".test", name + "-corp.test");
        realm.link(organization, name + ".test");
        admin.put(
                        realm.api("links/" + organization),
                        Map.of(
                                "domains",
                                Stream.of(name + ".test", name + "-corp.test")
                                        .map(domain -> Map.of("name", domain, "approved", true))
                                        .toList()))
                .expect(200);
        if (!policy.isEmpty()) {
            realm.setPolicy(organization, policy);
        }
        return organization;
    }

    private Member member(String organization, String username, String address, @Nullable String calendarName) {
        Member member = realm.member(organization, username, address);
        if (calendarName != null) {
            name(member, calendarName);
        }
        return member;
    }

    private void name(Member member, String... calendarNames) {
        ObjectNode user = (ObjectNode)
                admin.get(path("/users/" + member.id())).expect(200).json();
        user.withObject("/attributes").remove(UPN);
        for (String calendarName : calendarNames) {
            user.withObject("/attributes").withArray(UPN).add(calendarName);
        }
        admin.put(path("/users/" + member.id()), user).expect(204);
    }

    private static String mailbox(Answer token) {
        return token.expect(200).json().get("mailbox").asText();
    }

    private static String error(Answer answer) {
        return answer.json().get("error").asText();
    }

    private void awaitReason(Member member, String reason) {
        await().atMost(LONG).untilAsserted(() -> {
            JsonNode standing = member.standing();
            assertThat(standing.path("reason").asText()).as("%s", standing).isEqualTo(reason);
        });
    }

    @Test
    void a_member_is_connected_by_the_calendar_name_and_a_rename_ends_the_old_one_and_connects_the_new() {
        String organization = linked("renamed", NAMED);
        simulator.change(Switch.PRINCIPAL_DOMAIN, "renamed-corp.test");
        simulator.change(Switch.PROFILE_NAME, Choice.ProfileName.PRINCIPAL);
        Member rosa = member(organization, "rosa", "rosa.r@renamed.test", "rosa@renamed-corp.test");

        Tokens tokens = rosa.signIn();
        rosa.awaitState("granted");
        assertThat(mailbox(rosa.token(tokens))).isEqualTo("rosa@renamed-corp.test");
        assertThat(cronofy.asks("rosa.r@renamed.test")).isEmpty();

        name(rosa, "rose@renamed-corp.test");
        await().atMost(LONG)
                .untilAsserted(() -> assertThat(mailbox(rosa.token(tokens))).isEqualTo("rose@renamed-corp.test"));
        assertThat(cronofy.asks("rose@renamed-corp.test")).hasSize(1);
        await().atMost(LONG).untilAsserted(() -> assertThat(cronofy.live("rosa@renamed.test"))
                .isFalse());
    }

    static Stream<Arguments> attributesThatCannotBe() {
        return Stream.of(
                Arguments.of("user principal name", "letters, digits"),
                Arguments.of("", "letters, digits"),
                Arguments.of("email", "something else"),
                Arguments.of("Username", "something else"),
                Arguments.of("enterprise-connect.mark", "something else"),
                Arguments.of("nickname", "users may write it"));
    }

    @ParameterizedTest
    @MethodSource("attributesThatCannotBe")
    void an_attribute_that_users_write_or_that_is_something_else_cannot_have_calendar_names(
            String attribute, String told) {
        manageAttribute("nickname", "admin", "user");
        String organization = realm.organization("saving-" + Integer.toHexString(attribute.hashCode()));

        Answer refused =
                admin.put(realm.api("links/" + organization), Map.of("policy", Map.of("calendarName", attribute)));

        assertThat(refused.expect(400).json().get("errorMessage").asText()).contains(told);
    }

    @Test
    void an_unmanaged_attribute_cannot_have_calendar_names_while_users_may_write_such() {
        String organization = realm.organization("unmanaged");
        Map<String, Object> policy = Map.of("policy", Map.of("calendarName", "upn"));
        letUnmanaged("ENABLED");
        admin.put(realm.api("links/" + organization), policy).expect(400);
        letUnmanaged("ADMIN_EDIT");

        admin.put(realm.api("links/" + organization), policy).expect(200);

        letUnmanaged(null);
    }

    private void letUnmanaged(@Nullable String policy) {
        ObjectNode profile =
                (ObjectNode) admin.get(path("/users/profile")).expect(200).json();
        profile.remove("unmanagedAttributePolicy");
        if (policy != null) {
            profile.put("unmanagedAttributePolicy", policy);
        }
        admin.put(path("/users/profile"), profile).expect(200);
    }

    @Test
    void an_attribute_by_which_members_may_lose_their_tokens_is_saved_only_by_force() {
        manageAttribute("mailName", "admin");
        String organization = linked("confirmed", Map.of());
        Member mona = realm.member(organization, "mona", "mona@confirmed.test");
        mona.connect();
        ObjectNode user =
                (ObjectNode) admin.get(path("/users/" + mona.id())).expect(200).json();
        user.withObject("/attributes").withArray("mailName").add("m.ona@confirmed.test");
        admin.put(path("/users/" + mona.id()), user).expect(204);
        Map<String, Object> policy = Map.of("policy", Map.of("calendarName", "mailName"));

        String told = refusal(realm.api("links/" + organization), policy, 409);

        assertThat(told).contains("through this link: 1", "says itself: 1", "force=true");
        assertThat(mailbox(mona.token())).isEqualTo("mona@confirmed.test");
        admin.put(realm.api("links/" + organization + "?force=true"), policy).expect(200);
        assertThat(realm.link(organization).at("/policy/calendarName").asText()).isEqualTo("mailName");
        admin.put(realm.api("links/" + organization), policy).expect(200);
    }

    @Test
    void calendar_names_are_the_realm_s_matter_and_not_the_organization_s() {
        String organization = linked("tenant", NAMED);
        AdminClient manager = new RealmAdministrators(server, admin, realm.name())
                .create("manager", "manage-organizations", "query-users", "view-users");

        for (Object attribute : new Object[] {UPN, "other"}) {
            manager.put(
                            realm.api("links/" + organization + "?force=true"),
                            Map.of("policy", Map.of("calendarName", attribute)))
                    .expect(403);
        }
        Map<String, Object> none = new HashMap<>();
        none.put("calendarName", null);
        manager.put(realm.api("links/" + organization), Map.of("policy", none)).expect(403);
        assertThat(realm.link(organization).at("/policy/calendarName").asText()).isEqualTo(UPN);
        admin.put(realm.api("links/" + organization), Map.of("policy", none)).expect(200);
        assertThat(realm.link(organization).at("/policy").has("calendarName")).isFalse();
    }

    @Test
    void what_was_granted_is_withheld_while_users_may_write_the_attribute() {
        String organization = linked("writable", Map.of("calendarName", "writableName"));
        manageAttribute("writableName", "admin");
        Member wanda = realm.member(organization, "wanda", "wanda@writable.test");
        ObjectNode user =
                (ObjectNode) admin.get(path("/users/" + wanda.id())).expect(200).json();
        user.withObject("/attributes").withArray("writableName").add("w.nda@writable.test");
        admin.put(path("/users/" + wanda.id()), user).expect(204);
        wanda.connect();
        assertThat(mailbox(wanda.token())).isEqualTo("w.nda@writable.test");

        manageAttribute("writableName", "admin", "user");
        assertThat(wanda.token().expect(403).text()).contains("calendar_name_writable");

        manageAttribute("writableName", "admin");
        assertThat(mailbox(wanda.token())).isEqualTo("w.nda@writable.test");
        assertThat(cronofy.asksNaming("writable.test")).hasSize(1);
    }

    static Stream<Arguments> hostile() {
        return Stream.of(
                Arguments.of("foreign-address", "boss@hostile.test", "calendar_name_shared"),
                Arguments.of("foreign-address-upper", "BOSS@hostile.test", "calendar_name_shared"),
                Arguments.of("foreign-name", "B.Oss@hostile-corp.test", "calendar_name_shared"),
                Arguments.of("foreign-name-lower", "b.oss@hostile-corp.test", "calendar_name_shared"),
                Arguments.of("foreign-name-odd", "chief@hostile-corp.test", "calendar_name_shared"),
                Arguments.of("domain", "x@evil.test", "domain_not_linked"),
                Arguments.of("sub-domain", "x@sub.hostile.test", "domain_not_linked"),
                Arguments.of("tail", "x@hostile.test.evil.test", "domain_not_linked"),
                Arguments.of("cyrillic", "b\u043Fss@hostile.test", "calendar_name_not_plain"),
                Arguments.of("kelvin", "\u212Aay@hostile.test", "calendar_name_not_plain"),
                Arguments.of("idn", "x@h\u00F6stile.test", "calendar_name_not_plain"),
                Arguments.of("trailing-dot", "x@hostile.test.", "calendar_name_not_plain"),
                Arguments.of("display-name", "Boss <boss@hostile.test>", "calendar_name_not_plain"),
                Arguments.of("logon-name", "HOSTILE\\boss", "calendar_name_not_plain"));
    }

    private @Nullable String hostile;

    @ParameterizedTest(name = "{0}")
    @MethodSource("hostile")
    void a_hostile_calendar_name_is_not_asked_for(String username, String calendarName, String reason) {
        if (hostile == null) {
            hostile = linked("hostile", NAMED);
            member(hostile, "boss", "boss@hostile.test", "B.Oss@hostile-corp.test");
            member(hostile, "chief", "the.chief@hostile.test", "chIef@Hostile-Corp.test");
        }
        Member mallory = member(hostile, username, username + "@hostile.test", calendarName);

        mallory.signIn();

        assertThat(mallory.standing().get("reason").asText()).isEqualTo(reason);
        Member witness = member(hostile, "witness-" + username, "witness-" + username + "@hostile.test", null);
        witness.connect();
        assertThat(cronofy.asks(calendarName.toLowerCase(Locale.ROOT))).isEmpty();
        assertThat(cronofy.asks(username + "@hostile.test")).isEmpty();
    }

    @Test
    void a_third_name_is_shown_counted_and_asked_for_no_more_until_somebody_adopts_it() {
        String organization = linked("found", Map.of());
        simulator.change(Switch.PRINCIPAL_DOMAIN, "found-corp.test");
        simulator.change(Switch.PROFILE_NAME, Choice.ProfileName.PRINCIPAL);
        Member fay = member(organization, "fay", "fay@found.test", null);
        fay.signIn();
        awaitReason(fay, "wrong_profile");
        assertThat(fay.standing().get("foundName").asText()).isEqualTo("fay@found-corp.test");
        assertThat(fay.standing().has("nextAttemptAt")).isFalse();
        await().atMost(LONG)
                .untilAsserted(() -> assertThat(cronofy.live("fay@found.test")).isFalse());
        JsonNode patterns = realm.link(organization).get("foundNames");
        assertThat(patterns).hasSize(1);
        assertThat(patterns.get(0).get("pattern").asText()).isEqualTo("other_domain");
        assertThat(patterns.get(0).get("domain").asText()).isEqualTo("found-corp.test");

        String place = realm.api("users/" + fay.id() + "/calendar-name");
        assertThat(refusal(place, Map.of("adopt", true), 409)).contains("policy.calendarName");
        realm.setPolicy(organization, NAMED);
        assertThat(refusal(place, Map.of(), 400)).contains("adopt");
        assertThat(refusal(place, Map.of("adopt", true, "name", "boss@found.test"), 409))
                .contains("since");
        AdminClient manager = new RealmAdministrators(server, admin, realm.name())
                .create("user-manager", "manage-users", "query-users", "view-users");
        manager.put(place, Map.of("adopt", true)).expect(403);
        Member namesake = member(organization, "namesake", "fay@found-corp.test", null);
        assertThat(refusal(place, Map.of("adopt", true), 409)).contains("Somebody else");
        admin.delete(path("/users/" + namesake.id())).expect(204);
        int asked = cronofy.asks("fay@found.test").size();

        admin.put(place, Map.of("adopt", true, "name", "fay@found-corp.test")).expect(202);

        fay.awaitState("granted");
        assertThat(mailbox(fay.token())).isEqualTo("fay@found-corp.test");
        assertThat(cronofy.asks("fay@found.test")).hasSize(asked);
        assertThat(admin.get(path("/users/" + fay.id()))
                        .expect(200)
                        .json()
                        .at("/attributes/" + UPN + "/0")
                        .asText())
                .isEqualTo("fay@found-corp.test");
        assertThat(realm.link(organization).has("foundNames")).isFalse();
    }

    private String refusal(String place, Map<String, ?> body, int status) {
        return admin.put(place, body).expect(status).json().get("errorMessage").asText();
    }

    @Test
    void nobody_adopts_a_name_where_the_owner_has_to_prove_it() {
        String organization = linked("owned", Map.of());
        simulator.change(Switch.PRINCIPAL_DOMAIN, "owned-corp.test");
        simulator.change(Switch.PROFILE_NAME, Choice.ProfileName.PRINCIPAL);
        Member olga = member(organization, "olga", "olga@owned.test", null);
        olga.signIn();
        awaitReason(olga, "wrong_profile");
        realm.setPolicy(organization, Map.of("calendarName", UPN, "proof", "owner"));

        assertThat(refusal(realm.api("users/" + olga.id() + "/calendar-name"), Map.of("adopt", true), 409))
                .contains("proof owner");
    }

    /** Keycloak may write to this directory, but not this attribute. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void under_proof_by_the_owner_a_name_counts_that_the_directory_alone_says(boolean alwaysRead) {
        Company company = Company.found(
                server,
                admin,
                simulator,
                CalendarNameIT.class,
                UserFederation.Mode.WRITABLE,
                false,
                Map.of("trustEmail", "false"));
        try (company;
                MailServer mail = MailServer.start()) {
            company.realm().link("realm", company.domain());
            mail.serve(admin, company.realm().name());
            company.federation().mapAttribute(UPN, "title", alwaysRead);
            company.directory().add("lara", company.address("lara"));
            company.directory().change("lara", "title", "L.Ara@" + company.domain());
            simulator.change(Switch.PRINCIPAL_NAMES, Map.of(company.address("lara"), "l.ara@" + company.domain()));
            simulator.change(Switch.PROFILE_NAME, Choice.ProfileName.PRINCIPAL);
            company.realm().setPolicy("realm", Map.of("calendarName", UPN, "proof", "owner"));
            Company.Person lara = company.person("lara");
            admin.put("/admin/realms/" + company.realm().name() + "/users/" + lara.id() + "/send-verify-email", null)
                    .expect(204);
            mail.follow(new Browser(), lara.address());

            Tokens tokens = company.signIn("lara");

            if (alwaysRead) {
                lara.awaitGranted();
                assertThat(mailbox(company.realm().token(tokens.accessToken()))).isEqualTo("l.ara@" + company.domain());
            } else {
                assertThat(lara.standing().get("reason").asText()).isEqualTo("calendar_name_not_proven");
                assertThat(company.realm()
                                .token(tokens.accessToken())
                                .expect(403)
                                .text())
                        .contains("calendar_name_not_proven");
                assertThat(cronofy.asksNaming(company.domain())).isEmpty();
            }
        }
    }

    @Test
    void somebody_in_the_directory_whom_keycloak_does_not_know_yet_has_a_name_too() {
        Company company = Company.linked(server, admin, simulator, CalendarNameIT.class, UserFederation.Mode.READ_ONLY);
        try (company) {
            company.federation().mapAttribute(UPN, "title", true);
            company.directory().add("boss", company.address("boss"));
            company.directory().change("boss", "title", "B.Oss@" + company.domain());
            company.directory().add("mallory", company.address("mallory"));
            company.directory().change("mallory", "title", "b.oss@" + company.domain());
            company.realm().setPolicy("realm", NAMED);

            Company.Person mallory = company.person("mallory");

            assertThat(mallory.standing().get("reason").asText()).isEqualTo("calendar_name_shared");
            assertThat(error(mallory.ask())).isEqualTo("access_denied");
            assertThat(cronofy.asksNaming(company.domain())).isEmpty();
        }
    }

    @Test
    void fifty_renamed_members_are_served_again_without_a_sign_in_by_their_own_mailboxes_alone() {
        String organization = linked("many", NAMED);
        List<Member> members = Stream.iterate(1, number -> number + 1)
                .limit(50)
                .map(number -> member(
                        organization,
                        "many-" + number,
                        "many-" + number + "@many.test",
                        "old-" + number + "@many.test"))
                .toList();
        List<Tokens> tokens = members.stream().map(Member::signIn).toList();
        members.forEach(member -> member.awaitState("granted"));

        for (int i = 0; i < members.size(); i++) {
            name(members.get(i), "new-" + (i + 1) + "@many.test");
        }

        for (int i = 0; i < members.size(); i++) {
            Member member = members.get(i);
            Tokens own = tokens.get(i);
            String mailbox = "new-" + (i + 1) + "@many.test";
            await().atMost(LONG)
                    .untilAsserted(() -> assertThat(mailbox(member.token(own))).isEqualTo(mailbox));
        }
        assertThat(cronofy.asksNaming("@many.test").stream()
                        .flatMap(ask -> AtCronofy.mailboxes(ask).stream())
                        .filter(mailbox -> mailbox.endsWith("@many.test")))
                .hasSize(100)
                .doesNotHaveDuplicates()
                .allMatch(mailbox -> mailbox.startsWith("old-") || mailbox.startsWith("new-"));
    }
}
