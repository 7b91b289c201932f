package io.github.enterpriseconnect.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.enterpriseconnect.core.Consumer;
import io.github.enterpriseconnect.core.Credential;
import io.github.enterpriseconnect.core.CronofyException;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Purpose;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Secret;
import io.github.enterpriseconnect.core.SignIn;
import io.github.enterpriseconnect.credential.CredentialOwner;
import io.github.enterpriseconnect.middle.Middle;
import io.github.enterpriseconnect.middle.ScriptedCronofy.Call;
import io.github.enterpriseconnect.middle.ScriptedCronofy.Received;
import io.github.enterpriseconnect.middle.TestRealm;
import io.github.enterpriseconnect.middle.TestUser;
import io.github.enterpriseconnect.token.AccessTokenRefused.Code;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** An application says that Cronofy has answered 401 to a token: who causes a refresh by that, and who gets what. */
class RejectedTokenTest {
    private static final Duration UNTIL_STALE = Duration.ofMinutes(176);
    private static final Duration UNTIL_EXPIRED = Duration.ofHours(4);
    private static final Duration BETWEEN_REPORTS = Duration.ofMinutes(1);
    private static final Consumer OTHER = new Consumer("other", TestRealm.CONSUMER.rights(), null);

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
    void the_stored_token_is_refreshed_once_whoever_reports_it_and_how_often() throws AccessTokenRefused {
        Credential rejected = stored();

        IssuedToken first = report(accessToken(rejected));

        assertThat(first.refreshed()).isTrue();
        assertThat(first.accessToken()).isEqualTo(accessToken(stored())).isNotEqualTo(accessToken(rejected));
        for (AccessTokenRequest again : List.of(present(TestRealm.CONSUMER), present(OTHER), absent())) {
            assertThat(middle.accessTokens
                            .issue(again.insteadOf(accessToken(rejected)))
                            .accessToken())
                    .isEqualTo(first.accessToken());
        }
        assertThat(refreshes()).singleElement().satisfies(call -> {
            assertThat(call.what()).isEqualTo(rejected.tokens().refreshToken().reveal());
            assertThat(call.purpose()).isEqualTo(Purpose.REPORTED_REFRESH);
        });
    }

    @Test
    void a_token_that_is_not_the_stored_one_is_answered_with_the_stored() throws AccessTokenRefused {
        IssuedToken issued = report(Secret.of("a-token-of-last-week"));

        assertThat(issued.accessToken()).isEqualTo(accessToken(stored()));
        assertThat(issued.refreshed()).isFalse();
        assertThat(refreshes()).isEmpty();
    }

    @Test
    void a_report_is_never_answered_without_looking_at_what_was_rejected() throws AccessTokenRefused {
        AccessTokenRequest report = present(TestRealm.CONSUMER).insteadOf(accessToken(stored()));

        assertThat(middle.transactions.<Boolean>inRealm(middle.realm.id(), work -> {
                    try {
                        return middle.accessTokens.issueAtOnce(work, report).isPresent();
                    } catch (AccessTokenRefused refused) {
                        throw new AssertionError(refused);
                    }
                }))
                .isFalse();
    }

    @Test
    void a_new_token_that_is_rejected_as_well_is_refreshed_a_minute_later() throws AccessTokenRefused {
        Secret second = report(accessToken(stored())).accessToken();
        middle.clock.turn(BETWEEN_REPORTS);

        Secret third = report(second).accessToken();

        assertThat(third).isEqualTo(accessToken(stored())).isNotEqualTo(second);
        assertThat(refreshes()).hasSize(2);
    }

    /** As one does that calls the wrong data centre, where no token will ever do. */
    @Test
    void an_application_that_reports_whatever_it_gets_costs_one_refresh_in_a_minute() throws AccessTokenRefused {
        Secret second = report(accessToken(stored())).accessToken();
        middle.clock.turn(Duration.ofSeconds(20));

        for (AccessTokenRequest again : List.of(present(TestRealm.CONSUMER), present(OTHER), absent())) {
            AccessTokenRefused refused = refused(again.insteadOf(second));
            assertThat(refused.code()).isEqualTo(Code.TEMPORARILY_UNAVAILABLE);
            assertThat(refused).hasMessageContaining("api_url");
            assertThat(refused.retryAfter()).isEqualTo(Duration.ofSeconds(40));
        }

        assertThat(refreshes()).hasSize(1);
        assertThat(accessToken(stored())).isEqualTo(second);
        assertThat(middle.accessTokens.issue(present(TestRealm.CONSUMER)).accessToken())
                .as("who does not report gets what is stored")
                .isEqualTo(second);
    }

