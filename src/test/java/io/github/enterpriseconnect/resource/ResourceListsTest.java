package io.github.enterpriseconnect.resource;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.enterpriseconnect.core.CronofyException;
import io.github.enterpriseconnect.core.Domain;
import io.github.enterpriseconnect.core.LinkDomain;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Purpose;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Resource;
import io.github.enterpriseconnect.middle.Middle;
import io.github.enterpriseconnect.middle.ScriptedCronofy.Call;
import io.github.enterpriseconnect.middle.ScriptedCronofy.Received;
import io.github.enterpriseconnect.middle.TestUser;
import io.github.enterpriseconnect.storage.ResourceListing;
import io.github.enterpriseconnect.token.AccessTokenRefused;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Which resources of a link are known, by what Cronofy lists. */
class ResourceListsTest {
    private static final Duration DAY = Duration.ofDays(1);

    private final Middle middle = new Middle();
    private final Rooms rooms = new Rooms(middle);

    @BeforeEach
    void start() {
        middle.resourceLists.start();
        middle.resourceAsks.start();
        middle.links.start();
    }

    private ResourceListing listing() {
        return middle.transactions.inRealm(
                middle.realm.id(), work -> work.resourceLists().of(middle.link));
    }

    private int asked() {
        return middle.cronofy.received(Call.RESOURCES).size();
    }

    @Test
    void nothing_is_asked_where_the_service_account_may_not_list_them() {
        middle.linked();

        middle.worker.turn(DAY.multipliedBy(3));

        assertThat(asked()).isZero();
    }

    @Test
    void they_are_listed_once_the_link_is_authorized_and_then_once_a_day_after_everybody_else() {
        middle.cronofy.lists(Rooms.room(Rooms.ONE, "Room 1", 8));
        middle.linkedWithResources();
        rooms.turn();

        Resource room = rooms.get(Rooms.ONE);
        assertThat(room.details()).isEqualTo(new Resource.Details("Room 1", 8, "{\"buildingName\":\"Main building\"}"));
        assertThat(room.wanted()).isFalse();
        assertThat(middle.cronofy.received(Call.RESOURCES))
                .extracting(Received::purpose)
                .containsExactly(Purpose.LOOK);

        middle.worker.turn(DAY.multipliedBy(2));

        assertThat(asked()).isBetween(3, 4);
        assertThat(middle.worker.failures()).isEmpty();
    }

    @Test
    void a_cronofy_that_knows_no_details_is_asked_without_them() {
        middle.cronofy.lists(Rooms.room(Rooms.ONE, "Room 1", null));
        middle.cronofy.fails(Call.RESOURCES, new CronofyException.Refused("422", true));
        middle.linkedWithResources();
        rooms.turn();

        assertThat(middle.cronofy.received(Call.RESOURCES))
                .extracting(Received::what)
                .containsExactly("with details", "without details");
        assertThat(rooms.all()).hasSize(1);
    }

    @Test
    void what_cannot_be_read_changes_nothing_and_is_told() {
        middle.linkedWithResources();
        rooms.listed(Rooms.ONE);
        middle.cronofy.fails(Call.RESOURCES, new CronofyException.Refused("403", false));

        rooms.listed();

        assertThat(rooms.get(Rooms.ONE).missingSince()).isNull();
        assertThat(listing().problem()).isEqualTo(Reason.REFUSED_BY_CRONOFY);

        middle.worker.turn(DAY);

        assertThat(listing().problem()).isNull();
        assertThat(rooms.get(Rooms.ONE).missingSince()).isNotNull();
    }

    @Test
    void a_list_for_which_there_is_no_room_is_read_once_there_is() {
        middle.cronofy.lists(Rooms.room(Rooms.ONE, "Room 1", 8));
        middle.cronofy.fails(Call.RESOURCES, CronofyException.NotDone.held("no room", Duration.ofSeconds(5)));
        middle.linkedWithResources();

        middle.worker.turn(Duration.ofMinutes(3));

        assertThat(asked()).isEqualTo(2);
        assertThat(rooms.all()).hasSize(1);
        assertThat(listing().problem()).isNull();
    }

