package io.github.enterpriseconnect.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class VersionTest {
    private static final Version VERSION = Version.of(Map.of("a", List.of("x", "y"), "b", 1));

    @Test
    void the_same_content_has_the_same_version_in_whatever_order_it_stands() {
        assertThat(Version.of(Map.of("b", 1, "a", List.of("y", "x")))).isEqualTo(VERSION);
        assertThat(Version.of(Map.of("b", 1, "a", List.of("y", "z")))).isNotEqualTo(VERSION);
        assertThat(Version.of(List.of("a,b"))).isNotEqualTo(Version.of(List.of("a", "b")));
    }

    @Test
    void who_has_read_it_or_does_not_say_goes_on() {
        for (String tags : List.of(VERSION.tag(), "*", "\"other\", " + VERSION.tag(), "W/" + VERSION.tag())) {
            assertThatCode(() -> VERSION.requireReadBy(tags)).doesNotThrowAnyException();
        }
        assertThatCode(() -> VERSION.requireReadBy(null)).doesNotThrowAnyException();
    }
}
