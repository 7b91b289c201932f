package io.github.enterpriseconnect.core;

import static io.github.enterpriseconnect.core.Somebody.CUSTOMER;
import static io.github.enterpriseconnect.core.Somebody.link;
import static io.github.enterpriseconnect.core.Somebody.member;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class GateTest {
    private static final Policy OWNER = policy(Policy.Proof.OWNER, false, Set.of(), Set.of(), Set.of(), Set.of());
    private static final Policy OPT_OUT = policy(Policy.Proof.KEYCLOAK, true, Set.of(), Set.of(), Set.of(), Set.of());
    private static final Policy RULES = policy(
            Policy.Proof.KEYCLOAK, false, Set.of("staff"), Set.of("guests"), Set.of("calendar"), Set.of("board"));

    private static final Policy NEWER = newer("true");

    private static final Behaviour TELLING = new Behaviour(false, Behaviour.Notice.PAGE, Duration.ZERO);

    private static final Policy SILENT = new Policy(
            Policy.Proof.KEYCLOAK,
            new Behaviour.Stated(null, Behaviour.Notice.NONE, null),
            Set.of(),
            Set.of(),
            Set.of(),
            Set.of(),
            Set.of());

    private static Policy policy(
            Policy.Proof proof,
            boolean optOut,
            Set<String> requiredGroups,
            Set<String> deniedGroups,
            Set<String> requiredRoles,
            Set<String> deniedRoles) {
        return new Policy(
                proof,
                new Behaviour.Stated(optOut, null, null),
                requiredGroups,
                deniedGroups,
                requiredRoles,
                deniedRoles,
                Set.of());
    }

    private static Policy newer(String value) {
        return new Policy(
                Policy.Proof.KEYCLOAK,
                Behaviour.Stated.NOTHING,
                Set.of(),
                Set.of(),
                Set.of(),
                Set.of(),
                Set.of(),
                Policy.Backfill.NONE,
                Map.of("tomorrow", value));
    }

    private static Policy only(String identityProvider) {
        return new Policy(
                Policy.Proof.KEYCLOAK,
                Behaviour.Stated.NOTHING,
                Set.of(),
                Set.of(),
                Set.of(),
                Set.of(),
                Set.of(identityProvider));
    }

    /** Somebody, what is wrong with them, what the gate says, and whether that ends what was granted. */
    static Stream<Arguments> cases() {
        return Stream.of(
                is("nothing wrong", null, false, s -> {}),
                is("realm off", Reason.NOT_ENABLED, false, s -> s.realmEnabled = false),
                is("realm suspended", Reason.SUSPENDED, false, s -> s.suspended = Set.of(Suspensions.Subject.REALM)),
                is(
                        "link suspended",
                        Reason.LINK_SUSPENDED,
                        false,
                        s -> s.suspended = Set.of(Suspensions.Subject.link("a"))),
                is(
                        "another link suspended",
                        null,
                        false,
                        s -> s.suspended = Set.of(Suspensions.Subject.link("b"), Suspensions.Subject.consumer("a"))),
                is("no organization", Reason.NOT_LINKED, true, s -> s.memberships = List.of()),
                is(
                        "unlinked organization",
                        Reason.NOT_LINKED,
                        false,
                        s -> s.memberships = List.of(member(Link.unlinked(new LinkId("r", "a"))))),
                is(
                        "link needs authorization",
                        Reason.LINK_NOT_ACTIVE,
                        false,
                        s -> s.memberships = List.of(member(link(
                                "a", Link.State.NEEDS_AUTHORIZATION, Policy.DEFAULT, new LinkDomain(CUSTOMER, true))))),
                is(
                        "link waits for approval",
                        Reason.LINK_NOT_ACTIVE,
                        false,
                        s -> s.memberships = List.of(member(link(
                                "a", Link.State.AWAITING_APPROVAL, Policy.DEFAULT, new LinkDomain(CUSTOMER, false))))),
                is("service account", Reason.NOT_A_PERSON, true, s -> s.person = false),
                is("disabled", Reason.USER_DISABLED, true, s -> s.enabled = false),
                is("locked out", Reason.USER_SUSPENDED, false, s -> {
                    s.enabled = false;
                    s.disabledForNow = true;
                }),
                is("opted out where it is not offered", null, false, s -> s.optedOut = true),
                is("opted out", Reason.OPTED_OUT, true, s -> {
                    s.optedOut = true;
                    s.memberships = List.of(member(link("a", OPT_OUT)));
                }),
                is("no address", Reason.EMAIL_MISSING, true, s -> s.email = null),
                is("blank address", Reason.EMAIL_MISSING, true, s -> s.email = " "),
                is("quoted address", Reason.EMAIL_NOT_PLAIN, true, s -> s.email = "\"maria\"@customer.example"),
                is("two at signs", Reason.EMAIL_NOT_PLAIN, true, s -> s.email = "maria@customer.example@evil.example"),
                is("not verified", Reason.EMAIL_NOT_VERIFIED, false, s -> s.emailVerified = false),
                is("shared address", Reason.EMAIL_SHARED, false, s -> s.emailShared = true),
                is(
                        "not proved by the owner",
                        Reason.ADDRESS_NOT_PROVEN,
                        false,
                        s -> s.memberships = List.of(member(link("a", OWNER)))),
                is("another address proved", Reason.ADDRESS_NOT_PROVEN, false, s -> {
                    s.memberships = List.of(member(link("a", OWNER)));
                    s.provenAddress = "mary@customer.example";
                }),
                is("proved by the owner", null, false, s -> {
                    s.memberships = List.of(member(link("a", OWNER)));
                    s.provenAddress = "maria@customer.example";
                }),
                is("proved but not verified", Reason.EMAIL_NOT_VERIFIED, false, s -> {
                    s.memberships = List.of(member(link("a", OWNER)));
                    s.provenAddress = "maria@customer.example";
                    s.emailVerified = false;
                }),
                is(
                        "disabled organization",
                        Reason.ORGANIZATION_DISABLED,
                        false,
                        s -> s.memberships = List.of(member(link("a"), false, CUSTOMER.name()))),
                is("foreign domain", Reason.DOMAIN_NOT_LINKED, true, s -> s.email = "maria@evil.example"),
                is("sub-domain", Reason.DOMAIN_NOT_LINKED, true, s -> s.email = "maria@sub.customer.example"),
                is(
                        "domain with a tail",
                        Reason.DOMAIN_NOT_LINKED,
                        true,
                        s -> s.email = "maria@customer.example.evil.example"),
                is(
                        "domain not approved",
                        Reason.DOMAIN_NOT_APPROVED,
                        false,
                        s -> s.memberships = List.of(member(link(
                                "a",
                                Link.State.ACTIVE,
                                Policy.DEFAULT,
                                new LinkDomain(CUSTOMER, false),
                                new LinkDomain(new Domain("other.example"), true))))),
                is(
                        "domain not the organization's",
                        Reason.DOMAIN_NOT_OF_ORGANIZATION,
                        true,
                        s -> s.memberships = List.of(member(link("a"), true, "other.example"))),
                is(
                        "organization with a wildcard over the domain",
                        null,
                        false,
                        s -> s.memberships = List.of(member(link("a"), true, "*.customer.example"))),
                is("sub-domain under the organization's wildcard alone", Reason.DOMAIN_NOT_LINKED, true, s -> {
                    s.email = "maria@sub.customer.example";
                    s.memberships = List.of(member(link("a"), true, "*.customer.example"));
                }),
                is("sub-domain under the wildcard that the link has too", null, false, s -> {
                    s.email = "maria@sub.customer.example";
                    s.memberships = List.of(member(
                            link(
                                    "a",
                                    Link.State.ACTIVE,
                                    Policy.DEFAULT,
                                    new LinkDomain(new Domain("sub.customer.example"), true)),
                            true,
                            "*.customer.example"));
                }),
                is("look-alike of the wildcard", Reason.DOMAIN_NOT_OF_ORGANIZATION, true, s -> {
                    s.email = "maria@evilcustomer.example";
                    s.memberships = List.of(member(
                            link(
                                    "a",
                                    Link.State.ACTIVE,
                                    Policy.DEFAULT,
                                    new LinkDomain(new Domain("evilcustomer.example"), true)),
                            true,
                            "*.customer.example"));
                }),
                is("in no required group", Reason.GROUP_MISSING, true, s -> rules(s, Set.of(), Set.of("calendar"))),
                is(
                        "in a denied group",
                        Reason.GROUP_DENIED,
                        true,
                        s -> rules(s, Set.of("staff", "guests"), Set.of("calendar"))),
                is("without the required role", Reason.ROLE_MISSING, true, s -> rules(s, Set.of("staff"), Set.of())),
                is(
                        "with a denied role",
                        Reason.ROLE_DENIED,
                        true,
                        s -> rules(s, Set.of("staff"), Set.of("calendar", "board"))),
                is("by every rule", null, false, s -> rules(s, Set.of("staff"), Set.of("calendar"))),
                is(
                        "signed in with a password",
                        Reason.IDENTITY_PROVIDER_NOT_ALLOWED,
                        false,
                        s -> s.memberships = List.of(member(link("a", only("corporate"))))),
                is("signed in elsewhere", Reason.IDENTITY_PROVIDER_NOT_ALLOWED, false, s -> {
                    s.memberships = List.of(member(link("a", only("corporate"))));
                    s.identityProvider = "social";
                }),
                is("signed in where it is allowed", null, false, s -> {
                    s.memberships = List.of(member(link("a", only("corporate"))));
                    s.identityProvider = "corporate";
                }),
                is("refused a moment ago", Reason.COOLDOWN, false, s -> s.coolingDown = true),
                is("not told yet where the realm wants it", Reason.NOTICE_NOT_SEEN, false, s -> s.defaults = TELLING),
                is("told where the realm wants it", null, false, s -> {
                    s.defaults = TELLING;
                    s.noticed = true;
                }),
                is("not told where the link does not want what the realm wants", null, false, s -> {
                    s.defaults = TELLING;
                    s.memberships = List.of(member(link("a", SILENT)));
                }),
                is("opted out where the realm permits it", Reason.OPTED_OUT, true, s -> {
                    s.defaults = new Behaviour(true, Behaviour.Notice.NONE, Duration.ZERO);
                    s.optedOut = true;
                }));
    }

    private static void rules(Somebody somebody, Set<String> groups, Set<String> roles) {
        somebody.memberships = List.of(member(link("a", RULES)));
        somebody.groups = groups;
        somebody.roles = roles;
    }

    private static Arguments is(String name, @Nullable Reason reason, boolean ends, Consumer<Somebody> spoil) {
        Somebody somebody = new Somebody();
        spoil.accept(somebody);
        return Arguments.of(name, reason, ends, somebody);
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("cases")
    void the_first_no_is_the_reason(String name, @Nullable Reason reason, boolean ends, Somebody somebody) {
        Gate.Decision decision = Gate.decide(somebody, Gate.Question.ASK);

        assertThat(decision.reason()).isEqualTo(reason);
        assertThat(decision.admission().isPresent()).isEqualTo(reason == null);
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("cases")
    void the_trace_ends_with_the_check_that_said_no(
            String name, @Nullable Reason reason, boolean ends, Somebody somebody) {
        Gate.Decision decision = Gate.explain(somebody, Gate.Question.ASK).get(0);

        assertThat(decision.reason()).isEqualTo(reason);
        List<Check> order = Arrays.asList(Check.values());
        assertThat(decision.passed())
                .isEqualTo(
                        order.subList(0, decision.failed() == null ? order.size() : order.indexOf(decision.failed())));
    }

    @ParameterizedTest(name = "{0}: ends {2}")
    @MethodSource("cases")
    void what_was_granted_ends_or_is_only_withheld(
            String name, @Nullable Reason reason, boolean ends, Somebody somebody) {
        String mailbox = somebody.email == null || Mailbox.parse(somebody.email).isEmpty()
                ? "maria@customer.example"
                : Mailbox.parse(somebody.email).orElseThrow().address();

        assertThat(Gate.ended(somebody, granted("a", mailbox)).isPresent()).isEqualTo(ends);
    }

    private static Delegation granted(String link, String mailbox) {
        return new Delegation(
                "d",
                new LinkId("r", link),
                "u",
                new Mailbox(mailbox),
                "de:app",
                Delegation.State.GRANTED,
                null,
                null,
                0,
                null,
                null,
                null,
                "acc_1",
                true,
                "ser_1",
                null,
                null,
                List.of(),
                Words.KNOWN,
                null);
    }

    @Test
    void a_verified_member_of_an_active_link_is_admitted_with_the_mailbox_in_normal_form() {
        Gate.Admission admission =
                Gate.decide(new Somebody(), Gate.Question.ASK).admission().orElseThrow();

        assertThat(admission.mailbox().address()).isEqualTo("maria@customer.example");
        assertThat(admission.link().id().name()).isEqualTo("a");
    }

    @Test
    void the_realm_s_own_link_asks_for_no_organization_domain() {
        Somebody somebody = new Somebody();
        somebody.memberships = List.of(new Candidate.Membership(link(LinkId.REALM), true, null));

        assertThat(Gate.decide(somebody, Gate.Question.ASK).allowed()).isTrue();
    }

    @Test
    void of_several_organizations_the_one_whose_domain_fits_admits() {
        Somebody somebody = new Somebody();
        somebody.memberships = List.of(
                member(
                        link("a", Link.State.ACTIVE, Policy.DEFAULT, new LinkDomain(new Domain("other.example"), true)),
                        true,
                        "other.example"),
                member(link("b")));

        assertThat(Gate.decide(somebody, Gate.Question.ASK)
                        .admission()
                        .orElseThrow()
                        .link()
                        .id()
                        .name())
                .isEqualTo("b");
    }

    @Test
    void of_several_refusals_the_one_that_came_closest_is_shown_and_all_are_explained() {
        Somebody somebody = new Somebody();
        somebody.memberships =
                List.of(member(Link.unlinked(new LinkId("r", "b"))), member(link("a"), true, "other.example"));

        Gate.Decision decision = Gate.decide(somebody, Gate.Question.ASK);

        assertThat(decision.reason()).isEqualTo(Reason.DOMAIN_NOT_OF_ORGANIZATION);
        assertThat(decision.link()).isNotNull();
        assertThat(Gate.explain(somebody, Gate.Question.ASK))
                .extracting(Gate.Decision::reason)
                .containsExactly(Reason.DOMAIN_NOT_OF_ORGANIZATION, Reason.NOT_LINKED);
    }

    @Test
    void what_was_granted_may_be_used_while_the_link_needs_a_new_authorization_and_after_a_refusal() {
        Somebody somebody = new Somebody();
        somebody.coolingDown = true;
        somebody.memberships = List.of(
                member(link("a", Link.State.NEEDS_AUTHORIZATION, Policy.DEFAULT, new LinkDomain(CUSTOMER, true))));

        assertThat(Gate.decide(somebody, Gate.Question.USE).allowed()).isTrue();
    }

    @Test
    void an_address_that_changed_ends_what_was_granted_for_the_old_one() {
        assertThat(Gate.ended(new Somebody(), granted("a", "mary@customer.example")))
                .contains(Reason.MAILBOX_CHANGED);
    }

    @Test
    void a_reason_that_only_withholds_does_not_hide_one_that_ends() {
        Somebody somebody = new Somebody();
        somebody.suspended = Set.of(Suspensions.Subject.REALM);
        somebody.realmEnabled = false;
        somebody.enabled = false;

        assertThat(Gate.ended(somebody, granted("a", "maria@customer.example"))).contains(Reason.USER_DISABLED);
    }

    /** Somebody of whom something cannot be read, and why nobody can tell. */
    static Stream<Arguments> unreadable() {
        Unreadable silent = Unreadable.directory("ldap");
        Unreadable missing = Unreadable.rule("gone");
        return Stream.of(
                cannotRead("the address", Reason.DIRECTORY_SILENT, s -> s.unreadable.put("email", silent)),
                cannotRead("whether enabled", Reason.DIRECTORY_SILENT, s -> s.unreadable.put("enabled", silent)),
                cannotRead("the flag", Reason.DIRECTORY_SILENT, s -> s.unreadable.put("emailVerified", silent)),
                cannotRead("others' addresses", Reason.DIRECTORY_SILENT, s -> s.unreadable.put("shared", silent)),
                cannotRead("the groups", Reason.RULE_UNRESOLVED, s -> {
                    rules(s, Set.of(), Set.of("calendar"));
                    s.unreadable.put("groups", missing);
                }),
                cannotRead("the roles", Reason.RULE_UNRESOLVED, s -> {
                    rules(s, Set.of("staff"), Set.of());
                    s.unreadable.put("roles", missing);
                }),
                cannotRead("a denied group", Reason.DIRECTORY_CHANGED, s -> {
                    rules(s, Set.of("staff"), Set.of("calendar"));
                    s.seenWithDenied = true;
                }),
                cannotRead("a denied role", Reason.DIRECTORY_CHANGED, s -> {
                    rules(s, Set.of("staff"), Set.of("calendar"));
                    s.seenWithDenied = true;
                }),
                cannotRead("the organizations", Reason.DIRECTORY_SILENT, s -> s.unreadable.put("memberships", silent)),
                cannotRead("the policy", Reason.VALUE_UNKNOWN, s -> s.memberships = List.of(member(link("a", NEWER)))),
                cannotRead("everything", Reason.DIRECTORY_SILENT, s -> {
                    rules(s, Set.of(), Set.of());
                    List.of("enabled", "email", "emailVerified", "shared", "groups", "roles")
                            .forEach(question -> s.unreadable.put(question, silent));
                }));
    }

    private static Arguments cannotRead(String what, Reason reason, Consumer<Somebody> spoil) {
        Somebody somebody = new Somebody();
        spoil.accept(somebody);
        return Arguments.of(what, reason, somebody);
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("unreadable")
    void what_cannot_be_read_withholds_and_ends_nothing(String what, Reason reason, Somebody somebody) {
        for (Gate.Question question : Gate.Question.values()) {
            Gate.Decision decision = Gate.decide(somebody, question);

            assertThat(decision.withheld()).isTrue();
            assertThat(decision.allowed()).isFalse();
            assertThat(decision.admission()).isEmpty();
            assertThat(decision.failed()).isNull();
            assertThat(decision.reason()).isEqualTo(reason);
        }
        assertThat(Gate.ended(somebody, granted("a", "maria@customer.example"))).isEmpty();
    }

    @Test
    void a_check_that_was_read_and_says_no_decides_wherever_it_stands() {
        Somebody somebody = new Somebody();
        rules(somebody, Set.of("guests", "staff"), Set.of("calendar"));
        somebody.unreadable.put("emailVerified", Unreadable.directory("ldap"));

        Gate.Decision decision = Gate.decide(somebody, Gate.Question.USE);

        assertThat(decision.withheld()).isFalse();
        assertThat(decision.failed()).isEqualTo(Check.IN_NO_DENIED_GROUP);
        assertThat(decision.unreadable()).containsExactly(Map.entry(Check.EMAIL_VERIFIED, Reason.DIRECTORY_SILENT));
        assertThat(decision.passed()).contains(Check.EMAIL_UNSHARED).doesNotContain(Check.EMAIL_VERIFIED);
        assertThat(Gate.ended(somebody, granted("a", "maria@customer.example"))).contains(Reason.GROUP_DENIED);
    }

    @Test
    void what_cannot_be_read_of_the_first_organization_keeps_the_second_from_being_taken_instead() {
        Somebody somebody = new Somebody();
        somebody.memberships = List.of(member(link("a", NEWER)), member(link("b")));

        assertThat(Gate.decide(somebody, Gate.Question.ASK).withheld()).isTrue();

        somebody.memberships = List.of(member(link("a"), true, "other.example"), member(link("b")));
        assertThat(Gate.decide(somebody, Gate.Question.ASK).allowed()).isTrue();
        assertThat(Gate.explain(somebody, Gate.Question.ASK))
                .extracting(Gate.Decision::reason)
                .containsExactly(null, Reason.DOMAIN_NOT_OF_ORGANIZATION);
    }

    @Test
    void a_member_that_says_nothing_is_understood_whatever_it_is() {
        Somebody somebody = new Somebody();
        somebody.memberships = List.of(member(link("a", newer("[]"))));

        assertThat(Gate.decide(somebody, Gate.Question.USE).allowed()).isTrue();
    }

    @Test
    void switching_organizations_on_or_off_only_withholds() {
        Somebody off = new Somebody();
        off.memberships = List.of(new Candidate.Membership(Link.unlinked(new LinkId("r", LinkId.REALM)), true, null));
        Somebody on = new Somebody();
        on.memberships = List.of();

        assertThat(Gate.ended(off, granted("a", "maria@customer.example"))).isEmpty();
        assertThat(Gate.ended(on, granted(LinkId.REALM, "maria@customer.example")))
                .isEmpty();
    }
}
