package io.github.enterpriseconnect.cronofy;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.enterpriseconnect.core.Application;
import io.github.enterpriseconnect.core.Cronofy;
import io.github.enterpriseconnect.core.CronofyException;
import io.github.enterpriseconnect.core.ProfileState;
import io.github.enterpriseconnect.core.Purpose;
import io.github.enterpriseconnect.core.Resource;
import io.github.enterpriseconnect.core.Secret;
import io.github.enterpriseconnect.core.Tokens;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.http.impl.client.CloseableHttpClient;
import org.jspecify.annotations.Nullable;

/**
 * Talks to Cronofy. What a status means:
 *
 * <table>
 * <caption>status to failure</caption>
 * <tr><th></th><th>{@code /oauth/token}</th><th>{@code /v1}</th></tr>
 * <tr><td>400, 401</td><td>{@code invalid_grant}: grant gone; unreadable 400: unavailable; else misconfigured</td>
 *     <td>401: token not recognised; 400 is never sent: unavailable</td></tr>
 * <tr><td>402</td><td colspan="2">misconfigured (the plan lacks the feature)</td></tr>
 * <tr><td>403, 404, 410, 423</td><td>403 misconfigured, else unavailable</td><td>refused</td></tr>
 * <tr><td>422</td><td>unavailable</td><td>refused, the request is faulty</td></tr>
 * <tr><td>429, or no connection</td><td colspan="2">not done, honouring Retry-After</td></tr>
 * <tr><td>5xx, anything else, or no answer</td><td colspan="2">unavailable, honouring Retry-After</td></tr>
 * </table>
 *
 * <p>Sources: Cronofy's documentation of error codes; RFC 6749 section 5.2; RFC 7009.
 */
public final class CronofyClient implements Cronofy {
    private static final Pattern ERROR_CODE = Pattern.compile("[a-z_]{1,64}");
    private static final int TOO_MANY_REQUESTS = 429;
    private static final Secret NO_ACCESS_TOKEN = Secret.of("none");

    private final Wire wire;
    private final Hosts hosts;
    private final InstantSource clock;

    /**
     * @param client the operator's HTTP client; asked for again on every call
     * @param watchdog ends calls that outlive their deadline
     */
    public CronofyClient(
            Supplier<CloseableHttpClient> client,
            ScheduledExecutorService watchdog,
            ObjectMapper json,
            Hosts hosts,
            InstantSource clock) {
        this.wire = new Wire(client, watchdog, json, clock);
        this.hosts = hosts;
        this.clock = clock;
    }

    @Override
    public URI authorizationUrl(
            Application application, String scope, String delegatedScope, String redirectUri, Secret state) {
        Map<String, String> query = new LinkedHashMap<>();
        query.put("response_type", "code");
        query.put("client_id", application.clientId());
        query.put("redirect_uri", redirectUri);
        query.put("scope", scope);
        query.put("delegated_scope", delegatedScope);
        query.put("state", state.reveal());
        return URI.create(hosts.app(application.dataCenter()) + "/enterprise_connect/oauth/authorize?"
                + query.entrySet().stream()
                        .map(entry -> entry.getKey() + "="
                                + URLEncoder.encode(entry.getValue(), StandardCharsets.UTF_8)
                                        .replace("+", "%20"))
                        .collect(Collectors.joining("&")));
    }

    @Override
    public Grant exchange(Application application, CodeKind kind, Secret code, String url) throws CronofyException {
        Payloads.TokenAnswer answer = token(application, Payloads.TokenRequest.code(application, kind, code, url));
        if (answer.refreshToken() == null && answer.accessToken() != null) {
            throw new CronofyException.NotRenewable(
                    "POST /oauth/token answered without a refresh token",
                    Secret.of(answer.accessToken()),
                    answer.subject());
        }
        return new Grant(
                tokens(answer, null), answer.subject(), answer.profileName(), answer.profileId(), answer.profile());
    }

    @Override
    public Tokens refresh(Application application, Tokens tokens, Purpose urgency) throws CronofyException {
        Payloads.TokenAnswer answer =
                token(application, Payloads.TokenRequest.refresh(application, tokens.refreshToken()));
        return tokens(answer, tokens);
    }

    @Override
    public ServiceAccount serviceAccount(Application application, Secret accessToken, Purpose urgency)
            throws CronofyException {
        Wire.Response answer = wire.get(hosts.api(application.dataCenter()), "/v1/userinfo", accessToken);
        requireSuccess(answer);
        Payloads.UserInfo info = Payloads.UserInfo.of(wire.read(answer));
        if (info.subject() == null) {
            throw new CronofyException.Unavailable("GET /v1/userinfo answered without sub", Duration.ZERO);
        }
        return new ServiceAccount(info.subject(), info.domain(), info.email(), info.delegatedScope(), info.condition());
    }

    @Override
    public List<Resource.Listed> resources(
            Application application, Secret accessToken, boolean details, Purpose urgency) throws CronofyException {
        Wire.Response answer = wire.getLong(
                hosts.api(application.dataCenter()),
                "/v1/resources" + (details ? "?include_details=capacity%20location" : ""),
                accessToken);
        requireSuccess(answer);
        return ListedResources.of(wire.read(answer));
    }

    @Override
    public ProfileState profile(Application application, Secret accessToken, ProfileOf which, Purpose urgency)
            throws CronofyException {
        Wire.Response answer = wire.get(hosts.api(application.dataCenter()), "/v1/userinfo", accessToken);
        requireSuccess(answer);
        return Payloads.Profile.of(
                wire.read(answer), which.account(), which.id(), which.mailbox().address());
    }

