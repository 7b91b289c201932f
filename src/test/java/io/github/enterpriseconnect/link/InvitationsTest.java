package io.github.enterpriseconnect.link;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.enterpriseconnect.core.Domain;
import io.github.enterpriseconnect.core.Invitation;
import io.github.enterpriseconnect.core.LinkDomain;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Ticket;
import io.github.enterpriseconnect.link.LinkAuthorization.Outcome;
import io.github.enterpriseconnect.middle.Middle;
import io.github.enterpriseconnect.middle.ScriptedCronofy.Call;
import io.github.enterpriseconnect.platform.Work;
import io.github.enterpriseconnect.storage.Change;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** An invitation serves whoever holds its address, once, for as long as it is open, and tells nothing afterwards. */
class InvitationsTest {
    private static final String BASE = "https://id.example.com";
    private static final String OTHER_BASE = "https://calendars.example.com";
    private static final Duration LIFETIME = Duration.ofDays(7);

    private final Middle middle = new Middle();

    @Test
    void an_invitation_is_made_for_a_link_and_its_address_is_known_to_nobody_but_its_bearer() {
        Invitations.Invited invited = invite();

        assertThat(invited.invitation())
                .isEqualTo(new Invitation(
                        invited.invitation().id(),
                        middle.link,
                        "admin",
                        false,
                        middle.clock.instant(),
                        middle.clock.instant().plus(LIFETIME),
                        null,
                        false));
        assertThat(stored()).containsExactly(invited.invitation());
        assertThat(invited.ticketUrl().reveal())
                .matches("https://id\\.example\\.com/realms/realm-1/enterprise-connect/invitation/[\\w-]{64}");
        Object hash = middle.tables.inTransaction(
                entities -> entities.createNativeQuery("select TICKET_HASH from EC_INVITATION")
                        .getSingleResult());
        assertThat(hash).isEqualTo(Ticket.hash(ticket(invited)));
    }

    @Test
    void two_invitations_of_a_link_are_two_tickets() {
        String first = ticket(invite());
        String second = ticket(invite());

        assertThat(second).isNotEqualTo(first);
        assertThat(middle.invitations.introduce("realm-1", first)).isPresent();
        assertThat(middle.invitations.introduce("realm-1", second)).isPresent();
    }

    @Test
    void the_settings_public_address_goes_before_the_frontends() {
        middle.realm.setPublicUrl(OTHER_BASE);
        Invitations.Invited invited = invite();

        assertThat(invited.ticketUrl().reveal()).startsWith(OTHER_BASE + "/realms/");
        assertThat(middle.invitations
                        .depart("realm-1", ticket(invited), BASE)
                        .orElseThrow()
                        .callback())
                .isEqualTo(URI.create(OTHER_BASE + "/realms/realm-1/enterprise-connect/callback/link"));
    }

    @Test
    void the_page_tells_what_is_asked_for_and_which_domains_are_approved() {
        Domain acme = Domain.parse("acme.example").orElseThrow();
        Domain waiting = Domain.parse("waiting.example").orElseThrow();
        inRealm(work -> middle.links.approve(
                work, middle.link, List.of(new LinkDomain(acme, true), new LinkDomain(waiting, false))));
        Invitations.Invited invited = invite();

        assertThat(middle.invitations.introduce("realm-1", ticket(invited)))
                .contains(new Invitations.Introduction(
                        invited.invitation(),
                        "service_account/accounts/manage",
                        "read_write",
                        List.of(acme),
                        false,
                        null));
    }

    @Test
    void the_page_tells_that_the_organization_is_linked_already() {
        String ticket = ticket(invite());
        middle.linked();

        assertThat(middle.invitations.introduce("realm-1", ticket))
                .hasValueSatisfying(
                        introduction -> assertThat(introduction.relink()).isTrue());
    }

    /** What makes an invitation worth nothing, whatever its bearer tries. */
    enum Over {
        UNKNOWN((test, invited) -> {}),
        EXPIRED((test, invited) -> test.middle.clock.turn(LIFETIME)),
        WITHDRAWN((test, invited) -> test.inRealm(work -> work.invitations()
                .withdraw(test.middle.link, invited.invitation().id()))),
        USED((test, invited) ->
                test.inRealm(work -> work.invitations().use(invited.invitation().id(), test.middle.clock.instant()))),
        LINK_REMOVED((test, invited) -> test.removeOrganization()),
        SETTINGS_MISSING((test, invited) -> test.middle.realm.loseSettings());

        @SuppressWarnings("ImmutableEnumChecker") // The lambdas above capture nothing.
        private final BiConsumer<InvitationsTest, Invitations.Invited> happens;

        Over(BiConsumer<InvitationsTest, Invitations.Invited> happens) {
            this.happens = happens;
        }
    }

    private void removeOrganization() {
        inRealm(work -> {
            work.changes()
                    .add(new Change.OrganizationRemoved(middle.link), middle.clock.instant(), middle.clock.instant());
            return true;
        });
        middle.links.organizationRemoved(middle.link);
        middle.worker.run();
    }

    @ParameterizedTest
    @EnumSource
    void an_invitation_that_is_over_tells_nothing_and_lets_nobody_depart(Over over) {
        Invitations.Invited invited = invite();
        over.happens.accept(this, invited);
        String ticket = over == Over.UNKNOWN ? "guessed" : ticket(invited);

        assertThat(middle.invitations.introduce("realm-1", ticket)).isEmpty();
        assertThat(middle.invitations.depart("realm-1", ticket, BASE)).isEmpty();
        assertThat(roundTrips()).isZero();
    }

