package io.github.enterpriseconnect.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.enterpriseconnect.core.Behaviour;
import io.github.enterpriseconnect.core.Consumer;
import io.github.enterpriseconnect.core.Credential;
import io.github.enterpriseconnect.core.CronofyException;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Policy;
import io.github.enterpriseconnect.core.ProfileState;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Secret;
import io.github.enterpriseconnect.core.SeenProfile;
import io.github.enterpriseconnect.core.SignIn;
import io.github.enterpriseconnect.core.Suspensions;
import io.github.enterpriseconnect.core.TokenUse;
import io.github.enterpriseconnect.core.Tokens;
import io.github.enterpriseconnect.credential.CredentialOwner;
import io.github.enterpriseconnect.middle.Middle;
import io.github.enterpriseconnect.middle.ScriptedCronofy.Call;
import io.github.enterpriseconnect.middle.ScriptedCronofy.Received;
import io.github.enterpriseconnect.middle.TestRealm;
import io.github.enterpriseconnect.middle.TestUser;
import io.github.enterpriseconnect.storage.WaitingMember;
import io.github.enterpriseconnect.token.AccessTokenRefused.Code;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who is handed which token; and who is not: what the application is told, and whether the member is asked for. */
class AccessTokensTest {
    private static final Duration UNTIL_STALE = Duration.ofMinutes(176);
    private static final Duration UNTIL_EXPIRED = Duration.ofHours(4);

    private final Middle middle = new Middle();
    private TestUser maria;

    /** Whether the application shows a token of the user's own. */
    enum User {
        PRESENT,
        ABSENT
    }

    /** The application's side of a refusal. */
    record Answer(Code code, @Nullable Duration retryAfter) {}

    @BeforeEach
    void link_the_organization_and_delegate_a_member() {
        middle.linked();
        maria = middle.granted("maria");
    }

    @ParameterizedTest
    @EnumSource(User.class)
    void a_fresh_token_is_handed_out_with_all_that_an_application_needs(User user) throws AccessTokenRefused {
        Tokens tokens = stored().tokens();
        middle.clock.turn(Duration.ofHours(1));

        assertThat(issue(user))
                .isEqualTo(new IssuedToken(
                        tokens.accessToken(),
                        left(tokens),
                        "read_write",
                        List.of(),
                        ProfileState.UNKNOWN,
                        "acc_maria",
                        "maria@" + Middle.DOMAIN,
                        middle.link.name(),
                        URI.create("https://api-de.cronofy.com"),
                        false));
        assertThat(refreshes()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"read_write", "create_calendar read_write", "  ", ""})
    void a_token_that_permits_no_more_than_was_asked_for_is_handed_out(String scope) throws AccessTokenRefused {
        AccessTokenRequest request = request(User.PRESENT, TestRealm.CONSUMER).within(scope);

        assertThat(middle.accessTokens.issue(request).scope()).isEqualTo("read_write");
    }

    /** Cronofy makes no token for less than was granted, and a consumer is not given more than it asked for. */
    @ParameterizedTest
    @EnumSource(User.class)
    void a_token_that_permits_more_than_was_asked_for_is_refused_before_it_is_refreshed(User user) {
        middle.clock.turn(UNTIL_EXPIRED);

        AccessTokenRefused refused = refused(request(user, TestRealm.CONSUMER).within("free_busy create_calendar"));

        assertThat(refused.code()).isEqualTo(Code.INVALID_SCOPE);
        assertThat(refused).hasMessageContaining("read_write");
        assertThat(refused.retryAfter()).isNull();
        assertThat(refreshes()).isEmpty();
        middle.worker.run();
        assertThat(uses()).isEmpty();
    }

    /** Else an application that wants little might be given much. */
    @Test
    void a_token_of_which_nobody_knows_what_it_permits_is_handed_out_to_who_says_nothing_alone()
            throws AccessTokenRefused {
        Credential credential = stored();
        Tokens tokens = credential.tokens();
        middle.realm.putCredential(
                maria,
                credential.with(new Tokens(
                        tokens.accessToken(), tokens.refreshToken(), "", tokens.obtainedAt(), tokens.expiresAt())));

        assertThat(refused(request(User.PRESENT, TestRealm.CONSUMER).within("read_write"))
                        .code())
                .isEqualTo(Code.INVALID_SCOPE);
        assertThat(issue(User.PRESENT).scope()).isEmpty();
    }

    @Test
    void what_the_token_lacks_and_how_the_calendar_stands_is_told_with_it_for_as_long_as_that_counts()
            throws AccessTokenRefused {
        middle.realm.wants("read_write event_reminders");
        Instant now = middle.clock.instant();
        middle.transactions.doInRealm(middle.realm.id(), work -> work.profiles()
                .see(
                        middle.delegation(maria).id(),
                        "acc_maria",
                        new SeenProfile(new ProfileState(false, null), now, now.plus(Duration.ofMinutes(5)))));

        IssuedToken issued = issue(User.PRESENT);
        assertThat(issued.missingScopes()).containsExactly("event_reminders");
        assertThat(issued.profile()).isEqualTo(new ProfileState(false, null));

        middle.clock.turn(Duration.ofMinutes(5));
        assertThat(issue(User.PRESENT).profile()).isEqualTo(ProfileState.UNKNOWN);
    }