    @Override
    public String watch(Application application, Secret accessToken, Secret callbackUrl, Purpose urgency)
            throws CronofyException {
        Wire.Response answer = wire.post(
                hosts.api(application.dataCenter()), "/v1/channels", accessToken, Payloads.Channel.to(callbackUrl));
        requireSuccess(answer);
        String id = Payloads.Channel.id(wire.read(answer));
        if (id == null) {
            throw new CronofyException.Unavailable("POST /v1/channels answered without channel_id", Duration.ZERO);
        }
        return id;
    }

    @Override
    public void unwatch(Application application, Secret accessToken, String channel, Purpose urgency)
            throws CronofyException {
        String path = "/v1/channels/" + URLEncoder.encode(channel, StandardCharsets.UTF_8);
        requireSuccess(wire.delete(hosts.api(application.dataCenter()), path, accessToken));
    }

    @Override
    public void askDelegations(Application application, Secret accessToken, List<Ask> asks, Purpose urgency)
            throws CronofyException {
        requireSuccess(wire.post(
                hosts.api(application.dataCenter()),
                "/v1/service_account_authorizations",
                accessToken,
                new Payloads.Asks(asks.stream()
                        .map(ask -> new Payloads.Ask(
                                ask.mailbox().address(), ask.callbackUrl().reveal(), ask.scope()))
                        .toList())));
    }

    @Override
    public void revoke(Application application, @Nullable Secret token, String subject) throws CronofyException {
        Wire.Response answer = wire.post(
                hosts.api(application.dataCenter()),
                "/oauth/token/revoke",
                null,
                new Payloads.Revocation(
                        application.clientId(),
                        application.clientSecret().reveal(),
                        token == null ? null : token.reveal(),
                        token == null ? subject : null));
        if (!answer.successful()) {
            throw tokenFailure(answer);
        }
    }

    @Override
    public void proveCredentials(Application application) throws CronofyException {
        try {
            token(application, Payloads.TokenRequest.refresh(application, Secret.of("none")));
        } catch (CronofyException.GrantGone known) {
            // Cronofy knew the client, or it would have complained about that first.
            return;
        }
    }

    private Payloads.TokenAnswer token(Application application, Payloads.TokenRequest request) throws CronofyException {
        Wire.Response answer = wire.post(hosts.api(application.dataCenter()), "/oauth/token", null, request);
        if (!answer.successful()) {
            throw tokenFailure(answer);
        }
        return Payloads.TokenAnswer.of(wire.read(answer));
    }

    /**
     * Cronofy may leave out the refresh token and the scope when it refreshes: the former ones stay in force. Where the
     * access token is missing, the refresh token is kept all the same, for it gets another one.
     */
    private Tokens tokens(Payloads.TokenAnswer answer, @Nullable Tokens former) throws CronofyException.Unavailable {
        if (answer.refreshToken() == null && (answer.accessToken() == null || former == null)) {
            throw new CronofyException.Unavailable("POST /oauth/token answered without tokens", Duration.ZERO);
        }
        Instant now = clock.instant();
        return new Tokens(
                answer.accessToken() == null ? NO_ACCESS_TOKEN : Secret.of(answer.accessToken()),
                answer.refreshToken() == null
                        ? Objects.requireNonNull(former).refreshToken()
                        : Secret.of(answer.refreshToken()),
                answer.scope() != null ? answer.scope() : former == null ? "" : former.scope(),
                now,
                answer.accessToken() == null ? now : now.plus(answer.lifetime()));
    }

    private CronofyException tokenFailure(Wire.Response answer) {
        String error = error(answer);
        String message = answer.call() + " answered " + answer.status() + (error == null ? "" : " " + error);
        if ("invalid_grant".equals(error)) {
            return new CronofyException.GrantGone(message);
        }
        if (answer.status() == TOO_MANY_REQUESTS) {
            return new CronofyException.NotDone(message, answer.retryAfter());
        }
        if ("invalid_client".equals(error) || (answer.status() == 401 && error == null)) {
            return CronofyException.Misconfigured.secretRefused(message);
        }
        boolean clientRefused = answer.status() == 401 || answer.status() == 402 || answer.status() == 403;
        return clientRefused || (answer.status() == 400 && error != null)
                ? new CronofyException.Misconfigured(message)
                : new CronofyException.Unavailable(message, answer.retryAfter());
    }

    private static void requireSuccess(Wire.Response answer) throws CronofyException {
        if (answer.successful()) {
            return;
        }
        String message = answer.call() + " answered " + answer.status();
        throw switch (answer.status()) {
            case 401 -> new CronofyException.TokenNotRecognised(message);
            case 402 -> new CronofyException.Misconfigured(message);
            case 403, 404, 410, 423 -> new CronofyException.Refused(message, false);
            case 422 -> new CronofyException.Refused(message, true);
            case TOO_MANY_REQUESTS -> new CronofyException.NotDone(message, answer.retryAfter());
            default -> new CronofyException.Unavailable(message, answer.retryAfter());
        };
    }

    private @Nullable String error(Wire.Response answer) {
        if (answer.status() != 400 && answer.status() != 401) {
            return null;
        }
        try {
            String error = Payloads.error(wire.read(answer));
            return error != null && ERROR_CODE.matcher(error).matches() ? error : null;
        } catch (CronofyException.Unavailable unreadable) {
            return null;
        }
    }
}
