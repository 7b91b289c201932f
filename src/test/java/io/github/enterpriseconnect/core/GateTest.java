package io.github.enterpriseconnect.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class GateTest {
    private static final Domain CUSTOMER = new Domain("customer.example");

    /** Somebody whom the gate lets through, to be spoilt in one respect at a time. */
    private record Somebody(
            boolean realmEnabled,
            boolean person,
            boolean enabled,
            @Nullable String email,
            boolean emailVerified,
            boolean emailShared,
            List<Membership> memberships)
            implements Candidate {
        static Somebody fine() {
            return new Somebody(true, true, true, "Maria@Customer.example", true, false, List.of(member(link("a"))));
        }

        Somebody withEmail(@Nullable String other) {
            return new Somebody(realmEnabled, person, enabled, other, emailVerified, emailShared, memberships);
        }

        Somebody withMemberships(Membership... others) {
            return new Somebody(realmEnabled, person, enabled, email, emailVerified, emailShared, List.of(others));
        }
    }

    private static Link link(String name) {
        return link(name, Link.State.ACTIVE, new LinkDomain(CUSTOMER, true));
    }

    private static Link link(String name, Link.State state, LinkDomain... domains) {
        return new Link(
                new LinkId("r", name),
                state,
                "de:app",
                "ser_1",
                CUSTOMER,
                "s",
                "read_write",
                "https://id",
                null,
                List.of(domains));
    }

    private static Candidate.Membership member(Link link) {
        return new Candidate.Membership(link, true, Set.of(CUSTOMER));
    }

    static Stream<Arguments> refusals() {
        return Stream.of(
                refusal(
                        "realm off",
                        Reason.NOT_ENABLED,
                        s -> new Somebody(false, true, true, s.email(), true, false, s.memberships())),
                refusal("no organization", Reason.NOT_LINKED, s -> s.withMemberships()),
                refusal(
                        "unlinked organization",
                        Reason.NOT_LINKED,
                        s -> s.withMemberships(member(Link.unlinked(new LinkId("r", "a"))))),
                refusal(
                        "link waits for approval",
                        Reason.LINK_NOT_ACTIVE,
                        s -> s.withMemberships(
                                member(link("a", Link.State.AWAITING_APPROVAL, new LinkDomain(CUSTOMER, false))))),
                refusal(
                        "link needs authorization",
                        Reason.LINK_NOT_ACTIVE,
                        s -> s.withMemberships(
                                member(link("a", Link.State.NEEDS_AUTHORIZATION, new LinkDomain(CUSTOMER, true))))),
                refusal(
                        "service account",
                        Reason.NOT_A_PERSON,
                        s -> new Somebody(true, false, true, s.email(), true, false, s.memberships())),
                refusal(
                        "disabled",
                        Reason.USER_DISABLED,
                        s -> new Somebody(true, true, false, s.email(), true, false, s.memberships())),
                refusal("no address", Reason.EMAIL_MISSING, s -> s.withEmail(null)),
                refusal("blank address", Reason.EMAIL_MISSING, s -> s.withEmail(" ")),
                refusal("quoted address", Reason.EMAIL_NOT_PLAIN, s -> s.withEmail("\"ceo\"@customer.example")),
                refusal("two at signs", Reason.EMAIL_NOT_PLAIN, s -> s.withEmail("a@customer.example@evil.example")),
                refusal(
                        "not verified",
                        Reason.EMAIL_NOT_VERIFIED,
                        s -> new Somebody(true, true, true, s.email(), false, false, s.memberships())),
                refusal(
                        "shared address",
                        Reason.EMAIL_SHARED,
                        s -> new Somebody(true, true, true, s.email(), true, true, s.memberships())),
                refusal(
                        "disabled organization",
                        Reason.ORGANIZATION_DISABLED,
                        s -> s.withMemberships(new Candidate.Membership(link("a"), false, Set.of(CUSTOMER)))),
                refusal("foreign domain", Reason.DOMAIN_NOT_LINKED, s -> s.withEmail("maria@evil.example")),
                refusal("sub-domain", Reason.DOMAIN_NOT_LINKED, s -> s.withEmail("maria@sub.customer.example")),
                refusal(
                        "domain with a tail",
                        Reason.DOMAIN_NOT_LINKED,
                        s -> s.withEmail("maria@customer.example.evil.example")),
                refusal(
                        "domain not approved",
                        Reason.DOMAIN_NOT_LINKED,
                        s -> s.withMemberships(member(link(
                                "a",
                                Link.State.ACTIVE,
                                new LinkDomain(CUSTOMER, false),
                                new LinkDomain(new Domain("other.example"), true))))),
                refusal(
                        "domain not the organization's",
                        Reason.DOMAIN_NOT_OF_ORGANIZATION,
                        s -> s.withMemberships(
                                new Candidate.Membership(link("a"), true, Set.of(new Domain("other.example"))))));
    }

    private static Arguments refusal(String name, Reason reason, UnaryOperator<Somebody> spoil) {
        return Arguments.of(name, reason, spoil.apply(Somebody.fine()));
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("refusals")
    void the_first_no_is_the_reason(String name, Reason reason, Candidate candidate) {
        Gate.Decision decision = Gate.decide(candidate, Gate.Question.ASK);

        assertThat(decision.reason()).isEqualTo(reason);
        assertThat(decision.admission()).isEmpty();
    }

    @Test
    void a_verified_member_of_an_active_link_is_admitted_with_the_mailbox_in_normal_form() {
        Gate.Admission admission =
                Gate.decide(Somebody.fine(), Gate.Question.ASK).admission().orElseThrow();

        assertThat(admission.mailbox().address()).isEqualTo("maria@customer.example");
        assertThat(admission.link().id().name()).isEqualTo("a");
    }

    @Test
    void the_realm_s_own_link_asks_for_no_organization_domain() {
        Candidate candidate = Somebody.fine().withMemberships(new Candidate.Membership(link(LinkId.REALM), true, null));

        assertThat(Gate.decide(candidate, Gate.Question.ASK).allowed()).isTrue();
    }

    @Test
    void of_several_organizations_the_one_whose_domain_fits_admits() {
        Candidate candidate = Somebody.fine()
                .withMemberships(
                        new Candidate.Membership(
                                link("a", Link.State.ACTIVE, new LinkDomain(new Domain("other.example"), true)),
                                true,
                                Set.of(new Domain("other.example"))),
                        member(link("b")));

        assertThat(Gate.decide(candidate, Gate.Question.ASK)
                        .admission()
                        .orElseThrow()
                        .link()
                        .id()
                        .name())
                .isEqualTo("b");
    }

    @Test
    void of_several_refusals_the_one_that_came_closest_is_shown() {
        Candidate candidate = Somebody.fine()
                .withMemberships(
                        new Candidate.Membership(link("a"), true, Set.of(new Domain("other.example"))),
                        member(Link.unlinked(new LinkId("r", "b"))));

        Gate.Decision decision = Gate.decide(candidate, Gate.Question.ASK);

        assertThat(decision.reason()).isEqualTo(Reason.DOMAIN_NOT_OF_ORGANIZATION);
        assertThat(decision.link()).isNotNull();
    }

    @Test
    void what_was_granted_may_be_used_while_the_link_needs_a_new_authorization() {
        Candidate candidate = Somebody.fine()
                .withMemberships(member(link("a", Link.State.NEEDS_AUTHORIZATION, new LinkDomain(CUSTOMER, true))));

        assertThat(Gate.decide(candidate, Gate.Question.USE).allowed()).isTrue();
    }
}
