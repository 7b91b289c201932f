package io.github.enterpriseconnect.integration;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.enterpriseconnect.integration.AdminCall.Target;
import io.github.enterpriseconnect.integration.Tenants.Tenant;
import io.github.enterpriseconnect.integration.harness.AdminClient;
import io.github.enterpriseconnect.integration.harness.Answer;
import io.github.enterpriseconnect.integration.harness.ConnectedRealm;
import io.github.enterpriseconnect.integration.harness.FineGrainedAdministrators;
import io.github.enterpriseconnect.integration.harness.KeycloakServer;
import io.github.enterpriseconnect.integration.harness.UserFederation;
import io.github.enterpriseconnect.simulator.Simulator;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What somebody does not see of other organizations is as if it never was. */
class TenantVisibilityIT extends TenantsScenario {
    TenantVisibilityIT(KeycloakServer server, AdminClient admin, Simulator simulator) {
        super(server, admin, simulator);
    }

    /** Which links and users of the first realm somebody sees. */
    private Map<String, Set<String>> seen() {
        Set<String> everybody = Set.of(acme.user(), changing.user(), unseen, twin, beta.user());
        Map<String, Set<String>> seen = new LinkedHashMap<>();
        seen.put("server", Set.of(acme.link(), beta.link()));
        seen.put("realm", Set.of(acme.link(), beta.link()));
        seen.put("viewer", Set.of(acme.link(), beta.link()));
        seen.put("organizations", Set.of(acme.link(), beta.link()));
        seen.put("acme-and-users", Set.of(acme.link()));
        seen.put("helpdesk", Set.of());
        seen.replaceAll((caller, links) -> union(links, caller.equals("organizations") ? Set.of() : everybody));
        seen.put("acme-manager", Set.of(acme.link(), acme.user(), changing.user(), twin));
        seen.put("acme-viewer", Set.of(acme.link(), acme.user(), changing.user()));
        seen.put("beta-manager", Set.of(beta.link(), beta.user(), twin));
        List.of("server-elsewhere", "elsewhere", "member", "nobody").forEach(caller -> seen.put(caller, Set.of()));
        return seen;
    }