    @Test
    void what_has_expired_is_refreshed_however_shortly_after_a_report() throws AccessTokenRefused {
        report(accessToken(stored()));
        Secret second = accessToken(anotherNodeRenews(Duration.ofSeconds(40)));
        middle.clock.turn(Duration.ofSeconds(50));

        assertThat(report(second).refreshed()).isTrue();

        assertThat(refreshes()).hasSize(2);
        assertThat(refreshes().get(1).purpose()).isEqualTo(Purpose.AWAITED_REFRESH);
    }

    @Test
    void a_report_for_which_there_is_no_room_keeps_nobody_else_from_a_refresh() throws AccessTokenRefused {
        middle.clock.turn(Duration.ofHours(3).minusSeconds(32));
        middle.cronofy.fails(Call.REFRESH, CronofyException.Unavailable.notSent(Duration.ofSeconds(3)));

        assertThat(refused(accessToken(stored())).code()).isEqualTo(Code.TEMPORARILY_UNAVAILABLE);

        middle.clock.turn(Duration.ofSeconds(3));
        assertThat(middle.accessTokens.issue(present(TestRealm.CONSUMER)).refreshed())
                .isTrue();
    }

    /** What the cache still knows has been replaced, and what the application reports may be newer than that. */
    @Test
    void a_node_that_has_not_heard_yet_of_a_refresh_goes_by_what_is_stored() throws AccessTokenRefused {
        Credential former = stored();
        middle.realm.hearNoMoreOf(maria);
        Credential renewed = anotherNodeRenews();

        assertThat(report(accessToken(former)).accessToken()).isEqualTo(accessToken(renewed));
        assertThat(refreshes()).isEmpty();

        Secret third = report(accessToken(renewed)).accessToken();

        assertThat(third)
                .isEqualTo(accessToken(stored()))
                .isNotEqualTo(accessToken(renewed))
                .isNotEqualTo(accessToken(former));
        assertThat(refreshes()).hasSize(1);
    }

    @Test
    void another_token_than_the_stored_one_is_refreshed_if_the_stored_one_has_expired() throws AccessTokenRefused {
        middle.clock.turn(UNTIL_EXPIRED);

        IssuedToken issued = report(Secret.of("a-token-of-last-week"));

        assertThat(issued.refreshed()).isTrue();
        assertThat(issued.accessToken()).isEqualTo(accessToken(stored()));
        assertThat(refreshes()).hasSize(1);
    }

    @Test
    void while_another_node_refreshes_what_was_rejected_everybody_waits_for_that() throws AccessTokenRefused {
        Credential rejected = stored();
        Instant now = middle.clock.instant();
        middle.transactions.doInRealm(
                middle.realm.id(), work -> owner.claim(work).take(now, now.plus(Duration.ofSeconds(20))));
        middle.whileWaiting(this::anotherNodeRenews);

        IssuedToken issued = report(accessToken(rejected));

        assertThat(issued.accessToken()).isEqualTo(accessToken(stored())).isNotEqualTo(accessToken(rejected));
        assertThat(issued.refreshed()).isTrue();
        assertThat(refreshes()).isEmpty();
    }

    static final List<CronofyException> FAILING = List.of(
            new CronofyException.Unavailable("status 500", Duration.ZERO),
            new CronofyException.Refused("status 422", true),
            new CronofyException.TokenNotRecognised("status 401"),
            new CronofyException.Misconfigured("invalid_client"));

