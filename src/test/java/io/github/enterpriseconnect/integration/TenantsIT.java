package io.github.enterpriseconnect.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.enterpriseconnect.integration.AdminCall.Right;
import io.github.enterpriseconnect.integration.AdminCall.Target;
import io.github.enterpriseconnect.integration.Tenants.Tenant;
import io.github.enterpriseconnect.integration.harness.AdminClient;
import io.github.enterpriseconnect.integration.harness.Answer;
import io.github.enterpriseconnect.integration.harness.ConnectedRealm;
import io.github.enterpriseconnect.integration.harness.FineGrainedAdministrators;
import io.github.enterpriseconnect.integration.harness.KeycloakExtension;
import io.github.enterpriseconnect.integration.harness.KeycloakServer;
import io.github.enterpriseconnect.integration.harness.OidcClient;
import io.github.enterpriseconnect.integration.harness.RealmAdministrators;
import io.github.enterpriseconnect.simulator.Simulator;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who sees and changes what of the admin resource, with two organizations and two realms side by side. */
@ExtendWith(KeycloakExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TenantsIT {
    /**
     * What everybody may do with the organization acme and its member. What somebody does not see is not found, whatever
     * is tried with it; what is seen may still be forbidden to be changed, except for users, who are then not found.
     * Keycloak itself forbids everything to administrators of another realm.
     */
    private static final Map<String, Map<Right, String>> ORGANIZATION = Right.table("""
            caller           VIEW_REALM EDIT_REALM LIST_LINKS VIEW_LINK MEMBERS MEMBER_COUNTS EDIT_LINK RULE_LINK VIEW_USER EDIT_USER REVOCATIONS REVOCATIONS_OF_LINK
            server           yes        yes        yes        yes       yes     yes           yes       yes       yes       yes       yes         yes
            realm            yes        yes        yes        yes       yes     yes           yes       yes       yes       yes       yes         yes
            viewer           yes        403        yes        yes       yes     yes           403       403       yes       404       yes         yes
            organizations    403        403        yes        yes       403     403           yes       403       404       404       403         403
            helpdesk         403        403        403        404       404     404           404       404       yes       yes       403         404
            acme-manager     403        403        yes        yes       yes     403           yes       403       yes       yes       403         403
            acme-viewer      403        403        yes        yes       yes     403           403       403       yes       404       403         403
            acme-and-users   403        403        yes        yes       yes     yes           yes       403       yes       404       403         yes
            beta-manager     403        403        yes        404       404     404           404       404       404       404       403         404
            server-elsewhere 403        403        403        404       404     404           404       404       404       404       403         404
            elsewhere        403        403        403        403       403     403           403       403       403       403       403         403
            member           403        403        403        404       404     404           404       404       404       404       403         404
            nobody           401        401        401        401       401     401           401       401       401       401       401         401
            """);

    /** The same for the one link of a realm without organizations. */
    private static final Map<String, Map<Right, String>> REALM = Right.table("""
            caller           VIEW_REALM EDIT_REALM LIST_LINKS VIEW_LINK MEMBERS MEMBER_COUNTS EDIT_LINK RULE_LINK VIEW_USER EDIT_USER REVOCATIONS REVOCATIONS_OF_LINK
            server           yes        yes        yes        yes       yes     yes           yes       yes       yes       yes       yes         yes
            realm            yes        yes        yes        yes       yes     yes           yes       yes       yes       yes       yes         yes
            viewer           yes        403        yes        yes       yes     yes           403       403       yes       404       yes         yes
            organizations    403        403        403        404       404     404           404       404       404       404       403         404
            helpdesk         403        403        403        404       404     404           404       404       yes       yes       403         404
            server-elsewhere 403        403        403        404       404     404           404       404       404       404       403         404
            elsewhere        403        403        403        403       403     403           403       403       403       403       403         403
            member           403        403        403        404       404     404           404       404       404       404       403         404
            nobody           401        401        401        401       401     401           401       401       401       401       401         401
            """);

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** What every administrator of a link sees of its policy. */
    private static final List<String> FOR_ALL = List.of("proof", "optOut", "notice", "wait", "inherited");

    private static final List<String> RULES =
            List.of("requiredGroups", "deniedGroups", "requiredRoles", "deniedRoles", "identityProviders");

    private final KeycloakServer server;
    private final AdminClient admin;
    private final Simulator simulator;
    private final Tenants tenants;
    private final Tenant acme;
    private final Tenant beta;
    private final Tenant changing;
    private final Tenant whole;
    private final String unseen;
    private final String twin;
    private final Map<String, AdminClient> callers;
    private final Map<String, AdminClient> callersOfWhole;

    TenantsIT(KeycloakServer server, AdminClient admin, Simulator simulator) {
        this.server = server;
        this.admin = admin;
        this.simulator = simulator;
        this.tenants = Tenants.create(server, admin, simulator, TenantsIT.class);
        this.acme = tenants.acme();
        this.beta = tenants.beta();
        this.changing =
                new Tenant(acme.realm(), acme.link(), acme.domain(), "changing", tenants.colleague(acme, "changing"));
        this.unseen = tenants.colleague(acme, "hidden");
        tenants.grant(tenants.realm(), "hidden", unseen);
        this.twin = tenants.colleague(acme, "twin");
        admin.addMember(tenants.realm().name(), beta.link(), twin);
        tenants.grant(tenants.realm(), "twin", twin);
        this.whole = whole();
        AdminClient elsewhere =
                new RealmAdministrators(server, admin, tenants.elsewhere().name()).create("elsewhere", "realm-admin");
        this.callers = callers(changing, elsewhere);
        this.callersOfWhole = callers(whole, elsewhere);
        addFineGrained();
    }

    /** A realm that is linked as a whole. */
    private Tenant whole() {
        ConnectedRealm realm = Tenants.realm(server, admin, simulator, TenantsIT.class, false);
        String domain = "whole." + tenants.domain();
        realm.link("realm", domain);
        return new Tenant(realm, "realm", domain, "wanda", realm.user("wanda", "wanda@" + domain));
    }

    private Map<String, AdminClient> callers(Tenant tenant, AdminClient elsewhere) {
        String realm = tenant.realm().name();
        RealmAdministrators administrators = new RealmAdministrators(server, admin, realm);
        OidcClient cli = OidcClient.withoutBrowser(server.realm(realm), "admin-cli");
        Map<String, AdminClient> created = new LinkedHashMap<>();
        created.put("server", admin);
        created.put("realm", administrators.create("realm", "realm-admin"));
        created.put("viewer", administrators.create("viewer", "view-realm", "view-organizations", "view-users"));
        created.put("organizations", administrators.create("organizations", "manage-organizations"));
        created.put("helpdesk", administrators.create("helpdesk", "view-users", "manage-users"));
        created.put(
                "server-elsewhere",
                RealmAdministrators.inMaster(server, admin, tenants.elsewhere().name())
                        .create(
                                "administers-other-than-" + realm,
                                "manage-realm",
                                "view-realm",
                                "manage-organizations",
                                "view-organizations",
                                "query-organizations",
                                "manage-users",
                                "view-users"));
        created.put("elsewhere", elsewhere);
        created.put("member", AdminClient.as(server, () -> cli.directGrant(tenant.member(), ConnectedRealm.PASSWORD)));
        created.put("nobody", AdminClient.nobody(server));
        return created;
    }

    private void addFineGrained() {
        String realm = tenants.realm().name();
        FineGrainedAdministrators administrators = new FineGrainedAdministrators(server, admin, realm);
        for (String name : List.of("acme-manager", "acme-viewer", "acme-alone", "beta-manager")) {
            callers.put(name, administrators.create(name, "query-organizations", "query-users"));
        }
        callers.put("acme-and-users", administrators.create("acme-and-users", "query-organizations", "view-users"));
        administrators.permitOrganization(
                "view", acme.link(), "acme-manager", "acme-viewer", "acme-and-users", "acme-alone");
        administrators.permitOrganization("manage", acme.link(), "acme-manager", "acme-and-users", "acme-alone");
        administrators.permitUser("view", acme.user(), "acme-manager", "acme-viewer");
        administrators.permitUser("view", changing.user(), "acme-manager", "acme-viewer");
        administrators.permitUser("manage", changing.user(), "acme-manager");
        administrators.permitUser("view", twin, "acme-manager", "beta-manager");
        administrators.permitOrganization("view", beta.link(), "beta-manager");
        administrators.permitOrganization("manage", beta.link(), "beta-manager");
        administrators.permitUser("view", beta.user(), "beta-manager");
        administrators.permitUser("manage", beta.user(), "beta-manager");
    }

    private AdminClient caller(String name) {
        return Objects.requireNonNull(callers.get(name), name);
    }

    private static Target target(Tenant tenant) {
        return new Target(tenant.link(), tenant.user(), "", "calendar-app");
    }

    List<AdminCall> calls() {
        return AdminCall.all(tenants.settings());
    }

    @ParameterizedTest
    @MethodSource("calls")
    void everybody_does_with_an_organization_what_their_rights_allow_and_its_neighbours_stay_as_they_are(
            AdminCall call) {
        Map<String, String> neighbours = neighbours();
        allowOptOut(changing);

        assertThat(statuses(call, changing, callers, ORGANIZATION)).isEqualTo(expected(call, ORGANIZATION));

        assertThat(neighbours()).isEqualTo(neighbours);
        List.of(acme.user(), twin).forEach(user -> tenants.grantAgain(acme.realm(), user));
    }

    @ParameterizedTest
    @MethodSource("calls")
    void everybody_does_with_the_link_of_a_whole_realm_what_their_rights_allow(AdminCall call) {
        allowOptOut(whole);

        assertThat(statuses(call, whole, callersOfWhole, REALM)).isEqualTo(expected(call, REALM));
    }

    private Map<String, String> neighbours() {
        Map<String, String> neighbours = tenants.state(beta);
        neighbours.putAll(tenants.state(tenants.solo()));
        return neighbours;
    }

    private static Map<String, Integer> expected(AdminCall call, Map<String, Map<Right, String>> table) {
        Map<String, Integer> expected = new TreeMap<>();
        table.forEach((caller, rights) -> expected.put(caller, call.expected(rights)));
        return expected;
    }

    /** Lets all callers try; after each one who was let, things are put back. */
    private Map<String, Integer> statuses(
            AdminCall call, Tenant tenant, Map<String, AdminClient> who, Map<String, Map<Right, String>> table) {
        Map<String, Integer> statuses = new TreeMap<>();
        for (String name : table.keySet()) {
            Target target = target(tenant).invitation(call.path().contains("{invitation}") ? invite(tenant) : "");
            String before =
                    tenant.realm().link(tenant.link()).path("serviceAccount").asText();
            Answer answer = call.by(
                    Objects.requireNonNull(who.get(name), name), tenant.realm().api(""), target);
            statuses.put(name, answer.status());
            if (call.changes() && answer.status() < 400) {
                putBack(tenant, before);
            }
        }
        return statuses;
    }

    private String invite(Tenant tenant) {
        return admin.post(tenant.realm().api("links/" + tenant.link() + "/invitations"), "{}")
                .expect(201)
                .json()
                .get("id")
                .asText();
    }

    private void allowOptOut(Tenant tenant) {
        admin.put(tenant.realm().api("links/" + tenant.link()), Map.of("policy", Map.of("optOut", true)))
                .expect(200);
    }

    private void putBack(Tenant tenant, String serviceAccount) {
        for (String suspended : List.of("", "consumers/calendar-app/", "links/" + tenant.link() + "/")) {
            admin.delete(tenant.realm().api(suspended + "suspension")).expect(204);
        }
        admin.delete(tenant.realm().api("users/" + tenant.user() + "/opt-out")).expect(204);
        admin.put(tenant.realm().api("settings"), tenants.settings()).expect(204);
        admin.put(
                        tenant.realm().api("links/" + tenant.link()),
                        Map.of("policy", Map.of("proof", "keycloak", "optOut", true)))
                .expect(200);
        tenant.realm().approve(tenant.link(), tenant.domain());
        if (tenant.realm().link(tenant.link()).get("state").asText().equals("unlinked")) {
            await().atMost(PATIENCE).until(() -> !simulator.isLive(serviceAccount));
            tenant.realm().link(tenant.link(), tenant.domain());
        }
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
        String shared = tenants.realm().user("shared", "maria@" + acme.domain());
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

    private Answer put(String caller, Tenant tenant, Map<String, ?> body) {
        return caller(caller).put(tenant.realm().api("links/" + tenant.link()), body);
    }

    private static Map<String, Object> policy(String member, Object value) {
        return Map.of("policy", Map.of(member, value));
    }

    @Test
    void an_organization_administrator_tightens_the_proof_but_does_not_weaken_it() {
        String before = tenants.realm().link(beta.link()).toString();
        put("beta-manager", beta, policy("proof", "keycloak")).expect(200);
        assertThat(tenants.realm().link(beta.link())).hasToString(before);

        put("beta-manager", beta, policy("proof", "owner")).expect(200);
        put("beta-manager", beta, policy("proof", "keycloak")).expect(403);
        put("organizations", beta, policy("proof", "keycloak")).expect(403);
        assertThat(tenants.realm().link(beta.link()).at("/policy/proof").asText())
                .isEqualTo("owner");
        put("realm", beta, policy("proof", "keycloak")).expect(200);

        assertThat(tenants.realm().link(beta.link())).hasToString(before);
    }

    @Test
    void what_is_partly_forbidden_changes_nothing_at_all() {
        String before = tenants.realm().link(beta.link()).toString();

        for (String rule : RULES) {
            put("beta-manager", beta, Map.of("policy", Map.of("optOut", true, rule, List.of())))
                    .expect(403);
        }
        put("beta-manager", beta, Map.of("policy", Map.of("optOut", true), "domains", List.of()))
                .expect(403);

        assertThat(tenants.realm().link(beta.link())).hasToString(before);
    }

    @Test
    void a_group_role_or_provider_cannot_be_guessed_by_who_may_not_set_it() {
        ConnectedRealm realm = tenants.realm();
        admin.post("/admin/realms/" + realm.name() + "/groups", Map.of("name", "staff"))
                .expect(201);
        admin.post("/admin/realms/" + realm.name() + "/roles", Map.of("name", "calendar"))
                .expect(201);
        admin.post(
                        "/admin/realms/" + realm.name() + "/identity-provider/instances",
                        Map.of("alias", "corporate", "providerId", "oidc", "config", Map.of("clientId", "x")))
                .expect(201);
        Map<String, String> existing = Map.of(
                "requiredGroups", "/staff",
                "deniedGroups", "/staff",
                "requiredRoles", "calendar",
                "deniedRoles", "calendar",
                "identityProviders", "corporate");

        for (String rule : RULES) {
            Answer guessed = put("beta-manager", beta, policy(rule, List.of(String.valueOf(existing.get(rule)))));
            Answer wrong = put("beta-manager", beta, policy(rule, List.of("/no-such")));
            assertThat(guessed.status()).as(rule).isEqualTo(403);
            assertThat(wrong.status()).as(rule).isEqualTo(403);
            assertThat(guessed.text()).as(rule).isEqualTo(wrong.text());
        }
    }

    @Test
    void the_five_lists_are_shown_to_who_may_view_the_realm_only() {
        String path = tenants.realm().api("links/" + beta.link());

        for (String caller : List.of("server", "realm", "viewer")) {
            assertThat(names(caller(caller).get(path).expect(200).json().get("policy")))
                    .as(caller)
                    .containsExactlyInAnyOrder(
                            Stream.concat(FOR_ALL.stream(), RULES.stream()).toArray(String[]::new));
        }
        for (String caller : List.of("organizations", "beta-manager")) {
            assertThat(names(caller(caller).get(path).expect(200).json().get("policy")))
                    .as(caller)
                    .containsExactlyInAnyOrderElementsOf(FOR_ALL);
            assertThat(names(put(caller, beta, policy("optOut", false))
                            .expect(200)
                            .json()
                            .get("policy")))
                    .as(caller)
                    .containsExactlyInAnyOrderElementsOf(FOR_ALL);
            assertThat(caller(caller)
                            .get(tenants.realm().api("links"))
                            .expect(200)
                            .text())
                    .as(caller)
                    .doesNotContain(RULES);
        }
    }

    private static List<String> names(JsonNode object) {
        List<String> names = new ArrayList<>();
        object.fieldNames().forEachRemaining(names::add);
        return names;
    }

    @Test
    void an_organization_administrator_lifts_what_one_of_them_has_suspended() {
        String path = tenants.realm().api("links/" + beta.link() + "/suspension");

        caller("organizations").put(path, "{}").expect(204);
        assertThat(caller("beta-manager")
                        .get(path)
                        .expect(200)
                        .json()
                        .get("suspended")
                        .booleanValue())
                .isTrue();
        caller("beta-manager").delete(path).expect(204);

        assertThat(tenants.realm().link(beta.link()).get("suspended").booleanValue())
                .isFalse();
    }

    @Test
    void an_organization_administrator_does_not_lift_what_the_realm_has_suspended() {
        String path = tenants.realm().api("links/" + beta.link() + "/suspension");
        caller("realm").put(path, "{}").expect(204);
        try {
            String before = admin.get(path).expect(200).text();

            caller("beta-manager").delete(path).expect(403);
            caller("organizations").delete(path).expect(403);
            caller("beta-manager").put(path, "{}").expect(204);
            caller("beta-manager").delete(path).expect(403);

            assertThat(admin.get(path).expect(200).text()).isEqualTo(before);
        } finally {
            admin.delete(path).expect(204);
        }
    }

    @Test
    void what_an_organization_administrator_has_suspended_the_realm_can_take_over() {
        String path = tenants.realm().api("links/" + beta.link() + "/suspension");
        caller("beta-manager").put(path, "{}").expect(204);
        caller("realm").put(path, "{}").expect(204);

        try {
            caller("beta-manager").delete(path).expect(403);
        } finally {
            caller("realm").delete(path).expect(204);
        }
        assertThat(tenants.realm().link(beta.link()).get("suspended").booleanValue())
                .isFalse();
    }
}
