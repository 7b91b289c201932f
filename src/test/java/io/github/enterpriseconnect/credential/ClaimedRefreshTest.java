package io.github.enterpriseconnect.credential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.enterpriseconnect.core.Credential;
import io.github.enterpriseconnect.core.CronofyException;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Tokens;
import io.github.enterpriseconnect.middle.Middle;
import io.github.enterpriseconnect.middle.ScriptedCronofy.Call;
import io.github.enterpriseconnect.middle.TestUser;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Two nodes and one refresh token: what one has got and cannot store yet, the other must not take for gone. */
class ClaimedRefreshTest {
    private static final Duration UNTIL_EXPIRED = Duration.ofHours(4);
    private static final Duration CLAIM = Duration.ofSeconds(20);
    private static final Duration LATEST = Duration.ofMinutes(2);

    private final Middle middle = new Middle();
    private final CredentialRefresher anotherNode = new CredentialRefresher(
            middle.transactions,
            middle.cronofy,
            middle.worker,
            middle.clock,
            middle.clock::turn,
            () -> 0.5,
            Middle.MOST_WAITING);
    private TestUser maria;

    @BeforeEach
    void link_the_organization_and_delegate_a_member() {
        middle.linked();
        maria = middle.granted("maria");
        middle.clock.turn(UNTIL_EXPIRED);
    }

    private CredentialOwner owner(boolean link) {
        return link
                ? new CredentialOwner.OfLink(middle.link)
                : new CredentialOwner.OfMember(
                        middle.realm.id(), middle.delegation(maria).id(), maria.id());
    }

    private Optional<Credential> stored(CredentialOwner owner) {
        return middle.transactions.inRealm(middle.realm.id(), owner::current);
    }

    private void assertAlive() {
        assertThat(middle.link().state()).isEqualTo(Link.State.ACTIVE);
        assertThat(middle.delegation(maria).state()).isEqualTo(Delegation.State.GRANTED);
        assertThat(middle.revocations()).isEmpty();
    }