    @ParameterizedTest
    @FieldSource("FAILING")
    void whatever_else_fails_ends_nothing_and_is_tried_once_in_some_seconds(CronofyException failure)
            throws AccessTokenRefused {
        Credential stored = stored();
        middle.cronofy.fails(Call.REFRESH, failure);

        AccessTokenRefused refused = refused(accessToken(stored));

        assertThat(refused.code()).isEqualTo(Code.TEMPORARILY_UNAVAILABLE);
        assertThat(refused.retryAfter()).isPositive();
        assertThat(refused(accessToken(stored)).code()).isEqualTo(Code.TEMPORARILY_UNAVAILABLE);
        assertThat(refreshes()).hasSize(1);
        assertThat(stored()).isEqualTo(stored);
        assertThat(middle.delegation(maria).state()).isEqualTo(Delegation.State.GRANTED);

        assertThat(report(Secret.of("a-token-of-last-week")).accessToken()).isEqualTo(accessToken(stored));
        middle.clock.turn(Duration.ofSeconds(5));
        assertThat(report(accessToken(stored)).refreshed()).isTrue();
    }

    @Test
    void only_cronofy_ends_the_delegation_by_refusing_the_refresh_token() {
        middle.cronofy.fails(Call.REFRESH, new CronofyException.GrantGone("invalid_grant"));

        assertThat(refused(accessToken(stored())).code()).isEqualTo(Code.REAUTHORIZATION_REQUIRED);

        assertThat(middle.delegation(maria).reason()).isEqualTo(Reason.AUTHORIZATION_GONE);
    }

    @Test
    void what_is_not_handed_out_is_not_refreshed_either() {
        Secret rejected = accessToken(stored());
        AccessTokenRequest tooLittle =
                present(TestRealm.CONSUMER).within("free_busy").insteadOf(rejected);
        AccessTokenRequest elsewhere = present(new Consumer("elsewhere", TestRealm.CONSUMER.rights(), Set.of("other")))
                .insteadOf(rejected);

        assertThat(refused(tooLittle).code()).isEqualTo(Code.INVALID_SCOPE);
        assertThat(refused(elsewhere).code()).isEqualTo(Code.ACCESS_DENIED);
        assertThat(refreshes()).isEmpty();
    }

    @Test
    void what_ends_while_a_rejected_token_is_refreshed_is_not_handed_out() {
        middle.cronofy.during(
                Call.REFRESH,
                () -> middle.transactions.doInRealm(
                        middle.realm.id(),
                        work -> middle.termination.end(work, middle.delegation(maria), Reason.ENDED_BY_ADMINISTRATOR)));

        AccessTokenRefused refused = refused(absent().insteadOf(accessToken(stored())));

        assertThat(refused.code()).isEqualTo(Code.NOT_DELEGATED);
    }

    @Test
    void a_stale_token_that_is_refreshed_already_is_not_refreshed_again() throws AccessTokenRefused {
        middle.clock.turn(UNTIL_STALE);
        Secret rejected = middle.accessTokens.issue(present(TestRealm.CONSUMER)).accessToken();

        report(rejected);
        middle.worker.run();

        assertThat(refreshes()).hasSize(1);
    }

    private IssuedToken report(Secret rejected) throws AccessTokenRefused {
        return middle.accessTokens.issue(present(TestRealm.CONSUMER).insteadOf(rejected));
    }

    private AccessTokenRefused refused(Secret rejected) {
        return refused(present(TestRealm.CONSUMER).insteadOf(rejected));
    }

    private AccessTokenRefused refused(AccessTokenRequest request) {
        return catchThrowableOfType(AccessTokenRefused.class, () -> middle.accessTokens.issue(request));
    }

    private AccessTokenRequest present(Consumer consumer) {
        return AccessTokenRequest.present(middle.realm.id(), maria.id(), consumer, SignIn.DIRECT);
    }

    private AccessTokenRequest absent() {
        return AccessTokenRequest.absent(middle.realm.id(), maria.id(), TestRealm.CONSUMER);
    }

    private Credential anotherNodeRenews() {
        return anotherNodeRenews(Duration.ofHours(3));
    }

    private Credential anotherNodeRenews(Duration lifetime) {
        Credential renewed = stored().with(middle.cronofy.tokens(lifetime));
        middle.transactions.doInRealm(middle.realm.id(), work -> owner.renew(work, renewed, middle.application()));
        return renewed;
    }

    private Credential stored() {
        return middle.realm.credential(maria).orElseThrow();
    }

    private static Secret accessToken(Credential credential) {
        return credential.tokens().accessToken();
    }

    private List<Received> refreshes() {
        return middle.cronofy.received(Call.REFRESH);
    }
}
