package io.github.enterpriseconnect.resource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.enterpriseconnect.core.Consumer;
import io.github.enterpriseconnect.core.CronofyException;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Domain;
import io.github.enterpriseconnect.core.LinkDomain;
import io.github.enterpriseconnect.core.Purpose;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Resource;
import io.github.enterpriseconnect.core.Revocation;
import io.github.enterpriseconnect.core.Suspensions;
import io.github.enterpriseconnect.middle.Middle;
import io.github.enterpriseconnect.middle.ScriptedCronofy.Call;
import io.github.enterpriseconnect.middle.ScriptedCronofy.Received;
import io.github.enterpriseconnect.middle.TestRealm;
import io.github.enterpriseconnect.middle.TestUser;
import io.github.enterpriseconnect.token.AccessTokenRefused;
import io.github.enterpriseconnect.token.AccessTokenRefused.Code;
import io.github.enterpriseconnect.token.IssuedToken;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Resources that are delegated: from the ask to the token, and how that ends. */
class ResourceDelegationTest {
    private static final Duration LONG = Duration.ofDays(2);

    private final Middle middle = new Middle();
    private final Rooms rooms = new Rooms(middle);

    @BeforeEach
    void link_an_organization_with_rooms() {
        middle.linkedWithResources();
        middle.resourceLists.start();
        middle.resourceAsks.start();
        middle.links.start();
        middle.dispatcher.start();
    }

    private Code refusal(String address) {
        AccessTokenRefused refused = catchThrowableOfType(AccessTokenRefused.class, () -> rooms.token(address));
        return refused.code();
    }

    private List<Received> asks() {
        return middle.cronofy.received(Call.ASK);
    }

    @Test
    void one_is_delegated_on_demand_and_its_token_served() throws AccessTokenRefused {
        rooms.listed(Rooms.ONE, Rooms.TWO);
        assertThat(refusal(Rooms.ONE)).isEqualTo(Code.NOT_DELEGATED);

        middle.cronofy.grantsByMailbox(mailbox -> "acc_" + mailbox);
        rooms.delegate(Rooms.ONE);
        assertThat(refusal(Rooms.ONE)).isEqualTo(Code.DELEGATION_PENDING);
        rooms.answer(Rooms.ONE);

        IssuedToken token = rooms.token(Rooms.ONE);
        assertThat(token.subject()).isEqualTo("acc_" + Rooms.ONE);
        assertThat(token.mailbox()).isEqualTo(Rooms.ONE);
        assertThat(token.link()).isEqualTo("acme");
        assertThat(asks()).extracting(Received::what).containsExactly(Rooms.ONE);
        assertThat(asks()).extracting(Received::purpose).containsExactly(Purpose.BACKFILL);
        assertThat(rooms.state(Rooms.TWO)).isEqualTo(Delegation.State.NONE);
        assertThat(middle.worker.failures()).isEmpty();
    }

    @Test
    void a_fresh_token_costs_one_statement() throws AccessTokenRefused {
        rooms.granted(Rooms.ONE);
        rooms.token(Rooms.ONE);

        assertThat(middle.tables.statements(() -> {
                    try {
                        rooms.token(Rooms.ONE);
                    } catch (AccessTokenRefused refused) {
                        throw new AssertionError(refused);
                    }
                }))
                .hasSize(1);
    }

    @Test
    void all_are_delegated_where_that_is_wanted_and_whoever_is_new_too() {
        rooms.listed(Rooms.ONE);
        middle.transactions.doInRealm(middle.realm.id(), work -> middle.resources.delegateAll(work, middle.link, true));
        rooms.turn();

        rooms.listed(Rooms.ONE, Rooms.TWO);

        assertThat(rooms.all())
                .allSatisfy(room -> assertThat(room.delegation().state()).isEqualTo(Delegation.State.ASKED));
    }

