package io.github.enterpriseconnect.example;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.LocalDate;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A web application that shows its users what is in their calendar today. */
public final class ExampleApp implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(ExampleApp.class.getName());
    private static final int THREADS = 16;

    private final HttpServer server;
    private final ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    private final Clock clock;
    private final String contentSecurityPolicy;
    private final Keycloak keycloak;
    private final Calendar calendar;
    private final Sessions<Keycloak.Attempt> attempts;
    private final Sessions<Keycloak.User> users;

    private ExampleApp(Configuration configuration, Clock clock, HttpServer server) {
        this.server = server;
        this.clock = clock;
        URI issuer = configuration.issuer();
        // Signing out ends at Keycloak, which browsers count as a target of the form.
        this.contentSecurityPolicy = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self' "
                + issuer.getScheme() + "://" + issuer.getAuthority();
        this.keycloak = new Keycloak(configuration, clock);
        this.calendar = new Calendar(configuration.zone());
        this.attempts = new Sessions<>("sign-in", Duration.ofMinutes(15), configuration.secure(), clock);
        this.users = new Sessions<>("session", Duration.ofHours(8), configuration.secure(), clock);
    }

    public static void main(String[] arguments) throws IOException {
        Configuration configuration = Configuration.of(System.getenv());
        start(configuration, Clock.system(configuration.zone()));
        LOG.log(System.Logger.Level.INFO, "{0}", configuration);
    }

    /**
     * Listens until it is closed.
     *
     * @param clock says what day it is, in the configuration's zone
     */
    public static ExampleApp start(Configuration configuration, Clock clock) throws IOException {
        HttpServer server = HttpServer.create(configuration.address(), 0);
        ExampleApp app = new ExampleApp(configuration, clock, server);
        server.createContext("/", app::serve);
        server.setExecutor(app.threads);
        server.start();
        return app;
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    private void serve(HttpExchange exchange) throws IOException {
        try {
            String cookies =
                    Objects.requireNonNullElse(exchange.getRequestHeaders().getFirst("Cookie"), "");
            Page page;
            try {
                page = answer(exchange, cookies).orElse(null);
            } catch (Apology apology) {
                page = Page.apology(apology, users.get(cookies).isPresent());
            } catch (RuntimeException e) {
                LOG.log(System.Logger.Level.ERROR, "a request failed", e);
                page = Page.failed();
            }
            send(exchange, page);
        } finally {
            exchange.close();
        }
    }

    /** A page; empty once the answer is a redirect. */
    private Optional<Page> answer(HttpExchange exchange, String cookies) throws Apology {
        return switch (exchange.getRequestMethod() + " "
                + exchange.getRequestURI().getPath()) {
            case "GET /" -> {
                Optional<Keycloak.User> user = users.get(cookies);
                yield Optional.of(user.isPresent() ? day(user.get(), cookies) : Page.welcome());
            }
            case "GET /sign-in" -> {
                Keycloak.Attempt attempt = Keycloak.Attempt.create();
                yield redirect(exchange, keycloak.signInUri(attempt), attempts.create(attempt));
            }
            case "GET /callback" -> arrive(exchange, cookies);
            case "POST /sign-out" -> {
                Optional<Keycloak.User> user = users.get(cookies);
                URI target = user.isPresent() ? keycloak.signOutUri(user.get()) : URI.create("/");
                yield redirect(exchange, target, users.remove(cookies));
            }
            default -> Optional.of(Page.notFound());
        };
    }

    private Page day(Keycloak.User signedIn, String cookies) throws Apology {
        Keycloak.User user = keycloak.refreshed(signedIn);
        users.replace(cookies, user);
        Keycloak.CalendarToken token = keycloak.calendarToken(user);
        LocalDate today = LocalDate.now(clock);
        return Page.day(user.name(), today, token.mailbox(), calendar.eventsOf(today, token));
    }

    /** A session gets its id only now, so that nobody can have known it before the sign-in. */
    private Optional<Page> arrive(HttpExchange exchange, String cookies) throws Apology {
        Keycloak.Attempt attempt =
                attempts.get(cookies).orElseThrow(() -> Apology.signIn("This sign-in was not begun here."));
        exchange.getResponseHeaders().add("Set-Cookie", attempts.remove(cookies));
        Keycloak.User user = keycloak.signIn(attempt, exchange.getRequestURI());
        users.remove(cookies);
        return redirect(exchange, URI.create("/"), users.create(user));
    }

    private static Optional<Page> redirect(HttpExchange exchange, URI target, String cookie) {
        exchange.getResponseHeaders().add("Set-Cookie", cookie);
        exchange.getResponseHeaders().set("Location", target.toString());
        return Optional.empty();
    }

    private void send(HttpExchange exchange, Page page) throws IOException {
        Headers headers = exchange.getResponseHeaders();
        headers.set("Cache-Control", "no-store");
        headers.set("Referrer-Policy", "no-referrer");
        headers.set("X-Content-Type-Options", "nosniff");
        headers.set("Content-Security-Policy", contentSecurityPolicy);
        if (page == null) {
            exchange.sendResponseHeaders(303, -1);
            return;
        }
        byte[] html = page.html().getBytes(StandardCharsets.UTF_8);
        headers.set("Content-Type", "text/html; charset=utf-8");
        if (page.retryAfter() > 0) {
            headers.set("Retry-After", String.valueOf(page.retryAfter()));
        }
        exchange.sendResponseHeaders(page.status(), html.length);
        exchange.getResponseBody().write(html);
    }
}
