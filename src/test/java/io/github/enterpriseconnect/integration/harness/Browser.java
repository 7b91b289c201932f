package io.github.enterpriseconnect.integration.harness;

import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A person's browser without JavaScript: one tab, cookies, redirects. A redirect to a client that somebody is signing
 * in at ends the walk without being fetched, as nothing need listen there.
 */
public final class Browser {

    private static final int MAXIMAL_REDIRECTS = 20;

    private final String language;
    private final List<Cookie> cookies = new ArrayList<>();
    private final List<Page> history = new ArrayList<>();
    private final List<AuthorizationRequest> awaited = new ArrayList<>();

    public Browser() {
        this("en");
    }

    /** A browser of somebody who reads this language (a BCP 47 tag). */
    public Browser(String language) {
        this.language = language;
    }

    public Page open(URI uri) {
        return walk(uri, "GET", Map.of());
    }

    /** Lets a client send the person to its realm. */
    public Page open(AuthorizationRequest request) {
        awaited.add(request);
        return open(request.uri());
    }

    /** Submits a form by the button that was pressed, or else by its first one. */
    public Page submit(Form form) {
        Form sent = form.pressDefault();
        if (sent.method().equals("POST")) {
            return walk(sent.action(), "POST", sent.fields());
        }
        String action = sent.action().toString().replaceFirst("[?#].*", "");
        return open(URI.create(action + "?" + Answer.encode(sent.fields())));
    }

    /** Goes where the page sends the browser after a moment, without waiting for it. */
    public Page refresh(Page page) {
        return open(page.refresh().orElseThrow(() -> new AssertionError("Nothing is to come after " + page)));
    }

    private Page walk(URI start, String firstMethod, Map<String, String> fields) {
        URI uri = start;
        String method = firstMethod;
        for (int i = 0; i <= MAXIMAL_REDIRECTS; i++) {
            Page page = visit(uri, method, fields);
            if (!page.isRedirect()) {
                return page;
            }
            uri = uri.resolve(page.headers().firstValue("Location").orElseThrow());
            URI next = uri;
            if (awaited.stream().anyMatch(request -> request.isAnsweredAt(next))) {
                Page landing = new Page(uri, page.status(), page.headers(), page.text());
                history.add(landing);
                return landing;
            }
            if (page.status() != 307 && page.status() != 308) {
                method = "GET";
            }
        }
        throw new AssertionError("Too many redirects: " + history());
    }

    /** Submits a form twice at once, as a double click does, and goes nowhere from there. */
    public List<Page> submitTwice(Form form) {
        Form sent = form.pressDefault();
        return Stream.generate(() -> CompletableFuture.supplyAsync(() -> send(sent.action(), "POST", sent.fields())))
                .limit(2)
                .toList()
                .stream()
                .map(CompletableFuture::join)
                .map(answer -> keep(sent.action(), answer))
                .toList();
    }

    private Page visit(URI uri, String method, Map<String, String> fields) {
        return keep(uri, send(uri, method, fields));
    }

    private Page keep(URI uri, Answer answer) {
        take(answer, uri);
        Page page = new Page(uri, answer.status(), answer.headers(), answer.text());
        history.add(page);
        return page;
    }

    private Answer send(URI uri, String method, Map<String, String> fields) {
        HttpRequest.Builder request = HttpRequest.newBuilder(withoutFragment(uri))
                .header("Accept", "text/html,application/xhtml+xml,*/*;q=0.8")
                .header("Accept-Language", language);
        String sent = cookies.stream()
                .filter(cookie -> cookie.isLive() && cookie.belongsTo(uri))
                .map(cookie -> cookie.name() + "=" + cookie.value())
                .collect(Collectors.joining("; "));
        if (!sent.isEmpty()) {
            request.header("Cookie", sent);
        }
        if (method.equals("GET")) {
            request.method(method, BodyPublishers.noBody());
        } else {
            Answer.form(request, method, fields);
        }
        return Answer.to(request);
    }

    /** Takes over the cookies of an answer that somebody else got from this address. */
    public void take(Answer answer, URI from) {
        answer.headers().allValues("Set-Cookie").forEach(header -> keep(Cookie.parse(header, from)));
    }

    private static URI withoutFragment(URI uri) {
        return URI.create(uri.toString().replaceFirst("#.*", ""));
    }

    private void keep(Cookie cookie) {
        cookies.removeIf(cookie::replaces);
        if (cookie.isLive()) {
            cookies.add(cookie);
        }
    }

    /** Signs in for the first time in this browser, by the realm's login form. */
    public SignIn signIn(OidcClient client, String username, String password) {
        return signIn(client.authorizationRequest(Map.of()), username, password);
    }

    /** Signs in by the realm's login form. */
    public SignIn signIn(AuthorizationRequest request, String username, String password) {
        int before = history.size();
        Page landing = enterCredentials(open(request), username, password);
        return request.complete(landing, shownSince(before));
    }

    /**
     * Fills in the login form, whether it asks for name and password at once or on two pages (as it does with
     * Organizations), and gives what comes then.
     */
    public Page enterCredentials(Page login, String username, String password) {
        if (!login.asksFor("password")) {
            Page second = submit(login.formAskingFor("username").with("username", username));
            return submit(second.formAskingFor("password").with("password", password));
        }
        Form form = login.formAskingFor("password").with("password", password);
        return submit(form.asksFor("username") ? form.with("username", username) : form);
    }

    /** Signs in at another client by the session that this browser has already; no page may come up. */
    public SignIn signInAgain(OidcClient client) {
        return withoutPage(client.authorizationRequest(Map.of()));
    }

    /** Signs in as a hidden frame does ({@code prompt=none}), which may well be refused. */
    public SignIn silentSignIn(OidcClient client) {
        return withoutPage(client.authorizationRequest(Map.of("prompt", "none")));
    }

    private SignIn withoutPage(AuthorizationRequest request) {
        int before = history.size();
        return request.complete(open(request), shownSince(before));
    }

    private List<Page> shownSince(int before) {
        return history.subList(before, history.size()).stream()
                .filter(page -> !page.isRedirect())
                .toList();
    }

    /** All addresses that this browser has been at or was sent to, with those of redirects. */
    public List<URI> history() {
        return history.stream().map(Page::uri).toList();
    }

    public List<Cookie> cookies() {
        return List.copyOf(cookies);
    }
}