    @Test
    void what_an_administrator_has_ended_is_revoked_and_stays_so() {
        middle.transactions.doInRealm(middle.realm.id(), work -> middle.resources.delegateAll(work, middle.link, true));
        rooms.granted(Rooms.ONE);

        rooms.revoke(Rooms.ONE);
        middle.worker.turn(LONG);

        assertThat(refusal(Rooms.ONE)).isEqualTo(Code.NOT_DELEGATED);
        assertThat(middle.revocations()).singleElement().satisfies(revocation -> {
            assertThat(revocation.state()).isEqualTo(Revocation.State.DELIVERED);
            assertThat(revocation.cause().user()).isNull();
            assertThat(revocation.cause().reason()).isEqualTo(Reason.ENDED_BY_ADMINISTRATOR);
        });
        assertThat(asks()).hasSize(1);
    }

    @Test
    void what_cronofy_refuses_is_asked_for_again_by_itself_and_at_once_by_an_administrator() {
        rooms.listed(Rooms.ONE);
        rooms.delegate(Rooms.ONE);
        rooms.answer(Rooms.ONE, "{\"authorization\": {\"error\": \"access_denied\"}}");

        assertThat(rooms.state(Rooms.ONE)).isEqualTo(Delegation.State.REFUSED);
        assertThat(refusal(Rooms.ONE)).isEqualTo(Code.NOT_DELEGATED);

        rooms.delegate(Rooms.ONE);
        assertThat(asks()).hasSize(2);
        rooms.answer(Rooms.ONE, "{\"authorization\": {\"error\": \"access_denied\"}}");
        middle.worker.turn(LONG);

        assertThat(asks()).hasSizeGreaterThan(2);
    }

    @Test
    void an_answer_for_another_mailbox_is_dropped_and_revoked() {
        rooms.listed(Rooms.ONE);
        middle.cronofy.grants("acc_other");
        middle.cronofy.opens("maria@acme.example");
        rooms.delegate(Rooms.ONE);
        rooms.answer(Rooms.ONE);

        assertThat(rooms.get(Rooms.ONE).delegation().reason()).isEqualTo(Reason.WRONG_PROFILE);
        assertThat(middle.revocations()).hasSize(1);
        assertThat(refusal(Rooms.ONE)).isEqualTo(Code.NOT_DELEGATED);
    }

    @Test
    void a_members_account_is_no_resources() {
        middle.granted("maria");
        rooms.listed(Rooms.ONE);
        middle.cronofy.grants("acc_maria");
        middle.cronofy.opens(Rooms.ONE);
        rooms.delegate(Rooms.ONE);
        rooms.answer(Rooms.ONE);

        assertThat(rooms.get(Rooms.ONE).delegation().reason()).isEqualTo(Reason.ACCOUNT_HELD);
        middle.worker.turn(Duration.ofMinutes(1));
        // What the member holds is kept.
        assertThat(middle.cronofy.received(Call.REVOKE)).isEmpty();
    }

    @Test
    void a_resources_account_is_no_members() {
        rooms.granted(Rooms.ONE);
        TestUser maria = middle.member("maria");
        middle.cronofy.grantsByMailbox(mailbox -> "acc_" + Rooms.ONE);
        middle.asked(maria);
        middle.answered(maria, "{\"authorization\": {\"code\": \"code-of-" + maria.address() + "\"}}");
        middle.worker.run();

        assertThat(middle.delegation(maria).reason()).isEqualTo(Reason.ACCOUNT_HELD);
        middle.worker.turn(Duration.ofMinutes(1));
        assertThat(middle.cronofy.received(Call.REVOKE)).isEmpty();
    }

    @Test
    void a_member_whose_address_is_a_resources_is_not_asked_for() {
        rooms.listed(Rooms.ONE);
        TestUser impostor = middle.member("room1");

        middle.queue.add(middle.link, impostor.id());
        middle.worker.turn(Middle.COALESCE);

        assertThat(asks()).isEmpty();
        assertThat(middle.row(impostor)).isEmpty();
    }

