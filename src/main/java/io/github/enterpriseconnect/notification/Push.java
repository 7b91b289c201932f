package io.github.enterpriseconnect.notification;

import io.github.enterpriseconnect.core.Secret;
import java.net.URI;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Sends one security event token to where a consumer receives them, as RFC 8935 says. */
public interface Push {
    /**
     * Sends it once. Called outside any transaction; never takes much longer than the deadline, and throws nothing.
     *
     * @param authorization value of the header; null for none
     * @param token the compact JWS
     */
    Answer send(URI address, @Nullable Secret authorization, String token, Duration deadline);

    /**
     * What came of it.
     *
     * @param status of HTTP; 0 if there was no answer
     * @param error of a 400, the {@code err} of RFC 8935 where it is one; where there was no answer, why; null otherwise
     * @param retryAfter what the answer asks for; zero if it has none
     */
    record Answer(int status, @Nullable String error, Duration retryAfter) {
        private static final int ACCEPTED = 202;
        private static final int BAD_REQUEST = 400;

        /** All others may come of settings that somebody sets right, or of a proxy in between. */
        private static final String REFUSAL = "invalid_request";

        public static Answer none(String why) {
            return new Answer(0, why, Duration.ZERO);
        }

        /** Nothing else counts: a page that answers 200 to everything has understood nothing. */
        public boolean accepted() {
            return status == ACCEPTED;
        }

        /** Whether the receiver says of this very token that it does not take it, however often it comes. */
        boolean refused() {
            return status == BAD_REQUEST && REFUSAL.equals(error);
        }

        /** Whether time alone mends it. */
        boolean passes() {
            return status == 0 || status == 408 || status == 429 || status >= 500;
        }

        /** In one word, for administrators. */
        public String problem() {
            return error != null ? error : "status_" + status;
        }
    }
}