    @Test
    void a_stale_token_is_handed_out_with_the_time_that_is_left() throws AccessTokenRefused {
        Tokens tokens = stored().tokens();
        middle.clock.turn(UNTIL_STALE);

        IssuedToken issued = issue(User.PRESENT);

        assertThat(issued.accessToken()).isEqualTo(tokens.accessToken());
        assertThat(issued.expiresIn()).isEqualTo(left(tokens));
        assertThat(issued.refreshed()).isFalse();
        middle.worker.run();
        assertThat(refreshes()).hasSize(1);
        assertThat(issue(User.PRESENT).accessToken())
                .isEqualTo(stored().tokens().accessToken())
                .isNotEqualTo(tokens.accessToken());
    }

    /** Else the application's request would undo what an administrator has just decided. */
    @Test
    void what_an_administrator_ends_during_the_refresh_stays_ended_for_who_is_absent() {
        middle.clock.turn(UNTIL_EXPIRED);
        int asked = asks();
        middle.cronofy.during(
                Call.REFRESH,
                () -> middle.transactions.doInRealm(
                        middle.realm.id(),
                        work -> middle.termination.end(work, middle.delegation(maria), Reason.ENDED_BY_ADMINISTRATOR)));

        AccessTokenRefused refused = refused(User.ABSENT);
        middle.worker.turn(Middle.COALESCE);

        assertThat(refused.code()).isEqualTo(AccessTokenRefused.Code.NOT_DELEGATED);
        assertThat(asks()).isEqualTo(asked);
    }

    @Test
    void a_realm_that_is_removed_during_the_refresh_is_answered_as_not_delegated() {
        middle.clock.turn(UNTIL_EXPIRED);
        middle.cronofy.during(Call.REFRESH, () -> middle.transactions.remove(middle.realm));

        assertThat(refused(User.PRESENT).code()).isEqualTo(AccessTokenRefused.Code.NOT_DELEGATED);
    }

    @ParameterizedTest
    @EnumSource(User.class)
    void an_expired_token_is_refreshed_first(User user) throws AccessTokenRefused {
        middle.clock.turn(UNTIL_EXPIRED);

        IssuedToken issued = issue(user);

        assertThat(issued.refreshed()).isTrue();
        assertThat(issued.expiresIn()).isEqualTo(Duration.ofHours(3));
        assertThat(issued.accessToken()).isEqualTo(stored().tokens().accessToken());
        assertThat(refreshes()).hasSize(1);
    }

    /** A member's token goes on to work while the service account waits for an administrator. */
    @Test
    void a_link_that_needs_a_new_authorization_does_not_stop_those_who_are_delegated() throws AccessTokenRefused {
        needAuthorization();

        assertThat(issue(User.PRESENT).subject()).isEqualTo("acc_maria");
    }

    /** Keycloak tells the nodes of a change a moment after it was committed. */
    @Test
    void a_node_that_has_not_heard_yet_of_a_delegation_hands_out_its_token_all_the_same() throws AccessTokenRefused {
        maria = middle.member("nina");
        middle.realm.hearNoMoreOf(maria);
        middle.granted(maria);

        assertThat(issue(User.PRESENT).accessToken())
                .isEqualTo(stored().tokens().accessToken());
        assertThat(issue(User.PRESENT).subject()).isEqualTo("acc_nina");
    }

    /** The refresh token that the cache still knows has been used up. */
    @Test
    void a_node_that_has_not_heard_yet_of_a_refresh_does_not_refresh_once_more() throws AccessTokenRefused {
        middle.realm.hearNoMoreOf(maria);
        middle.clock.turn(UNTIL_EXPIRED);
        IssuedToken first = issue(User.PRESENT);

        assertThat(issue(User.PRESENT).accessToken()).isEqualTo(first.accessToken());
        assertThat(refreshes()).hasSize(1);
    }

    // What a refresh that fails is answered with

    record Failing(CronofyException failure, Duration retryAfter) {}

    static final List<Failing> FAILING = List.of(
            new Failing(new CronofyException.Unavailable("status 500", Duration.ZERO), Duration.ofSeconds(1)),
            new Failing(new CronofyException.Unavailable("status 429", Duration.ofMillis(999)), Duration.ofSeconds(1)),
            new Failing(new CronofyException.Unavailable("status 429", Duration.ofSeconds(7)), Duration.ofSeconds(7)),
            new Failing(CronofyException.Unavailable.notSent(Duration.ofSeconds(3)), Duration.ofSeconds(3)),
            new Failing(new CronofyException.Refused("status 422", true), Duration.ofMinutes(1)),
            new Failing(new CronofyException.TokenNotRecognised("status 401"), Duration.ofMinutes(1)),
            new Failing(new CronofyException.Misconfigured("invalid_client"), Duration.ofMinutes(1)));