    @Test
    void a_resource_whose_address_becomes_a_members_is_withheld_until_it_is_not() throws AccessTokenRefused {
        rooms.granted(Rooms.ONE);
        TestUser impostor = middle.member("room1");
        middle.worker.turn(Duration.ofDays(1));

        assertThat(rooms.get(Rooms.ONE).withheld()).isEqualTo(Reason.MAILBOX_OF_MEMBER);
        assertThat(refusal(Rooms.ONE)).isEqualTo(Code.ACCESS_DENIED);
        assertThat(middle.revocations()).isEmpty();

        middle.realm.remove(impostor);
        middle.worker.turn(Duration.ofDays(1));

        assertThat(rooms.token(Rooms.ONE).mailbox()).isEqualTo(Rooms.ONE);
    }

    @Test
    void a_resource_that_is_a_members_by_now_is_not_asked_for() {
        rooms.listed(Rooms.ONE);
        middle.member("room1");

        rooms.delegate(Rooms.ONE);

        assertThat(asks()).isEmpty();
        assertThat(rooms.get(Rooms.ONE).withheld()).isEqualTo(Reason.MAILBOX_OF_MEMBER);
    }

    @Test
    void a_shared_mailbox_is_delegated_by_its_address() throws AccessTokenRefused {
        middle.cronofy.grantsByMailbox(mailbox -> "acc_" + mailbox);
        String shared = "info@acme.example";
        middle.transactions.doInRealm(middle.realm.id(), work -> {
            assertThat(middle.resources.objection(work, middle.link, Rooms.mailbox(shared)))
                    .isEmpty();
            middle.resources.name(work, middle.link, Rooms.mailbox(shared), "Information");
        });
        rooms.turn();
        rooms.answer(shared);
        rooms.listed();
        middle.worker.turn(LONG);

        assertThat(rooms.token(shared).mailbox()).isEqualTo(shared);
        assertThat(rooms.get(shared).missingSince()).isNull();
    }

    @Test
    void an_address_of_a_member_or_of_a_foreign_domain_cannot_be_named() {
        middle.granted("maria");

        middle.transactions.doInRealm(middle.realm.id(), work -> {
            assertThat(middle.resources.objection(work, middle.link, Rooms.mailbox("maria@acme.example")))
                    .contains(Resources.Objection.MEMBERS);
            assertThat(middle.resources.objection(work, middle.link, Rooms.mailbox("info@other.example")))
                    .contains(Resources.Objection.DOMAIN);
        });
    }

    @Test
    void a_link_that_ends_takes_its_resources_along() {
        rooms.granted(Rooms.ONE);

        middle.transactions.doInRealm(middle.realm.id(), work -> middle.links.unlink(work, middle.link));
        assertThat(refusal(Rooms.ONE)).isEqualTo(Code.NOT_DELEGATED);
        middle.links.unlinked(middle.link);
        middle.worker.turn(Duration.ofMinutes(2));

        assertThat(rooms.all()).isEmpty();
        assertThat(middle.revocations())
                .filteredOn(revocation -> revocation.subject().equals("acc_" + Rooms.ONE))
                .singleElement()
                .satisfies(
                        revocation -> assertThat(revocation.state()).isEqualTo(Revocation.State.WITH_SERVICE_ACCOUNT));
        assertThat(middle.worker.failures()).isEmpty();
    }

    @Test
    void another_service_account_has_them_asked_for_anew() throws AccessTokenRefused {
        rooms.granted(Rooms.ONE);
        middle.cronofy.grantsByMailbox(mailbox -> "acc_new_" + mailbox);
        middle.transactions.doInRealm(middle.realm.id(), work -> {
            work.resourceLists().soon(middle.link, middle.clock.instant());
        });
        middle.linkedWithResources("ser_2");
        rooms.turn();
        rooms.answer(Rooms.ONE);

        assertThat(rooms.get(Rooms.ONE).delegation().serviceAccount()).isEqualTo("ser_2");
        assertThat(rooms.token(Rooms.ONE).subject()).isEqualTo("acc_new_" + Rooms.ONE);
        assertThat(middle.revocations()).extracting(Revocation::subject).containsExactly("acc_" + Rooms.ONE);
    }

