package io.github.enterpriseconnect.platform;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.enterpriseconnect.core.Ticket;
import io.github.enterpriseconnect.delegation.DelegationAnswers;
import io.github.enterpriseconnect.delegation.DelegationAnswers.Receipt;
import io.github.enterpriseconnect.link.Invitations;
import io.github.enterpriseconnect.link.LinkAuthorization;
import io.github.enterpriseconnect.middle.Middle;
import io.github.enterpriseconnect.middle.TestUser;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What strangers may try at our public doors costs the database nothing, and whoever we have given a ticket gets in. */
class TicketsTest {
    private static final String FRONTEND = "https://id.example.com";
    private static final String NOTIFICATION_BODY = "{\"notification\": {\"type\": \"change\"}}";
    private static final String CODE = "{\"authorization\": {\"code\": \"first\"}}";
    private static final Duration PLAIN_TICKETS_LIVE = Duration.ofDays(30);

    private final SecureRandom random = new SecureRandom();
    private final Middle middle = new Middle();

    /** Everything that can be tried with a ticket. */
    enum Try {
        CALLBACK(Ticket.Door.DELEGATION_CALLBACK) {
            @Override
            boolean works(Middle middle, String ticket) {
                return answer(middle.answers, middle, ticket) == Receipt.TAKEN;
            }
        },
        INVITATION(Ticket.Door.INVITATION) {
            @Override
            boolean works(Middle middle, String ticket) {
                return middle.invitations.introduce(middle.realm.id(), ticket).isPresent();
            }
        },
        DEPARTURE(Ticket.Door.INVITATION) {
            @Override
            boolean works(Middle middle, String ticket) {
                return middle.invitations
                        .depart(middle.realm.id(), ticket, FRONTEND)
                        .isPresent();
            }
        },
        NOTIFICATION(Ticket.Door.NOTIFICATION_CALLBACK) {
            @Override
            boolean works(Middle middle, String ticket) {
                return middle.notifications.receive(
                                middle.realm.id(),
                                ticket,
                                Optional.empty(),
                                NOTIFICATION_BODY.getBytes(StandardCharsets.UTF_8))
                        == Receipt.TAKEN;
            }
        },
        RETURN(Ticket.Door.LINK_CALLBACK) {
            @Override
            boolean works(Middle middle, String ticket) {
                return middle.authorization.complete(middle.realm.id(), ticket, "cookie", "code", null)
                        != LinkAuthorization.Outcome.NOT_YOURS;
            }
        };

        private final Ticket.Door door;

        Try(Ticket.Door door) {
            this.door = door;
        }

        abstract boolean works(Middle middle, String ticket);
    }