    @Test
    void what_changes_at_the_customer_is_seen_and_what_does_not_stays_as_it_was() {
        middle.linkedWithResources();
        rooms.listed(Rooms.ONE, Rooms.TWO);
        Resource before = rooms.get(Rooms.TWO);
        middle.cronofy.lists(Rooms.room(Rooms.ONE, "Aquarium", 12), Rooms.room(Rooms.TWO, "Room 2", 8));

        middle.worker.turn(DAY);

        assertThat(rooms.get(Rooms.ONE).details().name()).isEqualTo("Aquarium");
        assertThat(rooms.get(Rooms.ONE).changedAt()).isAfter(before.changedAt());
        assertThat(rooms.get(Rooms.TWO)).isEqualTo(before);
    }

    @Test
    void addresses_of_other_domains_are_not_listed() {
        middle.linkedWithResources();

        rooms.listed(Rooms.ONE, "room1@other.example");

        assertThat(rooms.all()).extracting(Resource::mailbox).containsExactly(Rooms.mailbox(Rooms.ONE));
    }

    @Test
    void a_members_address_is_not_listed() {
        middle.linkedWithResources();
        middle.member("room2");

        rooms.listed(Rooms.ONE, Rooms.TWO);

        assertThat(rooms.all()).extracting(Resource::mailbox).containsExactly(Rooms.mailbox(Rooms.ONE));
    }

    @Test
    void what_is_missing_ends_after_three_days_and_not_sooner() {
        middle.linkedWithResources();
        rooms.granted(Rooms.ONE);
        middle.cronofy.lists();

        middle.worker.turn(DAY.multipliedBy(2));

        assertThat(rooms.get(Rooms.ONE).missingSince()).isNotNull();
        assertThat(middle.revocations()).isEmpty();

        middle.worker.turn(DAY.multipliedBy(3));

        assertThat(rooms.find(Rooms.ONE)).isEmpty();
        assertThat(middle.revocations())
                .singleElement()
                .satisfies(revocation -> assertThat(revocation.cause().reason()).isEqualTo(Reason.RESOURCE_MISSING));
    }

    @Test
    void what_was_missing_for_a_day_stays_delegated() {
        middle.linkedWithResources();
        rooms.granted(Rooms.ONE);
        middle.cronofy.lists();
        middle.worker.turn(DAY);
        middle.cronofy.lists(Rooms.room(Rooms.ONE, "Room 1", 8));

        middle.worker.turn(DAY.multipliedBy(5));

        assertThat(rooms.get(Rooms.ONE).missingSince()).isNull();
        assertThat(middle.revocations()).isEmpty();
    }

    @Test
    void a_thousand_rooms_are_taken_down_by_pages() {
        middle.linkedWithResources();
        String[] addresses = new String[1_000];
        for (int i = 0; i < addresses.length; i++) {
            addresses[i] = "room" + i + "@acme.example";
        }

        rooms.listed(addresses);

        assertThat(rooms.all()).hasSize(1_000);
        assertThat(asked()).isEqualTo(1);
        assertThat(middle.worker.failures()).isEmpty();
    }

    @Test
    void one_node_lists_them_for_all() {
        middle.linkedWithResources();
        rooms.listed(Rooms.ONE);
        Middle neighbour = new Middle(middle);
        neighbour.resourceLists.start();
        int before = asked();
        int beforeThere = neighbour.cronofy.received(Call.RESOURCES).size();

        middle.worker.turn(DAY);
        neighbour.worker.turn(Duration.ofMinutes(5));

        int here = asked() - before;
        int there = neighbour.cronofy.received(Call.RESOURCES).size() - beforeThere;
        assertThat(here).isEqualTo(1);
        assertThat(there).isIn(0, here);
    }

    /** Faster than to turn the clock through all that is due meanwhile. */
    private void days(int number) {
        for (int day = 0; day < number; day++) {
            middle.clock.turn(DAY);
            rooms.turn();
        }
    }