    @Test
    void an_expired_token_is_refreshed_once_and_what_cronofy_has_ended_is_asked_for_anew() throws AccessTokenRefused {
        rooms.granted(Rooms.ONE);
        middle.clock.turn(Duration.ofHours(4));

        String first = rooms.token(Rooms.ONE).accessToken().reveal();
        assertThat(rooms.token(Rooms.ONE).accessToken().reveal()).isEqualTo(first);
        assertThat(middle.cronofy.received(Call.REFRESH)).hasSize(1);

        middle.clock.turn(Duration.ofHours(4));
        middle.cronofy.fails(Call.REFRESH, new CronofyException.GrantGone("invalid_grant"));
        assertThat(refusal(Rooms.ONE)).isEqualTo(Code.REAUTHORIZATION_REQUIRED);
        rooms.turn();
        rooms.answer(Rooms.ONE);

        assertThat(rooms.state(Rooms.ONE)).isEqualTo(Delegation.State.GRANTED);
    }

    @Test
    void who_is_suspended_gets_nothing_and_asks_for_nothing() throws AccessTokenRefused {
        rooms.granted(Rooms.ONE);
        rooms.listed(Rooms.ONE, Rooms.TWO);
        for (Suspensions.Subject subject : List.of(
                Suspensions.Subject.REALM,
                Suspensions.Subject.link("acme"),
                Suspensions.Subject.consumer(TestRealm.CONSUMER.clientId()))) {
            suspend(subject, true);
            assertThat(refusal(Rooms.ONE)).isEqualTo(Code.ACCESS_DENIED);
            suspend(subject, false);
        }
        assertThat(rooms.token(Rooms.ONE)).isNotNull();

        suspend(Suspensions.Subject.link("acme"), true);
        int before = asks().size();
        rooms.delegate(Rooms.TWO);

        assertThat(asks()).hasSize(before);
        assertThat(middle.revocations()).isEmpty();
    }

    private void suspend(Suspensions.Subject subject, boolean active) {
        middle.transactions.doInRealm(middle.realm.id(), work -> {
            if (active) {
                work.suspensions().suspend(subject, new Suspensions.Suspension(middle.clock.instant(), "admin", true));
            } else {
                work.suspensions().remove(subject);
            }
        });
    }

    @Test
    void a_domain_that_is_approved_no_more_withholds_them() {
        rooms.granted(Rooms.ONE);
        Domain domain = Domain.parse(Middle.DOMAIN).orElseThrow();

        middle.transactions.doInRealm(middle.realm.id(), work -> work.links()
                .approve(
                        middle.link,
                        List.of(
                                new LinkDomain(domain, false),
                                new LinkDomain(Domain.parse("other.example").orElseThrow(), true))));

        assertThat(refusal(Rooms.ONE)).isEqualTo(Code.ACCESS_DENIED);
        assertThat(middle.revocations()).isEmpty();
    }

    @Test
    void a_disabled_organization_withholds_them() throws AccessTokenRefused {
        rooms.granted(Rooms.ONE);

        middle.realm.disableOrganizations(true);
        assertThat(refusal(Rooms.ONE)).isEqualTo(Code.ACCESS_DENIED);
        middle.realm.disableOrganizations(false);

        assertThat(rooms.token(Rooms.ONE)).isNotNull();
    }

    @Test
    void a_consumer_of_another_organization_learns_nothing() {
        rooms.granted(Rooms.ONE);
        Consumer foreign = new Consumer("calendar-app", Set.of(Consumer.Right.RESOURCE), Set.of("other"));

        AccessTokenRefused known =
                catchThrowableOfType(AccessTokenRefused.class, () -> rooms.token(Rooms.ONE, foreign));
        AccessTokenRefused unknown =
                catchThrowableOfType(AccessTokenRefused.class, () -> rooms.token("nothing@acme.example", foreign));

        assertThat(known.code()).isEqualTo(Code.NOT_DELEGATED);
        assertThat(known).hasMessage(unknown.getMessage());
    }

