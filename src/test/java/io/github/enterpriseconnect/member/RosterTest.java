package io.github.enterpriseconnect.member;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.enterpriseconnect.core.Consumer;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Mandate;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.RosterEntry;
import io.github.enterpriseconnect.middle.Middle;
import io.github.enterpriseconnect.middle.TestUser;
import io.github.enterpriseconnect.storage.Change;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What an application reads of the members of its links, and that its copy comes to be what is so. */
class RosterTest {
    private static final Consumer ALL = new Consumer("all", Set.of(Consumer.Right.DIRECTORY), null);
    private static final Consumer ACME = limited("acme");
    private static final Duration LATER = Duration.ofHours(1);

    private final Middle middle = new Middle();
    private final Roster roster = new Roster(middle.clock);

    @BeforeEach
    void link_the_organization() {
        middle.linked();
        middle.startWithoutReconciliation();
        middle.judgement.start();
    }

    private static Consumer limited(String... links) {
        return new Consumer("limited", Set.of(Consumer.Right.DIRECTORY), Set.of(links));
    }

    private RosterPosition beginning(Consumer consumer, @Nullable Instant since, @Nullable String organization) {
        return middle.transactions.inRealm(
                middle.realm.id(), work -> roster.beginning(work, consumer, since, organization));
    }

    private Roster.Page page(Consumer consumer, RosterPosition position, int max) {
        RosterPosition travelled = RosterPosition.read(position.toString()).orElseThrow();
        assertThat(travelled).isEqualTo(position);
        return middle.transactions.inRealm(middle.realm.id(), work -> roster.page(work, consumer, travelled, max));
    }

    /** An application that keeps a copy, as the manual says. */
    private final class Copy {
        private final Consumer consumer;
        private final Map<String, RosterEntry> entries = new LinkedHashMap<>();
        private @Nullable Instant since;

        private Copy(Consumer consumer) {
            this.consumer = consumer;
        }

        /** Reads what has changed, a few at a time. */
        private List<RosterEntry> update() {
            List<RosterEntry> told = new ArrayList<>();
            RosterPosition next = beginning(consumer, since, null);
            while (next != null) {
                Roster.Page page = page(consumer, next, 2);
                told.addAll(page.members());
                next = page.next();
                if (next == null) {
                    since = page.changedSince();
                } else {
                    assertThat(page.changedSince()).isNull();
                }
            }
            told.forEach(entry -> entries.put(entry.id(), entry));
            return told;
        }

        private Set<String> connected() {
            return entries.values().stream()
                    .filter(entry -> entry.state().equals("granted"))
                    .map(RosterEntry::userId)
                    .collect(Collectors.toCollection(TreeSet::new));
        }

        private RosterEntry only(TestUser user) {
            List<RosterEntry> found = entries.values().stream()
                    .filter(entry -> entry.userId().equals(user.id()))
                    .toList();
            assertThat(found).hasSize(1);
            return found.get(0);
        }
    }

    private Copy read(Consumer consumer) {
        Copy copy = new Copy(consumer);
        copy.update();
        return copy;
    }

    private void end(TestUser user, Reason reason) {
        Delegation delegation = middle.delegation(user);
        middle.transactions.doInRealm(middle.realm.id(), work -> middle.termination.end(work, delegation, reason));
    }

    private void remove(TestUser user) {
        middle.realm.remove(user);
        middle.transactions.doInRealm(middle.realm.id(), work -> work.changes()
                .add(new Change.UserRemoved(user.id(), List.of()), middle.clock.instant(), middle.clock.instant()));
        middle.worker.turn(Duration.ofMinutes(1));
    }

    /** Another link takes the mailbox on, as when a member changes from one organization to another. */
    private LinkId pass(TestUser user) {
        LinkId other = new LinkId(middle.realm.id(), "other");
        Delegation known = middle.delegation(user);
        middle.transactions.doInRealm(middle.realm.id(), work -> work.delegations()
                .postpone(
                        Optional.of(known),
                        new Mandate(other, user.id(), middle.applicationKey(), known.mailbox()),
                        Reason.UNAVAILABLE,
                        middle.clock.instant(),
                        middle.clock.instant().plus(LATER)));
        return other;
    }