    private static Receipt answer(DelegationAnswers answers, Middle middle, String ticket) {
        return answers.receive(middle.realm.id(), ticket, Optional.empty(), CODE.getBytes(StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @EnumSource(Try.class)
    void a_forged_ticket_is_refused_at_every_door_without_a_statement(Try tried) {
        middle.tickets.start();
        middle.linked();
        String genuine =
                middle.tickets.issue(tried.door, middle.realm.id()).value().reveal();
        Ticket.Door another = Arrays.stream(Ticket.Door.values())
                .filter(door -> door != tried.door)
                .findFirst()
                .orElseThrow();
        List<String> forged = List.of(
                "",
                "never-issued",
                "%00",
                genuine.substring(1),
                genuine + "A",
                genuine + "=",
                (genuine.startsWith("A") ? "B" : "A") + genuine.substring(1),
                genuine.substring(0, 63) + (genuine.endsWith("A") ? "B" : "A"),
                middle.tickets.issue(another, middle.realm.id()).value().reveal(),
                middle.tickets.issue(tried.door, "another realm").value().reveal(),
                Ticket.random(random).value().reveal(),
                "A".repeat(64),
                "x".repeat(100_000));

        assertThat(middle.tables.statements(() -> forged.forEach(ticket ->
                        assertThat(tried.works(middle, ticket)).as(ticket).isFalse())))
                .isEmpty();
    }

    @Test
    void what_was_asked_and_invited_for_gets_in() {
        middle.tickets.start();
        middle.linked();
        TestUser maria = middle.member("maria");
        middle.cronofy.opens(maria.email());
        middle.asked(maria);
        String invitation = invited();

        assertThat(Try.CALLBACK.works(middle, callback(maria))).isTrue();
        assertThat(Try.INVITATION.works(middle, invitation)).isTrue();
        assertThat(Try.DEPARTURE.works(middle, invitation)).isTrue();
    }

    /** Each node has read the key by itself. */
    @ParameterizedTest
    @EnumSource(Ticket.Door.class)
    void what_one_node_has_made_is_good_on_every_other(Ticket.Door door) {
        Ticket ticket = middle.tickets.issue(door, middle.realm.id());

        assertThat(another().forged(door, middle.realm.id(), ticket.value().reveal()))
                .isFalse();
    }

    @Test
    void two_nodes_that_start_for_the_first_time_at_once_have_one_key() {
        Tickets other = another();
        middle.transactions.meanwhile(other::start);
        middle.tickets.start();

        Ticket ticket = middle.tickets.issue(Ticket.Door.INVITATION, middle.realm.id());
        assertThat(other.forged(
                        Ticket.Door.INVITATION,
                        middle.realm.id(),
                        ticket.value().reveal()))
                .isFalse();
        assertThat(middle.tables.rows("EC_TICKET_KEY")).hasSize(1);
    }

    /** An ask or an invitation may have been sent before the server was updated. */
    @Test
    void a_ticket_of_an_older_version_is_good_for_as_long_as_one_can_be_in_use() {
        TestUser maria = askedForByAnOlderVersion();
        String plain = older();

        assertThat(Try.CALLBACK.works(middle, plain)).isTrue();
        middle.worker.run();
        assertThat(middle.realm.credential(maria)).isPresent();

        middle.clock.turn(PLAIN_TICKETS_LIVE);
        assertThat(middle.tables.statements(
                        () -> assertThat(Try.CALLBACK.works(middle, plain)).isFalse()))
                .isEmpty();
    }

    @Test
    void at_a_door_that_no_older_version_knew_a_ticket_without_a_proof_is_refused_at_once() {
        askedForByAnOlderVersion();
        middle.tickets.start();
        String plain = Ticket.random(random).value().reveal();

        assertThat(middle.tables.statements(
                        () -> assertThat(Try.NOTIFICATION.works(middle, plain)).isFalse()))
                .isEmpty();
        assertThat(middle.tables.statements(
                        () -> assertThat(Try.CALLBACK.works(middle, plain)).isFalse()))
                .isNotEmpty();
    }

    /** Only what is certainly wrong is refused without a look. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void while_the_key_cannot_be_read_the_tables_tell(boolean genuine) {
        middle.linked();
        TestUser maria = middle.member("maria");
        middle.cronofy.opens(maria.email());
        middle.asked(maria);
        String forged = "A".repeat(64);
        middle.transactions.takeTicketKeyAway(true);
        DelegationAnswers node = new DelegationAnswers(
                middle.transactions,
                another(),
                middle.redemption,
                middle.verification,
                middle.queue,
                middle.retries,
                middle.clock);

        assertThat(answer(node, middle, genuine ? callback(maria) : forged))
                .isEqualTo(genuine ? Receipt.TAKEN : Receipt.UNKNOWN);

        middle.transactions.takeTicketKeyAway(false);
        answer(node, middle, forged);
        assertThat(middle.tables.statements(() -> answer(node, middle, forged))).isEmpty();
    }

    private Tickets another() {
        return new Tickets(middle.transactions, random, middle.clock);
    }

    private String invited() {
        Invitations.Invited invited = middle.transactions.inRealm(
                middle.realm.id(),
                work -> middle.invitations.invite(
                        work,
                        work.realm().settings().orElseThrow(),
                        new Invitations.Wish(middle.link, "admin", false, Duration.ofHours(1)),
                        FRONTEND));
        return lastOf(invited.ticketUrl().reveal());
    }

    private String callback(TestUser member) {
        return lastOf(middle.cronofy.callbackOf(member.address()));
    }

    private static String lastOf(String url) {
        return url.substring(url.lastIndexOf('/') + 1);
    }

    private static String older() {
        return "A".repeat(43);
    }

    private TestUser askedForByAnOlderVersion() {
        middle.linked();
        TestUser maria = middle.member("maria");
        middle.cronofy.opens(maria.email());
        middle.asked(maria);
        middle.tables.inTransaction(
                entities -> entities.createNativeQuery("update EC_DELEGATION set TICKET_HASH = :hash")
                        .setParameter("hash", Ticket.hash(older()))
                        .executeUpdate());
        return maria;
    }
}