    @Test
    void what_was_asked_for_when_a_node_died_is_found_by_any_node() {
        middle.cronofy.grantsByMailbox(mailbox -> "acc_" + mailbox);
        rooms.listed(Rooms.ONE);
        rooms.delegate(Rooms.ONE);
        String url = middle.cronofy.callbackOf(Rooms.ONE);
        Middle neighbour = new Middle(middle);
        neighbour.cronofy.grantsByMailbox(mailbox -> "acc_" + mailbox);
        neighbour.answers.receive(
                middle.realm.id(),
                url.substring(url.lastIndexOf('/') + 1),
                Optional.empty(),
                ("{\"authorization\": {\"code\": \"code-of-" + Rooms.ONE + "\"}}").getBytes(StandardCharsets.UTF_8));
        neighbour.worker.run();

        assertThat(rooms.state(Rooms.ONE)).isEqualTo(Delegation.State.GRANTED);
    }

    @Test
    void a_stale_state_is_shown_and_nothing_of_a_resource_is_a_members() {
        rooms.granted(Rooms.ONE);

        assertThat(rooms.get(Rooms.ONE)).extracting(Resource::delegation).satisfies(delegation -> {
            assertThat(delegation.ofResource()).isTrue();
            assertThat(delegation.live()).isTrue();
        });
        assertThat(middle.transactions.<Long>inRealm(
                        middle.realm.id(), work -> work.delegations().count(middle.link).values().stream()
                                .mapToLong(Long::longValue)
                                .sum()))
                .isZero();
    }

    private void refuse(int times, boolean requestFaulty) {
        for (int i = 0; i < times; i++) {
            middle.cronofy.fails(Call.ASK, new CronofyException.Refused("refused", requestFaulty));
        }
    }

    private void delegateBoth() {
        rooms.listed(Rooms.ONE, Rooms.TWO);
        middle.transactions.doInRealm(middle.realm.id(), work -> {
            List.of(Rooms.ONE, Rooms.TWO)
                    .forEach(address -> middle.resources.delegate(
                            work,
                            work.resources()
                                    .byMailbox(middle.link, Rooms.mailbox(address))
                                    .orElseThrow()));
        });
        rooms.turn();
    }

    @Test
    void resources_that_cronofy_refuses_keep_no_member_waiting() {
        for (boolean requestFaulty : List.of(true, false)) {
            refuse(requestFaulty ? 3 : 1, requestFaulty);
            delegateBoth();

            assertThat(rooms.all())
                    .extracting(room -> room.delegation().state())
                    .containsOnly(Delegation.State.REFUSED);
            assertThat(middle.link().problem()).isNull();
            int before = asks().size();
            TestUser member = middle.member("member-" + requestFaulty);
            middle.asked(member);

            assertThat(asks().subList(before, asks().size()))
                    .extracting(Received::what)
                    .containsExactly(member.address());
        }
        int before = asks().size();
        middle.worker.turn(Duration.ofMinutes(50));
        // Each cools down by itself.
        assertThat(asks()).hasSize(before);
    }

    @Test
    void what_was_listed_is_not_asked_for_where_none_may_be_listed_any_more() throws AccessTokenRefused {
        rooms.granted(Rooms.ONE);
        middle.transactions.doInRealm(
                middle.realm.id(), work -> work.resourceLists().soon(middle.link, middle.clock.instant()));
        middle.linked(middle.link, "ser_2", middle.cronofy.tokens(Duration.ofHours(3)));

        middle.worker.turn(Duration.ofHours(3));

        assertThat(asks()).hasSize(1);
        assertThat(rooms.token(Rooms.ONE).mailbox()).isEqualTo(Rooms.ONE);
    }

    @Test
    void what_is_forgotten_and_listed_all_the_same_stays_ended() {
        middle.transactions.doInRealm(middle.realm.id(), work -> middle.resources.delegateAll(work, middle.link, true));
        rooms.granted(Rooms.ONE);
        middle.transactions.doInRealm(
                middle.realm.id(), work -> middle.resources.name(work, middle.link, Rooms.mailbox(Rooms.ONE), null));
        Resource named = rooms.get(Rooms.ONE);

        middle.transactions.doInRealm(middle.realm.id(), work -> assertThat(middle.resources.forget(work, named))
                .isTrue());
        middle.worker.turn(LONG);

        assertThat(rooms.get(Rooms.ONE).named()).isFalse();
        assertThat(refusal(Rooms.ONE)).isEqualTo(Code.NOT_DELEGATED);
        assertThat(asks()).hasSize(1);
    }

