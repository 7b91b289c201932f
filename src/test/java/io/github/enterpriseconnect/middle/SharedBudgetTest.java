package io.github.enterpriseconnect.middle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.enterpriseconnect.budget.PacedCronofy;
import io.github.enterpriseconnect.budget.RequestBudget;
import io.github.enterpriseconnect.core.Application;
import io.github.enterpriseconnect.core.CronofyException;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Limits;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Purpose;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Revocation;
import io.github.enterpriseconnect.core.Secret;
import io.github.enterpriseconnect.core.SignIn;
import io.github.enterpriseconnect.core.Tokens;
import io.github.enterpriseconnect.middle.ScriptedCronofy.Call;
import io.github.enterpriseconnect.storage.RevocationOrder;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Several nodes on one database, with one application at Cronofy. */
class SharedBudgetTest {
    private static final Duration STEP = Duration.ofMillis(250);

    private final Middle middle = new Middle();
    private final List<Middle> nodes = new ArrayList<>(List.of(middle));
    private final Map<String, TestUser> members = new HashMap<>();
    private int answered;

    @BeforeEach
    void link() {
        middle.linked();
        middle.cronofy.grantsToEachTheirOwn();
    }

    private void startNodes(int count) {
        while (nodes.size() < count) {
            nodes.add(new Middle(middle));
        }
        nodes.forEach(node -> {
            node.queue.start();
            node.dispatcher.start();
        });
    }

    private TestUser signIn(Middle node, LinkId link, String name) {
        TestUser member = middle.realm.user(name + "@" + Middle.DOMAIN).in(link.name(), Middle.DOMAIN);
        members.put(member.address(), member);
        node.queue.add(link, member.id(), SignIn.DIRECT);
        return member;
    }

    private List<TestUser> signIn(LinkId link, String name, int count) {
        return IntStream.range(0, count)
                .mapToObj(number -> signIn(nodes.get(number % nodes.size()), link, name + number))
                .toList();
    }

    /** Time passes on all nodes; Cronofy calls any of them back. */
    private void pass(Duration time) {
        for (Instant end = now().plus(time); now().isBefore(end); ) {
            middle.clock.turn(STEP);
            nodes.forEach(node -> node.worker.turn(Duration.ZERO));
            List<ScriptedCronofy.Received> asks = middle.cronofy.received(Call.ASK);
            for (; answered < asks.size(); answered++) {
                for (String address : asks.get(answered).what().split(" ", -1)) {
                    TestUser member = members.get(address);
                    if (member != null) {
                        nodes.get(answered % nodes.size()).answered(member);
                    }
                }
            }
        }
    }

    private Instant now() {
        return middle.clock.instant();
    }

    private boolean granted(TestUser member) {
        return middle.row(member)
                .filter(row -> row.state() == Delegation.State.GRANTED)
                .isPresent();
    }

    private long between(Call call, Instant from, Instant until) {
        List<ScriptedCronofy.Received> received = middle.cronofy.received();
        List<Instant> arrivals = middle.cronofy.arrivals();
        return IntStream.range(0, received.size())
                .filter(i -> received.get(i).call() == call
                        && !arrivals.get(i).isBefore(from)
                        && arrivals.get(i).isBefore(until))
                .count();
    }

    private void assertNeverExceeded() {
        List<Instant> arrivals = middle.cronofy.arrivals();
        assertWithin(arrivals, Duration.ofSeconds(1), Limits.DEFAULT.perSecond());
        assertWithin(arrivals, Duration.ofMinutes(1), Limits.DEFAULT.perMinute());
    }

    private static void assertWithin(List<Instant> arrivals, Duration window, int most) {
        for (int i = most; i < arrivals.size(); i++) {
            assertThat(Duration.between(arrivals.get(i - most), arrivals.get(i)))
                    .isGreaterThanOrEqualTo(window);
        }
    }

    @Test
    void a_whole_organization_at_once_uses_what_is_allowed_and_no_more_on_three_nodes() {
        startNodes(3);
        Instant begin = now();
        List<TestUser> all = signIn(middle.link, "m", 650);

        pass(Duration.ofSeconds(30));
        nodes.remove(2);
        nodes.add(new Middle(middle));
        nodes.get(2).queue.start();
        pass(Duration.ofSeconds(32));

        assertThat(between(Call.EXCHANGE, begin, now())).isGreaterThanOrEqualTo((int) (0.95 * 490));
        pass(Duration.ofSeconds(40));
        assertThat(all).allMatch(this::granted);
        assertThat(middle.cronofy.received(Call.EXCHANGE)).hasSize(650);
        assertNeverExceeded();
        assertThat(nodes).allSatisfy(node -> assertThat(node.worker.failures()).isEmpty());
    }

    @Test
    void ten_who_sign_in_together_cost_eleven_requests_and_fifty_one_more_than_they_are() {
        startNodes(1);
        signIn(middle.link, "m", 10);
        pass(Duration.ofSeconds(10));
        assertThat(middle.cronofy.received()).hasSize(11);

        signIn(middle.link, "n", 50);
        pass(Duration.ofMinutes(1));
        assertThat(middle.cronofy.received()).hasSize(62);
    }