    @ParameterizedTest
    @FieldSource("FAILING")
    void a_refresh_that_fails_is_answered_with_when_to_come_back_and_leaves_the_delegation_as_it_is(Failing failing) {
        Credential stored = stored();
        middle.clock.turn(UNTIL_EXPIRED);
        middle.cronofy.fails(Call.REFRESH, failing.failure());

        assertThat(answer(User.PRESENT)).isEqualTo(new Answer(Code.TEMPORARILY_UNAVAILABLE, failing.retryAfter()));

        assertThat(middle.delegation(maria).state()).isEqualTo(Delegation.State.GRANTED);
        assertThat(stored()).isEqualTo(stored);
        assertNobodyAsked();
        assertThat(uses()).isEmpty();
    }

    /** The winner of a lost race has stored another: that is nobody's end. */
    @Test
    void a_token_that_another_node_has_replaced_meanwhile_is_answered_with_the_other() throws AccessTokenRefused {
        middle.clock.turn(UNTIL_EXPIRED);
        CredentialOwner owner = new CredentialOwner.OfMember(
                middle.realm.id(), middle.delegation(maria).id(), maria.id());
        middle.cronofy.script(Call.REFRESH, () -> {
            Credential winners = stored().with(middle.cronofy.tokens(Duration.ofHours(3)));
            middle.transactions.doInRealm(middle.realm.id(), work -> owner.renew(work, winners, middle.application()));
            throw new CronofyException.GrantGone("invalid_grant");
        });

        Secret answered = issue(User.PRESENT).accessToken();

        assertThat(answered).isEqualTo(stored().tokens().accessToken());
        assertThat(middle.revocations()).isEmpty();
    }

    @Test
    void right_after_a_failure_the_answer_is_to_come_back_in_some_seconds() {
        middle.clock.turn(UNTIL_EXPIRED);
        middle.cronofy.fails(Call.REFRESH, new CronofyException.Misconfigured("invalid_client"));
        answer(User.PRESENT);

        assertThat(answer(User.PRESENT)).isEqualTo(new Answer(Code.TEMPORARILY_UNAVAILABLE, Duration.ofSeconds(5)));
        assertThat(refreshes()).hasSize(1);
    }

    @Test
    void a_realm_without_the_client_secret_hands_out_what_is_fresh_and_nothing_else() throws AccessTokenRefused {
        middle.realm.loseSecret();
        issue(User.PRESENT);
        middle.clock.turn(UNTIL_EXPIRED);

        assertThat(answer(User.PRESENT)).isEqualTo(new Answer(Code.TEMPORARILY_UNAVAILABLE, Duration.ofMinutes(1)));
        assertThat(refreshes()).isEmpty();
    }

    @Test
    void who_waits_in_vain_for_another_node_is_told_to_come_back() {
        middle.clock.turn(UNTIL_EXPIRED);
        Instant now = middle.clock.instant();
        CredentialOwner owner = new CredentialOwner.OfMember(
                middle.realm.id(), middle.delegation(maria).id(), maria.id());
        middle.transactions.doInRealm(
                middle.realm.id(), work -> owner.claim(work).take(now, now.plus(Duration.ofSeconds(20))));

        assertThat(answer(User.PRESENT)).isEqualTo(new Answer(Code.TEMPORARILY_UNAVAILABLE, Duration.ofSeconds(2)));
        assertThat(Duration.between(now, middle.clock.instant())).isEqualTo(Duration.ofSeconds(8));
    }

    @ParameterizedTest
    @EnumSource(User.class)
    void an_authorization_that_is_gone_comes_back_by_itself(User user) throws AccessTokenRefused {
        middle.clock.turn(UNTIL_EXPIRED);
        middle.cronofy.fails(Call.REFRESH, new CronofyException.GrantGone("invalid_grant"));

        assertThat(answer(user)).isEqualTo(new Answer(Code.REAUTHORIZATION_REQUIRED, null));

        assertThat(middle.delegation(maria).reason()).isEqualTo(Reason.AUTHORIZATION_GONE);
        assertAsked();
        middle.answered(maria);
        middle.worker.run();
        assertThat(issue(user).refreshed()).isFalse();
    }

    // Whom the gate or the consumer's rights refuse

    record Closed(Reason reason, Code code, BiConsumer<Middle, TestUser> how) {
        @Override
        public String toString() {
            return reason.id();
        }
    }

