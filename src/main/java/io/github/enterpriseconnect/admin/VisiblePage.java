package io.github.enterpriseconnect.admin;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A page of rows of which only some may be seen. One request looks at so many rows and no more, however few of them it
 * shows; where it has not come to the end, it says from where to go on. So it tells that there are rows, though perhaps none
 * that may be seen: the price for an answer in good time.
 *
 * @param next where the next request begins; null if there is nothing more
 */
record VisiblePage<S>(List<S> shown, @Nullable Position next) {
    private static final int CHUNK = 100;
    private static final int MOST_LOOKED_AT = 500;

    /**
     * Somewhere in the list.
     *
     * @param after id of the row before; null for the beginning. A row's id tells nothing of whose it is
     * @param skip how many that may be seen are left out from there
     */
    record Position(@Nullable String after, int skip) {
        private static final String BETWEEN = ".";

        /** What {@link #toString} has written; empty if that is nothing of ours. */
        static Optional<Position> read(String written) {
            int end = written.indexOf(BETWEEN);
            if (end < 1) {
                return Optional.empty();
            }
            try {
                int skip = Integer.parseInt(written.substring(end + 1));
                return skip < 0 ? Optional.empty() : Optional.of(new Position(written.substring(0, end), skip));
            } catch (NumberFormatException e) {
                return Optional.empty();
            }
        }

        @Override
        public String toString() {
            return after + BETWEEN + skip;
        }
    }

    /**
     * Looks for the page.
     *
     * @param chunk so many rows after the one of this id, or the first ones
     * @param id of a row
     * @param show empty for what may not be seen
     */
    static <R, S> VisiblePage<S> of(
            Position from,
            int max,
            BiFunction<@Nullable String, Integer, List<R>> chunk,
            Function<R, String> id,
            Function<R, Optional<S>> show) {
        List<S> shown = new ArrayList<>();
        @Nullable String last = from.after();
        int skip = from.skip();
        for (int looked = 0; looked < MOST_LOOKED_AT; looked += CHUNK) {
            List<R> rows = chunk.apply(last, CHUNK);
            for (R row : rows) {
                if (shown.size() == max) {
                    return new VisiblePage<>(shown, new Position(last, 0));
                }
                last = id.apply(row);
                Optional<S> visible = show.apply(row);
                if (visible.isPresent() && skip > 0) {
                    skip--;
                } else {
                    visible.ifPresent(shown::add);
                }
            }
            if (rows.size() < CHUNK) {
                return new VisiblePage<>(shown, null);
            }
        }
        return new VisiblePage<>(shown, new Position(last, skip));
    }
}