    private static Set<String> union(Set<String> some, Set<String> others) {
        return Stream.concat(some.stream(), others.stream()).collect(Collectors.toSet());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "links/{link}",
                "links/{link}/invitations",
                "links/{link}/invitations/{invitation}",
                "links/{link}/suspension",
                "links/{link}/delegations",
                "links/{link}/delegations?preview=true&counts=true",
                "revocations?link={link}"
            })
    void a_link_that_somebody_does_not_see_is_as_one_that_never_was(String path) {
        Target anything = target(acme).invitation(tenants.invitation(acme));

        seen().forEach((caller, seen) -> assertSame(
                caller,
                path,
                anything.link(unknown()),
                Stream.of(acme.link(), beta.link(), tenants.solo().link(), "realm", acme.user(), "x".repeat(300))
                        .filter(id -> !seen.contains(id))
                        .map(anything::link)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"users/{user}", "users/{user}/delegation", "users/{user}/opt-out"})
    void a_user_whom_somebody_does_not_see_is_as_one_who_never_was(String path) {
        Target anything = target(acme);

        seen().forEach((caller, seen) -> assertSame(
                caller,
                path,
                anything.user(unknown()),
                Stream.of(acme.user(), beta.user(), unseen, tenants.solo().user(), whole.user(), beta.link())
                        .filter(id -> !seen.contains(id))
                        .map(anything::user)));
    }

    @Test
    void an_invitation_of_another_link_is_as_one_that_never_was() {
        Map<Tenant, String> before = new LinkedHashMap<>();
        tenants.all()
                .forEach(
                        tenant -> before.put(tenant, tenants.invitations(tenant).toString()));

        seen().forEach((caller, seen) -> Stream.of(acme, beta)
                .filter(own -> seen.contains(own.link()))
                .forEach(own -> assertSame(
                        caller,
                        "links/{link}/invitations/{invitation}",
                        target(own).invitation(unknown()),
                        tenants.all().stream()
                                .filter(other -> !other.equals(own))
                                .map(other -> target(own).invitation(tenants.invitation(other))))));

        before.forEach(
                (tenant, invitations) -> assertThat(tenants.invitations(tenant)).hasToString(invitations));
    }

    @Test
    void a_consumer_of_another_realm_is_as_one_that_never_was() {
        ConnectedRealm elsewhere = tenants.elsewhere();
        Map<String, Object> settings = tenants.settings();
        settings.put("consumers", List.of(Map.of("clientId", "foreign-app", "rights", List.of("member"))));
        admin.put(elsewhere.api("settings"), settings).expect(204);
        admin.put(elsewhere.api("consumers/foreign-app/suspension"), "{}").expect(204);
        try {
            seen().keySet()
                    .forEach(caller -> assertSame(
                            caller,
                            "consumers/{consumer}/suspension",
                            target(acme).consumer("never-was"),
                            Stream.of(target(acme).consumer("foreign-app"))));
        } finally {
            admin.delete(elsewhere.api("consumers/foreign-app/suspension")).expect(204);
            admin.put(elsewhere.api("settings"), tenants.settings()).expect(204);
        }
    }

    private static String unknown() {
        return UUID.randomUUID().toString();
    }

    /** Whatever is tried with what is foreign gets the very same refusal as with what is unknown. */
    private void assertSame(String caller, String path, Target unknown, Stream<Target> foreign) {
        List<Target> all = foreign.toList();
        AdminCall.everyVerb(path).forEach(call -> {
            Answer expected = call.by(caller(caller), tenants.realm().api(""), unknown);
            assertThat(expected.status()).as(caller + ": " + expected.request()).isIn(401, 403, 404, 405);
            for (Target target : all) {
                Answer actual = call.by(caller(caller), tenants.realm().api(""), target);
                String what = caller + ": " + actual.request();
                assertThat(actual.status()).as(what).isEqualTo(expected.status());
                assertThat(actual.text()).as(what).isEqualTo(expected.text());
                assertThat(headers(actual)).as(what).isEqualTo(headers(expected));
            }
        });
    }

    private static Map<String, List<String>> headers(Answer answer) {
        Map<String, List<String>> headers = new TreeMap<>(answer.headers().map());
        headers.keySet().removeIf(name -> name.equalsIgnoreCase("date"));
        return headers;
    }

    @Test
    void the_list_of_links_holds_those_that_somebody_sees_and_its_pages_no_gap() {
        Map<String, List<String>> listed = new TreeMap<>();
        for (String caller : List.of("realm", "viewer", "organizations", "acme-manager", "beta-manager")) {
            listed.put(caller, links(caller, ""));
            listed.put(caller + ", first page", links(caller, "?max=1"));
            listed.put(caller + ", second page", links(caller, "?first=1&max=1"));
            listed.put(caller + ", search", links(caller, "?search=acme." + tenants.domain()));
        }

        Map<String, List<String>> expected = new TreeMap<>();
        for (String caller : List.of("realm", "viewer", "organizations")) {
            expected.put(caller, List.of(acme.link(), beta.link()));
            expected.put(caller + ", first page", List.of(acme.link()));
            expected.put(caller + ", second page", List.of(beta.link()));
            expected.put(caller + ", search", List.of(acme.link()));
        }
        expected.put("acme-manager", List.of(acme.link()));
        expected.put("acme-manager, first page", List.of(acme.link()));
        expected.put("acme-manager, second page", List.of());
        expected.put("acme-manager, search", List.of(acme.link()));
        expected.put("beta-manager", List.of(beta.link()));
        expected.put("beta-manager, first page", List.of(beta.link()));
        expected.put("beta-manager, second page", List.of());
        expected.put("beta-manager, search", List.of());
        assertThat(listed).isEqualTo(expected);
    }

    private List<String> links(String caller, String query) {
        return caller(caller)
                .get(tenants.realm().api("links" + query))
                .expect(200)
                .json()
                .findValuesAsText("id");
    }

    @Test
    void the_members_of_a_link_are_those_whom_somebody_sees_also_in_every_number() {
        for (String query : List.of("", "?preview", "?state=granted")) {
            Answer answer = caller("acme-manager")
                    .get(tenants.realm().api("links/" + acme.link() + "/delegations" + query))
                    .expect(200);

            List<String> members = answer.json().get("members").findValuesAsText("user");
            assertThat(members).as(query).contains(acme.user(), twin).isSubsetOf(acme.user(), twin, changing.user());
            for (int number : numbers(answer.json())) {
                assertThat(number).as("%s: %s", query, answer.text()).isEqualTo(members.size());
            }
            assertThat(answer.text()).doesNotContain("hidden").doesNotContain(unseen);
        }
        assertThat(members("acme-and-users", acme, "?preview"))
                .containsExactlyInAnyOrder(acme.user(), twin, changing.user(), unseen);
        assertThat(members("beta-manager", beta, "")).containsExactly(beta.user());
        assertThat(members("beta-manager", beta, "?preview=true")).containsExactlyInAnyOrder(beta.user(), twin);
    }

    /** What an answer says of how many there are; it need not say anything. */
    private static List<Integer> numbers(JsonNode page) {
        List<Integer> numbers = new ArrayList<>();
        if (page.has("total")) {
            numbers.add(page.get("total").asInt());
        }
        for (String counted : List.of("states", "counts")) {
            if (page.has(counted)) {
                numbers.add(sum(page.get(counted)));
            }
        }
        return numbers;
    }

    private static int sum(JsonNode counts) {
        return StreamSupport.stream(counts.spliterator(), false)
                .mapToInt(JsonNode::asInt)
                .sum();
    }

    private List<String> members(String caller, Tenant tenant, String query) {
        return caller(caller)
                .get(tenants.realm().api("links/" + tenant.link() + "/delegations" + query))
                .expect(200)
                .json()
                .get("members")
                .findValuesAsText("user");
    }

    @ParameterizedTest
    @ValueSource(strings = {"?", "?preview=true&", "?state=granted&"})
    void a_page_of_members_has_no_gap_where_somebody_is_not_seen(String query) {
        List<String> all = members("acme-manager", acme, query + "max=100");

        List<String> paged = new ArrayList<>();
        for (int first = 0; first < all.size(); first++) {
            paged.addAll(members("acme-manager", acme, query + "max=1&first=" + first));
        }

        assertThat(all).contains(acme.user(), twin);
        assertThat(paged).containsExactlyElementsOf(all);
    }

    @Test
    void who_sees_a_link_but_no_user_learns_of_no_member() {
        for (String query : List.of("", "?preview", "?preview&counts", "?preview=true", "?preview=true&counts=true")) {
            Answer answer =
                    caller("acme-alone").get(tenants.realm().api("links/" + acme.link() + "/delegations" + query));

            assertThat(answer.status()).isIn(200, 403);
            assertThat(answer.json().path("members")).isEmpty();
            assertThat(numbers(answer.json())).allMatch(number -> number == 0);
        }
    }

    @Test
    void a_list_whose_last_member_is_gone_meanwhile_begins_anew() {
        assertThat(members("acme-manager", acme, "?after=" + unknown() + ".0"))
                .isEqualTo(members("acme-manager", acme, ""));
    }

    @Test
    void who_may_see_all_but_one_is_told_no_number() {
        Tenant all = whole();
        String path = "links/realm/delegations";
        String excepted =
                all.realm().user("excepted", "excepted@" + all.domain()).id();
        FineGrainedAdministrators administrators =
                new FineGrainedAdministrators(server, admin, all.realm().name());
        AdminClient most = administrators.create("most", "query-users", "view-realm");
        administrators.create("another", "query-users");
        AdminClient viewer = administrators.create("viewer", "view-users", "view-realm");
        administrators.permitAllUsers("view", "most");
        administrators.permitUser("view", excepted, "another");

        for (String query : List.of("", "?preview", "?state=granted")) {
            Answer answer = most.get(all.realm().api(path + query)).expect(200);
            assertThat(numbers(answer.json())).as(answer.text()).isEmpty();
            assertThat(answer.text()).doesNotContain(excepted);
        }
        assertThat(most.get(all.realm().api(path + "?preview&counts")).status()).isEqualTo(403);
        assertThat(most.get(all.realm().api("status")).expect(200).json().at("/access/viewUsers"))
                .hasToString("false");
        assertThat(most.get(all.realm().api(path + "?preview")).expect(200).text())
                .contains(all.user());
        assertThat(viewer.get(all.realm().api(path + "?preview&counts=true"))
                        .expect(200)
                        .json()
                        .has("total"))
                .isTrue();
    }

    @Test
    void who_may_see_a_group_of_a_directory_sees_its_members_as_keycloak_does() {
        try (Company company = Company.linked(server, admin, simulator, getClass(), UserFederation.Mode.READ_ONLY)) {
            company.hire("gail");
            company.directory().addGroup("staff", "gail");
            company.federation().mapGroups();
            Company.Person gail = company.person("gail");
            gail.awaitGranted();
            Company.Person dora = company.delegated("dora");
            String realm = company.realm().name();
            FineGrainedAdministrators administrators = new FineGrainedAdministrators(server, admin, realm);
            AdminClient ofStaff = administrators.create("of-staff", "query-users", "query-groups", "view-realm");
            administrators.permitMembers(
                    admin.get("/admin/realms/" + realm + "/groups?search=staff")
                            .expect(200)
                            .json()
                            .at("/0/id")
                            .asText(),
                    "of-staff");

            Answer list =
                    ofStaff.get(company.realm().api("links/realm/delegations")).expect(200);

            ofStaff.get("/admin/realms/" + realm + "/users/" + gail.id()).expect(200);
            ofStaff.get("/admin/realms/" + realm + "/users/" + dora.id()).expect(403);
            assertThat(list.json().get("members").findValuesAsText("user")).containsExactly(gail.id());
        }
    }

    @Test
    void a_link_that_somebody_does_not_see_is_not_named_by_a_user_of_both() {
        String path = tenants.realm().api("users/" + twin);
        Answer own = caller("acme-manager").get(path).expect(200);
        Answer other = caller("beta-manager").get(path).expect(200);
        Answer helpdesk = caller("helpdesk").get(path).expect(200);

        assertThat(own.json().get("link").asText()).isEqualTo(acme.link());
        assertThat(own.text()).doesNotContain(beta.link());
        assertThat(other.text()).doesNotContain(acme.link());
        assertThat(helpdesk.text()).doesNotContain(acme.link()).doesNotContain(beta.link());
    }

    @Test
    void a_refusal_names_no_link_that_somebody_does_not_see() {
        String user = tenants.realm().api("users/" + acme.user());
        String link = tenants.realm().api("links/" + acme.link());
        admin.put(link + "/suspension", "{}").expect(204);
        admin.put(link, policy("optOut", false)).expect(200);
        try {
            for (String refused : List.of("/delegation", "/opt-out")) {
                Answer answer = caller("helpdesk").put(user + refused, "{}").expect(409);
                assertThat(answer.json().get("errorMessage").asText()).isNotBlank();
                assertThat(answer.text()).doesNotContain(acme.link()).doesNotContain("acme");
            }
        } finally {
            admin.delete(link + "/suspension").expect(204);
        }
    }

    @Test
    void the_gate_says_the_same_whoever_looks() {
        String shared = tenants.realm().user("shared", "maria@" + acme.domain()).id();
        try {
            assertSeenAlike(acme.user(), "viewer", "helpdesk", "acme-manager", "acme-viewer", "acme-and-users");
            assertThat(tenants.realm().member(acme.user()).path("reason").asText())
                    .isEqualTo("email_shared");
        } finally {
            admin.delete("/admin/realms/" + tenants.realm().name() + "/users/" + shared)
                    .expect(204);
        }
        assertSeenAlike(acme.user(), "viewer", "helpdesk", "acme-manager", "acme-viewer", "acme-and-users");
        assertSeenAlike(twin, "viewer", "helpdesk", "acme-manager", "beta-manager");
        assertSeenAlike(unseen, "viewer", "helpdesk", "acme-and-users");
    }

    private void assertSeenAlike(String user, String... names) {
        JsonNode expected = tenants.realm().member(user);
        for (String name : names) {
            JsonNode actual = caller(name)
                    .get(tenants.realm().api("users/" + user))
                    .expect(200)
                    .json();
            for (String property : List.of("state", "reason", "mailbox", "attempts", "optedOut")) {
                assertThat(actual.path(property)).as(name + " sees " + actual).isEqualTo(expected.path(property));
            }
        }
    }

    @Test
    void the_revocations_of_a_link_are_its_own() {
        for (Tenant tenant : tenants.all()) {
            String leaver = tenants.colleague(tenant, "leaver");
            tenants.grant(tenant.realm(), "leaver", leaver);
            admin.delete("/admin/realms/" + tenant.realm().name() + "/users/" + leaver)
                    .expect(204);
        }

        Answer ofAcme = caller("acme-and-users")
                .get(tenants.realm().api("revocations?link=" + acme.link()))
                .expect(200);
        Answer ofRealm =
                caller("viewer").get(tenants.realm().api("revocations?max=100")).expect(200);

        assertThat(ofAcme.text()).contains("leaver@" + acme.domain());
        assertOnly(ofAcme, Set.of(acme.link()), beta, tenants.solo());
        assertThat(ofRealm.text()).contains("leaver@" + acme.domain()).contains("leaver@" + beta.domain());
        assertOnly(ofRealm, Set.of(acme.link(), beta.link()), tenants.solo());
        assertThat(caller("realm")
                        .get(tenants.realm().api("revocations?link=" + beta.link()))
                        .expect(200)
                        .text())
                .contains("leaver@" + beta.domain())
                .doesNotContain(acme.domain());
    }

    private static void assertOnly(Answer answer, Set<String> links, Tenant... others) {
        JsonNode json = answer.json();
        assertThat(json.get("revocations").findValuesAsText("link")).isSubsetOf(links);
        assertThat(json.get("total").asInt()).isEqualTo(json.get("revocations").size());
        assertThat(sum(json.get("states"))).isEqualTo(json.get("total").asInt());
        for (Tenant other : others) {
            assertThat(answer.text()).doesNotContain(other.link()).doesNotContain(other.domain());
        }
    }
}
