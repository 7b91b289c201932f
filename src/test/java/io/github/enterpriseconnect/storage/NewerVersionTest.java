package io.github.enterpriseconnect.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Revocation;
import io.github.enterpriseconnect.core.SignIn;
import io.github.enterpriseconnect.core.TokenUse;
import io.github.enterpriseconnect.middle.Middle;
import io.github.enterpriseconnect.middle.ScriptedCronofy.Call;
import io.github.enterpriseconnect.middle.TestRealm;
import io.github.enterpriseconnect.middle.TestUser;
import io.github.enterpriseconnect.token.AccessTokenRefused;
import io.github.enterpriseconnect.token.AccessTokenRequest;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What a newer version has written into our tables is shown and kept as it is; whoever depends on it is withheld, and
 * nothing ends.
 */
class NewerVersionTest {
    private static final String WORD = "FROM_THE_FUTURE";
    private static final String SHOWN = "from_the_future";

    private final Middle middle = new Middle();
    private TestUser maria;

    @BeforeEach
    void link_the_organization_and_delegate_a_member() {
        middle.linked();
        maria = middle.granted("maria");
        middle.start();
    }

    private void sql(String statement) {
        middle.tables.inTransaction(
                entities -> entities.createNativeQuery(statement).executeUpdate());
    }

    private Object column(String query) {
        return middle.tables.inTransaction(
                entities -> entities.createNativeQuery(query).getSingleResult());
    }

    private AccessTokenRefused.@Nullable Code refusal() {
        AccessTokenRefused refused = catchThrowableOfType(
                AccessTokenRefused.class,
                () -> middle.accessTokens.issue(
                        AccessTokenRequest.present(middle.realm.id(), maria.id(), TestRealm.CONSUMER, SignIn.DIRECT)));
        return refused == null ? null : refused.code();
    }

    @Test
    void a_member_s_state_is_shown_withheld_and_kept() {
        sql("update EC_DELEGATION set STATE = '" + WORD + "'");

        Delegation delegation = middle.delegation(maria);
        assertThat(delegation.state()).isEqualTo(Delegation.State.UNKNOWN);
        assertThat(delegation.stateWord()).isEqualTo(SHOWN);
        Map<String, Long> counts = middle.transactions.inRealm(
                middle.realm.id(), work -> work.delegations().count(middle.link));
        assertThat(counts).containsExactly(Map.entry(SHOWN, 1L));
        assertThat(refusal()).isEqualTo(AccessTokenRefused.Code.TEMPORARILY_UNAVAILABLE);

        middle.queue.add(middle.link, maria.id(), SignIn.DIRECT);
        middle.worker.turn(Duration.ofMinutes(3));
        assertThat(middle.cronofy.received(Call.ASK)).hasSize(1);
        assertThat(middle.revocations()).isEmpty();
        assertThat(column("select STATE from EC_DELEGATION")).isEqualTo(WORD);

        sql("update EC_DELEGATION set STATE = 'GRANTED'");
        assertThat(refusal()).isNull();
    }

    @Test
    void a_member_s_reason_and_history_are_shown_and_kept_when_the_row_is_written() {
        String newer = middle.clock.instant().toEpochMilli() + " " + WORD + " WHY_NOT more";
        sql("update EC_DELEGATION set REASON = '" + WORD + "', HISTORY = concat(HISTORY, char(10), '" + newer + "')");

        Delegation delegation = middle.delegation(maria);
        assertThat(delegation.reason()).isEqualTo(Reason.VALUE_UNKNOWN);
        assertThat(delegation.reasonWord()).isEqualTo(SHOWN);
        Delegation.Attempt oldest =
                delegation.history().get(delegation.history().size() - 1);
        assertThat(oldest.stateWord() + " " + oldest.reasonWord()).isEqualTo(SHOWN + " why_not");
        assertThat(refusal()).isNull();

        middle.transactions.doInRealm(middle.realm.id(), work -> assertThat(work.delegations()
                        .refreshClaim(delegation.id())
                        .take(middle.clock.instant(), middle.clock.instant().plusSeconds(1)))
                .isTrue());
        assertThat(column("select REASON from EC_DELEGATION")).isEqualTo(WORD);
        middle.transactions.doInRealm(
                middle.realm.id(), work -> middle.termination.end(work, delegation, Reason.ENDED_BY_ADMINISTRATOR));
        assertThat(String.valueOf(column("select HISTORY from EC_DELEGATION"))).endsWith(newer);
    }