    @Test
    void an_invitation_is_good_until_the_moment_it_expires() {
        String ticket = ticket(invite());
        middle.clock.turn(LIFETIME.minusMillis(1));

        assertThat(middle.invitations.introduce("realm-1", ticket)).isPresent();
        assertThat(middle.invitations.depart("realm-1", ticket, BASE)).isPresent();
    }

    @Test
    void an_invitation_is_good_in_its_own_realm_alone() {
        String ticket = ticket(invite());
        middle.anotherRealm("realm-2");

        assertThat(middle.invitations.introduce("realm-2", ticket)).isEmpty();
        assertThat(middle.invitations.depart("realm-2", ticket, BASE)).isEmpty();
    }

    @Test
    void nobody_departs_without_the_applications_secret() {
        String ticket = ticket(invite());
        middle.realm.loseSecret();

        assertThat(middle.invitations.depart("realm-1", ticket, BASE)).isEmpty();

        assertThat(roundTrips()).isZero();
    }

    @Test
    void another_links_administrator_withdraws_nothing() {
        Invitations.Invited invited = invite();

        boolean withdrawn = inRealm(work -> work.invitations()
                .withdraw(new LinkId("realm-1", "other"), invited.invitation().id()));

        assertThat(withdrawn).isFalse();
        assertThat(middle.invitations.introduce("realm-1", ticket(invited))).isPresent();
    }

    @Test
    void a_departure_takes_along_what_its_browser_is_known_by_and_nothing_of_it_is_stored_in_clear() {
        String ticket = ticket(invite());

        Invitations.Departure departure =
                middle.invitations.depart("realm-1", ticket, BASE).orElseThrow();

        String state = state(departure);
        String cookie = departure.cookie().reveal();
        assertThat(departure.cookieName())
                .isEqualTo("KC_ENTERPRISE_CONNECT_" + Ticket.hash(state).substring(0, 16));
        assertThat(departure.callback())
                .isEqualTo(URI.create(BASE + "/realms/realm-1/enterprise-connect/callback/link"));
        assertThat(List.of(state, cookie)).doesNotHaveDuplicates().doesNotContain(ticket);
        Object stored = middle.tables.inTransaction(entities -> entities.createNativeQuery(
                        "select STATE_HASH || ' ' || COOKIE_HASH || ' ' || BASE_URL from EC_INVITATION")
                .getSingleResult());
        assertThat(stored).isEqualTo(Ticket.hash(state) + " " + Ticket.hash(cookie) + " " + BASE);
    }

    /** Whoever opens the page a second time, in another browser perhaps, goes on there. */
    @Test
    void of_two_departures_by_one_invitation_the_later_counts() {
        String ticket = ticket(invite());
        Invitations.Departure first =
                middle.invitations.depart("realm-1", ticket, BASE).orElseThrow();
        Invitations.Departure second =
                middle.invitations.depart("realm-1", ticket, BASE).orElseThrow();

        assertThat(second.cookieName()).isNotEqualTo(first.cookieName());
        assertThat(arrive(first)).isEqualTo(Outcome.NOT_YOURS);
        assertThat(arrive(second)).isEqualTo(Outcome.AWAITING_APPROVAL);
        assertThat(middle.cronofy.received(Call.EXCHANGE)).hasSize(1);
        assertThat(middle.invitations.depart("realm-1", ticket, BASE)).isEmpty();
    }

    @Test
    void two_invitations_in_one_browser_do_not_meet() {
        Invitations.Departure first =
                middle.invitations.depart("realm-1", ticket(invite()), BASE).orElseThrow();
        Invitations.Departure second =
                middle.invitations.depart("realm-1", ticket(invite()), BASE).orElseThrow();

        assertThat(first.cookieName()).isNotEqualTo(second.cookieName());
        assertThat(arrive(first)).isEqualTo(Outcome.AWAITING_APPROVAL);
        assertThat(arrive(second)).isEqualTo(Outcome.AWAITING_APPROVAL);
    }

    private Invitations.Invited invite() {
        return inRealm(work -> middle.invitations.invite(
                work,
                work.realm().settings().orElseThrow(),
                new Invitations.Wish(middle.link, "admin", false, LIFETIME),
                BASE));
    }

    private Outcome arrive(Invitations.Departure departure) {
        return middle.authorization.complete(
                "realm-1", state(departure), departure.cookie().reveal(), "code", null);
    }

    private static String ticket(Invitations.Invited invited) {
        String url = invited.ticketUrl().reveal();
        return url.substring(url.lastIndexOf('/') + 1);
    }

    private static String state(Invitations.Departure departure) {
        String url = departure.authorizationUrl().toString();
        return url.substring(url.indexOf("state=") + 6);
    }

    private List<Invitation> stored() {
        return inRealm(work -> work.invitations().list(middle.link));
    }

    /** How many are on their way to Cronofy. */
    private long roundTrips() {
        return ((Number) middle.tables.inTransaction(entities -> entities.createNativeQuery(
                                "select count(*) from EC_INVITATION where STATE_HASH is not null")
                        .getSingleResult()))
                .longValue();
    }

    private <T> T inRealm(Function<Work, T> work) {
        return middle.transactions.inRealm("realm-1", work);
    }
}
