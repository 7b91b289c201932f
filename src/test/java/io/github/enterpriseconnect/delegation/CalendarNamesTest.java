package io.github.enterpriseconnect.delegation;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.enterpriseconnect.candidate.MemberCandidate;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.FoundName;
import io.github.enterpriseconnect.core.Gate;
import io.github.enterpriseconnect.core.Mailbox;
import io.github.enterpriseconnect.core.Policy;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Resource;
import io.github.enterpriseconnect.core.Revocation;
import io.github.enterpriseconnect.core.SignIn;
import io.github.enterpriseconnect.member.Members;
import io.github.enterpriseconnect.member.NotPermitted;
import io.github.enterpriseconnect.member.Participation;
import io.github.enterpriseconnect.middle.Middle;
import io.github.enterpriseconnect.middle.ScriptedCronofy.Call;
import io.github.enterpriseconnect.middle.ScriptedCronofy.Received;
import io.github.enterpriseconnect.middle.TestRealm;
import io.github.enterpriseconnect.middle.TestUser;
import io.github.enterpriseconnect.storage.RevocationOrder;
import io.github.enterpriseconnect.token.AccessTokenRefused;
import io.github.enterpriseconnect.token.AccessTokenRequest;
import io.github.enterpriseconnect.token.IssuedToken;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class CalendarNamesTest {
    private static final String UPN = "userPrincipalName";
    private static final Policy NAMED = Policy.DEFAULT.withCalendarName(UPN);
    private static final Policy OWNER = new Policy(
                    Policy.Proof.OWNER, NAMED.behaviour(), Set.of(), Set.of(), Set.of(), Set.of(), Set.of())
            .withCalendarName(UPN);
    private static final Duration A_ROUND = Middle.RECONCILE_EVERY.plusSeconds(1);
    private static final Duration A_SWEEP = Duration.ofSeconds(10);
    /** So many in every build; a thousand by {@code -Drenamed=1000}. */
    private static final int RENAMED = Integer.getInteger("renamed", 50);

    private static final Duration A_YEAR = Duration.ofDays(365);

    private final Middle middle = new Middle();
    private final Members members = new Members(
            middle.queue,
            new Participation(middle.termination, middle.dispatcher, middle.recentSignIns, middle.clock),
            middle.clock);

    @BeforeEach
    void link() {
        middle.linked();
        setPolicy(NAMED);
    }

    private void setPolicy(Policy policy) {
        middle.transactions.doInRealm(middle.realm.id(), work -> middle.links.setPolicy(work, middle.link, policy));
        middle.links.changed(middle.link);
    }

    private TestUser named(String name, String calendarName) {
        return middle.member(name).says(UPN, calendarName);
    }

    private void signIn(TestUser member) {
        middle.queue.add(middle.link, member.id(), SignIn.DIRECT);
        middle.worker.turn(Middle.COALESCE);
    }

    private List<String> asked() {
        return middle.cronofy.received(Call.ASK).stream().map(Received::what).toList();
    }

    private void answer(TestUser member, String mailbox, String profile) {
        middle.cronofy.opens(profile);
        middle.cronofy.grants("acc_" + member.id());
        String url = middle.cronofy.callbackOf(mailbox);
        middle.answers.receive(
                middle.realm.id(),
                url.substring(url.lastIndexOf('/') + 1),
                Optional.empty(),
                ("{\"authorization\": {\"code\": \"code-of-" + member.id() + "\"}}").getBytes(StandardCharsets.UTF_8));
        middle.worker.run();
    }

    private Optional<Delegation> row(String mailbox) {
        return middle.transactions.inRealm(middle.realm.id(), work -> work.delegations()
                .byMailbox(middle.realm.id(), middle.applicationKey(), new Mailbox(mailbox)));
    }

    private Optional<FoundName> found(TestUser member) {
        return middle.transactions.inRealm(
                middle.realm.id(), work -> work.members().foundName(member.id()));
    }

    private IssuedToken token(TestUser member) throws AccessTokenRefused {
        return middle.accessTokens.issue(
                AccessTokenRequest.present(middle.realm.id(), member.id(), TestRealm.CONSUMER, SignIn.DIRECT));
    }

    @Test
    void a_member_is_asked_for_by_the_calendar_name_and_served_by_it() throws AccessTokenRefused {
        TestUser maria = named("maria", "M.Rossi@acme.example");

        signIn(maria);
        answer(maria, "m.rossi@acme.example", "m.rossi@acme.example");

        assertThat(asked()).containsExactly("m.rossi@acme.example");
        assertThat(token(maria).mailbox()).isEqualTo("m.rossi@acme.example");
    }

    @Test
    void who_has_no_calendar_name_is_asked_for_by_the_address() {
        TestUser maria = middle.member("maria");

        signIn(maria);
        answer(maria, "maria@acme.example", "maria@acme.example");

        assertThat(row("maria@acme.example").orElseThrow().state()).isEqualTo(Delegation.State.GRANTED);
    }

    @Test
    void an_answer_to_a_calendar_name_may_bear_the_address() throws AccessTokenRefused {
        TestUser maria = named("maria", "m.rossi@acme.example");

        signIn(maria);
        answer(maria, "m.rossi@acme.example", "Maria@acme.example");

        assertThat(token(maria).mailbox()).isEqualTo("m.rossi@acme.example");
    }

    @Test
    void whoever_is_marked_is_passed_by_at_sign_in_until_the_calendar_name_is_another() {
        TestUser maria = named("maria", "m.rossi@acme.example");
        signIn(maria);
        answer(maria, "m.rossi@acme.example", "m.rossi@acme.example");
        middle.cache.learn(middle.link());
        middle.recentSignIns.forget(maria.id());

        assertThat(due(maria)).isFalse();
        maria.says(UPN, "m.bianchi@acme.example");
        assertThat(due(maria)).isTrue();
    }

    @Test
    void a_sign_in_reads_no_table_and_searches_nobody() {
        TestUser maria = named("maria", "m.rossi@acme.example");
        middle.cache.learn(middle.link());

        assertThat(middle.tables.statements(() -> assertThat(due(maria)).isTrue()))
                .isEmpty();
        assertThat(maria.searches()).isZero();
    }

    @Test
    void a_token_by_a_calendar_name_costs_one_statement() throws AccessTokenRefused {
        TestUser maria = named("maria", "m.rossi@acme.example");
        signIn(maria);
        answer(maria, "m.rossi@acme.example", "m.rossi@acme.example");
        token(maria);
        int searches = maria.searches();

        assertThat(middle.tables.statements(() -> assertThat(refused(maria)).isEqualTo("served m.rossi@acme.example")))
                .hasSize(1);
        assertThat(maria.searches()).isEqualTo(searches);
    }

    private boolean due(TestUser member) {
        return middle.transactions.inRealm(middle.realm.id(), work -> middle.signInDecision
                .course(work, member, SignIn.DIRECT, false)
                .isPresent());
    }

    @Test
    void a_third_name_is_revoked_told_once_and_asked_for_no_more() {
        TestUser maria = middle.member("maria");
        signIn(maria);
        answer(maria, "maria@acme.example", "maria@acme.onmicrosoft.example");
        middle.dispatcher.start();
        middle.worker.turn(A_ROUND);

        assertThat(middle.delegation(maria).reason()).isEqualTo(Reason.WRONG_PROFILE);
        assertThat(found(maria).orElseThrow().name()).isEqualTo("maria@acme.onmicrosoft.example");
        assertThat(middle.cronofy.received(Call.REVOKE)).hasSize(1);
        assertThat(middle.realm.credential(maria)).isEmpty();

        for (int year = 0; year < 5; year++) {
            middle.clock.turn(A_YEAR);
            signIn(maria);
        }
        assertThat(asked()).hasSize(1);
    }

    /** What may bring another answer. */
    static Stream<Arguments> changes() {
        return Stream.of(
                change("another calendar name", (test, maria) -> maria.says(UPN, "m.rossi@acme.example")),
                change("another address", (test, maria) -> maria.changeEmail("mary@acme.example")),
                change("another attribute", (test, maria) -> test.setPolicy(Policy.DEFAULT.withCalendarName("upn"))),
                change("no calendar names", (test, maria) -> test.setPolicy(Policy.DEFAULT)),
                change("another authorization", (test, maria) -> {
                    test.middle.clock.turn(Duration.ofSeconds(1));
                    test.middle.linked();
                }),
                change(
                        "an administrator",
                        (test, maria) -> test.middle.transactions.doInRealm(
                                test.middle.realm.id(), work -> work.members().doubtFoundName(maria.id()))));
    }

    private static Arguments change(String name, BiConsumer<CalendarNamesTest, TestUser> change) {
        return Arguments.of(name, change);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("changes")
    void who_was_answered_for_by_a_third_name_is_asked_for_again_once_something_has_changed(
            String name, BiConsumer<CalendarNamesTest, TestUser> change) {
        TestUser maria = middle.member("maria");
        signIn(maria);
        answer(maria, "maria@acme.example", "maria@acme.onmicrosoft.example");
        middle.clock.turn(A_YEAR);
        signIn(maria);
        assertThat(asked()).hasSize(1);

        change.accept(this, maria);
        middle.recentSignIns.forget(maria.id());
        signIn(maria);

        assertThat(asked()).hasSize(2);
    }

    @Test
    void members_who_show_the_same_pattern_are_counted_for_the_link() {
        for (String name : List.of("maria", "mario", "nora")) {
            TestUser member = middle.member(name);
            signIn(member);
            answer(member, name + "@acme.example", name + "@acme.onmicrosoft.example");
        }
        TestUser otto = middle.member("otto");
        signIn(otto);
        answer(otto, "otto@acme.example", "o.maier@acme.example");

        Map<FoundName.Pattern, Long> patterns = middle.transactions.inRealm(
                middle.realm.id(), work -> work.members().foundNames(middle.link));
        assertThat(patterns)
                .containsExactly(
                        Map.entry(new FoundName.Pattern("other_domain", "acme.onmicrosoft.example"), 3L),
                        Map.entry(new FoundName.Pattern("other_local_part", null), 1L));
    }

    @Test
    void an_account_that_somebody_else_s_delegation_holds_is_not_stored_and_not_revoked() {
        middle.granted("maria");
        TestUser mario = middle.member("mario");
        signIn(mario);
        middle.cronofy.opens("mario@acme.example");
        middle.cronofy.grants("acc_maria");
        middle.answered(mario);
        middle.dispatcher.start();
        middle.worker.turn(A_ROUND);

        assertThat(middle.delegation(mario).reason()).isEqualTo(Reason.ACCOUNT_HELD);
        assertThat(middle.realm.credential(mario)).isEmpty();
        assertThat(middle.cronofy.received(Call.REVOKE)).isEmpty();
    }

    /** Somebody whose calendar name is not to be asked for, and why. */
    static Stream<Arguments> hostile() {
        return Stream.of(
                hostile("users may write the attribute", Reason.CALENDAR_NAME_WRITABLE, (test, maria) -> {
                    maria.says(UPN, "m.rossi@acme.example");
                    test.middle.realm.letUsersWrite(UPN);
                }),
                hostile(
                        "users may write the attribute, which is empty",
                        Reason.CALENDAR_NAME_WRITABLE,
                        (test, maria) -> {
                            test.middle.realm.letUsersWrite(UPN);
                        }),
                hostile("somebody else's address", Reason.CALENDAR_NAME_SHARED, (test, maria) -> {
                    test.middle.member("boss");
                    maria.says(UPN, "boss@acme.example");
                }),
                hostile("somebody else's calendar name", Reason.CALENDAR_NAME_SHARED, (test, maria) -> {
                    test.named("boss", "b.oss@acme.example");
                    maria.says(UPN, "b.oss@acme.example");
                }),
                hostile(
                        "somebody else's calendar name, spelt otherwise",
                        Reason.CALENDAR_NAME_SHARED,
                        (test, maria) -> {
                            test.named("boss", "B.Oss@acme.example");
                            maria.says(UPN, "b.OSS@ACME.example");
                        }),
                hostile(
                        "somebody else's calendar name in capitals that nobody would guess",
                        Reason.CALENDAR_NAME_SHARED,
                        (test, maria) -> {
                            test.named("boss", "bOss@Acme.exAmple");
                            maria.says(UPN, "boss@acme.example");
                        }),
                hostile(
                        "an address that is somebody else's calendar name",
                        Reason.CALENDAR_NAME_SHARED,
                        (test, maria) -> test.named("boss", "maria@acme.example")),
                hostile(
                        "another domain",
                        Reason.DOMAIN_NOT_LINKED,
                        (test, maria) -> maria.says(UPN, "maria@evil.example")),
                hostile(
                        "a sub-domain",
                        Reason.DOMAIN_NOT_LINKED,
                        (test, maria) -> maria.says(UPN, "maria@sub.acme.example")),
                hostile(
                        "a domain with a tail",
                        Reason.DOMAIN_NOT_LINKED,
                        (test, maria) -> maria.says(UPN, "maria@acme.example.evil.example")),
                hostile(
                        "several",
                        Reason.CALENDAR_NAME_NOT_PLAIN,
                        (test, maria) -> maria.says(UPN, "m.rossi@acme.example", "boss@acme.example")),
                notPlain("a Cyrillic letter", "m\u0430ria.rossi@acme.example"),
                notPlain("the Kelvin sign, which folds to k", "\u212Aurt@acme.example"),
                notPlain("a dotless i", "mar\u0131a@acme.example"),
                notPlain("a full-width letter", "\uFF4Daria@acme.example"),
                notPlain("a zero-width space", "maria\u200B@acme.example"),
                notPlain("a combining accent", "mari\u0301a@acme.example"),
                notPlain("a domain in Unicode", "maria@\u00E4cme.example"),
                notPlain("a full stop of another script in the domain", "maria@acme\u3002example"),
                notPlain("a trailing dot", "maria@acme.example."),
                notPlain("a dot before the at sign", "maria.@acme.example"),
                notPlain("a leading dot", ".maria@acme.example"),
                notPlain("white space", " maria@acme.example"),
                notPlain("a line break", "maria@acme.example\n"),
                notPlain("a display name", "Boss <boss@acme.example>"),
                notPlain("two", "maria@acme.example,boss@acme.example"),
                notPlain("two at signs", "boss@acme.example@acme.example"),
                notPlain("a quoted local part", "\"boss\"@acme.example"),
                notPlain("a comment", "boss(x)@acme.example"),
                notPlain("a percent route", "boss@[127.0.0.1]"),
                notPlain("a mailto", "mailto:boss@acme.example"),
                notPlain("a Windows logon name", "ACME\\boss"),
                notPlain("no domain", "boss"),
                notPlain("no local part", "@acme.example"));
    }

    private static Arguments notPlain(String name, String calendarName) {
        return hostile(name, Reason.CALENDAR_NAME_NOT_PLAIN, (test, maria) -> maria.says(UPN, calendarName));
    }

    private static Arguments hostile(String name, Reason reason, BiConsumer<CalendarNamesTest, TestUser> deed) {
        return Arguments.of(name, reason, deed);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("hostile")
    void a_hostile_calendar_name_is_never_asked_for(
            String name, Reason reason, BiConsumer<CalendarNamesTest, TestUser> deed) {
        TestUser maria = middle.member("maria");
        deed.accept(this, maria);

        signIn(maria);

        assertThat(asked()).isEmpty();
        Gate.Decision decision = middle.transactions.inRealm(
                middle.realm.id(),
                work -> Gate.decide(MemberCandidate.of(work, maria, null, middle.clock.instant()), Gate.Question.ASK));
        assertThat(decision.reason()).isEqualTo(reason);
    }

    @Test
    void of_two_with_the_same_calendar_name_none_is_asked_for() {
        TestUser maria = named("maria", "m.rossi@acme.example");
        TestUser mario = named("mario", "M.ROSSI@acme.example");

        signIn(maria);
        signIn(mario);

        assertThat(asked()).isEmpty();
    }

    @Test
    void somebody_else_s_name_that_no_search_finds_is_not_taken_from_them() {
        TestUser maria = named("maria", "m.rossi@acme.example");
        signIn(maria);
        answer(maria, "m.rossi@acme.example", "m.rossi@acme.example");
        TestUser mario = named("mario", "m.ROSSI@acme.example").findsNobody();

        signIn(mario);

        assertThat(asked()).hasSize(1);
        assertThat(row("m.rossi@acme.example").orElseThrow().userId()).isEqualTo("maria");
    }

    @Test
    void names_of_those_who_are_asked_for_together_are_looked_for_together() {
        List<TestUser> three = Stream.of("maria", "mario", "nora")
                .map(name -> named(name, name + ".upn@acme.example"))
                .toList();

        three.forEach(member -> middle.queue.add(middle.link, member.id(), SignIn.DIRECT));
        middle.worker.turn(Middle.COALESCE);

        assertThat(middle.realm.expected()).containsExactly(Set.of("maria", "mario", "nora"));
        assertThat(asked()).hasSize(1);
    }

    @Test
    void a_name_that_somebody_else_gets_too_is_withheld_from_the_next_look_on_and_back_at_once() {
        middle.start();
        TestUser maria = named("maria", "m.rossi@acme.example");
        signIn(maria);
        answer(maria, "m.rossi@acme.example", "m.rossi@acme.example");

        TestUser mario = named("mario", "m.rossi@acme.example");
        middle.worker.turn(A_ROUND);
        middle.worker.turn(A_ROUND);
        assertThat(refused(maria)).contains("calendar_name_shared");
        assertThat(row("m.rossi@acme.example").orElseThrow().state()).isEqualTo(Delegation.State.GRANTED);

        mario.says(UPN);
        assertThat(refused(maria)).isEqualTo("served m.rossi@acme.example");
        middle.worker.turn(A_ROUND);
        middle.worker.turn(A_ROUND);
        int searches = maria.searches();
        assertThat(refused(maria)).isEqualTo("served m.rossi@acme.example");
        assertThat(maria.searches()).isEqualTo(searches);
    }

    @Test
    void a_name_that_somebody_else_signs_in_with_is_withheld_with_the_next_token() {
        TestUser maria = named("maria", "m.rossi@acme.example");
        signIn(maria);
        answer(maria, "m.rossi@acme.example", "m.rossi@acme.example");

        TestUser mario = named("mario", "m.rossi@acme.example");
        signIn(mario);
        assertThat(refused(maria)).contains("calendar_name_shared");

        mario.says(UPN);
        assertThat(refused(maria)).isEqualTo("served m.rossi@acme.example");
        assertThat(asked()).containsExactly("m.rossi@acme.example");
    }

    @Test
    void after_a_rename_the_way_of_the_last_sign_in_still_counts() {
        middle.start();
        setPolicy(new Policy(
                        Policy.Proof.KEYCLOAK,
                        NAMED.behaviour(),
                        Set.of(),
                        Set.of(),
                        Set.of(),
                        Set.of(),
                        Set.of("entra"))
                .withCalendarName(UPN));
        TestUser maria = named("maria", "m.rossi@acme.example");
        middle.queue.add(middle.link, maria.id(), new SignIn("entra", null));
        middle.worker.turn(Middle.COALESCE);
        answer(maria, "m.rossi@acme.example", "m.rossi@acme.example");

        maria.says(UPN, "m.bianchi@acme.example");
        middle.worker.turn(A_ROUND);
        middle.worker.turn(A_ROUND);
        answer(maria, "m.bianchi@acme.example", "m.bianchi@acme.example");
        for (int day = 0; day < 40; day++) {
            middle.clock.turn(Duration.ofDays(1));
            middle.worker.turn(A_ROUND);
        }

        assertThat(row("m.rossi@acme.example")).isEmpty();
        assertThat(servedWhileAbsent(maria)).isEqualTo("m.bianchi@acme.example");
    }

    private String servedWhileAbsent(TestUser member) {
        try {
            return middle.accessTokens
                    .issue(AccessTokenRequest.absent(middle.realm.id(), member.id(), TestRealm.CONSUMER))
                    .mailbox();
        } catch (AccessTokenRefused refused) {
            return String.valueOf(refused.getMessage());
        }
    }

    @Test
    void after_a_refusal_the_other_name_is_asked_for() throws AccessTokenRefused {
        TestUser maria = named("maria", "m.rossi@acme.example");
        signIn(maria);
        String url = middle.cronofy.callbackOf("m.rossi@acme.example");
        middle.answers.receive(
                middle.realm.id(),
                url.substring(url.lastIndexOf('/') + 1),
                Optional.empty(),
                "{\"authorization\": {\"error\": \"access_denied\"}}".getBytes(StandardCharsets.UTF_8));
        middle.recentSignIns.forget(maria.id());
        signIn(maria);
        answer(maria, "maria@acme.example", "m.rossi@acme.example");

        assertThat(asked()).containsExactly("m.rossi@acme.example", "maria@acme.example");
        assertThat(token(maria).mailbox()).isEqualTo("m.rossi@acme.example");
    }

    /** Why the address is not asked for in place of the name. */
    static Stream<Arguments> addressesNotToBeAsked() {
        return Stream.of(
                Arguments.of(
                        "somebody else's calendar name",
                        deed((test, maria) -> test.named("boss", "maria@acme.example"))),
                Arguments.of("another domain", deed((test, maria) -> maria.changeEmail("maria@evil.example"))),
                Arguments.of("a resource's", deed((test, maria) -> test.list("maria@acme.example"))),
                Arguments.of(
                        "still to be revoked",
                        deed((test, maria) ->
                                test.middle.transactions.doInRealm(test.middle.realm.id(), work -> work.revocations()
                                        .add(
                                                new RevocationOrder(test.middle.application(), "acc_former", null),
                                                new Revocation.Cause(
                                                        test.middle.realm.id(),
                                                        test.middle.link.name(),
                                                        maria.id(),
                                                        new Mailbox("maria@acme.example"),
                                                        Reason.MAILBOX_CHANGED),
                                                test.middle.clock.instant())))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("addressesNotToBeAsked")
    void an_address_that_may_not_be_asked_for_does_not_stand_in_for_the_name(
            String name, BiConsumer<CalendarNamesTest, TestUser> deed) {
        TestUser maria = named("maria", "m.rossi@acme.example");
        signIn(maria);
        refuse("m.rossi@acme.example");
        deed.accept(this, maria);
        middle.recentSignIns.forget(maria.id());
        signIn(maria);

        assertThat(asked()).containsExactly("m.rossi@acme.example", "m.rossi@acme.example");
    }

    /** Cronofy lists a resource of this address, which nobody has delegated. */
    private void list(String address) {
        middle.transactions.doInRealm(middle.realm.id(), work -> work.resources()
                .addListed(
                        middle.link,
                        middle.applicationKey(),
                        List.of(new Resource.Listed(new Mailbox(address), new Resource.Details(null, null, null))),
                        false,
                        middle.clock.instant()));
    }

    @Test
    void an_answer_with_an_address_that_is_a_resource_s_is_not_stored() {
        TestUser maria = named("maria", "m.rossi@acme.example");
        signIn(maria);
        list("maria@acme.example");
        answer(maria, "m.rossi@acme.example", "maria@acme.example");

        assertThat(row("m.rossi@acme.example").orElseThrow().reason()).isEqualTo(Reason.MAILBOX_OF_RESOURCE);
        assertThat(middle.realm.credential(maria)).isEmpty();
    }

    private void refuse(String mailbox) {
        String url = middle.cronofy.callbackOf(mailbox);
        middle.answers.receive(
                middle.realm.id(),
                url.substring(url.lastIndexOf('/') + 1),
                Optional.empty(),
                "{\"authorization\": {\"error\": \"access_denied\"}}".getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void an_answer_with_an_address_that_is_somebody_else_s_name_is_not_stored() {
        TestUser maria = named("maria", "m.rossi@acme.example");
        signIn(maria);
        named("boss", "maria@acme.example");
        answer(maria, "m.rossi@acme.example", "maria@acme.example");

        assertThat(row("m.rossi@acme.example").orElseThrow().reason()).isEqualTo(Reason.WRONG_PROFILE);
        assertThat(middle.realm.credential(maria)).isEmpty();
    }

    private TestUser answeredOtherwise(String found) {
        TestUser maria = middle.member("maria");
        signIn(maria);
        answer(maria, "maria@acme.example", found);
        return maria;
    }

    private String adopt(TestUser member, Optional<String> seen) {
        return middle.transactions.inRealm(middle.realm.id(), work -> {
            try {
                members.adopt(work, member, seen);
                return "adopted";
            } catch (NotPermitted refused) {
                return String.valueOf(refused.getMessage());
            }
        });
    }

    @Test
    void an_adopted_name_is_asked_for_at_once_and_served() throws AccessTokenRefused {
        TestUser maria = answeredOtherwise("M.Rossi@acme.example");

        assertThat(adopt(maria, Optional.of("M.Rossi@acme.example"))).isEqualTo("adopted");
        middle.worker.turn(Middle.COALESCE);
        answer(maria, "m.rossi@acme.example", "M.Rossi@acme.example");

        assertThat(maria.names(UPN)).containsExactly("m.rossi@acme.example");
        assertThat(token(maria).mailbox()).isEqualTo("m.rossi@acme.example");
        assertThat(found(maria)).isEmpty();
        assertThat(row("maria@acme.example").orElseThrow().state()).isEqualTo(Delegation.State.REVOKED);
    }

    /** Who adopts it has written it. */
    @Test
    void a_name_that_was_adopted_after_users_could_write_the_attribute_is_no_user_s_own() {
        middle.linkExamination.start();
        TestUser maria = answeredOtherwise("m.rossi@acme.example");
        middle.realm.letUsersWrite(UPN);
        middle.worker.turn(Duration.ofSeconds(11));
        middle.realm.letNobodyWrite(UPN);
        middle.worker.turn(Duration.ofSeconds(11));

        assertThat(adopt(maria, Optional.empty())).isEqualTo("adopted");
        middle.worker.turn(Middle.COALESCE);

        assertThat(asked()).containsExactly("maria@acme.example", "m.rossi@acme.example");
    }

    /** What stands in the way of adopting a name, and what the administrator is told. */
    static Stream<Arguments> notToBeAdopted() {
        return Stream.of(
                Arguments.of(
                        "calendarName", "m.rossi@acme.example", deed((test, maria) -> test.setPolicy(Policy.DEFAULT))),
                Arguments.of("proof owner", "m.rossi@acme.example", deed((test, maria) -> test.setPolicy(OWNER))),
                Arguments.of(
                        "Users may write",
                        "m.rossi@acme.example",
                        deed((test, maria) -> test.middle.realm.letUsersWrite(UPN))),
                Arguments.of("approved domain", "m.rossi@evil.example", deed((test, maria) -> {})),
                Arguments.of("approved domain", "Maria Rossi", deed((test, maria) -> {})),
                Arguments.of("Somebody else", "boss@acme.example", deed((test, maria) -> test.middle.member("boss"))),
                Arguments.of(
                        "Somebody else",
                        "b.oss@acme.example",
                        deed((test, maria) -> test.named("boss", "B.OSS@acme.example"))),
                Arguments.of(
                        "Nobody can tell now", "m.rossi@acme.example", deed((test, maria) -> maria.loseDirectory())),
                Arguments.of(
                        "directory says itself",
                        "m.rossi@acme.example",
                        deed((test, maria) -> maria.fillByDirectory(UPN))),
                Arguments.of(
                        "has changed since",
                        "m.rossi@acme.example",
                        deed((test, maria) -> maria.changeEmail("mary@acme.example"))),
                Arguments.of("no longer a member", "m.rossi@acme.example", deed((test, maria) -> maria.leave("acme"))));
    }

    private static BiConsumer<CalendarNamesTest, TestUser> deed(BiConsumer<CalendarNamesTest, TestUser> deed) {
        return deed;
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("notToBeAdopted")
    void a_name_that_must_not_be_the_member_s_is_not_adopted(
            String told, String found, BiConsumer<CalendarNamesTest, TestUser> deed) {
        TestUser maria = answeredOtherwise(found);
        deed.accept(this, maria);

        assertThat(adopt(maria, Optional.empty())).contains(told);
        middle.worker.turn(Middle.COALESCE);
        maria.findDirectory();

        assertThat(asked()).hasSize(1);
        assertThat(maria.names(UPN)).isEmpty();
    }

    @Test
    void only_the_name_that_was_seen_is_adopted() {
        TestUser maria = answeredOtherwise("m.rossi@acme.example");

        assertThat(adopt(maria, Optional.of("boss@acme.example"))).contains("another name since");
        assertThat(adopt(middle.member("nora"), Optional.empty())).contains("not answered with another name");
    }

    @Test
    void a_plus_address_is_a_name_of_its_own() {
        middle.granted("maria");
        TestUser mario = named("mario", "maria+mario@acme.example");

        signIn(mario);
        answer(mario, "maria+mario@acme.example", "maria@acme.example");

        assertThat(row("maria+mario@acme.example").orElseThrow().reason()).isEqualTo(Reason.WRONG_PROFILE);
    }

    @Test
    void what_was_granted_is_withheld_while_users_may_write_the_attribute_and_is_back_by_itself()
            throws AccessTokenRefused {
        middle.startWithoutReconciliation();
        middle.reconciler.start();
        TestUser maria = named("maria", "m.rossi@acme.example");
        signIn(maria);
        answer(maria, "m.rossi@acme.example", "m.rossi@acme.example");

        middle.realm.letUsersWrite(UPN);
        maria.says(UPN, "boss@acme.example");
        middle.worker.turn(A_ROUND);
        middle.worker.turn(A_ROUND);
        assertThat(refused(maria)).contains("calendar_name_writable");
        assertThat(row("m.rossi@acme.example").orElseThrow().state()).isEqualTo(Delegation.State.GRANTED);
        assertThat(middle.revocations()).isEmpty();

        middle.realm.letNobodyWrite(UPN);
        maria.says(UPN, "m.rossi@acme.example");
        assertThat(token(maria).mailbox()).isEqualTo("m.rossi@acme.example");
    }

    private String refused(TestUser member) {
        try {
            return "served " + token(member).mailbox();
        } catch (AccessTokenRefused refused) {
            return String.valueOf(refused.getMessage());
        }
    }

    @Test
    void under_proof_by_the_owner_a_calendar_name_of_an_administrator_s_is_not_asked_for() {
        setPolicy(OWNER);
        TestUser maria = named("maria", "m.rossi@acme.example");
        prove(maria);

        signIn(maria);

        assertThat(asked()).isEmpty();
    }

    @Test
    void under_proof_by_the_owner_a_calendar_name_of_the_directory_s_counts() {
        setPolicy(OWNER);
        TestUser maria = named("maria", "m.rossi@acme.example").fillByDirectory(UPN);
        prove(maria);

        signIn(maria);

        assertThat(asked()).containsExactly("m.rossi@acme.example");
    }

    @Test
    void under_proof_by_the_owner_a_calendar_name_of_a_trusted_provider_counts_for_who_came_through_it() {
        setPolicy(OWNER);
        middle.realm.letProviderSay("entra", UPN);
        TestUser maria = named("maria", "m.rossi@acme.example");
        TestUser mario = named("mario", "m.bianchi@acme.example");
        prove(maria);
        prove(mario);

        middle.queue.add(middle.link, maria.id(), new SignIn("entra", null));
        middle.queue.add(middle.link, mario.id(), SignIn.DIRECT);
        middle.worker.turn(Middle.COALESCE);

        assertThat(asked()).containsExactly("m.rossi@acme.example");
    }

    private void prove(TestUser member) {
        middle.transactions.doInRealm(middle.realm.id(), work -> work.members()
                .prove(member.id(), new Mailbox(member.address()), "VERIFY_EMAIL", middle.clock.instant()));
    }

    @Test
    void a_name_that_goes_away_with_the_mapper_of_the_directory_ends_nobody() {
        middle.start();
        TestUser maria = named("maria", "m.rossi@acme.example");
        maria.comeFrom("ldap with names");
        signIn(maria);
        answer(maria, "m.rossi@acme.example", "m.rossi@acme.example");

        maria.comeFrom("ldap without");
        maria.says(UPN);
        middle.worker.turn(A_ROUND);
        middle.worker.turn(A_ROUND);
        signIn(maria);

        assertThat(row("m.rossi@acme.example").orElseThrow().state()).isEqualTo(Delegation.State.GRANTED);
        assertThat(middle.revocations()).isEmpty();
    }

    @Test
    void a_name_that_passes_to_somebody_else_ends_with_whom_it_belonged_to() {
        middle.start();
        TestUser maria = named("maria", "m.rossi@acme.example");
        signIn(maria);
        answer(maria, "m.rossi@acme.example", "m.rossi@acme.example");

        maria.says(UPN);
        TestUser mario = named("mario", "m.rossi@acme.example");
        signIn(mario);
        middle.worker.turn(A_ROUND);
        signIn(mario);
        answer(mario, "m.rossi@acme.example", "m.rossi@acme.example");

        assertThat(row("m.rossi@acme.example").orElseThrow().userId()).isEqualTo("mario");
        assertThat(middle.realm.credential(maria)).isEmpty();
    }

    @Test
    void renamed_members_are_served_again_after_one_sweep_by_their_own_mailboxes_alone() throws AccessTokenRefused {
        List<TestUser> members = IntStream.rangeClosed(1, RENAMED)
                .mapToObj(number -> named("member-%04d".formatted(number), "old-%04d@acme.example".formatted(number)))
                .toList();
        grantAll(members);
        middle.start();
        for (TestUser member : members) {
            member.says(UPN, member.id().replace("member-", "new-") + "@acme.example");
        }

        middle.worker.turn(A_ROUND);
        for (int sweep = 0; sweep < 600 && answerAll() + unserved(members) > 0; sweep++) {
            middle.worker.turn(A_SWEEP);
        }

        for (TestUser member : members) {
            assertThat(token(member).mailbox()).isEqualTo(member.id().replace("member-", "new-") + "@acme.example");
            assertThat(token(member).subject()).isEqualTo("acc_" + member.id());
        }
        assertThat(asked().stream().flatMap(some -> Stream.of(some.split(" "))))
                .doesNotHaveDuplicates()
                .hasSize(RENAMED)
                .allMatch(mailbox -> mailbox.startsWith("new-"));
    }

    private int answered;

    /** Cronofy answers whatever it was asked for since, each with the account that is behind the name. */
    private int answerAll() {
        List<String> mailboxes =
                asked().stream().flatMap(some -> Stream.of(some.split(" "))).toList();
        List<String> fresh = mailboxes.subList(answered, mailboxes.size());
        answered = mailboxes.size();
        fresh.forEach(mailbox -> {
            String url = middle.cronofy.callbackOf(mailbox);
            middle.answers.receive(
                    middle.realm.id(),
                    url.substring(url.lastIndexOf('/') + 1),
                    Optional.empty(),
                    ("{\"authorization\": {\"code\": \"code-of-" + mailbox + "\"}}").getBytes(StandardCharsets.UTF_8));
        });
        return fresh.size();
    }

    private int unserved(List<TestUser> members) {
        return (int) members.stream()
                .filter(member -> middle.realm
                        .credential(member)
                        .filter(credential -> credential.mailbox().startsWith("new-"))
                        .isEmpty())
                .count();
    }

    private void grantAll(List<TestUser> members) {
        middle.cronofy.grantsByMailbox(
                mailbox -> "acc_" + mailbox.replaceAll("^(old|new)-", "member-").replaceAll("@.*", ""));
        middle.grantedAtOnce(members, member -> member.names(UPN).get(0));
    }
}
