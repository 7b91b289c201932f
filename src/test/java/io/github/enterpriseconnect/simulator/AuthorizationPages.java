package io.github.enterpriseconnect.simulator;

import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Where the customer's administrator agrees or declines: {@code /enterprise_connect/oauth/authorize} (contract 1). The
 * look of the page is invented; real sign-in screens of Google and Microsoft stand in between (contract 8).
 */
final class AuthorizationPages {
    private static final List<String> HANDED_ON =
            List.of("response_type", "client_id", "redirect_uri", "scope", "delegated_scope", "state");

    private final Registry registry;
    private final Switches switches;

    AuthorizationPages(Registry registry, Switches switches) {
        this.registry = registry;
        this.switches = switches;
    }

    /** The page, or the decision of a switch at once. */
    Answer show(ReceivedRequest request) {
        Choice.Consent decision = switches.get(Switch.AUTHORIZE);
        return answer(request, application -> {
            if (decision == Choice.Consent.PAGE) {
                return page(request);
            }
            if (decision == Choice.Consent.APPROVE) {
                return approve(request, application, switches.get(Switch.SERVICE_ACCOUNT_DOMAIN), "");
            }
            return error(request, decision == Choice.Consent.DECLINE ? "access_denied" : decision.written());
        });
    }

    /** The form of the page comes back. */
    Answer decide(ReceivedRequest request) {
        String decision = value(request, "decision");
        return answer(request, application -> {
            if (decision.equals("approve")) {
                return approve(request, application, value(request, "domain"), value(request, "email"));
            }
            if (decision.equals("decline")) {
                return error(request, "access_denied");
            }
            return problem("The decision is missing: write decision=approve or decision=decline.");
        });
    }

    /** What can be told to the application goes there; what concerns its identity stays here (RFC 6749, 3.1.2.4). */
    private Answer answer(ReceivedRequest request, Decision decision) {
        Optional<Application> application = registry.application(request.parameter("client_id"));
        if (application.isEmpty()) {
            return problem("The client_id is unknown.");
        }
        String redirectUri = value(request, "redirect_uri");
        if (!isWebAddress(redirectUri)) {
            return problem("The redirect_uri is missing, or no absolute http or https URI without a fragment.");
        }
        List<String> registered = switches.get(Switch.REDIRECT_URIS);
        if (!registered.isEmpty() && registered.stream().noneMatch(one -> matches(one, redirectUri))) {
            return problem("The redirect_uri is not registered.");
        }
        String responseType = value(request, "response_type");
        if (responseType.isEmpty()) {
            return error(request, "invalid_request");
        }
        if (!responseType.equals("code")) {
            return error(request, "unsupported_response_type");
        }
        Scopes delegated = Scopes.of(value(request, "delegated_scope"));
        if (value(request, "scope").isBlank() || delegated.isEmpty()) {
            return error(request, "invalid_request");
        }
        if (Scopes.of(value(request, "scope")).ofServiceAccounts().isEmpty()
                || delegated.ofAccounts().isEmpty()) {
            return error(request, "invalid_scope");
        }
        return decision.of(application.get());
    }

    private Answer approve(ReceivedRequest request, Application application, String asked, String email) {
        String domain = asked.isBlank()
                ? switches.get(Switch.SERVICE_ACCOUNT_DOMAIN)
                : asked.strip().toLowerCase(Locale.ROOT);
        String as = email.isBlank() ? switches.get(Switch.SERVICE_ACCOUNT_EMAIL) : email.strip();
        Registry.Consent consent = new Registry.Consent(
                domain,
                as.isEmpty() ? "service-account@" + domain : as,
                Scopes.of(value(request, "scope")).ofServiceAccounts(),
                granted(Scopes.of(value(request, "delegated_scope")).ofAccounts()));
        String code = registry.serviceAccountCode(application, value(request, "redirect_uri"), consent);
        Map<String, String> parameters = new LinkedHashMap<>();
        parameters.put("code", code);
        return back(request, parameters);
    }

    /** The administrator may grant less than is asked for. */
    private Scopes granted(Scopes asked) {
        String less = switches.get(Switch.GRANTED_DELEGATED_SCOPE);
        return less.isBlank() ? asked : Scopes.of(less);
    }

