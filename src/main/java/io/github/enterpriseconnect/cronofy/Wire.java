package io.github.enterpriseconnect.cronofy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.enterpriseconnect.core.CronofyException;
import io.github.enterpriseconnect.core.Secret;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.http.Header;
import org.apache.http.client.config.RequestConfig;
import org.apache.http.client.methods.CloseableHttpResponse;
import org.apache.http.client.methods.Configurable;
import org.apache.http.client.methods.HttpDelete;
import org.apache.http.client.methods.HttpGet;
import org.apache.http.client.methods.HttpPost;
import org.apache.http.client.methods.HttpRequestBase;
import org.apache.http.entity.ContentType;
import org.apache.http.impl.client.CloseableHttpClient;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * One exchange over HTTP: at most two seconds to connect, eight seconds in all however slowly the other side drips, no
 * redirects followed, at most one megabyte read, eight of a list. What is posted is sent once, whatever the operator's client repeats. Logs method, path, status and time at DEBUG, and nothing else.
 */
final class Wire {
    private static final Logger LOG = Logger.getLogger(Wire.class);
    private static final Duration CONNECT = Duration.ofSeconds(2);
    private static final Duration TOTAL = Duration.ofSeconds(8);
    private static final int LARGEST_ANSWER = 1 << 20;

    /** Of a list that has no pages: some ten thousand entries. */
    private static final int LARGEST_LIST = 1 << 23;

    private final Supplier<CloseableHttpClient> client;
    private final ScheduledExecutorService watchdog;
    private final ObjectMapper json;
    private final InstantSource clock;

    Wire(
            Supplier<CloseableHttpClient> client,
            ScheduledExecutorService watchdog,
            ObjectMapper json,
            InstantSource clock) {
        this.client = client;
        this.watchdog = watchdog;
        this.json = json;
        this.clock = clock;
    }

    /** @param retryAfter what the answer's Retry-After asks for; zero if it has none */
    record Response(String call, int status, String body, Duration retryAfter) {
        boolean successful() {
            return status >= 200 && status < 300;
        }
    }

    /** @throws CronofyException.NotDone nothing of the body has left this server */
    Response post(String base, String path, @Nullable Secret bearer, Object body) throws CronofyException.Unavailable {
        HttpPost request = new HttpPost(base + path);
        SentOnce entity = new SentOnce(write(body));
        request.setEntity(entity);
        try {
            return send(request, path, bearer, LARGEST_ANSWER);
        } catch (IOException e) {
            String message = message(request, path, e);
            throw entity.begun()
                    ? new CronofyException.Unavailable(message, Duration.ZERO, e)
                    : new CronofyException.NotDone(message, Duration.ZERO, e);
        }
    }

    Response get(String base, String path, Secret bearer) throws CronofyException.Unavailable {
        return get(base, path, bearer, LARGEST_ANSWER);
    }

    /** As {@link #get}, for a list that comes as a whole: at most eight megabytes are read. */
    Response getLong(String base, String path, Secret bearer) throws CronofyException.Unavailable {
        return get(base, path, bearer, LARGEST_LIST);
    }

    private Response get(String base, String path, Secret bearer, int largest) throws CronofyException.Unavailable {
        HttpGet request = new HttpGet(base + path);
        try {
            return send(request, path, bearer, largest);
        } catch (IOException e) {
            throw new CronofyException.Unavailable(message(request, path, e), Duration.ZERO, e);
        }
    }

    Response delete(String base, String path, Secret bearer) throws CronofyException.Unavailable {
        HttpDelete request = new HttpDelete(base + path);
        try {
            return send(request, path, bearer, LARGEST_ANSWER);
        } catch (IOException e) {
            throw new CronofyException.Unavailable(message(request, path, e), Duration.ZERO, e);
        }
    }

    private static String message(HttpRequestBase request, String path, IOException failure) {
        return request.getMethod() + " " + path + " got no answer ("
                + failure.getClass().getSimpleName() + ")";
    }

    JsonNode read(Response answer) throws CronofyException.Unavailable {
        try {
            JsonNode value = json.readTree(answer.body());
            if (value != null && value.isObject()) {
                return value;
            }
        } catch (IOException unreadable) {
            // Jackson's message quotes the body, which may hold tokens: neither it nor the exception goes on.
            LOG.debugf("%s answered %d with something unreadable", answer.call(), answer.status());
        }
        throw new CronofyException.Unavailable(
                answer.call() + " answered " + answer.status() + " with something unreadable", answer.retryAfter());
    }

    private Response send(HttpRequestBase request, String path, @Nullable Secret bearer, int largest)
            throws IOException {
        String call = request.getMethod() + " " + path;
        request.setHeader("Accept", ContentType.APPLICATION_JSON.getMimeType());
        if (bearer != null) {
            request.setHeader("Authorization", "Bearer " + bearer.reveal());
        }
        CloseableHttpClient http = client.get();
        request.setConfig(timeouts(http));
        Instant start = clock.instant();
        ScheduledFuture<?> deadline = watchdog.schedule(request::abort, TOTAL.toMillis(), TimeUnit.MILLISECONDS);
        try (CloseableHttpResponse response = http.execute(request)) {
            String body = body(response, largest);
            int status = response.getStatusLine().getStatusCode();
            LOG.debugf("%s answered %d in %s", call, status, Duration.between(start, clock.instant()));
            return new Response(call, status, body, retryAfter(response.getFirstHeader("Retry-After")));
        } finally {
            deadline.cancel(false);
            request.releaseConnection();
        }
    }

    private static RequestConfig timeouts(CloseableHttpClient http) {
        RequestConfig operators = http instanceof Configurable configured ? configured.getConfig() : null;
        return RequestConfig.copy(operators == null ? RequestConfig.DEFAULT : operators)
                .setConnectTimeout((int) CONNECT.toMillis())
                .setConnectionRequestTimeout((int) CONNECT.toMillis())
                .setSocketTimeout((int) TOTAL.toMillis())
                .setRedirectsEnabled(false)
                .build();
    }

    private static String body(CloseableHttpResponse response, int largest) throws IOException {
        if (response.getEntity() == null) {
            return "";
        }
        try (InputStream content = response.getEntity().getContent()) {
            byte[] body = content.readNBytes(largest + 1);
            if (body.length > largest) {
                throw new IOException("the answer is longer than " + largest + " bytes");
            }
            return new String(body, StandardCharsets.UTF_8);
        }
    }

    private Duration retryAfter(@Nullable Header header) {
        if (header == null || header.getValue() == null) {
            return Duration.ZERO;
        }
        String value = header.getValue().strip();
        try {
            Duration wish = value.chars().allMatch(Character::isDigit)
                    ? Duration.ofSeconds(Long.parseLong(value))
                    : Duration.between(
                            clock.instant(),
                            ZonedDateTime.parse(value, DateTimeFormatter.RFC_1123_DATE_TIME)
                                    .toInstant());
            Duration longest = Duration.ofHours(1);
            return wish.isNegative() ? Duration.ZERO : wish.compareTo(longest) > 0 ? longest : wish;
        } catch (DateTimeException | NumberFormatException nonsense) {
            return Duration.ZERO;
        }
    }

    private byte[] write(Object body) {
        try {
            return json.writeValueAsBytes(body);
        } catch (IOException e) {
            throw new IllegalStateException("our own payloads can be written", e);
        }
    }
}