    @Test
    void whoever_has_a_calendar_or_none_is_told_with_the_reason_and_since_when() {
        TestUser maria = middle.granted("maria");
        TestUser nina = middle.granted("nina");
        middle.clock.turn(LATER);
        end(nina, Reason.ENDED_BY_ADMINISTRATOR);

        Copy copy = read(ALL);

        assertThat(copy.connected()).containsExactly(maria.id());
        RosterEntry granted = copy.only(maria);
        assertThat(granted.link()).isEqualTo("acme");
        assertThat(granted.reason()).isNull();
        assertThat(granted.since()).isEqualTo(middle.delegation(maria).grantedAt());
        RosterEntry ended = copy.only(nina);
        assertThat(ended.state()).isEqualTo("revoked");
        assertThat(ended.reason()).isEqualTo("ended_by_administrator");
        assertThat(ended.since()).isEqualTo(middle.clock.instant());
    }

    @Test
    void each_page_goes_on_behind_the_last_one_and_tells_each_member_once() {
        List<TestUser> members = middle.grantedAtOnce(7);

        Copy copy = new Copy(ALL);

        assertThat(copy.update()).hasSize(7);
        assertThat(copy.connected())
                .containsExactlyInAnyOrderElementsOf(
                        members.stream().map(TestUser::id).toList());
    }

    @Test
    void who_changes_while_the_list_is_read_is_told_again_at_its_end() {
        TestUser first = middle.granted("first");
        middle.granted("second");
        middle.granted("third");
        Roster.Page page = page(ALL, beginning(ALL, null, null), 1);
        assertThat(page.members()).extracting(RosterEntry::userId).containsExactly(first.id());

        end(first, Reason.ENDED_BY_ADMINISTRATOR);

        Roster.Page rest = page(ALL, Objects.requireNonNull(page.next()), 5);
        assertThat(rest.members()).hasSize(3);
        assertThat(rest.members().get(2).userId()).isEqualTo(first.id());
        assertThat(rest.members().get(2).state()).isEqualTo("revoked");
        assertThat(rest.next()).isNull();
    }

    @Test
    void later_only_what_has_changed_is_told() {
        TestUser maria = middle.granted("maria");
        middle.granted("nina");
        Copy copy = read(ALL);
        middle.clock.turn(LATER);
        copy.update();
        middle.clock.turn(LATER);
        end(maria, Reason.ENDED_BY_ADMINISTRATOR);
        middle.clock.turn(LATER);

        assertThat(copy.update()).extracting(RosterEntry::userId).containsExactly(maria.id());
        assertThat(copy.only(maria).state()).isEqualTo("revoked");
        middle.clock.turn(LATER);
        assertThat(copy.update()).isEmpty();
    }

    /** Its time is that of the transaction's beginning, and Keycloak lets one last for five minutes. */
    @Test
    void what_a_slow_transaction_or_a_node_with_a_slow_clock_has_changed_is_told_once_it_is_there() {
        TestUser maria = middle.granted("maria");
        middle.clock.turn(LATER);
        Copy copy = read(ALL);
        assertThat(copy.connected()).hasSize(1);
        Instant begun = middle.clock.instant().minus(Roster.OVERLAP).plusSeconds(1);

        Delegation delegation = middle.delegation(maria);
        middle.transactions.doInRealm(middle.realm.id(), work -> work.delegations()
                .end(delegation.id(), Reason.ENDED_BY_ADMINISTRATOR, begun));
        middle.clock.turn(Duration.ofSeconds(1));

        copy.update();
        assertThat(copy.connected()).isEmpty();
    }

    @Test
    void a_retry_that_changes_nothing_that_is_told_is_not_told() {
        TestUser maria = middle.member("maria");
        Delegation asked = middle.asked(maria);
        Copy copy = read(ALL);
        middle.clock.turn(LATER);
        for (int i = 0; i < 2; i++) {
            middle.transactions.doInRealm(middle.realm.id(), work -> work.delegations()
                    .stayUnanswered(
                            asked,
                            Reason.NO_ANSWER,
                            middle.clock.instant(),
                            middle.clock.instant().plus(LATER)));
            assertThat(copy.update()).hasSize(i == 0 ? 1 : 0);
            middle.clock.turn(LATER);
            copy.update();
            middle.clock.turn(LATER);
        }

        assertThat(copy.only(maria).reason()).isEqualTo("no_answer");
    }

