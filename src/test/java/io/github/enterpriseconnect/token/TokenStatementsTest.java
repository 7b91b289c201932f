package io.github.enterpriseconnect.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.github.enterpriseconnect.core.Behaviour;
import io.github.enterpriseconnect.core.Domain;
import io.github.enterpriseconnect.core.LinkDomain;
import io.github.enterpriseconnect.core.Mailbox;
import io.github.enterpriseconnect.core.NameOrigin;
import io.github.enterpriseconnect.core.Policy;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.SignIn;
import io.github.enterpriseconnect.core.Suspensions;
import io.github.enterpriseconnect.middle.Middle;
import io.github.enterpriseconnect.middle.TestRealm;
import io.github.enterpriseconnect.middle.TestUser;
import io.github.enterpriseconnect.platform.Work;
import io.github.enterpriseconnect.storage.Change;
import io.github.enterpriseconnect.token.AccessTokenRefused.Code;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A fresh token costs one statement, whatever the policy asks for; and that one is never left out, so that what another
 * node has ended or suspended is obeyed by the very next request.
 */
class TokenStatementsTest {
    private static final String UPN = "userPrincipalName";
    private static final SignIn BROKERED = new SignIn("acme-idp", null);

    private final Middle middle = new Middle();
    private TestUser maria;

    @BeforeEach
    void link_the_organization_and_delegate_a_member() {
        middle.linked();
        maria = middle.member("maria");
        middle.cronofy.grants("acc_maria");
        middle.cronofy.opens(maria.email());
        middle.queue.add(middle.link, maria.id(), BROKERED);
        middle.worker.turn(Middle.COALESCE);
        middle.answered(maria);
        middle.worker.run();
    }

    private static Arguments given(String what, Consumer<Middle> change) {
        return arguments(what, change);
    }