    static final List<Closed> CLOSED = List.of(
            new Closed(Reason.NOT_ENABLED, Code.NOT_DELEGATED, (middle, maria) -> middle.realm.switchOff()),
            new Closed(
                    Reason.SUSPENDED,
                    Code.ACCESS_DENIED,
                    (middle, maria) -> suspend(middle, Suspensions.Subject.REALM)),
            new Closed(
                    Reason.LINK_SUSPENDED,
                    Code.ACCESS_DENIED,
                    (middle, maria) -> suspend(middle, Suspensions.Subject.link(middle.link.name()))),
            new Closed(
                    Reason.NOT_LINKED,
                    Code.NOT_DELEGATED,
                    (middle, maria) -> middle.transactions.doInRealm(
                            middle.realm.id(), work -> middle.links.unlink(work, middle.link))),
            new Closed(Reason.NOT_LINKED, Code.NOT_DELEGATED, (middle, maria) -> maria.leave(middle.link.name())),
            new Closed(
                    Reason.LINK_NOT_ACTIVE,
                    Code.ACCESS_DENIED,
                    (middle, maria) -> middle.transactions.doInRealm(
                            middle.realm.id(), work -> middle.links.approve(work, middle.link, List.of()))),
            new Closed(Reason.USER_DISABLED, Code.ACCESS_DENIED, (middle, maria) -> maria.disable()),
            new Closed(Reason.USER_SUSPENDED, Code.ACCESS_DENIED, (middle, maria) -> maria.disableForNow()),
            new Closed(Reason.EMAIL_MISSING, Code.ACCESS_DENIED, (middle, maria) -> maria.changeEmail(null)),
            new Closed(Reason.EMAIL_NOT_PLAIN, Code.ACCESS_DENIED, (middle, maria) -> maria.changeEmail("maria")),
            new Closed(Reason.EMAIL_NOT_VERIFIED, Code.ACCESS_DENIED, (middle, maria) -> maria.unverify()),
            new Closed(Reason.EMAIL_SHARED, Code.ACCESS_DENIED, (middle, maria) -> maria.share()),
            new Closed(
                    Reason.DOMAIN_NOT_LINKED,
                    Code.ACCESS_DENIED,
                    (middle, maria) -> maria.changeEmail("maria@elsewhere.example")),
            new Closed(
                    Reason.GROUP_MISSING,
                    Code.ACCESS_DENIED,
                    (middle, maria) -> setPolicy(middle, policy(Set.of("staff"), Set.of()))),
            new Closed(Reason.GROUP_DENIED, Code.ACCESS_DENIED, (middle, maria) -> {
                maria.groups().add("externals");
                setPolicy(middle, policy(Set.of(), Set.of("externals")));
            }));

    @ParameterizedTest
    @FieldSource("CLOSED")
    void whom_the_gate_refuses_gets_nothing_and_is_asked_for_nowhere(Closed closed) {
        middle.clock.turn(UNTIL_EXPIRED);
        closed.how().accept(middle, maria);

        for (User user : User.values()) {
            AccessTokenRefused refused = refused(user);
            assertThat(refused.code()).isEqualTo(closed.code());
            assertThat(refused).hasMessage(closed.reason().id());
            assertThat(refused.retryAfter()).isNull();
        }

        assertThat(refreshes()).isEmpty();
        assertNobodyAsked();
        assertThat(uses()).isEmpty();
    }

    @Test
    void for_an_agent_that_is_suspended_nobody_gets_anything_whoever_else_acts() throws AccessTokenRefused {
        TestUser maria = middle.granted("maria");
        AccessTokenRequest request = AccessTokenRequest.present(
                        middle.realm.id(), maria.id(), TestRealm.CONSUMER, SignIn.DIRECT)
                .by(List.of("assistant", "agent"));
        middle.accessTokens.issue(request);

        suspend(middle, Suspensions.Subject.consumer("agent"));

        AccessTokenRefused refused =
                catchThrowableOfType(AccessTokenRefused.class, () -> middle.accessTokens.issue(request));
        assertThat(refused.code()).isEqualTo(AccessTokenRefused.Code.ACCESS_DENIED);
        assertThat(refused).hasMessage("actor_suspended");
        assertThat(middle.accessTokens.issue(request.by(List.of("assistant")))).isNotNull();
    }

    @Test
    void a_suspended_client_gets_nothing_until_the_suspension_is_lifted() throws AccessTokenRefused {
        Suspensions.Subject client = Suspensions.Subject.consumer(TestRealm.CONSUMER.clientId());
        suspend(middle, client);

        AccessTokenRefused refused = refused(User.ABSENT);
        assertThat(refused.code()).isEqualTo(Code.ACCESS_DENIED);
        assertThat(refused).hasMessage("consumer_suspended");
        assertThat(answer(User.PRESENT)).isEqualTo(new Answer(Code.ACCESS_DENIED, null));

        middle.transactions.doInRealm(
                middle.realm.id(), work -> work.suspensions().lift(client, true));
        assertThat(issue(User.ABSENT).subject()).isEqualTo("acc_maria");
    }

    @Test
    void a_client_gets_tokens_of_the_links_that_it_is_limited_to() throws AccessTokenRefused {
        assertThat(middle.accessTokens
                        .issue(request(User.PRESENT, limitedTo(middle.link.name())))
                        .subject())
                .isEqualTo("acc_maria");

        assertThat(answer(request(User.PRESENT, limitedTo("another")))).isEqualTo(new Answer(Code.ACCESS_DENIED, null));
    }

    @Test
    void a_client_cannot_tell_somebody_absent_of_another_organization_from_nobody() {
        Consumer limited = limitedTo("another");
        AccessTokenRefused nobody =
                refused(AccessTokenRequest.absent(middle.realm.id(), "9e107d9d-372b-4c5f-8c8e", limited));
        AccessTokenRefused somebody = refused(request(User.ABSENT, limited));
        maria.disable();
        AccessTokenRefused disabled = refused(request(User.ABSENT, limited));

        assertThat(List.of(nobody, somebody, disabled))
                .allMatch(refused -> refused.code() == Code.NOT_DELEGATED && refused.retryAfter() == null)
                .extracting(AccessTokenRefused::getMessage)
                .containsOnly("there is no such user");
    }