    @Test
    void what_has_ended_is_not_asked_for_though_its_code_is_of_no_use() {
        rooms.listed(Rooms.ONE);
        rooms.delegate(Rooms.ONE);
        String url = middle.cronofy.callbackOf(Rooms.ONE);
        middle.answers.receive(
                middle.realm.id(),
                url.substring(url.lastIndexOf('/') + 1),
                Optional.empty(),
                ("{\"authorization\": {\"code\": \"code-of-" + Rooms.ONE + "\"}}").getBytes(StandardCharsets.UTF_8));
        Resource resource = rooms.get(Rooms.ONE);
        middle.transactions.doInRealm(middle.realm.id(), work -> middle.resources.revoke(work, resource));
        middle.linkedWithResources("ser_2");

        middle.worker.turn(LONG);

        assertThat(asks()).hasSize(1);
        assertThat(rooms.get(Rooms.ONE).delegation().reason()).isEqualTo(Reason.ENDED_BY_ADMINISTRATOR);
    }

    private void nextDay() {
        middle.clock.turn(Duration.ofDays(1));
        rooms.turn();
    }

    @Test
    void one_whose_address_only_a_directory_knows_as_a_members_is_withheld_until_it_is_not() throws AccessTokenRefused {
        rooms.granted(Rooms.ONE);
        TestUser impostor = middle.member("room1");
        middle.realm.keepInDirectory(impostor);
        nextDay();

        assertThat(refusal(Rooms.ONE)).isEqualTo(Code.ACCESS_DENIED);
        nextDay();
        assertThat(refusal(Rooms.ONE)).isEqualTo(Code.ACCESS_DENIED);

        middle.realm.remove(impostor);
        nextDay();
        assertThat(rooms.token(Rooms.ONE).mailbox()).isEqualTo(Rooms.ONE);
    }

    @Test
    void one_whose_address_becomes_a_members_is_withheld_though_the_list_cannot_be_read() {
        rooms.granted(Rooms.ONE);
        TestUser impostor = middle.member("room1");
        for (CronofyException failure : List.of(
                new CronofyException.Refused("403", false), new CronofyException.Unavailable("away", Duration.ZERO))) {
            middle.cronofy.fails(Call.RESOURCES, failure);
            nextDay();

            assertThat(rooms.get(Rooms.ONE).withheld()).isEqualTo(Reason.MAILBOX_OF_MEMBER);
            middle.transactions.doInRealm(middle.realm.id(), work -> work.resources()
                    .withhold(rooms.get(Rooms.ONE).id(), null, middle.clock.instant()));
        }
        assertThat(impostor.email()).isEqualTo(Rooms.ONE);
    }

    @Test
    void one_whose_address_a_member_signs_in_with_is_withheld_at_once() {
        rooms.granted(Rooms.ONE);
        TestUser impostor = middle.member("room1");

        middle.queue.add(middle.link, impostor.id());
        middle.worker.turn(Middle.COALESCE);

        assertThat(refusal(Rooms.ONE)).isEqualTo(Code.ACCESS_DENIED);
        assertThat(middle.revocations()).isEmpty();
    }

    @Test
    void no_row_is_locked_while_directories_are_asked() {
        rooms.listed(Rooms.ONE, Rooms.TWO);
        middle.member("room1");
        Resource first = rooms.get(Rooms.ONE);
        middle.realm.whileDirectoriesAreAsked(
                () -> middle.transactions.inServer(work -> work.removedRealm(middle.realm.id())
                        .resourceGrants()
                        .end(first.id(), Reason.ENDED_BY_ADMINISTRATOR, middle.clock.instant())));

        delegateBoth();

        assertThat(middle.worker.failures()).isEmpty();
        assertThat(rooms.get(Rooms.ONE).wanted()).isFalse();
        assertThat(rooms.state(Rooms.TWO)).isEqualTo(Delegation.State.ASKED);
    }
}
