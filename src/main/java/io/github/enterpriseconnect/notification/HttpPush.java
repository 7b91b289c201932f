package io.github.enterpriseconnect.notification;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.enterpriseconnect.core.Consumer;
import io.github.enterpriseconnect.core.Secret;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.http.Header;
import org.apache.http.NoHttpResponseException;
import org.apache.http.client.config.CookieSpecs;
import org.apache.http.client.config.RequestConfig;
import org.apache.http.client.methods.CloseableHttpResponse;
import org.apache.http.client.methods.Configurable;
import org.apache.http.client.methods.HttpPost;
import org.apache.http.entity.ByteArrayEntity;
import org.apache.http.entity.ContentType;
import org.apache.http.impl.client.CloseableHttpClient;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * {@link Push} by Keycloak's HTTP client, with the operator's proxy and trust store: no redirect is followed, no cookie kept,
 * and of the answer no more is looked at than the status, {@code Retry-After} and the {@code err} of a 400. Addresses that no
 * application has, such as those under which clouds hand out secrets, are never asked, whatever name leads there.
 */
public final class HttpPush implements Push {
    private static final Logger LOG = Logger.getLogger(HttpPush.class);
    private static final ContentType EVENT = ContentType.create("application/secevent+jwt");
    private static final Duration CONNECT = Duration.ofSeconds(2);
    private static final Duration LONGEST_PAUSE = Duration.ofHours(1);
    private static final int LARGEST_ANSWER = 8 * 1024;
    private static final int BAD_REQUEST = 400;

    /** Those of RFC 8935, section 2.4: whatever else is written there stays there. */
    private static final Set<String> ERRORS = Set.of(
            "invalid_request",
            "invalid_key",
            "invalid_issuer",
            "invalid_audience",
            "authentication_failed",
            "access_denied");

    private final Supplier<CloseableHttpClient> client;
    private final ScheduledExecutorService watchdog;
    private final ObjectMapper json;

    public HttpPush(Supplier<CloseableHttpClient> client, ScheduledExecutorService watchdog, ObjectMapper json) {
        this.client = client;
        this.watchdog = watchdog;
        this.json = json;
    }

    @Override
    public Answer send(URI address, @Nullable Secret authorization, String token, Duration deadline) {
        HttpPost request = new HttpPost(address);
        request.setHeader("Accept", ContentType.APPLICATION_JSON.getMimeType());
        if (authorization != null) {
            request.setHeader("Authorization", authorization.reveal());
        }
        request.setEntity(new ByteArrayEntity(token.getBytes(StandardCharsets.US_ASCII), EVENT));
        ScheduledFuture<?> end = watchdog.schedule(request::abort, deadline.toMillis(), TimeUnit.MILLISECONDS);
        try {
            // Within the deadline, too: what is given up while a name is looked up is not sent any more.
            if (leadsAstray(address)) {
                return Answer.none("address_forbidden");
            }
            CloseableHttpClient http = client.get();
            request.setConfig(timeouts(http, deadline));
            return send(http, request);
        } catch (IOException | RuntimeException e) {
            // Deliberately everything: whatever keeps it from arriving, it is sent again. The message may name the
            // address.
            LOG.debugf("a notification got no answer (%s)", e.getClass().getSimpleName());
            boolean late = request.isAborted() || e instanceof InterruptedIOException;
            return Answer.none(late ? "timeout" : "unreachable");
        } finally {
            end.cancel(false);
            request.releaseConnection();
        }
    }

    /** Once more at once where the receiver has closed a connection that was idle: that says nothing of the receiver. */
    private Answer send(CloseableHttpClient http, HttpPost request) throws IOException {
        try (CloseableHttpResponse response = http.execute(request)) {
            return answer(response);
        } catch (NoHttpResponseException closed) {
            try (CloseableHttpResponse response = http.execute(request)) {
                return answer(response);
            }
        }
    }

    /** A name that nobody knows here may be known to the operator's proxy. */
    private static boolean leadsAstray(URI address) {
        try {
            return Arrays.stream(InetAddress.getAllByName(address.getHost())).anyMatch(Consumer.Receiver::forbidden);
        } catch (UnknownHostException unknown) {
            return false;
        }
    }

    private static RequestConfig timeouts(CloseableHttpClient http, Duration deadline) {
        RequestConfig operators = http instanceof Configurable configured ? configured.getConfig() : null;
        int connect = (int) Math.min(CONNECT.toMillis(), deadline.toMillis());
        return RequestConfig.copy(operators == null ? RequestConfig.DEFAULT : operators)
                .setConnectTimeout(connect)
                .setConnectionRequestTimeout(connect)
                .setSocketTimeout((int) deadline.toMillis())
                .setRedirectsEnabled(false)
                // The operator's proxy may ask for its password; a receiver may ask for nothing.
                .setTargetPreferredAuthSchemes(List.of())
                .setCookieSpec(CookieSpecs.IGNORE_COOKIES)
                .build();
    }

    private Answer answer(CloseableHttpResponse response) throws IOException {
        int status = response.getStatusLine().getStatusCode();
        String error = status == BAD_REQUEST ? error(response) : null;
        return new Answer(status, error, retryAfter(response.getFirstHeader("Retry-After")));
    }

    private @Nullable String error(CloseableHttpResponse response) throws IOException {
        if (response.getEntity() == null) {
            return null;
        }
        byte[] body;
        try (InputStream content = response.getEntity().getContent()) {
            body = content.readNBytes(LARGEST_ANSWER);
        }
        try {
            JsonNode answer = json.readTree(body);
            String error = answer == null ? null : answer.path("err").textValue();
            return error != null && ERRORS.contains(error) ? error : null;
        } catch (IOException noJson) {
            return null;
        }
    }

    private static Duration retryAfter(@Nullable Header header) {
        String value = header == null || header.getValue() == null
                ? ""
                : header.getValue().strip();
        if (value.isEmpty() || value.length() > 9 || !value.chars().allMatch(digit -> digit >= '0' && digit <= '9')) {
            return Duration.ZERO;
        }
        Duration wish = Duration.ofSeconds(Long.parseLong(value));
        return wish.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : wish;
    }
}
