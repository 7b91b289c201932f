package io.github.enterpriseconnect.credential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.enterpriseconnect.core.Budget;
import io.github.enterpriseconnect.core.Credential;
import io.github.enterpriseconnect.core.CronofyException;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.middle.Middle;
import io.github.enterpriseconnect.middle.ScriptedCronofy.Call;
import io.github.enterpriseconnect.middle.TestUser;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** One refresh per credential, stored before it is used, and what every failure of it leaves behind. */
class CredentialRefresherTest {
    private static final Duration PATIENCE = Duration.ofSeconds(8);

    private final Middle middle = new Middle();
    private TestUser maria;
    private CredentialOwner owner;

    @BeforeEach
    void link_the_organization_and_delegate_a_member() {
        middle.linked();
        maria = middle.granted("maria");
        owner = new CredentialOwner.OfMember(
                middle.realm.id(), middle.delegation(maria).id(), maria.id());
    }

    @Test
    void a_fresh_token_is_handed_out_as_it_is() throws CronofyException {
        Credential stored = stored();

        CredentialRefresher.Usable usable = middle.credentials.forRequest(owner, stored, PATIENCE);

        assertThat(usable).isEqualTo(new CredentialRefresher.Usable(stored, false));
        assertThat(refreshes()).isEmpty();
    }

    @Test
    void an_expired_token_is_refreshed_and_stored_before_it_is_handed_out() throws CronofyException {
        Credential stored = stored();
        middle.clock.turn(Duration.ofHours(4));

        CredentialRefresher.Usable usable = middle.credentials.forRequest(owner, stored, PATIENCE);

        assertThat(usable.refreshed()).isTrue();
        assertThat(usable.credential()).isEqualTo(stored()).isNotEqualTo(stored);
        assertThat(refreshes()).singleElement().satisfies(call -> {
            assertThat(call.what()).isEqualTo(stored.tokens().refreshToken().reveal());
            assertThat(call.purpose()).isEqualTo(Budget.Purpose.AWAITED_REFRESH);
        });
    }

    @Test
    void an_authorization_that_is_gone_ends_the_delegation() {
        Credential stored = stored();
        middle.clock.turn(Duration.ofHours(4));
        middle.cronofy.fails(Call.REFRESH, new CronofyException.GrantGone("invalid_grant"));

        assertThatThrownBy(() -> middle.credentials.forRequest(owner, stored, PATIENCE))
                .isInstanceOf(CronofyException.GrantGone.class);

        Delegation delegation = middle.delegation(maria);
        assertThat(delegation.state()).isEqualTo(Delegation.State.REVOKED);
        assertThat(delegation.reason()).isEqualTo(Reason.AUTHORIZATION_GONE);
        assertThat(middle.realm.credential(maria)).isEmpty();
        assertThat(middle.realm.shownState(maria)).isEqualTo("revoked");
    }

    private Credential stored() {
        return middle.realm.credential(maria).orElseThrow();
    }

    private List<io.github.enterpriseconnect.middle.ScriptedCronofy.Received> refreshes() {
        return middle.cronofy.received(Call.REFRESH);
    }
}
