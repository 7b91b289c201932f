package io.github.enterpriseconnect.candidate;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.SignIn;
import io.github.enterpriseconnect.middle.Middle;
import io.github.enterpriseconnect.middle.TestClock;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What sign-ins go by, and for how long. */
class LinkCacheTest {
    private static final Duration HALF = Duration.ofSeconds(30);

    private final Middle middle = new Middle();
    private final TestClock clock = middle.clock;
    private final RecentSignIns recentSignIns = middle.recentSignIns;
    private final LinkCache cache = middle.cache;
    private final LinkId acme = middle.link;
    private final LinkId other = new LinkId(acme.realm(), "other");

    @Test
    void a_link_is_known_for_sixty_seconds_after_it_was_read() {
        Link link = cache.learn(Link.unlinked(acme));

        clock.turn(Duration.ofSeconds(59));
        assertThat(cache.known(acme)).contains(link);
        clock.turn(Duration.ofSeconds(1));
        assertThat(cache.known(acme)).isEmpty();
    }

    @Test
    void a_link_that_sign_ins_go_by_is_read_anew_before_it_is_too_old() {
        cache.learn(Link.unlinked(acme));
        Link linked = middle.linked();

        clock.turn(HALF);
        assertThat(cache.known(acme)).map(Link::state).contains(Link.State.UNLINKED);
        middle.worker.run();
        assertThat(cache.known(acme)).contains(linked);
        clock.turn(HALF);
        assertThat(cache.known(acme)).contains(linked);
    }

    @Test
    void what_is_forgotten_while_it_is_read_anew_stays_forgotten() {
        cache.learn(Link.unlinked(acme));
        clock.turn(HALF);
        cache.known(acme);

        cache.forget(acme);
        middle.worker.run();

        assertThat(cache.known(acme)).isEmpty();
    }

    @Test
    void a_link_that_cannot_be_read_anew_is_known_until_it_is_too_old() {
        LinkId gone = new LinkId("no such realm", "acme");
        Link link = cache.learn(Link.unlinked(gone));
        clock.turn(HALF);

        cache.known(gone);
        middle.worker.run();

        assertThat(middle.worker.failures()).isEmpty();
        assertThat(cache.known(gone)).contains(link);
        clock.turn(HALF);
        assertThat(cache.known(gone)).isEmpty();
    }

    /** Else whoever signed in right before the link became active would not be delegated at the sign-in after. */
    @Test
    void whoever_signed_in_before_a_link_changed_is_looked_at_again() {
        recentSignIns.remember("maria", SignIn.DIRECT, acme);
        recentSignIns.remember("ben", SignIn.DIRECT, other);

        cache.forget(acme);

        assertThat(recentSignIns.known("maria", SignIn.DIRECT)).isFalse();
        assertThat(recentSignIns.known("ben", SignIn.DIRECT)).isTrue();
    }

    @Test
    void a_sign_in_is_remembered_for_ten_seconds_and_for_its_own_way_in_alone() {
        recentSignIns.remember("maria", SignIn.DIRECT, acme);

        assertThat(recentSignIns.known("maria", new SignIn("corporate", null))).isFalse();
        clock.turn(Duration.ofSeconds(9));
        assertThat(recentSignIns.known("maria", SignIn.DIRECT)).isTrue();
        clock.turn(Duration.ofSeconds(1));
        assertThat(recentSignIns.known("maria", SignIn.DIRECT)).isFalse();
    }
}
