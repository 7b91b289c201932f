package io.github.enterpriseconnect.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is remembered of a member fits into its columns. */
class MemberEntityTest {
    private final MemberEntity member = new MemberEntity("id", "realm", "user");

    @ParameterizedTest
    @ValueSource(ints = {5, 36, 255})
    void the_latest_links_are_remembered_as_far_as_they_fit(int length) {
        IntStream.range(0, 250)
                .mapToObj(number -> String.format("%0" + length + "d", number))
                .forEach(member::notice);

        assertThat(String.join(" ", member.noticedLinks()).length()).isBetween(1000 - length, 1000);
        assertThat(member.noticedLinks().get(0)).endsWith("249");
        assertThat(member.noticedLinks().get(1)).endsWith("248");
    }

    @Test
    void a_link_is_remembered_once() {
        member.notice("acme");
        member.notice("initech");
        member.notice("acme");

        assertThat(member.noticedLinks()).containsExactly("acme", "initech");
    }
}