    private Duration timeOf(LinkId link, String name) {
        Instant begin = now();
        List<TestUser> ten = signIn(link, name, 10);
        while (!ten.stream().allMatch(this::granted)) {
            assertThat(Duration.between(begin, now())).isLessThan(Duration.ofMinutes(2));
            pass(STEP);
        }
        return Duration.between(begin, now());
    }

    @Test
    void ten_of_a_small_organization_do_not_stand_behind_a_large_one() {
        LinkId small = new LinkId(middle.realm.id(), "small");
        middle.linked(small, "ser_2", middle.cronofy.tokens(Duration.ofHours(3)));
        startNodes(2);
        Duration alone = timeOf(small, "early");
        signIn(middle.link, "m", 600);
        pass(Duration.ofSeconds(30));

        Duration beside = timeOf(small, "late");

        assertThat(beside).isLessThanOrEqualTo(alone.plusSeconds(2));
    }

    private void order(int count) {
        middle.transactions.doInRealm(
                middle.realm.id(), work -> IntStream.range(0, count).forEach(number -> work.revocations()
                        .add(
                                new RevocationOrder(middle.application(), "acc_" + number, null),
                                Revocation.Cause.ofLink(middle.link, Reason.UNLINKED),
                                now())));
    }

    @Test
    void revocations_go_on_while_a_whole_organization_signs_in() {
        startNodes(2);
        Instant begin = now();
        order(200);
        signIn(middle.link, "m", 700);

        pass(Duration.ofMinutes(1));

        assertThat(between(Call.REVOKE, begin, now())).isBetween(45L, 167L);
        assertThat(between(Call.EXCHANGE, begin, now())).isGreaterThan(330);
        assertNeverExceeded();
    }

    @Test
    void who_waits_for_a_token_is_served_at_once_while_hundreds_of_revocations_are_due() throws CronofyException {
        startNodes(2);
        order(600);
        pass(Duration.ofSeconds(30));
        Tokens tokens = middle.cronofy.tokens(Duration.ofHours(1));

        List<Duration> waited = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            Instant begin = now();
            nodes.get(i % 2).paced.refresh(middle.application(), tokens, Purpose.AWAITED_REFRESH);
            waited.add(Duration.between(begin, now()));
            if (i % 5 == 4) {
                pass(Duration.ofSeconds(1));
            }
        }