    @Test
    void a_suspended_client_cannot_tell_anybody_from_nobody() {
        suspend(middle, Suspensions.Subject.consumer(TestRealm.CONSUMER.clientId()));

        assertThat(List.of(
                        answer(request(User.ABSENT, TestRealm.CONSUMER)),
                        answer(AccessTokenRequest.absent(
                                middle.realm.id(), "9e107d9d-372b-4c5f-8c8e", TestRealm.CONSUMER))))
                .containsOnly(new Answer(Code.ACCESS_DENIED, null));
    }

    /** It must not learn more of an organization that is none of its business than that it is. */
    @Test
    void a_client_that_is_limited_to_other_links_is_told_the_same_whatever_the_gate_says() {
        AccessTokenRequest request = request(User.PRESENT, limitedTo("another"));
        String open = refused(request).getMessage();
        maria.disable();
        String disabled = refused(request).getMessage();
        suspend(middle, Suspensions.Subject.link(middle.link.name()));

        assertThat(List.of(open, disabled, String.valueOf(refused(request).getMessage())))
                .containsOnly("the client may not fetch tokens of this organization");
    }

    @Test
    void somebody_unknown_has_no_token() {
        AccessTokenRequest nobody = AccessTokenRequest.absent(middle.realm.id(), "nobody", TestRealm.CONSUMER);

        assertThat(answer(nobody)).isEqualTo(new Answer(Code.NOT_DELEGATED, null));
    }

    @Test
    void a_realm_that_has_been_removed_has_no_tokens() {
        middle.transactions.remove(middle.realm);

        assertThat(answer(User.PRESENT)).isEqualTo(new Answer(Code.NOT_DELEGATED, null));
    }

    // What becomes of those who are not delegated

    private static final Answer PENDING = new Answer(Code.DELEGATION_PENDING, Duration.ofSeconds(5));
    private static final Answer REAUTHORIZE = new Answer(Code.REAUTHORIZATION_REQUIRED, null);
    private static final Answer NOT_DELEGATED = new Answer(Code.NOT_DELEGATED, null);

    /** They have signed in, and the gate lets them through: all that is missing is their turn. */
    @Test
    void whoever_waits_to_be_asked_for_has_a_token_soon_also_while_absent() {
        TestUser sam = middle.member("sam");
        AccessTokenRequest absent = AccessTokenRequest.absent(middle.realm.id(), sam.id(), TestRealm.CONSUMER);
        assertThat(answer(absent)).isEqualTo(NOT_DELEGATED);

        await(sam);

        assertThat(answer(absent)).isEqualTo(PENDING);
    }

    /** As where they were taken out of the organization and are back. */
    @Test
    void whoever_waits_to_be_asked_for_anew_has_a_token_soon_also_while_absent() {
        middle.transactions.doInRealm(
                middle.realm.id(),
                work -> middle.termination.end(work, middle.delegation(maria), Reason.LEFT_ORGANIZATION));
        assertThat(answer(User.ABSENT)).isEqualTo(NOT_DELEGATED);

        await(maria);

        assertThat(answer(User.ABSENT)).isEqualTo(PENDING);
    }

    @Test
    void whoever_waits_and_is_not_let_through_has_no_token_soon() {
        TestUser sam = middle.member("sam");
        await(sam);
        middle.transactions.doInRealm(middle.realm.id(), work -> work.links()
                .needAuthorization(middle.link, Reason.AUTHORIZATION_GONE, middle.clock.instant()));

        assertThat(answer(AccessTokenRequest.absent(middle.realm.id(), sam.id(), TestRealm.CONSUMER)))
                .isEqualTo(REAUTHORIZE);
    }

    private void await(TestUser user) {
        Instant now = middle.clock.instant();
        middle.transactions.doInRealm(middle.realm.id(), work -> work.waiting()
                .put(
                        new WaitingMember(middle.link, user.id(), Optional.of(SignIn.DIRECT)),
                        now,
                        now.plus(Duration.ofMinutes(1))));
    }

    /** A state that a delegation may be in. */
    enum Standing {
        NEVER_ASKED {
            @Override
            void bring(Middle middle, TestUser user) {}
        },
        ASKED {
            @Override
            void bring(Middle middle, TestUser user) {
                middle.asked(user);
            }
        },
        REFUSED_NOT_LONG_AGO {
            @Override
            void bring(Middle middle, TestUser user) {
                middle.asked(user);
                middle.answered(user, "{\"authorization\": {\"error\": \"access_denied\"}}");
            }
        },
        REFUSED_LONG_AGO {
            @Override
            void bring(Middle middle, TestUser user) {
                REFUSED_NOT_LONG_AGO.bring(middle, user);
                middle.clock.turn(Duration.ofHours(1));
            }
        },
        ENDED_BY_ADMINISTRATOR {
            @Override
            void bring(Middle middle, TestUser user) {
                middle.granted(user);
                end(middle, user, Reason.ENDED_BY_ADMINISTRATOR);
                middle.dispatcher.deliverSoon();
                middle.worker.run();
            }
        },
        AUTHORIZATION_GONE {
            @Override
            void bring(Middle middle, TestUser user) {
                revoke(middle, middle.granted(user), Reason.AUTHORIZATION_GONE);
            }
        },
        CREDENTIAL_UNREADABLE {
            @Override
            void bring(Middle middle, TestUser user) {
                revoke(middle, middle.granted(user), Reason.CREDENTIAL_UNREADABLE);
            }
        },
        GRANTED_WITHOUT_A_CREDENTIAL {
            @Override
            void bring(Middle middle, TestUser user) {
                middle.granted(user);
                middle.realm.loseCredential(user);
            }
        };

