package io.github.enterpriseconnect.delegation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.github.enterpriseconnect.core.Behaviour;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Mailbox;
import io.github.enterpriseconnect.core.Mark;
import io.github.enterpriseconnect.core.Policy;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.SignIn;
import io.github.enterpriseconnect.core.Suspensions;
import io.github.enterpriseconnect.credential.CredentialOwner;
import io.github.enterpriseconnect.delegation.SignInDecision.Course;
import io.github.enterpriseconnect.delegation.SignInDecision.NoticePage;
import io.github.enterpriseconnect.delegation.SignInDecision.Progress;
import io.github.enterpriseconnect.delegation.SignInDecision.Step;
import io.github.enterpriseconnect.middle.Middle;
import io.github.enterpriseconnect.middle.ScriptedCronofy.Call;
import io.github.enterpriseconnect.middle.TestRealm;
import io.github.enterpriseconnect.middle.TestUser;
import io.github.enterpriseconnect.platform.Work;
import io.github.enterpriseconnect.token.AccessTokenRefused;
import io.github.enterpriseconnect.token.AccessTokenRequest;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Who is due at a sign-in as far as caches tell, who is shown a page, and what the pages say. */
class SignInDecisionTest {
    private static final SignIn BROKERED = new SignIn("acme-idp", null);
    private static final Duration MOMENT = Duration.ofSeconds(10);
    private static final Duration PATIENCE = Duration.ofSeconds(7);
    private static final Behaviour PAGE = new Behaviour(false, Behaviour.Notice.PAGE, Duration.ZERO);
    private static final Behaviour WAITING = new Behaviour(false, Behaviour.Notice.NONE, PATIENCE);

    private final Middle middle = new Middle();
    private TestUser maria;

    @BeforeEach
    void link_the_organization() {
        middle.linked();
        maria = middle.member("maria");
    }

    /** Whoever signs in must not find the database slower for it. */
    @Test
    void a_member_of_a_link_of_which_nothing_is_known_is_queued_and_no_table_is_asked() {
        assertThat(course(SignIn.DIRECT, true)).contains(new Course(Step.QUEUE, middle.link));

        assertThat(middle.cache.known(middle.link)).isEmpty();
    }

    @Test
    void a_member_who_is_due_by_a_known_link_is_queued() {
        learnLink();

        assertThat(course(SignIn.DIRECT, true)).contains(new Course(Step.QUEUE, middle.link));
    }

    /** A mapper that is switched off later must not make them look as if nobody had ever denied them. */
    @Test
    void whom_the_policy_denies_is_queued_to_be_remembered_if_a_directory_may_have_put_them_into_the_group() {
        middle.transactions.doInRealm(middle.realm.id(), work -> work.links().setPolicy(middle.link, noGuests()));
        learnLink();
        maria.groups().add("guests");
        assertThat(course(SignIn.DIRECT, true)).isEmpty();

        maria.comeFrom("directory-1 with mapper");
        inRealm(work -> {
            assertThat(middle.tables.statements(() -> middle.signInDecision.course(work, maria, SignIn.DIRECT, true)))
                    .isEmpty();
            return true;
        });
        assertThat(course(SignIn.DIRECT, true)).contains(new Course(Step.NOTE, middle.link));
    }

    private static Policy noGuests() {
        return new Policy(
                Policy.Proof.KEYCLOAK,
                Behaviour.Stated.NOTHING,
                Set.of(),
                Set.of("guests"),
                Set.of(),
                Set.of(),
                Set.of());
    }

    /** The sign-in's transaction may still be rolled back; only the background may act. */
    @Test
    void the_decision_itself_writes_nothing_and_calls_nobody() {
        middle.realm.setDefaults(new Behaviour(true, Behaviour.Notice.PAGE, PATIENCE));

        course(SignIn.DIRECT, true);
        middle.worker.turn(MOMENT);

        assertThat(middle.cronofy.received()).isEmpty();
        assertThat(row()).isEmpty();
    }

    @Test
    void there_is_nothing_to_do_for_a_member_whose_credential_is_there() {
        middle.granted(maria);
        middle.clock.turn(MOMENT);

        assertThat(course(SignIn.DIRECT, true)).isEmpty();
    }

    @Test
    void a_member_whose_credential_is_for_another_mailbox_is_due() {
        middle.granted(maria);
        middle.clock.turn(MOMENT);
        maria.changeEmail("maria.curie@acme.example");

        assertThat(course(SignIn.DIRECT, true)).contains(new Course(Step.QUEUE, middle.link));
    }

