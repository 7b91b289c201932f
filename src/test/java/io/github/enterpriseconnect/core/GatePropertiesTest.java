package io.github.enterpriseconnect.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.statistics.Statistics;
import net.jqwik.api.statistics.StatisticsReport;
import net.jqwik.api.statistics.StatisticsReport.StatisticsReportMode;

class GatePropertiesTest {
    /** Close relatives, so that a gate which compares carelessly takes one for another. */
    private static final List<String> RELATIVES = List.of(
            "customer.example",
            "sub.customer.example",
            "evilcustomer.example",
            "customer.example.test",
            "kunde.example");

    /** One organization as it is generated: what its link approves, what it merely lists, and what is its own. */
    record Organization(Set<String> approved, Set<String> listed, Set<String> own) {}

    /** Nothing but address and domains can refuse this somebody. */
    private static Somebody memberOf(String email, List<Organization> organizations) {
        Somebody somebody = new Somebody();
        somebody.email = email;
        somebody.memberships =
                organizations.stream().map(GatePropertiesTest::membership).toList();
        return somebody;
    }

    private static Candidate.Membership membership(Organization organization) {
        LinkDomain[] domains = RELATIVES.stream()
                .filter(organization.listed()::contains)
                .map(name ->
                        new LinkDomain(new Domain(name), organization.approved().contains(name)))
                .toArray(LinkDomain[]::new);
        return Somebody.member(
                Somebody.link("a", Link.State.ACTIVE, Policy.DEFAULT, domains),
                true,
                organization.own().toArray(String[]::new));
    }

    @Provide
    Arbitrary<String> emails() {
        return HostileText.addressesAt(Arbitraries.of(RELATIVES));
    }

    @Provide
    Arbitrary<List<Organization>> organizations() {
        Arbitrary<Set<String>> some =
                Arbitraries.of(RELATIVES).set().ofMinSize(2).ofMaxSize(RELATIVES.size());
        return Combinators.combine(some, some, some)
                .as(Organization::new)
                .list()
                .ofMinSize(1)
                .ofMaxSize(3);
    }

    @Property(tries = 5000)
    @StatisticsReport(StatisticsReportMode.OFF)
    void exactly_plain_addresses_of_a_domain_both_approved_and_own_are_admitted(
            @ForAll("emails") String email,
            @ForAll("organizations") List<Organization> organizations,
            @ForAll Gate.Question question) {
        boolean admissible = PlainText.isMailbox(email)
                && organizations.stream().anyMatch(organization -> admits(organization, domainOf(email)));

        boolean admitted = Gate.decide(memberOf(email, organizations), question)
                .admission()
                .isPresent();

        assertThat(admitted).isEqualTo(admissible);
        Statistics.collect(admitted);
        Statistics.coverage(coverage -> {
            coverage.check(true).percentage(share -> share > 5);
            coverage.check(false).percentage(share -> share > 5);
        });
    }

    private static boolean admits(Organization organization, String domain) {
        return organization.listed().contains(domain)
                && organization.approved().contains(domain)
                && organization.own().contains(domain);
    }

    private static String domainOf(String email) {
        return email.substring(email.lastIndexOf('@') + 1).toLowerCase(Locale.ROOT);
    }

    @Property(tries = 5000)
    void an_admission_carries_only_a_mailbox_of_its_own_link_and_organization(
            @ForAll("emails") String email,
            @ForAll("organizations") List<Organization> organizations,
            @ForAll Gate.Question question) {
        Candidate candidate = memberOf(email, organizations);

        Gate.decide(candidate, question).admission().ifPresent(admission -> {
            Domain domain = admission.mailbox().domain();
            assertThat(admission.mailbox().address()).isEqualTo(email.toLowerCase(Locale.ROOT));
            assertThat(domain.name()).isEqualTo(domainOf(email));
            assertThat(admission.link().approvedDomains()).contains(domain);
            assertThat(candidate.memberships())
                    .filteredOn(membership -> membership.link().equals(admission.link()))
                    .anySatisfy(membership ->
                            assertThat(membership.organizationDomains()).contains(new DomainPattern(domain, false)));
        });
    }
}