        abstract void bring(Middle middle, TestUser user);
    }

    record Expected(Standing standing, User user, Answer answer, String message, boolean asked) {
        @Override
        public String toString() {
            return standing + ", " + user;
        }
    }

    private static final String SOON = "the delegation has been asked for; ask again later";
    private static final String ANEW = "Cronofy no longer honours the delegation; a new one is needed";

    static final List<Expected> STANDINGS = List.of(
            new Expected(Standing.NEVER_ASKED, User.PRESENT, PENDING, SOON, true),
            new Expected(Standing.NEVER_ASKED, User.ABSENT, NOT_DELEGATED, "the user has never been delegated", false),
            new Expected(Standing.ASKED, User.PRESENT, PENDING, SOON, false),
            new Expected(Standing.ASKED, User.ABSENT, PENDING, SOON, false),
            new Expected(Standing.REFUSED_NOT_LONG_AGO, User.PRESENT, NOT_DELEGATED, "refused_by_cronofy", false),
            new Expected(Standing.REFUSED_NOT_LONG_AGO, User.ABSENT, NOT_DELEGATED, "refused_by_cronofy", false),
            new Expected(Standing.REFUSED_LONG_AGO, User.PRESENT, PENDING, SOON, true),
            new Expected(Standing.REFUSED_LONG_AGO, User.ABSENT, NOT_DELEGATED, "refused_by_cronofy", false),
            new Expected(Standing.ENDED_BY_ADMINISTRATOR, User.PRESENT, REAUTHORIZE, ANEW, true),
            new Expected(Standing.ENDED_BY_ADMINISTRATOR, User.ABSENT, NOT_DELEGATED, "ended_by_administrator", false),
            new Expected(Standing.AUTHORIZATION_GONE, User.PRESENT, REAUTHORIZE, ANEW, true),
            new Expected(Standing.AUTHORIZATION_GONE, User.ABSENT, REAUTHORIZE, ANEW, true),
            new Expected(Standing.CREDENTIAL_UNREADABLE, User.PRESENT, REAUTHORIZE, ANEW, true),
            new Expected(Standing.CREDENTIAL_UNREADABLE, User.ABSENT, REAUTHORIZE, ANEW, true),
            new Expected(Standing.GRANTED_WITHOUT_A_CREDENTIAL, User.PRESENT, REAUTHORIZE, ANEW, true),
            new Expected(Standing.GRANTED_WITHOUT_A_CREDENTIAL, User.ABSENT, REAUTHORIZE, ANEW, true));

    @Test
    void how_long_to_wait_follows_from_who_waits_before_and_is_five_minutes_at_most() {
        maria = middle.member("nina");
        wait(1_000);
        assertThat(answer(User.PRESENT)).isEqualTo(new Answer(Code.DELEGATION_PENDING, Duration.ofSeconds(125)));

        wait(2_000);
        assertThat(answer(User.PRESENT)).isEqualTo(new Answer(Code.DELEGATION_PENDING, Duration.ofMinutes(5)));
    }

    private void wait(int members) {
        Instant now = middle.clock.instant();
        middle.transactions.doInRealm(
                middle.realm.id(), work -> IntStream.range(0, members).forEach(number -> work.waiting()
                        .add(
                                new WaitingMember(middle.link, "waiting-" + number, Optional.empty()),
                                now,
                                now.plus(Duration.ofHours(1)))));
    }

    @Test
    void who_is_asked_for_at_a_later_time_is_told_to_come_then() {
        maria = middle.member("nina");
        middle.cronofy.fails(
                Call.ASK, new CronofyException.NotDone("no connection", Duration.ZERO, new IOException("refused")));
        middle.asked(maria);
        Duration left = Duration.between(
                middle.clock.instant(),
                Objects.requireNonNull(middle.delegation(maria).nextAttemptAt()));

        assertThat(answer(User.PRESENT)).isEqualTo(new Answer(Code.DELEGATION_PENDING, left));
    }

    @ParameterizedTest
    @FieldSource("STANDINGS")
    void who_is_not_delegated_is_asked_for_where_the_user_is_there_or_the_right_was_lost(Expected expected) {
        maria = middle.member("nina");
        expected.standing().bring(middle, maria);
        int before = asks();

        AccessTokenRefused refused = refused(expected.user());

        assertThat(new Answer(refused.code(), refused.retryAfter())).isEqualTo(expected.answer());
        assertThat(refused).hasMessage(expected.message());
        middle.worker.turn(Middle.COALESCE);
        assertThat(asks() - before).as("asks").isEqualTo(expected.asked() ? 1 : 0);
        assertThat(refreshes()).isEmpty();
        assertThat(uses()).isEmpty();
    }

