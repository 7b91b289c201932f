package io.github.enterpriseconnect.admin;

import jakarta.ws.rs.core.Response;
import org.jspecify.annotations.Nullable;

/** Which part of a list is wanted. */
record Paging(int first, int max) {
    private static final int LARGEST_PAGE = 100;
    private static final int DEFAULT_PAGE = 20;

    /** The page that the query parameters ask for; answers 400 to what is none. */
    static Paging of(@Nullable Integer first, @Nullable Integer max) {
        Paging paging = new Paging(first == null ? 0 : first, max == null ? DEFAULT_PAGE : max);
        if (paging.first < 0 || paging.max < 1 || paging.max > LARGEST_PAGE) {
            throw RequestRefused.because(
                    "first must be 0 or more and max from 1 to " + LARGEST_PAGE, Response.Status.BAD_REQUEST);
        }
        return paging;
    }
}
