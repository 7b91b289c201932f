package io.github.enterpriseconnect.candidate;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.SignIn;
import io.github.enterpriseconnect.middle.TestClock;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What sign-ins go by, and for how long. */
class LinkCacheTest {
    private static final LinkId ACME = new LinkId("realm", "acme");
    private static final LinkId OTHER = new LinkId("realm", "other");

    private final TestClock clock = new TestClock();
    private final RecentSignIns recentSignIns = new RecentSignIns(clock);
    private final LinkCache cache = new LinkCache(recentSignIns, clock);

    @Test
    void a_link_is_known_for_sixty_seconds_after_it_was_read() {
        Link link = cache.learn(Link.unlinked(ACME));

        clock.turn(Duration.ofSeconds(59));
        assertThat(cache.known(ACME)).contains(link);
        clock.turn(Duration.ofSeconds(1));
        assertThat(cache.known(ACME)).isEmpty();
    }

    /** Else whoever signed in right before the link became active would not be delegated at the sign-in after. */
    @Test
    void whoever_signed_in_before_a_link_changed_is_looked_at_again() {
        recentSignIns.remember("maria", SignIn.DIRECT, ACME);
        recentSignIns.remember("ben", SignIn.DIRECT, OTHER);

        cache.forget(ACME);

        assertThat(recentSignIns.known("maria", SignIn.DIRECT)).isFalse();
        assertThat(recentSignIns.known("ben", SignIn.DIRECT)).isTrue();
    }

    @Test
    void a_sign_in_is_remembered_for_ten_seconds_and_for_its_own_way_in_alone() {
        recentSignIns.remember("maria", SignIn.DIRECT, ACME);

        assertThat(recentSignIns.known("maria", new SignIn("corporate", null))).isFalse();
        clock.turn(Duration.ofSeconds(9));
        assertThat(recentSignIns.known("maria", SignIn.DIRECT)).isTrue();
        clock.turn(Duration.ofSeconds(1));
        assertThat(recentSignIns.known("maria", SignIn.DIRECT)).isFalse();
    }
}