    static final List<UnaryOperator<Credential>> OF_ANOTHER = List.of(
            own -> new Credential("de:former", own.subject(), own.link(), own.mailbox(), own.tokens()),
            own -> new Credential(own.application(), "acc_other", own.link(), own.mailbox(), own.tokens()),
            own -> new Credential(own.application(), own.subject(), "other", own.mailbox(), own.tokens()),
            own -> new Credential(
                    own.application(), own.subject(), own.link(), "other@" + Middle.DOMAIN, own.tokens()));

    /** An attribute can be copied from user to user, or left over from before: it counts only together with the row. */
    @ParameterizedTest
    @FieldSource("OF_ANOTHER")
    void a_credential_that_does_not_fit_the_delegation_is_not_handed_out(UnaryOperator<Credential> another) {
        middle.realm.putCredential(maria, another.apply(stored()));

        assertThat(answer(User.PRESENT)).isEqualTo(REAUTHORIZE);

        assertThat(uses()).isEmpty();
        assertThat(refreshes()).isEmpty();
    }

    /** Two users may have had one address after the other: the row tells whose it is now. */
    @Test
    void a_mailbox_that_is_delegated_to_somebody_else_is_not_handed_out() {
        TestUser successor = middle.member("successor");
        successor.changeEmail(maria.email());
        middle.realm.putCredential(successor, stored());
        maria.changeEmail("retired@" + Middle.DOMAIN);
        maria = successor;

        assertThat(answer(User.ABSENT)).isEqualTo(NOT_DELEGATED);
        assertThat(answer(User.PRESENT)).isEqualTo(PENDING);
    }

    @ParameterizedTest
    @EnumSource(User.class)
    void who_is_not_delegated_yet_is_told_that_the_organization_must_be_linked_again(User user) {
        needAuthorization();
        maria = middle.member("nina");

        assertThat(refused(user)).hasMessage("the service account of the organization must be authorized again");
        assertThat(answer(user)).isEqualTo(REAUTHORIZE);
        assertNobodyAsked();
    }

    /** The page stands before the ask: an application's request must not go around it. */
    @Test
    void who_has_not_seen_the_notice_yet_is_not_asked_for_at_an_application_s_request() {
        middle.realm.setDefaults(new Behaviour(false, Behaviour.Notice.PAGE, Duration.ZERO));
        maria = middle.member("nina");

        assertThat(refused(User.PRESENT)).hasMessage("notice_not_seen");
        assertThat(answer(User.PRESENT)).isEqualTo(NOT_DELEGATED);
        assertThat(refused(User.ABSENT)).hasMessage("the user has never been delegated");
        assertNobodyAsked();
    }

    // What happens while a token is refreshed

    @Test
    void a_right_that_ends_while_its_token_is_refreshed_is_not_handed_out() {
        middle.clock.turn(UNTIL_EXPIRED);
        middle.cronofy.during(Call.REFRESH, () -> end(middle, maria, Reason.ENDED_BY_ADMINISTRATOR));

        assertThat(answer(User.PRESENT)).isEqualTo(REAUTHORIZE);

        assertThat(middle.delegation(maria).state()).isEqualTo(Delegation.State.REVOKED);
        assertThat(uses()).isEmpty();
    }

    @Test
    void who_is_suspended_while_the_token_is_refreshed_gets_it_only_after_the_suspension() throws AccessTokenRefused {
        middle.clock.turn(UNTIL_EXPIRED);
        middle.cronofy.during(Call.REFRESH, () -> suspend(middle, Suspensions.Subject.REALM));

        assertThat(answer(User.PRESENT)).isEqualTo(new Answer(Code.ACCESS_DENIED, null));
        assertThat(uses()).isEmpty();

        middle.transactions.doInRealm(
                middle.realm.id(), work -> work.suspensions().lift(Suspensions.Subject.REALM, true));
        assertThat(issue(User.PRESENT).refreshed())
                .as("what was refreshed was kept")
                .isFalse();
        assertThat(refreshes()).hasSize(1);
    }

    /** The renewed tokens open the old mailbox, and the user has another one by now. */
    @Test
    void who_is_delegated_anew_for_another_address_right_after_the_refresh_gets_no_token_of_the_old_mailbox()
            throws AccessTokenRefused {
        middle.clock.turn(UNTIL_EXPIRED);
        middle.cronofy.during(
                Call.REFRESH,
                () -> middle.transactions.afterwards(() -> {
                    maria.changeEmail("m.new@" + Middle.DOMAIN);
                    middle.cronofy.grants("acc_new");
                    middle.cronofy.opens(maria.email());
                    middle.asked(maria);
                    middle.answered(maria);
                    middle.worker.run();
                }));

        assertThat(answer(User.PRESENT)).isEqualTo(new Answer(Code.TEMPORARILY_UNAVAILABLE, Duration.ofSeconds(1)));

        assertThat(uses()).isEmpty();
        assertThat(issue(User.PRESENT).mailbox()).isEqualTo("m.new@" + Middle.DOMAIN);
    }

