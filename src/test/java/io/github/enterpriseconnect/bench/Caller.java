package io.github.enterpriseconnect.bench;

import io.github.enterpriseconnect.integration.harness.Answer;
import io.github.enterpriseconnect.integration.harness.OidcClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Asks with as little work of its own as can be, so that it is the server that is measured. The harness's browser, which
 * reads whole pages, takes as much CPU time for a sign-in as Keycloak.
 */
final class Caller {
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final Pattern ACTION = Pattern.compile("id=\"kc-form-login\"[^>]*?action=\"([^\"]+)\"");

    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();

    /** Signs somebody in over the login form, as a browser that was never there, and has the code exchanged. */
    void signIn(OidcClient at, String username, String password) {
        var request = at.authorizationRequest(Map.of());
        Map<String, String> cookies = new HashMap<>();
        HttpResponse<String> page = send(HttpRequest.newBuilder(request.uri()), cookies);
        if (!page.body().contains("name=\"password\"") || page.body().contains("type=\"hidden\" name=\"password\"")) {
            page = send(form(action(page), Map.of("username", username)), cookies);
        }
        HttpResponse<String> landing =
                send(form(action(page), Map.of("username", username, "password", password)), cookies);
        URI location = URI.create(landing.headers()
                .firstValue("Location")
                .orElseThrow(() -> new IllegalStateException("no redirect but " + landing.body())));
        Map<String, String> parameters = Answer.decode(location.getRawQuery());
        if (!request.state().equals(parameters.get("state"))) {
            throw new IllegalStateException("not signed in: " + location);
        }
        post(
                URI.create(at.realm() + "/protocol/openid-connect/token"),
                at.authenticated(Map.of(
                        "grant_type",
                        "authorization_code",
                        "code",
                        String.valueOf(parameters.get("code")),
                        "redirect_uri",
                        at.redirectUri().toString(),
                        "code_verifier",
                        request.verifier())));
    }

    private static URI action(HttpResponse<String> page) {
        Matcher action = ACTION.matcher(page.body());
        if (!action.find()) {
            throw new IllegalStateException("no login form at " + page.uri() + ": " + page.body());
        }
        return URI.create(action.group(1).replace("&amp;", "&"));
    }

    /** Signs somebody in by a password grant. */
    void grant(OidcClient at, String username, String password) {
        post(
                URI.create(at.realm() + "/protocol/openid-connect/token"),
                at.authenticated(Map.of(
                        "grant_type", "password", "username", username, "password", password, "scope", "openid")));
    }

    /** Posts a form, which must be answered 200. */
    void post(URI uri, Map<String, String> fields) {
        expectOk(send(form(uri, fields), new HashMap<>()));
    }

    void get(URI uri, String bearer) {
        expectOk(send(HttpRequest.newBuilder(uri).header("Authorization", "Bearer " + bearer), new HashMap<>()));
    }

    private static void expectOk(HttpResponse<String> answer) {
        if (answer.statusCode() != 200) {
            throw new IllegalStateException(answer.statusCode() + " from " + answer.uri() + ": " + answer.body());
        }
    }

    private static HttpRequest.Builder form(URI uri, Map<String, String> fields) {
        return HttpRequest.newBuilder(uri)
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(BodyPublishers.ofString(Answer.encode(fields)));
    }

    private HttpResponse<String> send(HttpRequest.Builder request, Map<String, String> cookies) {
        if (!cookies.isEmpty()) {
            request.header(
                    "Cookie",
                    cookies.entrySet().stream()
                            .map(cookie -> cookie.getKey() + "=" + cookie.getValue())
                            .collect(Collectors.joining("; ")));
        }
        try {
            HttpResponse<String> answer = client.send(request.timeout(PATIENCE).build(), BodyHandlers.ofString());
            answer.headers().allValues("Set-Cookie").forEach(header -> {
                String[] pair = header.split(";", 2)[0].split("=", 2);
                cookies.put(pair[0], pair[1]);
            });
            return answer;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
