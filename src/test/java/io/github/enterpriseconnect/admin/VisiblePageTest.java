package io.github.enterpriseconnect.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.enterpriseconnect.admin.VisiblePage.Position;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Pages of what some may be seen of, with rows named by numbers of five digits. */
class VisiblePageTest {
    private static final Position BEGINNING = new Position(null, 0);

    private final List<String> rows =
            IntStream.range(0, 2_000).mapToObj("%05d"::formatted).toList();
    private int looked;

    @Test
    void a_page_of_what_is_seen_alone_is_read_by_one_chunk_and_says_where_it_goes_on() {
        VisiblePage<String> page = page(BEGINNING, 20, rows);

        assertThat(page.shown()).isEqualTo(rows.subList(0, 20));
        assertThat(page.next()).isEqualTo(new Position("00019", 0));
        assertThat(looked).isEqualTo(100);
    }

    @Test
    void the_last_page_goes_on_nowhere() {
        assertThat(page(new Position("01989", 0), 20, rows).next()).isNull();
        assertThat(page(new Position("01989", 0), 10, rows).shown()).hasSize(10);
        assertThat(page(new Position("01989", 0), 10, rows).next()).isNull();
    }

    @Test
    void one_request_looks_at_five_hundred_however_few_are_seen() {
        VisiblePage<String> page = page(BEGINNING, 20, List.of("00003", "00700", "01800"));

        assertThat(page.shown()).containsExactly("00003");
        assertThat(page.next()).isEqualTo(new Position("00499", 0));
        assertThat(looked).isEqualTo(500);
    }

    @Test
    void whoever_goes_on_sees_all_without_a_gap_also_after_some_were_left_out() {
        List<String> seen = List.of("00003", "00600", "00700", "01800", "01999");

        assertThat(follow(new Position(null, 0), seen)).isEqualTo(seen);
        assertThat(follow(new Position(null, 2), seen)).isEqualTo(seen.subList(2, 5));
    }

    @Test
    void a_position_is_read_as_it_was_written_and_nothing_else_is() {
        Position position = new Position("6ba7b810-9dad-11d1-80b4-00c04fd430c8", 3);

        assertThat(Position.read(position.toString())).contains(position);
        for (String other : List.of("", ".", ".3", "abc", "abc.", "abc.x", "abc.-1", "abc.99999999999")) {
            assertThat(Position.read(other)).as(other).isEmpty();
        }
    }

    private List<String> follow(Position from, List<String> seen) {
        List<String> all = new ArrayList<>();
        @Nullable Position next = from;
        while (next != null) {
            VisiblePage<String> page = page(next, 2, seen);
            all.addAll(page.shown());
            next = page.next() == null
                    ? null
                    : Position.read(page.next().toString()).orElseThrow();
        }
        return all;
    }

    private VisiblePage<String> page(Position from, int max, List<String> seen) {
        looked = 0;
        Set<String> visible = Set.copyOf(seen);
        return VisiblePage.of(
                from,
                max,
                (after, limit) -> {
                    List<String> chunk = rows.stream()
                            .filter(row -> after == null || row.compareTo(after) > 0)
                            .limit(limit)
                            .toList();
                    looked += chunk.size();
                    return chunk;
                },
                row -> row,
                row -> visible.contains(row) ? Optional.of(row) : Optional.empty());
    }
}