    @Test
    void a_realm_that_is_removed_right_after_the_refresh_hands_out_nothing() {
        middle.clock.turn(UNTIL_EXPIRED);
        middle.cronofy.during(
                Call.REFRESH, () -> middle.transactions.afterwards(() -> middle.transactions.remove(middle.realm)));

        assertThat(answer(User.PRESENT)).isEqualTo(NOT_DELEGATED);
    }

    // What is remembered of it

    @ParameterizedTest
    @EnumSource(User.class)
    void what_was_handed_out_is_remembered_of_the_member_and_of_the_link(User user) throws AccessTokenRefused {
        Instant now = middle.clock.instant();
        issue(user);

        TokenUse use = new TokenUse(
                TestRealm.CONSUMER.clientId(),
                user == User.PRESENT ? Consumer.Right.MEMBER : Consumer.Right.OFFLINE,
                now);
        assertThat(uses()).containsExactly(use);
        assertThat(middle.transactions.<Optional<TokenUse>>inRealm(
                        middle.realm.id(), work -> work.uses().latest(middle.link.name(), now)))
                .contains(use);
    }

    private AccessTokenRequest request(User user, Consumer consumer) {
        return user == User.PRESENT
                ? AccessTokenRequest.present(middle.realm.id(), maria.id(), consumer, SignIn.DIRECT)
                : AccessTokenRequest.absent(middle.realm.id(), maria.id(), consumer);
    }

    private IssuedToken issue(User user) throws AccessTokenRefused {
        return middle.accessTokens.issue(request(user, TestRealm.CONSUMER));
    }

    private AccessTokenRefused refused(User user) {
        return refused(request(user, TestRealm.CONSUMER));
    }

    private AccessTokenRefused refused(AccessTokenRequest request) {
        return catchThrowableOfType(AccessTokenRefused.class, () -> middle.accessTokens.issue(request));
    }

    private Answer answer(User user) {
        return answer(request(user, TestRealm.CONSUMER));
    }

    private Answer answer(AccessTokenRequest request) {
        AccessTokenRefused refused = refused(request);
        return new Answer(refused.code(), refused.retryAfter());
    }

    private static Consumer limitedTo(String link) {
        return new Consumer("limited", TestRealm.CONSUMER.rights(), Set.of(link));
    }

    private static void suspend(Middle middle, Suspensions.Subject subject) {
        middle.transactions.doInRealm(middle.realm.id(), work -> work.suspensions()
                .suspend(subject, new Suspensions.Suspension(middle.clock.instant(), "admin", true)));
    }

    private static Policy policy(Set<String> requiredGroups, Set<String> deniedGroups) {
        return new Policy(
                Policy.Proof.KEYCLOAK,
                Behaviour.Stated.NOTHING,
                requiredGroups,
                deniedGroups,
                Set.of(),
                Set.of(),
                Set.of());
    }

    private static void setPolicy(Middle middle, Policy policy) {
        middle.transactions.doInRealm(middle.realm.id(), work -> middle.links.setPolicy(work, middle.link, policy));
    }

    private static void end(Middle middle, TestUser user, Reason reason) {
        Delegation delegation = middle.delegation(user);
        middle.transactions.doInRealm(middle.realm.id(), work -> middle.termination.end(work, delegation, reason));
    }

    private static void revoke(Middle middle, Delegation delegation, Reason reason) {
        CredentialOwner owner = new CredentialOwner.OfMember(middle.realm.id(), delegation.id(), delegation.userId());
        middle.transactions.doInRealm(middle.realm.id(), work -> owner.end(work, reason, middle.clock.instant()));
    }

    private void needAuthorization() {
        middle.transactions.doInRealm(middle.realm.id(), work -> work.links()
                .needAuthorization(middle.link, Reason.AUTHORIZATION_GONE, middle.clock.instant()));
    }

    private Credential stored() {
        return middle.realm.credential(maria).orElseThrow();
    }

    private List<Received> refreshes() {
        return middle.cronofy.received(Call.REFRESH);
    }

    private int asks() {
        return middle.cronofy.received(Call.ASK).size();
    }

    /** Since the member was delegated at the beginning. */
    private void assertNobodyAsked() {
        middle.worker.turn(Middle.COALESCE);
        assertThat(middle.cronofy.received(Call.ASK))
                .extracting(Received::what)
                .containsExactly("maria@" + Middle.DOMAIN);
    }

    private void assertAsked() {
        middle.worker.turn(Middle.COALESCE);
        assertThat(middle.cronofy.received(Call.ASK))
                .extracting(Received::what)
                .containsExactly("maria@" + Middle.DOMAIN, "maria@" + Middle.DOMAIN);
    }

    /** What is written of the member's tokens a few seconds later. */
    private Duration left(Tokens tokens) {
        return Duration.between(middle.clock.instant(), tokens.expiresAt());
    }

    private List<TokenUse> uses() {
        middle.uses.start();
        middle.worker.turn(Duration.ofSeconds(5));
        return middle.transactions.inRealm(
                middle.realm.id(), work -> work.uses().ofUser(maria.id()));
    }
}
