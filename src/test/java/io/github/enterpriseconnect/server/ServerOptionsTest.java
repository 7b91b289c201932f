package io.github.enterpriseconnect.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.enterpriseconnect.core.Limits;
import io.github.enterpriseconnect.revocation.Pace;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.keycloak.Config;

/** What operators write, and what they are told that is wrong. */
class ServerOptionsTest {

    @Test
    void what_is_not_set_has_a_default() {
        ServerOptions options = options(Map.of());

        assertThat(options.realmRemovalGrace()).isEqualTo(Duration.ofHours(1));
        assertThat(options.pace()).isEqualTo(new Pace(Duration.ofMinutes(10), Duration.ofHours(24)));
    }

    @ParameterizedTest
    @CsvSource({"2, 5, 2, 5", "2, 1, 2, 2", "'', 60, 600, 600", "100000, '', 100000, 100000"})
    void nobody_is_looked_at_less_often_for_being_in_use(String inUse, String idle, int usedSeconds, int idleSeconds) {
        Map<String, String> written = new HashMap<>();
        if (!inUse.isEmpty()) {
            written.put("reconcile-every", inUse);
        }
        if (!idle.isEmpty()) {
            written.put("reconcile-idle-every", idle);
        }

        assertThat(options(written).pace())
                .isEqualTo(new Pace(Duration.ofSeconds(usedSeconds), Duration.ofSeconds(idleSeconds)));
    }

    @ParameterizedTest
    @CsvSource({"0, PT0S", "1, PT1S", "604800, PT168H"})
    void a_removed_realm_is_kept_for_as_long_as_is_set(String written, Duration grace) {
        assertThat(options(Map.of("realm-removal-grace", written)).realmRemovalGrace())
                .isEqualTo(grace);
    }

    @ParameterizedTest
    @CsvSource({"-1", "604801", "1h", "''"})
    void a_grace_period_that_cannot_be_is_refused_with_what_to_write(String written) {
        assertThatThrownBy(() -> options(Map.of("realm-removal-grace", written)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the server option realm-removal-grace of enterprise-connect must be a number of seconds"
                        + " from 0 to 604800 (7 days), such as 3600");
    }

    @ParameterizedTest
    @CsvSource({"reconcile-every, 0", "reconcile-every, often", "reconcile-idle-every, 0", "most-waiting-requests, many"
    })
    void numbers_that_cannot_be_are_refused_with_the_name_of_the_option(String option, String written) {
        assertThatThrownBy(() -> options(Map.of(option, written)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the server option " + option + " of enterprise-connect must be a number from 1 on");
    }

    @ParameterizedTest
    @CsvSource({"'', '', 50, 500", "500, 5000, 500, 5000", "1000, '', 1000, 1000", "5, '', 5, 300"})
    void what_cronofy_has_granted_can_be_raised(String perSecond, String perMinute, int second, int minute) {
        Map<String, String> written = new HashMap<>();
        if (!perSecond.isEmpty()) {
            written.put("requests-per-second", perSecond);
        }
        if (!perMinute.isEmpty()) {
            written.put("requests-per-minute", perMinute);
        }

        assertThat(options(written).limits()).isEqualTo(new Limits(second, minute));
    }

    @ParameterizedTest
    @CsvSource({"requests-per-second, 0", "requests-per-second, 10001", "requests-per-second, many"})
    void a_second_that_cannot_be_is_refused_with_what_to_write(String option, String written) {
        assertThatThrownBy(() -> options(Map.of(option, written)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the server option requests-per-second of enterprise-connect must be a number from 1 to"
                        + " 10000, as Cronofy has granted it");
    }

    @ParameterizedTest
    @CsvSource({"49", "3001", "-1", "all"})
    void a_minute_that_does_not_fit_its_second_is_refused_with_what_to_write(String written) {
        assertThatThrownBy(() -> options(Map.of("requests-per-minute", written)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the server option requests-per-minute of enterprise-connect must be a number from 50 to"
                        + " 3000, from one to sixty times requests-per-second");
    }

    private static ServerOptions options(Map<String, String> written) {
        return ServerOptions.of(new Written(written));
    }

    private static final class Written extends Config.AbstractScope {
        private final Map<String, String> written;

        Written(Map<String, String> written) {
            this.written = written;
        }

        @Override
        public @Nullable String get(String key) {
            return written.get(key);
        }

        @Override
        public Config.Scope scope(String... scope) {
            throw new UnsupportedOperationException();
        }

        @Override
        @SuppressWarnings("deprecation") // Keycloak still asks every scope for it.
        public Set<String> getPropertyNames() {
            return written.keySet();
        }

        @Override
        public Config.Scope root() {
            return this;
        }
    }
}