        assertThat(waited).allMatch(one -> one.compareTo(Duration.ofMillis(1_500)) < 0);
        assertThat(waited.stream().filter(Duration::isZero)).hasSizeGreaterThan(270);
        assertNeverExceeded();
    }

    @Test
    void too_many_requests_stop_all_nodes_and_whoever_waits_is_told_at_once() throws CronofyException {
        startNodes(2);
        Tokens tokens = middle.cronofy.tokens(Duration.ofHours(1));
        middle.cronofy.fails(Call.REFRESH, new CronofyException.NotDone("429", Duration.ofSeconds(30)));
        assertHeld(nodes.get(0), tokens);
        Instant begin = now();

        CronofyException.NotDone held = assertHeld(nodes.get(1), tokens);

        assertThat(held.retryAfter()).isBetween(Duration.ofSeconds(30), Duration.ofSeconds(40));
        assertThat(now()).isEqualTo(begin);
        assertThat(middle.cronofy.received(Call.REFRESH)).hasSize(1);
        middle.clock.turn(Duration.ofSeconds(31));
        nodes.get(1).paced.refresh(middle.application(), tokens, Purpose.AWAITED_REFRESH);
    }

    private CronofyException.NotDone assertHeld(Middle node, Tokens tokens) {
        CronofyException.NotDone held = catchThrowableOfType(
                CronofyException.NotDone.class,
                () -> node.paced.refresh(node.application(), tokens, Purpose.AWAITED_REFRESH));
        assertThat(held.held()).isTrue();
        return held;
    }

    /** A name is not enough: the secret has to be one that Cronofy has accepted. */
    @Test
    void who_only_knows_the_application_s_name_cannot_spend_what_is_its_owner_s() throws CronofyException {
        Application owner = middle.application();
        Set<Instant> seconds = new HashSet<>();
        for (int second = 0; second < 180; second++) {
            for (int i = 0; i < 5; i++) {
                Application foreign = new Application(owner.dataCenter(), owner.clientId(), Secret.of("guess " + i));
                middle.cronofy.fails(Call.PROVE_CREDENTIALS, new CronofyException.Misconfigured("invalid_client"));
                CronofyException failure =
                        catchThrowableOfType(CronofyException.class, () -> middle.paced.proveCredentials(foreign));
                if (failure instanceof CronofyException.Misconfigured) {
                    seconds.add(now());
                }
                middle.cronofy.forget(Call.PROVE_CREDENTIALS);
            }
            middle.paced.refresh(owner, middle.cronofy.tokens(Duration.ofHours(1)), Purpose.AWAITED_REFRESH);
            middle.clock.turn(Duration.ofSeconds(1));
        }

        assertThat(middle.cronofy.received(Call.REFRESH)).hasSizeGreaterThanOrEqualTo(180);
        assertThat(middle.cronofy.received(Call.PROVE_CREDENTIALS)).hasSizeLessThanOrEqualTo(60);
        assertThat(seconds).isNotEmpty();
        assertNeverExceeded();
    }

    @Test
    void a_rotated_secret_shares_the_budget_as_soon_as_cronofy_has_accepted_it() throws CronofyException {
        Application rotated = new Application(
                middle.application().dataCenter(), middle.application().clientId(), Secret.of("another"));
        Tokens tokens = middle.cronofy.tokens(Duration.ofHours(1));

        for (int i = 0; i < 50; i++) {
            middle.paced.refresh(rotated, tokens, Purpose.AWAITED_REFRESH);
        }

        assertThat(middle.cronofy.received(Call.REFRESH)).hasSize(50);
        assertThat(middle.tables.rows("EC_BUDGET")).singleElement().asString().doesNotContain("another");
    }

    @Test
    void without_the_database_nothing_is_sent_and_nobody_is_to_blame() {
        middle.transactions.fail(true);

        CronofyException.NotDone held = assertHeld(middle, middle.cronofy.tokens(Duration.ofHours(1)));

        assertThat(held.retryAfter()).isGreaterThanOrEqualTo(Duration.ofSeconds(1));
        assertThat(middle.cronofy.received(Call.REFRESH)).isEmpty();
    }

    /** The database takes its time, and meanwhile the second ends that something was drawn in. */
    @Test
    void whoever_draws_at_the_end_of_a_second_is_served_in_the_next() throws CronofyException {
        LongSupplier slow = () -> {
            middle.clock.turn(Duration.ofMillis(15));
            return middle.clock.millis();
        };
        RequestBudget budget = new RequestBudget(middle.transactions, Limits.DEFAULT, slow, () -> 0);
        PacedCronofy paced = new PacedCronofy(middle.cronofy, budget, middle.clock::millis, middle.clock::turn);
        Tokens tokens = middle.cronofy.tokens(Duration.ofHours(1));

        for (int i = 0; i < 200; i++) {
            Application fresh =
                    new Application(middle.application().dataCenter(), "fresh-" + i, Secret.of("secret-" + i));
            paced.proveCredentials(fresh);
            paced.refresh(fresh, tokens, Purpose.LOOK);
        }

        assertThat(middle.cronofy.received(Call.PROVE_CREDENTIALS)).hasSize(200);
        assertThat(middle.cronofy.received(Call.REFRESH)).hasSize(200);
    }

    /** What a node counts from, and whether its clock is set meanwhile, is of no account. */
    @Test
    void a_node_that_was_killed_and_comes_back_has_spent_what_it_had_spent() throws CronofyException {
        RequestBudget again =
                new RequestBudget(middle.transactions, Limits.DEFAULT, () -> middle.clock.millis() / 2, () -> 0);
        int before = middle.budget.reserve(middle.application(), Purpose.AWAITED_REFRESH, 50);

        assertThat(before).isEqualTo(50);
        assertThat(again.reserve(middle.application(), Purpose.AWAITED_REFRESH, 50))
                .isZero();
    }

    @Test
    void where_cronofy_hangs_only_some_wait_for_it_and_one_at_a_time_tells_when_that_is_over() throws CronofyException {
        Tokens tokens = middle.cronofy.tokens(Duration.ofHours(1));
        PacedCronofy paced = middle.paced;
        for (int i = 0; i < 4; i++) {
            middle.cronofy.script(Call.REFRESH, () -> {
                middle.clock.turn(Duration.ofSeconds(8));
                throw new CronofyException.Unavailable("no answer in time", Duration.ZERO);
            });
        }
        for (int i = 0; i < 3; i++) {
            assertThat(catchThrowableOfType(
                            CronofyException.class,
                            () -> paced.refresh(middle.application(), tokens, Purpose.AWAITED_REFRESH)))
                    .hasMessage("no answer in time");
        }

        assertThat(assertHeld(middle, tokens).retryAfter()).isBetween(Duration.ofSeconds(1), Duration.ofSeconds(5));
        middle.clock.turn(Duration.ofSeconds(5));
        assertThat(catchThrowableOfType(
                        CronofyException.class,
                        () -> paced.refresh(middle.application(), tokens, Purpose.AWAITED_REFRESH)))
                .hasMessage("no answer in time");
        assertHeld(middle, tokens);
        middle.clock.turn(Duration.ofSeconds(10));
        paced.refresh(middle.application(), tokens, Purpose.AWAITED_REFRESH);
        paced.refresh(middle.application(), tokens, Purpose.AWAITED_REFRESH);
    }
}