    static Stream<Arguments> what_a_realm_may_look_like() {
        return Stream.of(
                given("as it comes", middle -> {}),
                given(
                        "with opting out",
                        middle -> middle.realm.setDefaults(new Behaviour(true, Behaviour.Notice.NONE, Duration.ZERO))),
                given(
                        "with a notice page",
                        middle -> middle.realm.setDefaults(new Behaviour(true, Behaviour.Notice.PAGE, Duration.ZERO))),
                given("with an address that its owner has proved", middle -> {
                    middle.transactions.doInRealm(middle.realm.id(), work -> work.members()
                            .prove(
                                    "maria",
                                    Mailbox.parse("maria@" + Middle.DOMAIN).orElseThrow(),
                                    "UPDATE_EMAIL",
                                    middle.clock.instant()));
                    setPolicy(middle, policy(Policy.Proof.OWNER, Set.of(), Set.of()));
                }),
                given(
                        "with an identity provider",
                        middle -> setPolicy(middle, policy(Policy.Proof.KEYCLOAK, Set.of(), Set.of("acme-idp")))),
                given(
                        "with calendar names, and a member who has none",
                        middle -> setPolicy(middle, Policy.DEFAULT.withCalendarName(UPN))),
                given("with a calendar name", middle -> {
                    maria(middle).says(UPN, "Maria@" + Middle.DOMAIN);
                    setPolicy(middle, Policy.DEFAULT.withCalendarName(UPN));
                }),
                given("with a calendar name of an identity provider's", middle -> {
                    maria(middle).says(UPN, "maria@" + Middle.DOMAIN);
                    middle.realm.letProviderSay("acme-idp", UPN);
                    middle.transactions.doInRealm(middle.realm.id(), work -> {
                        work.members()
                                .prove(
                                        "maria",
                                        new Mailbox("maria@" + Middle.DOMAIN),
                                        "acme-idp",
                                        middle.clock.instant());
                        work.members()
                                .nameCame(
                                        "maria",
                                        NameOrigin.ofProvider(
                                                UPN, "maria@" + Middle.DOMAIN, "acme-idp", middle.clock.instant()));
                    });
                    setPolicy(
                            middle,
                            policy(Policy.Proof.OWNER, Set.of(), Set.of()).withCalendarName(UPN));
                }),
                given(
                        "with a service account to be authorized anew",
                        middle -> middle.transactions.doInRealm(middle.realm.id(), work -> work.links()
                                .needAuthorization(middle.link, Reason.AUTHORIZATION_GONE, middle.clock.instant()))),
                given("with another link and another client suspended", middle -> {
                    suspend(middle, Suspensions.Subject.link("another"));
                    suspend(middle, Suspensions.Subject.consumer("another"));
                }));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("what_a_realm_may_look_like")
    void a_fresh_token_costs_one_statement_and_searches_nobody(String realm, Consumer<Middle> change)
            throws AccessTokenRefused {
        change.accept(middle);
        issue(middle.accessTokens, true);
        int searches = maria.searches();
        int mappersRead = middle.realm.mappersRead();

        for (boolean present : List.of(true, false)) {
            assertThat(middle.tables.statements(
                            () -> assertThat(issued(present)).isTrue()))
                    .as("user present: " + present)
                    .hasSize(1);
        }
        assertThat(maria.searches()).isEqualTo(searches);
        assertThat(middle.realm.mappersRead()).isEqualTo(mappersRead);
    }

    private static TestUser maria(Middle middle) {
        return (TestUser) middle.realm.byId("maria").orElseThrow();
    }

    @Test
    void so_does_one_that_is_answered_in_the_transaction_of_the_request() throws AccessTokenRefused {
        issue(middle.accessTokens, true);

        assertThat(middle.tables.statements(() -> assertThat(atOnce()).isTrue()))
                .hasSize(1);
    }

    /** A member of several organizations is looked at with all of them together. */
    @Test
    void several_organizations_are_one_statement_too() throws AccessTokenRefused {
        maria.in("zeta", Middle.DOMAIN);
        issue(middle.accessTokens, true);

        assertThat(middle.tables.statements(() -> assertThat(issued(true)).isTrue()))
                .hasSize(1);
    }

    private static Arguments ends(String what, Code code, Consumer<Middle> change) {
        return arguments(what, code, change);
    }

    static Stream<Arguments> what_another_node_may_do() {
        return Stream.of(
                ends(
                        "ends the right",
                        Code.NOT_DELEGATED,
                        middle -> middle.transactions.doInRealm(
                                middle.realm.id(),
                                work -> work.delegations().ofUser(middle.realm.id(), "maria").stream()
                                        .forEach(row ->
                                                middle.termination.end(work, row, Reason.ENDED_BY_ADMINISTRATOR)))),
                ends("suspends the realm", Code.ACCESS_DENIED, middle -> suspend(middle, Suspensions.Subject.REALM)),
                ends(
                        "suspends the link",
                        Code.ACCESS_DENIED,
                        middle -> suspend(middle, Suspensions.Subject.link(middle.link.name()))),
                ends(
                        "suspends the client",
                        Code.ACCESS_DENIED,
                        middle -> suspend(middle, Suspensions.Subject.consumer(TestRealm.CONSUMER.clientId()))),
                ends("sets a switch of a newer version", Code.TEMPORARILY_UNAVAILABLE, middle -> {
                    suspend(middle, Suspensions.Subject.link("another"));
                    middle.tables.inTransaction(
                            entities -> entities.createNativeQuery("update EC_SUSPENSION set KIND = 'NEWER'")
                                    .executeUpdate());
                }),
                ends(
                        "changes the policy",
                        Code.ACCESS_DENIED,
                        middle -> setPolicy(middle, policy(Policy.Proof.KEYCLOAK, Set.of("group"), Set.of()))),
                ends(
                        "wants a proof of the address",
                        Code.ACCESS_DENIED,
                        middle -> setPolicy(middle, policy(Policy.Proof.OWNER, Set.of(), Set.of()))),
                ends(
                        "takes the approval of the domain back",
                        Code.ACCESS_DENIED,
                        middle -> approve(middle, new LinkDomain(new Domain(Middle.DOMAIN), false))),
                ends(
                        "takes the domain off the link",
                        Code.ACCESS_DENIED,
                        middle -> approve(middle, new LinkDomain(new Domain("other.example"), true))),
                ends(
                        "unlinks",
                        Code.NOT_DELEGATED,
                        middle -> middle.transactions.doInRealm(middle.realm.id(), work -> work.links()
                                .unlink(middle.link, Reason.UNLINKED, middle.clock.instant()))),
                ends(
                        "removes the link",
                        Code.NOT_DELEGATED,
                        middle -> middle.transactions.doInRealm(
                                middle.realm.id(), work -> work.links().remove(middle.link, middle.clock.instant()))),
                ends("takes an opting out down", Code.ACCESS_DENIED, middle -> {
                    middle.realm.setDefaults(new Behaviour(true, Behaviour.Notice.NONE, Duration.ZERO));
                    middle.transactions.doInRealm(
                            middle.realm.id(), work -> work.members().optOut("maria", middle.clock.instant()));
                }),
                ends(
                        "removes a user of this id",
                        Code.TEMPORARILY_UNAVAILABLE,
                        middle -> middle.transactions.doInRealm(middle.realm.id(), work -> work.changes()
                                .add(
                                        new Change.UserRemoved("maria", List.of()),
                                        middle.clock.instant(),
                                        middle.clock.instant()))));
    }

    /** Nodes may not hear of each other at all: the row is what counts, and no time passes. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("what_another_node_may_do")
    void what_another_node_does_is_obeyed_by_the_next_request(String what, Code code, Consumer<Middle> change)
            throws AccessTokenRefused {
        AccessTokens another = middle.accessTokens();
        issue(middle.accessTokens, true);
        issue(another, true);

        change.accept(middle);

        assertThat(refused(middle.accessTokens)).isEqualTo(code);
        assertThat(refused(another)).isEqualTo(code);
    }

    /** What was linked anew has a row of its own, however often either was changed. */
    @Test
    void a_link_that_was_removed_and_made_anew_is_not_taken_for_the_former() throws AccessTokenRefused {
        issue(middle.accessTokens, true);
        middle.transactions.doInRealm(
                middle.realm.id(), work -> work.links().remove(middle.link, middle.clock.instant()));
        middle.linked();
        setPolicy(middle, policy(Policy.Proof.KEYCLOAK, Set.of("group"), Set.of()));

        assertThat(refused(middle.accessTokens)).isEqualTo(Code.ACCESS_DENIED);
    }

    /** What was proved by a change that nobody has judged yet counts as it did. */
    @Test
    void a_proof_that_is_not_judged_yet_is_looked_up() throws AccessTokenRefused {
        setPolicy(middle, policy(Policy.Proof.OWNER, Set.of(), Set.of()));
        assertThat(refused(middle.accessTokens)).isEqualTo(Code.ACCESS_DENIED);

        middle.transactions.doInRealm(middle.realm.id(), work -> work.changes()
                .add(
                        new Change.UserChanged(
                                maria.id(), Mailbox.parse(maria.email()).orElseThrow(), "UPDATE_EMAIL"),
                        middle.clock.instant(),
                        middle.clock.instant()));

        issue(middle.accessTokens, true);
    }

    /** The client's own switch is told whoever it asks for, also for who cannot be read. */
    @Test
    void a_suspended_client_is_told_so_for_nobody_and_for_who_cannot_be_read() {
        suspend(middle, Suspensions.Subject.consumer(TestRealm.CONSUMER.clientId()));
        middle.realm.switchDirectoryOff(maria);
        assertThat(refused(middle.accessTokens)).isEqualTo(Code.ACCESS_DENIED);

        middle.realm.remove(maria);
        middle.realm.answerAgain(maria);
        assertThat(refused(middle.accessTokens)).isEqualTo(Code.ACCESS_DENIED);
    }

    // In the transaction of the request

    @Test
    void nothing_is_answered_at_once_that_has_to_be_refreshed_first() {
        middle.clock.turn(Duration.ofHours(4));

        assertThat(atOnce()).isFalse();
        assertThat(middle.cronofy.received(io.github.enterpriseconnect.middle.ScriptedCronofy.Call.REFRESH))
                .isEmpty();
    }

    @Test
    void nothing_is_answered_at_once_while_the_user_cannot_be_read() {
        middle.realm.switchDirectoryOff(maria);

        assertThat(atOnce()).isFalse();
    }

    /** A transaction that is rolled back must leave nothing behind. */
    @Test
    void who_is_to_be_asked_for_is_queued_once_the_transaction_is_committed() {
        maria = middle.member("nina");
        int before = middle.worker.failures().size();

        middle.transactions.doInRealm(middle.realm.id(), work -> {
            assertThat(catchThrowableOfType(
                                    AccessTokenRefused.class,
                                    () -> middle.accessTokens.issueAtOnce(work, request(true)))
                            .code())
                    .isEqualTo(Code.DELEGATION_PENDING);
            assertThat(middle.recentSignIns.known(maria.id(), BROKERED)).isFalse();
        });

        assertThat(middle.recentSignIns.known(maria.id(), BROKERED)).isTrue();
        assertThat(middle.worker.failures()).hasSize(before);
    }

    private boolean atOnce() {
        return middle.transactions.inRealm(middle.realm.id(), this::atOnce);
    }

    private boolean atOnce(Work work) {
        try {
            return middle.accessTokens.issueAtOnce(work, request(true)).isPresent();
        } catch (AccessTokenRefused refused) {
            throw new AssertionError(refused);
        }
    }

    private boolean issued(boolean present) {
        try {
            return !issue(middle.accessTokens, present).refreshed();
        } catch (AccessTokenRefused refused) {
            throw new AssertionError(refused);
        }
    }

    private IssuedToken issue(AccessTokens node, boolean present) throws AccessTokenRefused {
        return node.issue(request(present));
    }

    private @Nullable Code refused(AccessTokens node) {
        AccessTokenRefused refused = catchThrowableOfType(AccessTokenRefused.class, () -> node.issue(request(false)));
        return Optional.ofNullable(refused).map(AccessTokenRefused::code).orElse(null);
    }

    private AccessTokenRequest request(boolean present) {
        return present
                ? AccessTokenRequest.present(middle.realm.id(), maria.id(), TestRealm.CONSUMER, BROKERED)
                : AccessTokenRequest.absent(middle.realm.id(), maria.id(), TestRealm.CONSUMER);
    }

    private static void suspend(Middle middle, Suspensions.Subject subject) {
        middle.transactions.doInRealm(middle.realm.id(), work -> work.suspensions()
                .suspend(subject, new Suspensions.Suspension(middle.clock.instant(), "admin", true)));
    }

    private static Policy policy(Policy.Proof proof, Set<String> requiredGroups, Set<String> identityProviders) {
        return new Policy(
                proof, Behaviour.Stated.NOTHING, requiredGroups, Set.of(), Set.of(), Set.of(), identityProviders);
    }

    private static void setPolicy(Middle middle, Policy policy) {
        middle.transactions.doInRealm(middle.realm.id(), work -> work.links().setPolicy(middle.link, policy));
    }

    private static void approve(Middle middle, LinkDomain domain) {
        middle.transactions.doInRealm(middle.realm.id(), work -> work.links().approve(middle.link, List.of(domain)));
    }
}
