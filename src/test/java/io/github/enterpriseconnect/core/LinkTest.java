package io.github.enterpriseconnect.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class LinkTest {
    private static final Domain CUSTOMER = new Domain("customer.example");
    private static final Domain OTHER = new Domain("other.example");

    @Test
    void a_link_is_active_once_its_service_account_s_own_domain_is_approved() {
        assertThat(Link.linkedState(CUSTOMER, List.of(new LinkDomain(CUSTOMER, false)), true))
                .isEqualTo(Link.State.AWAITING_APPROVAL);
        assertThat(Link.linkedState(CUSTOMER, List.of(new LinkDomain(CUSTOMER, true)), false))
                .isEqualTo(Link.State.ACTIVE);
    }

    @Test
    void a_domain_approved_beforehand_does_not_vouch_for_another_customer_s_service_account() {
        List<LinkDomain> domains = List.of(new LinkDomain(CUSTOMER, true), new LinkDomain(OTHER, false));

        assertThat(Link.linkedState(OTHER, domains, false)).isEqualTo(Link.State.AWAITING_APPROVAL);
        assertThat(Link.linkedState(OTHER, domains, true)).isEqualTo(Link.State.AWAITING_APPROVAL);
    }

    @Test
    void where_cronofy_knows_no_domain_an_approval_counts_if_it_follows_the_linking() {
        List<LinkDomain> domains = List.of(new LinkDomain(CUSTOMER, true));

        assertThat(Link.linkedState(null, domains, false)).isEqualTo(Link.State.AWAITING_APPROVAL);
        assertThat(Link.linkedState(null, domains, true)).isEqualTo(Link.State.ACTIVE);
    }
}