    @Test
    void a_revocation_s_state_and_reason_are_shown_nothing_is_sent_and_its_mailbox_waits() {
        middle.transactions.doInRealm(
                middle.realm.id(),
                work -> middle.termination.end(work, middle.delegation(maria), Reason.ENDED_BY_ADMINISTRATOR));
        sql("update EC_REVOCATION set STATE = '" + WORD + "', REASON = '" + WORD + "'");

        Revocation revocation = middle.revocations().get(0);
        assertThat(revocation.stateWord() + " " + revocation.reasonWord()).isEqualTo(SHOWN + " " + SHOWN);
        middle.queue.add(middle.link, maria.id(), SignIn.DIRECT);
        middle.worker.turn(Duration.ofMinutes(3));
        assertThat(middle.cronofy.received(Call.REVOKE)).isEmpty();
        assertThat(middle.cronofy.received(Call.ASK)).hasSize(1);
        assertThat(column("select STATE from EC_REVOCATION")).isEqualTo(WORD);
    }

    @Test
    void a_link_s_state_and_problem_are_shown_and_its_members_are_withheld() {
        sql("update EC_LINK set STATE = '" + WORD + "', PROBLEM = '" + WORD + "', PROBLEM_SINCE = 1");

        Link link = middle.link();
        assertThat(link.stateWord()).isEqualTo(SHOWN);
        assertThat(String.valueOf(Objects.requireNonNull(link.problem()).reasonWord()))
                .isEqualTo(SHOWN);
        assertThat(refusal()).isEqualTo(AccessTokenRefused.Code.TEMPORARILY_UNAVAILABLE);
        middle.worker.turn(Middle.RECONCILE_EVERY.multipliedBy(3));
        assertThat(middle.revocations()).isEmpty();
        assertThat(column("select STATE from EC_LINK")).isEqualTo(WORD);
    }

    @Test
    void a_policy_withholds_everybody_and_stays_until_it_is_understood() {
        sql("update EC_LINK set POLICY = '{\"proof\":\"PASSKEY\",\"tomorrow\":1,\"requiredGroups\":[]}'");

        assertThat(refusal()).isEqualTo(AccessTokenRefused.Code.TEMPORARILY_UNAVAILABLE);
        middle.worker.turn(Middle.RECONCILE_EVERY.multipliedBy(3));
        middle.transactions.doInRealm(middle.realm.id(), work -> work.links()
                .setPolicy(middle.link, work.links().get(middle.link).policy()));
        assertThat(String.valueOf(column("select POLICY from EC_LINK")))
                .contains("\"proof\":\"PASSKEY\"", "\"tomorrow\":1");

        sql("update EC_LINK set POLICY = null");
        assertThat(refusal()).isNull();
        assertThat(middle.revocations()).isEmpty();
    }

    @Test
    void a_kill_switch_of_which_nobody_knows_what_it_stops_stops_everybody_for_now() {
        sql(
                "insert into EC_SUSPENSION (ID, VERSION, REALM_ID, KIND, NAME, SINCE, ADMINISTRATOR, BY_REALM_ADMINISTRATOR)"
                        + " values ('s', 0, '" + middle.realm.id() + "', '" + WORD + "', 'x', 1, 'admin', false)");

        assertThat(refusal()).isEqualTo(AccessTokenRefused.Code.TEMPORARILY_UNAVAILABLE);
        middle.worker.turn(Middle.RECONCILE_EVERY.multipliedBy(3));
        assertThat(middle.revocations()).isEmpty();

        sql("delete from EC_SUSPENSION");
        assertThat(refusal()).isNull();
    }

    @Test
    void the_right_of_a_use_is_shown() {
        refusal();
        middle.worker.turn(Duration.ofMinutes(1));
        sql("update EC_TOKEN_USE set USED_RIGHT = '" + WORD + "'");

        List<TokenUse> uses = middle.transactions.inRealm(
                middle.realm.id(), work -> work.uses().ofUser(maria.id()));
        assertThat(uses).extracting(TokenUse::right).containsExactly(SHOWN);
    }
}