    /** To open what is sealed, Keycloak builds every key provider of the realm: the most that a sign-in cost. */
    @Test
    void nothing_is_opened_to_see_that_there_is_nothing_to_do() {
        middle.granted(maria);
        middle.clock.turn(MOMENT);
        middle.realm.takeKeyAway();

        assertThat(course(SignIn.DIRECT, true)).isEmpty();
    }

    static Stream<Arguments> who_may_sign_in() {
        return Stream.of(
                refuses("delegated", (middle, user) -> middle.granted(user)),
                refuses("due", (middle, user) -> {}),
                refuses("in several organizations", (middle, user) -> {
                    middle.granted(user);
                    user.in("globex", "globex.example");
                }),
                refuses("a stranger", (middle, user) -> user.leave("acme")));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("who_may_sign_in")
    void a_sign_in_costs_no_statement(String who, BiConsumer<Middle, TestUser> before) {
        learnLink();
        before.accept(middle, maria);
        middle.clock.turn(MOMENT);

        inRealm(work -> {
            assertThat(middle.tables.statements(() -> middle.signInDecision.course(work, maria, SignIn.DIRECT, true)))
                    .isEmpty();
            return true;
        });
    }

    /** Somebody may have taken everybody's rights away at Cronofy in between. */
    @Test
    void everybody_is_looked_at_again_once_after_a_new_authorization() {
        middle.granted(maria);
        middle.clock.turn(MOMENT);
        middle.linked();
        learnLink();

        assertThat(course(SignIn.DIRECT, true)).contains(new Course(Step.QUEUE, middle.link));
        lookAt(maria);

        assertThat(course(SignIn.DIRECT, true)).isEmpty();
        assertThat(middle.cronofy.received(Call.ASK)).hasSize(1);
    }

    @Test
    void whom_an_older_version_has_delegated_is_looked_at_once() {
        middle.granted(maria);
        middle.clock.turn(MOMENT);
        middle.realm.loseMark(maria);

        assertThat(course(SignIn.DIRECT, true)).contains(new Course(Step.QUEUE, middle.link));
        lookAt(maria);

        assertThat(course(SignIn.DIRECT, true)).isEmpty();
        assertThat(middle.cronofy.received(Call.ASK)).hasSize(1);
    }

    @Test
    void a_member_of_several_organizations_is_passed_over_where_the_mark_is_of_the_link_that_counts() {
        middle.granted(maria);
        middle.clock.turn(MOMENT);
        maria.in("another", Middle.DOMAIN);
        assertThat(course(SignIn.DIRECT, true)).isEmpty();

        LinkId another = new LinkId(middle.realm.id(), "another");
        middle.linked(another, "ser_2", middle.cronofy.tokens(Duration.ofHours(3)));
        middle.cache.learn(inRealm(work -> work.links().get(another)));
        learnLink();
        assertThat(course(SignIn.DIRECT, true)).isEmpty();

        maria.leave("acme");
        assertThat(course(SignIn.DIRECT, true)).contains(new Course(Step.QUEUE, another));
    }

    /** What is carried does not open: the mark must not hide it. */
    @Test
    void whose_credential_was_found_not_to_open_is_due() {
        Delegation granted = middle.granted(maria);
        middle.clock.turn(MOMENT);
        CredentialOwner owner = new CredentialOwner.OfMember(middle.realm.id(), granted.id(), maria.id());
        middle.transactions.doInRealm(
                middle.realm.id(), work -> owner.end(work, Reason.CREDENTIAL_UNREADABLE, middle.clock.instant()));

        assertThat(middle.realm.credential(maria)).isPresent();
        assertThat(course(SignIn.DIRECT, true)).contains(new Course(Step.QUEUE, middle.link));
    }

    @Test
    void whose_credential_is_gone_is_due_whatever_the_mark_says() {
        middle.granted(maria);
        middle.clock.turn(MOMENT);
        middle.realm.loseCredential(maria);

        assertThat(middle.realm.mark(maria)).isNotNull();
        assertThat(course(SignIn.DIRECT, true)).contains(new Course(Step.QUEUE, middle.link));
    }

    static Stream<Arguments> marks_of_others() {
        Mailbox mailbox = new Mailbox("maria@acme.example");
        return Stream.of(
                marked("another user's", link -> Mark.of(link, "john", mailbox)),
                marked("another mailbox's", link -> Mark.of(link, "maria", new Mailbox("john@acme.example"))),
                marked(
                        "another link's",
                        link -> Mark.of(
                                new Link(
                                        new LinkId(link.id().realm(), "globex"),
                                        link.state(),
                                        link.application(),
                                        link.serviceAccount(),
                                        link.accountDomain(),
                                        link.scope(),
                                        link.delegatedScope(),
                                        link.baseUrl(),
                                        link.linkedAt(),
                                        link.domains(),
                                        link.policy(),
                                        null),
                                "maria",
                                mailbox)),
                marked("nonsense", link -> Optional.of(new Mark("granted"))));
    }

    private static Arguments marked(String whose, Function<Link, Optional<Mark>> mark) {
        return arguments(whose, mark);
    }

    /** It may have been copied from user to user, or come with a realm file. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("marks_of_others")
    void a_mark_that_was_made_for_something_else_is_none(String whose, Function<Link, Optional<Mark>> mark) {
        learnLink();
        middle.realm.plant(maria, mark.apply(middle.link()).orElseThrow());

        assertThat(course(SignIn.DIRECT, true)).contains(new Course(Step.QUEUE, middle.link));
    }

    /** Administrators and realm files may write any attribute. */
    @Test
    void a_forged_mark_has_a_member_found_later_and_is_worth_no_token() {
        learnLink();
        middle.realm.plant(
                maria,
                Mark.of(middle.link(), maria.id(), Mailbox.parse(maria.email()).orElseThrow())
                        .orElseThrow());
        middle.realm.sessions().begin(maria, SignIn.DIRECT, middle.clock.instant());
        assertThat(course(SignIn.DIRECT, true)).isEmpty();
        assertThat(catchThrowableOfType(
                                AccessTokenRefused.class,
                                () -> middle.accessTokens.issue(
                                        AccessTokenRequest.absent(middle.realm.id(), maria.id(), TestRealm.CONSUMER)))
                        .code())
                .isEqualTo(AccessTokenRefused.Code.NOT_DELEGATED);

        middle.start();
        middle.worker.turn(Duration.ofMinutes(2));

        assertThat(middle.cronofy.received(Call.ASK)).hasSize(1);
        assertThat(middle.delegation(maria).state()).isEqualTo(Delegation.State.ASKED);
    }

    /** Of one who had a right and lost it, too. */
    @Test
    void a_mark_that_outlives_the_right_is_worth_no_token() {
        Delegation granted = middle.granted(maria);
        Mark mark = middle.realm.mark(maria);
        middle.transactions.doInRealm(
                middle.realm.id(), work -> middle.termination.end(work, granted, Reason.ENDED_BY_ADMINISTRATOR));
        assertThat(middle.realm.mark(maria)).isNull();
        middle.realm.plant(maria, Objects.requireNonNull(mark));

        assertThat(course(SignIn.DIRECT, true)).isEmpty();
        assertThat(catchThrowableOfType(
                                AccessTokenRefused.class,
                                () -> middle.accessTokens.issue(AccessTokenRequest.present(
                                        middle.realm.id(), maria.id(), TestRealm.CONSUMER, SignIn.DIRECT)))
                        .code())
                .isEqualTo(AccessTokenRefused.Code.REAUTHORIZATION_REQUIRED);
    }

    @Test
    void whoever_was_queued_a_moment_ago_is_passed_over_for_ten_seconds() {
        middle.asked(maria);

        middle.clock.turn(MOMENT.minus(Middle.COALESCE).minusMillis(1));
        assertThat(course(SignIn.DIRECT, true)).isEmpty();

        middle.clock.turn(Duration.ofMillis(1));
        assertThat(course(SignIn.DIRECT, true)).contains(new Course(Step.QUEUE, middle.link));
    }

    /** The link may want a sign-in through an identity provider, and this is one. */
    @Test
    void whoever_comes_in_another_way_a_moment_later_is_not_passed_over() {
        middle.asked(maria);

        assertThat(course(BROKERED, true)).contains(new Course(Step.QUEUE, middle.link));
    }

    @Test
    void whoever_lost_a_right_a_moment_ago_is_not_passed_over() {
        Delegation granted = middle.granted(maria);
        middle.transactions.doInRealm(
                middle.realm.id(), work -> middle.termination.end(work, granted, Reason.ENDED_BY_ADMINISTRATOR));

        assertThat(course(SignIn.DIRECT, true)).contains(new Course(Step.QUEUE, middle.link));
    }

    private static Arguments refuses(String what, BiConsumer<Middle, TestUser> change) {
        return arguments(what, change);
    }

    static Stream<Arguments> what_a_sign_in_can_tell() {
        return Stream.of(
                refuses("the realm is switched off", (middle, user) -> middle.realm.switchOff()),
                refuses("a member of nothing", (middle, user) -> user.leave("acme")),
                refuses("disabled", (middle, user) -> user.disable()),
                refuses("disabled for now", (middle, user) -> user.disableForNow()),
                refuses("no address", (middle, user) -> user.changeEmail(null)),
                refuses("no plain address", (middle, user) -> user.changeEmail("\"maria\"@acme.example")),
                refuses("not verified", (middle, user) -> user.unverify()),
                refuses("another domain", (middle, user) -> user.changeEmail("maria@other.example")),
                refuses("an unlinked link", (middle, user) -> middle.cache.learn(Link.unlinked(middle.link))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("what_a_sign_in_can_tell")
    void whoever_the_gate_refuses_by_what_a_sign_in_can_tell_is_not_queued(
            String what, BiConsumer<Middle, TestUser> change) {
        learnLink();
        change.accept(middle, maria);

        assertThat(course(SignIn.DIRECT, true)).isEmpty();
    }

    static Stream<Arguments> what_only_the_background_can_tell() {
        return Stream.of(
                refuses("suspended", (middle, user) -> suspend(middle)),
                refuses("shared address", (middle, user) -> user.share()),
                refuses("opted out", (middle, user) -> {
                    middle.realm.setDefaults(new Behaviour(true, Behaviour.Notice.NONE, Duration.ZERO));
                    middle.transactions.doInRealm(
                            middle.realm.id(), work -> work.members().optOut(user.id(), middle.clock.instant()));
                }),
                refuses("refused not long ago", (middle, user) -> {
                    middle.asked(user);
                    middle.answered(user, "{\"authorization\": {\"error\": \"access_denied\"}}");
                    middle.clock.turn(MOMENT);
                }));
    }

    /** To look them up would cost every sign-in a query or a search in a directory that is far away. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("what_only_the_background_can_tell")
    void what_only_the_background_can_tell_counts_in_favour(String what, BiConsumer<Middle, TestUser> change) {
        learnLink();
        change.accept(middle, maria);

        assertThat(course(SignIn.DIRECT, true)).contains(new Course(Step.QUEUE, middle.link));
    }

    @Test
    void a_link_that_wants_an_identity_provider_has_only_those_queued_who_come_through_it() {
        setPolicy(new Policy(
                Policy.Proof.KEYCLOAK,
                Behaviour.Stated.NOTHING,
                Set.of(),
                Set.of(),
                Set.of(),
                Set.of(),
                Set.of("acme-idp")));
        learnLink();

        assertThat(course(SignIn.DIRECT, true)).isEmpty();
        assertThat(course(new SignIn("another-idp", null), true)).isEmpty();
        assertThat(course(BROKERED, true)).contains(new Course(Step.QUEUE, middle.link));
    }

    @Test
    void a_member_whom_the_known_links_refuse_is_queued_for_one_of_which_nothing_is_known() {
        middle.cache.learn(Link.unlinked(middle.link));
        maria.in("globex", Middle.DOMAIN);

        assertThat(course(SignIn.DIRECT, true))
                .contains(new Course(Step.QUEUE, new LinkId(middle.realm.id(), "globex")));
    }

    @Test
    void what_is_known_of_a_link_is_too_old_after_a_minute() {
        middle.cache.learn(Link.unlinked(middle.link));
        middle.clock.turn(Duration.ofSeconds(60).minusMillis(1));
        assertThat(course(SignIn.DIRECT, true)).isEmpty();

        middle.clock.turn(Duration.ofMillis(1));
        assertThat(course(SignIn.DIRECT, true)).contains(new Course(Step.QUEUE, middle.link));
    }

    @ParameterizedTest
    @CsvSource({"true, NOTICE", "false, LEAVE"})
    void a_member_who_is_to_be_told_first_is_told_or_left_alone_where_no_page_can_be_shown(
            boolean pagePossible, Step step) {
        middle.realm.setDefaults(PAGE);

        assertThat(course(SignIn.DIRECT, pagePossible)).contains(new Course(step, middle.link));
    }

    /** In a realm whose defaults are silent, a single link may ask for a page; the background has noted so. */
    @Test
    void a_link_s_own_wish_for_a_page_is_read_from_the_table_once_the_realm_has_noted_that_there_are_such() {
        setPolicy(stated(new Behaviour.Stated(null, Behaviour.Notice.PAGE, null)));
        assertThat(course(SignIn.DIRECT, true)).contains(new Course(Step.QUEUE, middle.link));

        middle.realm.notePage();

        assertThat(course(SignIn.DIRECT, true)).contains(new Course(Step.NOTICE, middle.link));
        assertThat(middle.cache.known(middle.link)).contains(middle.link());
    }

    @Test
    void a_link_s_own_silence_counts_more_than_the_realm_s_wish_for_a_page() {
        middle.realm.setDefaults(PAGE);
        setPolicy(stated(new Behaviour.Stated(null, Behaviour.Notice.NONE, null)));

        assertThat(course(SignIn.DIRECT, true)).contains(new Course(Step.QUEUE, middle.link));
    }

    @Test
    void a_member_who_has_confirmed_the_page_is_queued_and_told_no_more() {
        middle.realm.setDefaults(PAGE);

        middle.signInDecision.accept(middle.link, maria.id(), BROKERED);
        middle.worker.turn(Middle.COALESCE);

        assertThat(middle.cronofy.received(Call.ASK)).hasSize(1);
        assertThat(middle.delegation(maria).identityProvider()).isEqualTo("acme-idp");
        middle.clock.turn(MOMENT);
        assertThat(course(SignIn.DIRECT, true)).contains(new Course(Step.QUEUE, middle.link));
    }

    @Test
    void nobody_is_asked_for_behind_the_page_s_back() {
        middle.realm.setDefaults(PAGE);

        middle.queue.add(middle.link, maria.id(), SignIn.DIRECT);
        middle.worker.turn(Middle.COALESCE);

        assertThat(middle.cronofy.received()).isEmpty();
    }

    /** Otherwise somebody would confirm a page, and nothing would come of it. */
    @Test
    void nobody_is_told_of_what_the_tables_refuse() {
        middle.realm.setDefaults(PAGE);
        suspend(middle);

        assertThat(course(SignIn.DIRECT, true)).contains(new Course(Step.QUEUE, middle.link));
    }

    @ParameterizedTest
    @CsvSource({"true, WAIT", "false, QUEUE"})
    void a_member_is_shown_the_connecting_where_the_link_is_patient_and_a_page_can_be_shown(
            boolean pagePossible, Step step) {
        middle.realm.setDefaults(WAITING);

        assertThat(course(SignIn.DIRECT, pagePossible)).contains(new Course(step, middle.link));
    }

    @Test
    void nobody_waits_again_for_a_mailbox_that_has_been_asked_for() {
        middle.realm.setDefaults(WAITING);
        middle.asked(maria);
        middle.clock.turn(MOMENT);

        assertThat(course(SignIn.DIRECT, true)).contains(new Course(Step.QUEUE, middle.link));
    }

    @Test
    void nobody_waits_for_a_mailbox_that_rests_after_a_refusal_but_again_afterwards() {
        middle.realm.setDefaults(WAITING);
        refuse();
        middle.clock.turn(MOMENT);
        assertThat(course(SignIn.DIRECT, true)).contains(new Course(Step.QUEUE, middle.link));

        turnTo(middle.delegation(maria));
        assertThat(course(SignIn.DIRECT, true)).contains(new Course(Step.WAIT, middle.link));
    }

    @ParameterizedTest
    @CsvSource({"true", "false"})
    void the_page_says_who_connects_which_mailbox_to_what_and_whether_one_may_decline(boolean optOut) {
        middle.realm.setDefaults(new Behaviour(optOut, Behaviour.Notice.PAGE, Duration.ZERO));
        maria.changeEmail("Maria@Acme.example");

        assertThat(noticePage(middle.link))
                .contains(new NoticePage("Organization acme", "Realm realm-1", "maria@acme.example", optOut));
    }

    @Test
    void there_is_no_page_once_it_has_been_confirmed_or_become_pointless() {
        middle.realm.setDefaults(PAGE);
        assertThat(noticePage(new LinkId(middle.realm.id(), "globex"))).isEmpty();

        maria.unverify();
        assertThat(noticePage(middle.link)).isEmpty();

        TestUser john = middle.member("john");
        middle.signInDecision.accept(middle.link, john.id(), SignIn.DIRECT);
        assertThat(this.<Optional<NoticePage>>inRealm(
                        work -> middle.signInDecision.noticePage(work, john, SignIn.DIRECT, middle.link)))
                .isEmpty();
    }

    @Test
    void a_member_waits_for_as_long_as_the_link_says_or_else_the_realm() {
        middle.realm.setDefaults(WAITING);
        assertThat(patience()).isEqualTo(PATIENCE);

        setPolicy(stated(new Behaviour.Stated(null, null, Duration.ofSeconds(3))));
        assertThat(patience()).isEqualTo(Duration.ofSeconds(3));
    }

    @Test
    void the_connecting_is_under_way_until_it_is_granted() {
        assertThat(progress()).isEqualTo(Progress.UNDER_WAY);

        middle.asked(maria);
        assertThat(progress()).isEqualTo(Progress.UNDER_WAY);

        middle.cronofy.opens(maria.email());
        middle.answered(maria);
        assertThat(progress()).isEqualTo(Progress.UNDER_WAY);

        middle.worker.run();
        assertThat(progress()).isEqualTo(Progress.CONNECTED);
    }

    @Test
    void a_refusal_ends_the_waiting_until_it_may_be_asked_again() {
        refuse();
        assertThat(progress()).isEqualTo(Progress.REFUSED);

        turnTo(middle.delegation(maria));
        assertThat(progress()).isEqualTo(Progress.UNDER_WAY);
    }

    @Test
    void what_was_connected_under_another_address_or_has_ended_is_no_progress() {
        Delegation granted = middle.granted(maria);
        maria.changeEmail("maria.curie@acme.example");
        assertThat(progress()).isEqualTo(Progress.UNDER_WAY);

        maria.changeEmail("maria@acme.example");
        assertThat(progress()).isEqualTo(Progress.CONNECTED);

        middle.transactions.doInRealm(
                middle.realm.id(), work -> middle.termination.end(work, granted, Reason.ENDED_BY_ADMINISTRATOR));
        assertThat(progress()).isEqualTo(Progress.UNDER_WAY);

        maria.changeEmail(null);
        assertThat(progress()).isEqualTo(Progress.UNDER_WAY);
    }

    private <T> T inRealm(Function<Work, T> work) {
        return middle.transactions.inRealm(middle.realm.id(), work);
    }

    private Optional<Course> course(SignIn signIn, boolean pagePossible) {
        return inRealm(work -> middle.signInDecision.course(work, maria, signIn, pagePossible));
    }

    private Optional<NoticePage> noticePage(LinkId link) {
        return inRealm(work -> middle.signInDecision.noticePage(work, maria, SignIn.DIRECT, link));
    }

    private Duration patience() {
        return inRealm(work -> middle.signInDecision.patience(work, middle.link));
    }

    private Progress progress() {
        return inRealm(work -> middle.signInDecision.progress(work, maria));
    }

    private Optional<Delegation> row() {
        return inRealm(work -> work.delegations().ofUser(middle.realm.id(), maria.id()).stream()
                .findFirst());
    }

    private void lookAt(TestUser user) {
        middle.queue.add(middle.link, user.id(), SignIn.DIRECT);
        middle.worker.turn(Middle.COALESCE);
        middle.clock.turn(MOMENT);
    }

    private void learnLink() {
        middle.cache.learn(middle.link());
    }

    private static Policy stated(Behaviour.Stated behaviour) {
        return new Policy(Policy.Proof.KEYCLOAK, behaviour, Set.of(), Set.of(), Set.of(), Set.of(), Set.of());
    }

    private void setPolicy(Policy policy) {
        middle.transactions.doInRealm(middle.realm.id(), work -> work.links().setPolicy(middle.link, policy));
    }

    private static void suspend(Middle middle) {
        middle.transactions.doInRealm(middle.realm.id(), work -> work.suspensions()
                .suspend(
                        Suspensions.Subject.link("acme"),
                        new Suspensions.Suspension(middle.clock.instant(), "admin", true)));
    }

    private void refuse() {
        middle.asked(maria);
        middle.answered(maria, "{\"authorization\": {\"error\": \"access_denied\"}}");
    }

    private void turnTo(Delegation due) {
        middle.clock.turn(Duration.between(middle.clock.instant(), due.nextAttemptAt()));
    }
}
