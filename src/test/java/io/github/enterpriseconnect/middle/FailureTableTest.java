package io.github.enterpriseconnect.middle;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.enterpriseconnect.core.CronofyException;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Revocation;
import io.github.enterpriseconnect.core.SignIn;
import io.github.enterpriseconnect.credential.CredentialOwner;
import io.github.enterpriseconnect.middle.ScriptedCronofy.Call;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What each kind of failure leaves behind at each call, once and again and again. {@code FailuresIT} shows which
 * answer of Cronofy's is of which kind.
 */
class FailureTableTest {
    /** Long enough that whatever gives somebody up has done so. */
    private static final Duration LONG = Duration.ofMinutes(15);

    /**
     * The columns:
     *
     * <ul>
     *   <li>refresh: a member's refresh: the delegation's state after it failed for long
     *   <li>redeem: a member's code: what is sent next, then the state and reason meanwhile
     *   <li>ask: asking for two members together: their state and reason, then the link's problem
     *   <li>renew: the service account's refresh before asking: likewise, then the link's state
     *   <li>revoke: the revocation's state and problem after it failed for long
     * </ul>
     */
    private static final String TABLE = """
            failure          | refresh | redeem                            | ask                                               | renew                                                     | revoke
            no_connection    | granted | again, asked unavailable          | asked unavailable, unavailable                    | asked unavailable, unavailable, active                    | pending unavailable
            too_many         | granted | again, asked none                 | asked unavailable, none                           | asked unavailable, none, active                           | pending none
            allowance_spent  | granted | again, asked none                 | asked unavailable, none                           | asked unavailable, none, active                           | pending none
            answer_lost      | granted | again, asked unavailable          | asked unavailable, unavailable                    | asked unavailable, unavailable, active                    | pending unavailable
            server_fault     | granted | again, asked unavailable          | asked unavailable, unavailable                    | asked unavailable, unavailable, active                    | pending unavailable
            misconfigured    | granted | again, asked misconfigured        | asked misconfigured, misconfigured                | asked misconfigured, misconfigured, active                | pending misconfigured
            refused          | granted | anew, asked refused_by_cronofy    | asked refused_by_cronofy, refused_by_cronofy      | asked refused_by_cronofy, refused_by_cronofy, active      | pending refused_by_cronofy
            request_faulty   | granted | anew, asked refused_by_cronofy    | asked refused_by_cronofy, refused_by_cronofy      | asked refused_by_cronofy, refused_by_cronofy, active      | pending refused_by_cronofy
            not_recognised   | granted | anew, asked authorization_gone    | asked authorization_gone, authorization_gone      | asked authorization_gone, authorization_gone, active      | pending authorization_gone
            grant_gone       | revoked | anew, asked authorization_gone    | asked unavailable, none                           | refused link_not_active, authorization_gone, needs_authorization | pending authorization_gone
            """;

    /** The kinds of failures. */
    enum Kind {
        NO_CONNECTION,
        TOO_MANY,
        ALLOWANCE_SPENT,
        ANSWER_LOST,
        SERVER_FAULT,
        MISCONFIGURED,
        REFUSED,
        REQUEST_FAULTY,
        NOT_RECOGNISED,
        GRANT_GONE;

        CronofyException failure() {
            return switch (this) {
                case NO_CONNECTION ->
                    new CronofyException.NotDone("no connection", Duration.ZERO, new IOException("refused"));
                case TOO_MANY -> new CronofyException.NotDone("429", Duration.ofSeconds(3));
                case ALLOWANCE_SPENT -> CronofyException.Unavailable.notSent(Duration.ofSeconds(3));
                case ANSWER_LOST -> new CronofyException.Unavailable("no answer in time", Duration.ZERO);
                case SERVER_FAULT -> new CronofyException.Unavailable("503", Duration.ofSeconds(3));
                case MISCONFIGURED -> new CronofyException.Misconfigured("invalid_client");
                case REFUSED -> new CronofyException.Refused("403", false);
                case REQUEST_FAULTY -> new CronofyException.Refused("422", true);
                case NOT_RECOGNISED -> new CronofyException.TokenNotRecognised("401");
                case GRANT_GONE -> new CronofyException.GrantGone("invalid_grant");
            };
        }
    }