    private Answer error(ReceivedRequest request, String error) {
        Map<String, String> parameters = new LinkedHashMap<>();
        parameters.put("error", error);
        String description = switches.get(Switch.AUTHORIZE_ERROR_DESCRIPTION);
        if (!description.isEmpty()) {
            parameters.put("error_description", description);
        }
        return back(request, parameters);
    }

    /** Adds the state as it came, and nothing when none came. */
    private static Answer back(ReceivedRequest request, Map<String, String> parameters) {
        String state = request.parameter("state");
        if (state != null) {
            parameters.put("state", state);
        }
        String redirectUri = value(request, "redirect_uri");
        String query = parameters.entrySet().stream()
                .map(entry -> entry.getKey() + "=" + URLEncoder.encode(entry.getValue(), StandardCharsets.UTF_8))
                .collect(Collectors.joining("&"));
        return Answer.redirect(redirectUri + (redirectUri.contains("?") ? "&" : "?") + query);
    }

    private Answer page(ReceivedRequest request) {
        String hidden = HANDED_ON.stream()
                .filter(name -> request.parameter(name) != null)
                .map(name ->
                        "<input type=\"hidden\" name=\"" + name + "\" value=\"" + escape(value(request, name)) + "\">")
                .collect(Collectors.joining("\n"));
        return Answer.html(200, """
                <!doctype html>
                <html lang="en">
                <head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
                <title>Authorize access - Cronofy simulator</title>
                <style>body{font:1rem/1.5 sans-serif;max-width:40rem;margin:2rem auto;padding:0 1rem}
                label{display:block;margin-top:1rem}input,button{font:inherit;padding:.4rem .8rem}</style></head>
                <body><main>
                <h1>Authorize access to your organization's calendars</h1>
                <p>This is the Cronofy simulator. The application <strong>%s</strong> asks for:</p>
                <h2>For the service account</h2>
                <ul>%s</ul>
                <h2>For the accounts of your organization, at most</h2>
                <ul>%s</ul>
                <form method="post" action="">
                %s
                <label for="domain">Domain of the service account</label>
                <input id="domain" name="domain" value="%s" required>
                <label for="email">E-mail address of the service account (optional)</label>
                <input id="email" name="email" value="%s">
                <p><button type="submit" name="decision" value="approve">Approve</button>
                <button type="submit" name="decision" value="decline" formnovalidate>Decline</button></p>
                </form>
                </main></body>
                </html>
                """.formatted(
                        escape(value(request, "client_id")),
                        items(Scopes.of(value(request, "scope")).ofServiceAccounts()),
                        items(Scopes.of(value(request, "delegated_scope")).ofAccounts()),
                        hidden,
                        escape(switches.get(Switch.SERVICE_ACCOUNT_DOMAIN)),
                        escape(switches.get(Switch.SERVICE_ACCOUNT_EMAIL))));
    }

    private static Answer problem(String problem) {
        return Answer.html(400, """
                <!doctype html>
                <html lang="en">
                <head><meta charset="utf-8"><title>Not possible - Cronofy simulator</title></head>
                <body><main><h1>This cannot be authorized</h1><p>%s</p></main></body>
                </html>
                """.formatted(escape(problem)));
    }

    private static String items(Scopes scopes) {
        return scopes.names().stream()
                .map(name -> "<li><code>" + escape(name) + "</code></li>")
                .collect(Collectors.joining());
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }

    private static String value(ReceivedRequest request, String name) {
        return Objects.requireNonNullElse(request.parameter(name), "");
    }

    private static boolean isWebAddress(String uri) {
        try {
            URI parsed = URI.create(uri);
            String scheme = parsed.getScheme();
            return ("http".equals(scheme) || "https".equals(scheme))
                    && parsed.getHost() != null
                    && parsed.getRawFragment() == null;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /** To the letter; a wildcard stands for the sub-domain only (contract 1). */
    private static boolean matches(String registered, String uri) {
        String pattern = Pattern.quote(registered).replace("://*.", "://\\E[A-Za-z0-9-]+\\Q.");
        return uri.matches(pattern);
    }

    /** What happens to a request that is in order. */
    private interface Decision {
        Answer of(Application application);
    }
}