    @Test
    void of_who_is_removed_the_end_is_told_when_nothing_else_is_known_of_them_any_more() {
        TestUser maria = middle.granted("maria");
        Copy copy = read(ACME);
        Copy another = read(ALL);
        middle.clock.turn(LATER);

        remove(maria);

        assertThat(middle.tables.rows("EC_DELEGATION")).isEmpty();
        copy.update();
        another.update();
        assertThat(copy.only(maria).state()).isEqualTo("revoked");
        assertThat(copy.only(maria).reason()).isEqualTo("user_removed");
        assertThat(another.only(maria)).isEqualTo(copy.only(maria));
        assertThat(read(ALL).entries).as("of whom nobody has a copy").isEmpty();
    }

    @Test
    void that_somebody_has_departed_is_kept_for_thirty_days() {
        TestUser maria = middle.granted("maria");
        remove(maria);
        assertThat(middle.tables.rows("EC_DEPARTURE")).hasSize(1);

        middle.clock.turn(Roster.OLDEST);
        middle.worker.turn(LATER);
        assertThat(middle.tables.rows("EC_DEPARTURE")).hasSize(1);

        middle.clock.turn(Duration.ofDays(1));
        middle.worker.turn(LATER);
        assertThat(middle.tables.rows("EC_DEPARTURE")).isEmpty();
    }

    @Test
    void who_passes_to_another_link_has_left_the_one_and_come_to_the_other() {
        TestUser maria = middle.granted("maria");
        Copy acme = read(ACME);
        Copy other = read(limited("other"));
        Copy all = read(ALL);
        middle.clock.turn(LATER);

        pass(maria);

        acme.update();
        other.update();
        all.update();
        assertThat(acme.only(maria).state()).isEqualTo("revoked");
        assertThat(acme.only(maria).reason()).isEqualTo("left_organization");
        assertThat(other.only(maria).state()).isEqualTo("asked");
        assertThat(all.entries.values())
                .extracting(entry -> entry.link() + " " + entry.state())
                .containsExactlyInAnyOrder("acme revoked", "other asked");
    }

    @Test
    void a_mailbox_that_passes_to_somebody_else_is_no_longer_the_former_one_s() {
        TestUser maria = middle.granted("maria");
        TestUser nina = middle.member("nina");
        Copy copy = read(ALL);
        middle.clock.turn(LATER);

        Delegation known = middle.delegation(maria);
        middle.transactions.doInRealm(middle.realm.id(), work -> work.delegations()
                .postpone(
                        Optional.of(known),
                        new Mandate(middle.link, nina.id(), middle.applicationKey(), known.mailbox()),
                        Reason.UNAVAILABLE,
                        middle.clock.instant(),
                        middle.clock.instant().plus(LATER)));
        copy.update();

        assertThat(copy.entries).hasSize(1);
        assertThat(copy.only(nina).state()).isEqualTo("asked");
    }

    @Test
    void who_comes_back_to_a_link_has_left_it_no_more() {
        TestUser maria = middle.granted("maria");
        Copy acme = read(ACME);
        pass(maria);
        acme.update();

        Delegation known = middle.delegation(maria);
        middle.transactions.doInRealm(middle.realm.id(), work -> work.delegations()
                .postpone(
                        Optional.of(known),
                        new Mandate(middle.link, maria.id(), middle.applicationKey(), known.mailbox()),
                        Reason.UNAVAILABLE,
                        middle.clock.instant(),
                        middle.clock.instant().plus(LATER)));

        acme.update();
        assertThat(acme.only(maria).state()).isEqualTo("asked");
        assertThat(read(limited("other")).entries).isEmpty();
    }

    @Test
    void a_consumer_of_another_organization_sees_nobody_whatever_it_asks_for() {
        TestUser maria = middle.granted("maria");
        Consumer other = limited("other");
        Consumer none = limited();

        for (Consumer consumer : List.of(other, none)) {
            assertThat(read(consumer).entries).isEmpty();
            for (String organization : List.of("acme", "other", "unknown")) {
                Roster.Page page = page(consumer, beginning(consumer, null, organization), 10);
                assertThat(page.members()).isEmpty();
                assertThat(page.next()).isNull();
            }
        }
        remove(maria);
        assertThat(page(other, beginning(other, Instant.EPOCH, "acme"), 10).members())
                .isEmpty();
    }