    /** Cronofy lists it all the time; whether anybody may use it is another matter. */
    private void staysListed(Runnable begin, Runnable end) throws AccessTokenRefused {
        middle.dispatcher.start();
        middle.linkedWithResources();
        rooms.granted(Rooms.ONE);

        begin.run();
        days(5);

        assertThat(rooms.get(Rooms.ONE).missingSince()).isNull();
        assertThat(middle.revocations()).isEmpty();
        end.run();
        days(1);
        assertThat(rooms.token(Rooms.ONE).mailbox()).isEqualTo(Rooms.ONE);
        assertThat(middle.worker.failures()).isEmpty();
    }

    @Test
    void a_listed_one_whose_address_is_a_members_for_days_does_not_end_and_the_member_is_not_asked_for()
            throws AccessTokenRefused {
        List<TestUser> members = new ArrayList<>();
        staysListed(() -> members.add(middle.member("room1")), () -> {
            middle.queue.add(middle.link, members.get(0).id());
            middle.worker.turn(Middle.COALESCE);
            assertThat(middle.row(members.get(0))).isEmpty();
            middle.realm.remove(members.get(0));
        });
        assertThat(middle.cronofy.received(Call.ASK)).hasSize(1);
    }

    @Test
    void a_listed_one_whose_domain_is_not_approved_for_days_does_not_end() throws AccessTokenRefused {
        staysListed(() -> approve(false), () -> approve(true));
    }

    private void approve(boolean approved) {
        middle.transactions.doInRealm(middle.realm.id(), work -> work.links()
                .approve(
                        middle.link,
                        List.of(
                                new LinkDomain(Domain.parse(Middle.DOMAIN).orElseThrow(), approved),
                                new LinkDomain(Domain.parse("other.example").orElseThrow(), true))));
    }

    @Test
    void a_listed_one_whose_domain_the_organization_has_lost_for_days_does_not_end() throws AccessTokenRefused {
        staysListed(() -> middle.realm.loseDomains(true), () -> middle.realm.loseDomains(false));
    }

    @Test
    void a_member_is_not_asked_for_by_the_address_of_one_that_is_missing_while_it_is_delegated() {
        middle.linkedWithResources();
        rooms.granted(Rooms.ONE);
        middle.cronofy.lists();
        days(1);
        TestUser member = middle.member("room1");

        middle.queue.add(middle.link, member.id());
        middle.worker.turn(Middle.COALESCE);

        assertThat(rooms.get(Rooms.ONE).missingSince()).isNotNull();
        assertThat(middle.row(member)).isEmpty();
    }

    @Test
    void what_is_listed_beyond_the_most_that_are_kept_is_not_missing() {
        middle.linkedWithResources();
        rooms.granted(Rooms.ONE);
        List<String> addresses = new ArrayList<>(IntStream.range(1_000, 1_000 + ListedResources.MOST)
                .mapToObj(number -> "x" + number + "@acme.example")
                .toList());
        addresses.add(Rooms.ONE);

        rooms.listed(addresses.toArray(String[]::new));

        assertThat(rooms.get(Rooms.ONE).missingSince()).isNull();
        assertThat(middle.transactions.<Long>inRealm(
                        middle.realm.id(), work -> work.resources().size(middle.link)))
                .isEqualTo(ListedResources.MOST);
    }

    @Test
    void however_many_are_missing_all_end() {
        middle.linkedWithResources();
        rooms.listed(IntStream.range(0, 450)
                .mapToObj(number -> "room" + number + "@acme.example")
                .toArray(String[]::new));
        rooms.listed(Rooms.ONE);

        days(5);

        assertThat(rooms.all()).extracting(Resource::mailbox).containsExactly(Rooms.mailbox(Rooms.ONE));
        assertThat(middle.worker.failures()).isEmpty();
    }

    @Test
    void links_that_an_older_version_has_authorized_are_found() {
        middle.linkedWithResources();
        middle.linked(new LinkId(middle.realm.id(), "other"), "ser_other", middle.cronofy.tokens(DAY));
        middle.transactions.doInRealm(
                middle.realm.id(), work -> work.resourceLists().remove(middle.link));

        days(2);

        assertThat(asked()).isPositive();
        assertThat(middle.worker.failures()).isEmpty();
    }
}