    /** The node has refreshed, and its tables go away before it can store what it has got. */
    private void refreshWithoutStoring(CredentialOwner owner) {
        middle.cronofy.during(Call.REFRESH, () -> middle.transactions.fail(true));
        assertThatThrownBy(() -> middle.credentials.forWork(owner)).isInstanceOf(CronofyException.class);
        middle.transactions.fail(false);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void what_another_node_holds_and_cannot_store_is_waited_for_and_then_used(boolean link) throws CronofyException {
        CredentialOwner owner = owner(link);
        refreshWithoutStoring(owner);
        middle.clock.turn(CLAIM);
        middle.cronofy.fails(Call.REFRESH, new CronofyException.GrantGone("invalid_grant"));

        assertThatThrownBy(() -> anotherNode.forWork(owner))
                .isInstanceOfSatisfying(CronofyException.NotDone.class, held -> assertThat(held.held())
                        .isTrue());
        assertAlive();

        Credential renewed = middle.credentials.forWork(owner);
        assertThat(renewed.tokens()).isEqualTo(middle.cronofy.lastIssued());
        assertThat(anotherNode.forWork(owner)).isEqualTo(renewed);
        assertAlive();
    }

    /** The other node may come first once the database is back, however long that was. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void what_another_node_holds_is_waited_for_even_if_the_tables_were_away_for_an_hour(boolean link)
            throws CronofyException {
        CredentialOwner owner = owner(link);
        refreshWithoutStoring(owner);
        middle.clock.turn(Duration.ofHours(1));
        middle.cronofy.fails(Call.REFRESH, new CronofyException.GrantGone("invalid_grant"));

        assertThatThrownBy(() -> anotherNode.forWork(owner)).isInstanceOf(CronofyException.NotDone.class);
        assertAlive();

        assertThat(middle.credentials.forWork(owner).tokens()).isEqualTo(middle.cronofy.lastIssued());
        assertAlive();
    }

    /** It can write the claim, if not the tokens: as while the user's directory is silent. */
    @Test
    void a_node_that_can_write_its_claim_keeps_the_others_from_sending_the_dead_token() throws CronofyException {
        CredentialOwner owner = owner(false);
        middle.credentials.start();
        middle.cronofy.during(
                Call.REFRESH,
                () -> middle.transactions.meanwhile(() -> {
                    throw new IllegalStateException("this one cannot be stored");
                }));
        assertThatThrownBy(() -> middle.credentials.forWork(owner)).isInstanceOf(CronofyException.class);
        int sent = middle.cronofy.received(Call.REFRESH).size();

        assertThatThrownBy(() -> anotherNode.forRequest(owner, stored(owner).orElseThrow(), Duration.ofSeconds(1)))
                .isInstanceOf(CronofyException.NotDone.class);

        assertThat(middle.cronofy.received(Call.REFRESH)).hasSize(sent);
        middle.worker.turn(Duration.ofSeconds(6));
        assertThat(anotherNode.forWork(owner).tokens()).isEqualTo(middle.cronofy.lastIssued());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void what_a_killed_node_has_taken_along_ends_after_some_minutes(boolean link) {
        CredentialOwner owner = owner(link);
        refreshWithoutStoring(owner);
        middle.clock.turn(CLAIM);
        middle.cronofy.fails(Call.REFRESH, new CronofyException.GrantGone("invalid_grant"));
        middle.cronofy.fails(Call.REFRESH, new CronofyException.GrantGone("invalid_grant"));
        assertThatThrownBy(() -> anotherNode.forWork(owner)).isInstanceOf(CronofyException.NotDone.class);

        middle.clock.turn(LATEST);

        assertThatThrownBy(() -> anotherNode.forWork(owner)).isInstanceOf(CronofyException.GrantGone.class);
        if (link) {
            assertThat(middle.link().state()).isEqualTo(Link.State.NEEDS_AUTHORIZATION);
        } else {
            assertThat(middle.delegation(maria).reason()).isEqualTo(Reason.AUTHORIZATION_GONE);
        }
    }

    /** As when the service account is authorized once more while its tokens are refreshed. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void tokens_that_somebody_has_stored_during_the_refresh_are_used(boolean refused) throws CronofyException {
        CredentialOwner owner = owner(true);
        middle.cronofy.script(Call.REFRESH, () -> {
            middle.linked();
            if (refused) {
                throw new CronofyException.GrantGone("invalid_grant");
            }
        });

        Credential used = middle.credentials.forWork(owner);

        assertThat(used).isEqualTo(stored(owner).orElseThrow());
        assertThat(used.tokens().freshness(middle.clock.instant())).isEqualTo(Tokens.Freshness.FRESH);
        middle.dispatcher.deliverSoon();
        middle.worker.run();
        assertThat(middle.cronofy.received(Call.REVOKE)).isEmpty();
        assertThat(middle.link().state()).isEqualTo(Link.State.ACTIVE);
    }

    /** Nobody holds what came with an answer that got lost: to wait for it would cost the member minutes. */
    @Test
    void what_got_lost_on_the_way_to_this_node_ends_at_once() {
        CredentialOwner owner = owner(false);
        middle.cronofy.fails(Call.REFRESH, new CronofyException.Unavailable("no answer in time", Duration.ZERO));
        assertThatThrownBy(() -> middle.credentials.forWork(owner)).isInstanceOf(CronofyException.Unavailable.class);
        middle.clock.turn(Duration.ofSeconds(6));
        middle.cronofy.fails(Call.REFRESH, new CronofyException.GrantGone("invalid_grant"));

        assertThatThrownBy(() -> middle.credentials.forWork(owner)).isInstanceOf(CronofyException.GrantGone.class);

        assertThat(middle.delegation(maria).reason()).isEqualTo(Reason.AUTHORIZATION_GONE);
    }

    @Test
    void what_could_not_be_stored_is_stored_at_the_latest_when_the_server_stops() {
        CredentialOwner owner = owner(false);
        refreshWithoutStoring(owner);

        middle.credentials.finish();

        assertThat(stored(owner).orElseThrow().tokens()).isEqualTo(middle.cronofy.lastIssued());
        assertAlive();
    }

    /** A second refresh right after a failed one would be the storm that the pause is there to prevent. */
    @Test
    void a_refresh_ahead_of_time_that_failed_is_not_followed_by_another_at_once() throws CronofyException {
        CredentialOwner owner = owner(false);
        Credential renewed = middle.credentials.forWork(owner);
        middle.clock.turn(Duration.ofHours(3).minusMinutes(3));
        int sent = middle.cronofy.received(Call.REFRESH).size();
        middle.cronofy.fails(Call.REFRESH, new CronofyException.Unavailable("503", Duration.ZERO));

        middle.credentials.forRequest(owner, renewed, Duration.ofSeconds(1));
        middle.worker.run();
        middle.credentials.forRequest(owner, renewed, Duration.ofSeconds(1));
        middle.worker.run();

        assertThat(middle.cronofy.received(Call.REFRESH)).hasSize(sent + 1);
    }
}