    /** A position tells where to go on, and gives nobody a right. */
    @Test
    void a_position_of_somebody_who_may_see_more_shows_no_more() {
        middle.granted("maria");
        middle.granted("nina");
        RosterPosition next =
                Objects.requireNonNull(page(ALL, beginning(ALL, null, null), 1).next());
        Consumer other = limited("other");

        assertThat(next.fits(middle.realm.id(), ALL)).isTrue();
        assertThat(next.fits(middle.realm.id(), other)).isFalse();
        assertThat(next.fits("another", ALL)).isFalse();
        assertThat(page(other, next, 10).members()).isEmpty();
    }

    @Test
    void one_organization_alone_can_be_asked_for() {
        middle.granted("maria");
        TestUser nina = middle.granted("nina");
        LinkId other = pass(nina);

        assertThat(page(ALL, beginning(ALL, null, other.name()), 10).members())
                .extracting(RosterEntry::userId)
                .containsExactly(nina.id());
        Consumer both = limited("acme", "other");
        assertThat(read(both).entries).hasSize(2);
        assertThat(page(both, beginning(both, null, "acme"), 10).members()).hasSize(1);
    }

    @Test
    void with_very_many_organizations_in_which_nothing_happens_a_page_is_short_and_the_next_goes_on() {
        TestUser maria = middle.granted("maria");
        Consumer many = limited(IntStream.range(0, 100)
                .mapToObj(i -> i == 99 ? "acme" : "Z" + i)
                .toArray(String[]::new));

        assertThat(page(many, beginning(many, null, null), 10).members()).isEmpty();
        assertThat(read(many).connected()).containsExactly(maria.id());
    }

    @Test
    void whom_a_version_before_has_written_comes_first_with_the_time_of_its_history() {
        TestUser maria = middle.granted("maria");
        TestUser nina = middle.granted("nina");
        Instant granted = middle.delegation(nina).grantedAt();
        middle.tables.inTransaction(entities -> entities.createNativeQuery(
                        "update EC_DELEGATION set CHANGED_AT = 0 where USER_ID = '" + nina.id() + "'")
                .executeUpdate());

        Copy copy = new Copy(ALL);

        assertThat(copy.update()).extracting(RosterEntry::userId).containsExactly(nina.id(), maria.id());
        assertThat(copy.only(nina).since()).isEqualTo(granted);
    }

    @Test
    void a_state_of_a_newer_version_is_told_as_it_is_written() {
        TestUser maria = middle.granted("maria");
        middle.tables.inTransaction(entities -> entities.createNativeQuery(
                        "update EC_DELEGATION set STATE = 'FROM_THE_FUTURE', REASON = 'WHY_NOT'")
                .executeUpdate());

        RosterEntry told = read(ALL).only(maria);

        assertThat(told.state() + " " + told.reason()).isEqualTo("from_the_future why_not");
    }

    @Test
    void a_realm_that_is_back_tells_its_members_anew_and_says_so_while_some_may_be_missing() {
        TestUser maria = middle.granted("maria");
        Copy copy = read(ALL);
        middle.clock.turn(LATER);
        copy.update();
        middle.clock.turn(LATER);

        middle.transactions.doInRealm(middle.realm.id(), middle.removedRealms::removed);
        middle.transactions.remove(middle.realm);
        middle.transactions.restore(middle.realm);
        assertThat(incomplete()).isTrue();
        middle.transactions.doInRealm(middle.realm.id(), middle.removedRealms::created);
        middle.worker.run();

        assertThat(copy.update()).extracting(RosterEntry::userId).containsExactly(maria.id());
        middle.worker.turn(Middle.REALM_REMOVAL_GRACE.multipliedBy(2));
        assertThat(incomplete()).isFalse();
    }

    @Test
    void of_whom_a_realm_has_asked_for_anew_before_it_took_them_back_the_former_entry_ends() {
        TestUser maria = middle.granted("maria");
        Delegation former = middle.delegation(maria);
        Copy copy = read(ALL);
        middle.clock.turn(LATER);
        middle.transactions.doInRealm(middle.realm.id(), middle.removedRealms::removed);
        middle.transactions.remove(middle.realm);
        middle.transactions.restore(middle.realm);
        middle.transactions.doInRealm(middle.realm.id(), work -> work.delegations()
                .postpone(
                        Optional.empty(),
                        new Mandate(middle.link, maria.id(), middle.applicationKey(), former.mailbox()),
                        Reason.UNAVAILABLE,
                        middle.clock.instant(),
                        middle.clock.instant().plus(LATER)));
        middle.transactions.doInRealm(middle.realm.id(), middle.removedRealms::created);
        middle.worker.run();

        middle.worker.turn(Middle.REALM_REMOVAL_GRACE.multipliedBy(2));

        copy.update();
        RosterEntry ended = Objects.requireNonNull(copy.entries.get(former.id() + "." + middle.link.name()));
        assertThat(ended.state()).isEqualTo("revoked");
        assertThat(ended.reason()).isEqualTo("realm_removed");
        assertThat(copy.entries).hasSize(2);
    }

