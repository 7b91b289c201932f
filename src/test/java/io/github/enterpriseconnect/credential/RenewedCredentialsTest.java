package io.github.enterpriseconnect.credential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.enterpriseconnect.core.Credential;
import io.github.enterpriseconnect.core.CronofyException;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Revocation;
import io.github.enterpriseconnect.middle.Middle;
import io.github.enterpriseconnect.middle.ScriptedCronofy.Call;
import io.github.enterpriseconnect.middle.ScriptedCronofy.Received;
import io.github.enterpriseconnect.middle.TestUser;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Cronofy gives new tokens once, and the former may be dead by then: none of them is ever lost. */
class RenewedCredentialsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(8);

    private final Middle middle = new Middle();
    private TestUser maria;
    private CredentialOwner owner;

    @BeforeEach
    void delegate_a_member_whose_token_has_expired() {
        middle.credentials.start();
        middle.linked();
        maria = middle.granted("maria");
        owner = new CredentialOwner.OfMember(
                middle.realm.id(), middle.delegation(maria).id(), maria.id());
        middle.clock.turn(Duration.ofHours(4));
    }

    @Test
    void tokens_that_cannot_be_stored_are_stored_later_without_another_refresh() throws CronofyException {
        Credential expired = stored();
        refuseToWriteAfterTheRefresh();

        assertThatThrownBy(() -> middle.credentials.forRequest(owner, expired, PATIENCE))
                .isInstanceOf(CronofyException.Unavailable.class);
        assertThat(stored()).isEqualTo(expired);

        middle.worker.turn(Duration.ofSeconds(5));
        assertThat(stored().tokens()).isEqualTo(middle.cronofy.lastIssued());
        assertThat(middle.credentials.forRequest(owner, stored(), PATIENCE).refreshed())
                .isFalse();
        assertThat(middle.cronofy.received(Call.REFRESH)).hasSize(1);
        assertThat(middle.delegation(maria).state()).isEqualTo(Delegation.State.GRANTED);
    }

    @Test
    void whoever_asks_before_that_is_given_the_new_tokens() throws CronofyException {
        Credential expired = stored();
        refuseToWriteAfterTheRefresh();
        assertThatThrownBy(() -> middle.credentials.forRequest(owner, expired, PATIENCE))
                .isInstanceOf(CronofyException.Unavailable.class);

        CredentialRefresher.Usable usable = middle.credentials.forRequest(owner, expired, PATIENCE);

        assertThat(usable.credential().tokens()).isEqualTo(middle.cronofy.lastIssued());
        assertThat(stored()).isEqualTo(usable.credential());
        assertThat(middle.cronofy.received(Call.REFRESH)).hasSize(1);
    }

    /** As when a commit succeeds and the connection breaks before anybody hears of it. */
    @Test
    void tokens_that_were_stored_although_that_seemed_to_fail_are_kept() throws CronofyException {
        Credential expired = stored();
        RenewedCredentials renewals = new RenewedCredentials(middle.transactions, middle.worker, middle.clock);
        RenewedCredentials.Renewal renewal = new RenewedCredentials.Renewal(
                expired, expired.with(middle.cronofy.tokens(Duration.ofHours(3))), middle.application());
        middle.transactions.afterwards(() -> {
            throw new IllegalStateException("the connection broke");
        });
        assertThatThrownBy(() -> renewals.store(owner, renewal)).isInstanceOf(CronofyException.Unavailable.class);

        assertThat(renewals.storeWaiting(owner)).contains(renewal.renewed());

        assertThat(stored()).isEqualTo(renewal.renewed());
        assertThat(middle.revocations()).isEmpty();
    }

    @Test
    void tokens_of_a_right_that_ended_while_they_could_not_be_stored_are_revoked() {
        Credential expired = stored();
        refuseToWriteAfterTheRefresh();
        assertThatThrownBy(() -> middle.credentials.forRequest(owner, expired, PATIENCE))
                .isInstanceOf(CronofyException.Unavailable.class);
        middle.transactions.doInRealm(
                middle.realm.id(),
                work -> middle.termination.end(work, middle.delegation(maria), Reason.ENDED_BY_ADMINISTRATOR));

        middle.worker.turn(Duration.ofSeconds(5));
        middle.dispatcher.deliverSoon();
        middle.worker.run();

        assertThat(middle.realm.credential(maria)).isEmpty();
        assertThat(middle.cronofy.received(Call.REVOKE))
                .extracting(Received::what)
                .contains("acc_maria by "
                        + middle.cronofy.lastIssued().refreshToken().reveal());
    }

    /** Its own revocation holds the former token, which the refresh may have killed. */
    @Test
    void tokens_of_a_realm_that_is_removed_meanwhile_are_revoked_by_the_newest() {
        CredentialOwner ofLink = new CredentialOwner.OfLink(middle.link);
        middle.start();
        middle.cronofy.during(Call.REFRESH, this::removeRealm);

        assertThatThrownBy(() -> middle.credentials.forWork(ofLink)).isInstanceOf(CronofyException.Unavailable.class);
        assertThat(middle.cronofy.received(Call.REVOKE)).isEmpty();

        middle.worker.turn(Middle.REALM_REMOVAL_GRACE.plusMinutes(1));
        assertThat(middle.cronofy.received(Call.REVOKE))
                .extracting(Received::what)
                .contains(
                        "ser_1 by " + middle.cronofy.lastIssued().refreshToken().reveal());
        assertThat(middle.revocations())
                .extracting(Revocation::state)
                .doesNotContain(Revocation.State.PENDING, Revocation.State.UNDELIVERABLE);
    }

    /** Else the realm would come back with a token that no longer works, and with it all its members. */
    @Test
    void tokens_of_a_realm_that_is_removed_meanwhile_are_stored_once_it_is_back() throws CronofyException {
        CredentialOwner ofLink = new CredentialOwner.OfLink(middle.link);
        middle.start();
        middle.cronofy.during(Call.REFRESH, this::removeRealm);
        assertThatThrownBy(() -> middle.credentials.forWork(ofLink)).isInstanceOf(CronofyException.Unavailable.class);

        middle.transactions.restore(middle.realm);
        middle.worker.turn(Duration.ofMinutes(1));

        assertThat(middle.linkCredential().orElseThrow().tokens().refreshToken())
                .isEqualTo(middle.cronofy.lastIssued().refreshToken());
        assertThat(middle.cronofy.received(Call.REVOKE)).isEmpty();
    }

    private void removeRealm() {
        middle.transactions.doInRealm(middle.realm.id(), work -> middle.removedRealms.removed(work));
        middle.transactions.remove(middle.realm);
    }

    private void refuseToWriteAfterTheRefresh() {
        middle.cronofy.during(
                Call.REFRESH,
                () -> middle.transactions.meanwhile(() -> {
                    throw new IllegalStateException("the database is away");
                }));
    }

    private Credential stored() {
        return middle.realm.credential(maria).orElseThrow();
    }
}