    static Stream<Arguments> table() {
        List<List<String>> lines = TABLE.lines()
                .map(line ->
                        Arrays.stream(line.split("\\|", -1)).map(String::strip).toList())
                .toList();
        assertThat(lines.subList(1, lines.size()))
                .extracting(line -> line.get(0))
                .containsExactlyElementsOf(Arrays.stream(Kind.values())
                        .map(kind -> kind.name().toLowerCase(Locale.ROOT))
                        .toList());
        return lines.stream().skip(1).flatMap(line -> Stream.of(1, 2, 3, 4, 5)
                .map(column -> Arguments.of(
                        Kind.valueOf(line.get(0).toUpperCase(Locale.ROOT)),
                        lines.get(0).get(column),
                        line.get(column))));
    }

    private final Middle middle = new Middle();

    @ParameterizedTest(name = "{0} at {1}: {2}")
    @MethodSource("table")
    void each_failure_leaves_what_the_table_says(Kind kind, String call, String expected) {
        middle.linked();
        String observed =
                switch (call) {
                    case "refresh" -> refresh(kind);
                    case "redeem" -> redeem(kind);
                    case "ask" -> ask(kind, Call.ASK);
                    case "renew" -> ask(kind, Call.REFRESH);
                    case "revoke" -> revoke(kind);
                    default -> throw new IllegalArgumentException(call);
                };
        assertThat(observed).isEqualTo(expected);
    }

    private void fail(Kind kind, Call call) {
        for (int i = 0; i < 2_000; i++) {
            middle.cronofy.fails(call, kind.failure());
        }
    }

    private String refresh(Kind kind) {
        TestUser maria = middle.granted("maria");
        CredentialOwner owner = new CredentialOwner.OfMember(
                middle.realm.id(), middle.delegation(maria).id(), maria.id());
        middle.clock.turn(Duration.ofHours(4));
        fail(kind, Call.REFRESH);
        for (int i = 0; i < 20; i++) {
            try {
                middle.credentials.forWork(owner);
            } catch (CronofyException expected) {
                middle.clock.turn(Duration.ofMinutes(2));
            }
        }
        return middle.delegation(maria).state().id();
    }

    private String redeem(Kind kind) {
        middle.queue.start();
        TestUser maria = middle.member("maria");
        middle.cronofy.opens(maria.email());
        middle.asked(maria);
        middle.answered(maria);
        middle.cronofy.fails(Call.EXCHANGE, kind.failure());
        middle.worker.run();
        middle.worker.turn(Duration.ofSeconds(20));
        boolean again = middle.cronofy.received(Call.EXCHANGE).size() > 1;

        TestUser john = middle.member("john");
        middle.asked(john);
        fail(kind, Call.EXCHANGE);
        middle.answered(john);
        middle.worker.run();
        return (again ? "again" : "anew") + ", " + state(john);
    }

    private String ask(Kind kind, Call at) {
        middle.queue.start();
        TestUser maria = middle.member("maria");
        TestUser john = middle.member("john");
        if (at == Call.REFRESH) {
            middle.clock.turn(Duration.ofHours(4));
        }
        fail(kind, at);
        middle.queue.add(middle.link, maria.id(), SignIn.DIRECT);
        middle.queue.add(middle.link, john.id(), SignIn.DIRECT);
        middle.worker.turn(LONG);
        assertThat(state(john)).isEqualTo(state(maria));
        Link link = middle.link();
        Link.Problem problem = link.problem();
        String told = state(maria) + ", "
                + (problem == null ? "none" : problem.reason().id());
        return at == Call.REFRESH ? told + ", " + link.state().id() : told;
    }

    private String revoke(Kind kind) {
        middle.dispatcher.start();
        TestUser maria = middle.granted("maria");
        fail(kind, Call.REVOKE);
        middle.transactions.doInRealm(
                middle.realm.id(),
                work -> middle.termination.end(work, middle.delegation(maria), Reason.ENDED_BY_ADMINISTRATOR));
        middle.worker.turn(LONG);
        Revocation revocation = middle.revocations().get(0);
        return revocation.state().id() + " "
                + (revocation.problem() == null ? "none" : revocation.problem().id());
    }

    private String state(TestUser member) {
        Delegation row = middle.delegation(member);
        return row.state().id() + " "
                + (row.reason() == null ? "none" : row.reason().id());
    }
}