    private boolean incomplete() {
        return middle.transactions.inRealm(middle.realm.id(), Roster::incomplete);
    }

    @Test
    void whoever_waits_again_since_the_link_was_authorized_is_told() {
        TestUser maria = middle.granted("maria");
        middle.tables.inTransaction(entities -> entities.createNativeQuery(
                        "update EC_DELEGATION set STATE = 'REFUSED', REASON = 'LINK_NOT_ACTIVE'")
                .executeUpdate());
        Copy copy = read(ALL);
        assertThat(copy.only(maria).state()).isEqualTo("refused");
        middle.clock.turn(LATER);
        copy.update();
        middle.clock.turn(LATER);

        middle.transactions.doInRealm(
                middle.realm.id(), work -> work.linkHealth().authorized(middle.link, middle.clock.instant()));

        copy.update();
        assertThat(copy.only(maria).state()).isEqualTo("asked");
    }

    /** The history, which tells a failure once, says the same as before it was authorized. */
    @Test
    void whoever_is_refused_again_for_the_same_reason_since_the_link_was_authorized_is_told() {
        TestUser maria = middle.member("maria");
        refuse(middle.asked(maria));
        Copy copy = read(ALL);
        middle.clock.turn(LATER);
        middle.transactions.doInRealm(
                middle.realm.id(), work -> work.linkHealth().authorized(middle.link, middle.clock.instant()));
        copy.update();
        middle.clock.turn(LATER);
        copy.update();
        assertThat(copy.only(maria).state()).isEqualTo("asked");
        middle.clock.turn(LATER);

        refuse(middle.delegation(maria));

        copy.update();
        assertThat(copy.only(maria).state()).isEqualTo("refused");
        assertThat(copy.only(maria).reason()).isEqualTo("link_not_active");
        assertThat(copy.only(maria).since()).isEqualTo(middle.clock.instant());
    }

    private void refuse(Delegation delegation) {
        middle.transactions.doInRealm(middle.realm.id(), work -> work.delegations()
                .refuse(
                        delegation,
                        Reason.LINK_NOT_ACTIVE,
                        null,
                        middle.clock.instant(),
                        middle.clock.instant().plus(LATER)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "!", "MQ", "eyJhIjoxfQ", "//8"})
    void what_is_no_position_is_none(String text) {
        assertThat(RosterPosition.read(text)).isEmpty();
    }

    @Test
    void a_position_with_a_number_that_is_none_is_none() {
        String text = new String(
                Base64.getUrlDecoder().decode(beginning(ALL, null, null).toString()), StandardCharsets.UTF_8);

        assertThat(RosterPosition.read(encoded(text))).isPresent();
        assertThat(RosterPosition.read(encoded(text.replaceAll("\n[0-9]{8,}\n", "\nsoon\n"))))
                .isEmpty();
        assertThat(RosterPosition.read(encoded(text.replaceFirst("^1", "2")))).isEmpty();
        assertThat(RosterPosition.read(encoded(text + "\nmore"))).isEmpty();
        assertThat(RosterPosition.read(encoded(text + "x".repeat(3_000)))).isEmpty();
        assertThat(RosterPosition.read(encoded(text + "\0"))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "acme", "=", "=ac\0me"})
    void a_position_that_names_no_organization_where_one_belongs_is_none(String instead) {
        String text = new String(
                Base64.getUrlDecoder().decode(beginning(ALL, null, "acme").toString()), StandardCharsets.UTF_8);

        assertThat(RosterPosition.read(encoded(text))).isPresent();
        assertThat(RosterPosition.read(encoded(text.replace("\n=acme\n", "\n" + instead + "\n"))))
                .isEmpty();
    }

    private static String encoded(String text) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
