package io.github.enterpriseconnect.simulator;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Cronofy on one port of this machine: start it, aim a client at {@link #baseUri()}, and see what arrives. The verbs
 * here and the control API of {@link Control} do the same things; {@code docs/simulator.md} is the manual.
 */
public final class Simulator implements AutoCloseable {
    private static final int BACKLOG = 1024;

    private final SimulatorClock clock = new SimulatorClock();
    private final Switches switches = new Switches();
    private final Faults faults = new Faults();
    private final RequestLog log = new RequestLog();
    private final ManagedEvents managed = new ManagedEvents();
    private final Background background = new Background();
    private final HttpServer server;
    private final Application application;
    private final Credentials credentials;
    private final Registry registry;
    private final Callbacks callbacks;
    private final Channels channels;
    private final RateLimit rateLimit;
    private final Front front;
    private final Control control = new Control(this);

    /** One that answers what this server hands to {@link #handle}. */
    Simulator(HttpServer server, Application application) {
        this.server = server;
        this.application = application;
        credentials = new Credentials(clock, switches);
        registry = new Registry(application, switches, credentials);
        callbacks = new Callbacks(clock, switches, background, registry);
        rateLimit = new RateLimit(clock, switches, registry, credentials);
        Bearers bearers = new Bearers(credentials, switches);
        channels = new Channels(bearers, clock, switches, callbacks);
        Routes routes = new Routes(
                new AuthorizationPages(registry, switches),
                new TokenEndpoint(registry, credentials, switches),
                new DelegatedAccess(bearers, registry, switches, callbacks),
                new CalendarReads(bearers, switches, clock, managed),
                new CalendarWrites(bearers, registry, switches, managed, channels),
                channels,
                bearers,
                registry,
                switches);
        front = new Front(clock, log, faults, rateLimit, routes, background);
    }

    /** Starts on the loopback address; port 0 takes any that is free. */
    public static Simulator start(int port, String clientId, String clientSecret) {
        return start(new CommandLine("127.0.0.1", port, clientId, clientSecret));
    }

    /** Runs until the process is ended; prints one line when it listens. */
    public static void main(String... arguments) {
        try {
            Simulator simulator = start(CommandLine.parse(arguments));
            System.out.println("listening on " + simulator.baseUri());
        } catch (IllegalArgumentException | UncheckedIOException e) {
            System.err.println(e.getMessage());
            System.exit(2);
        }
    }

    /** Where clients find it, without a slash at the end. */
    public URI baseUri() {
        return uriOf(server);
    }

    /** Everything received and kept, oldest first; a request is there from its arrival on, with status 0. */
    public List<ReceivedRequest> requests() {
        return log.matching("", "");
    }

    /** The requests of this method (empty: any) whose path begins like this. */
    public List<ReceivedRequest> requests(String method, String pathPrefix) {
        return log.matching(method, pathPrefix);
    }

    public void clearRequests() {
        log.clear();
    }

    /** Every attempt to call back, oldest first. */
    public List<Delivery> deliveries() {
        return callbacks.deliveries();
    }

    /** State, faults, switches, log and clock as they were at the start. */
    public void reset() {
        callbacks.reset();
        registry.clear();
        channels.clear();
        managed.clear();
        rateLimit.clear();
        switches.reset();
        clock.reset();
        faults.clear();
        log.clear();
    }

    /** Lets time pass for codes, tokens, limits and retries. */
    public void advanceClock(Duration by) {
        clock.advance(by);
    }

    /** Sets a fault; answers its id. */
    public int addFault(Fault fault) {
        return faults.add(fault);
    }

    /** Ends one fault; requests that hang by it go on. Answers whether there was one of that id. */
    public boolean clearFault(int id) {
        return faults.clear(id);
    }

    /** Ends all faults; requests that hang go on. */
    public void clearFaults() {
        faults.clear();
    }

    public <T> void change(Switch<T> which, T value) {
        switches.put(which, value);
    }

    public <T> T value(Switch<T> which) {
        return switches.get(which);
    }

    /** Adds an application, or changes the secret of the one there is. Its accounts are its own (contract 2.1). */
    public void addApplication(String clientId, String clientSecret) {
        registry.register(new Application(clientId, clientSecret));
    }

    /** The administrator of this domain agrees to all there is, without a page. */
    public GrantedTokens grantServiceAccount(String domain) {
        Scopes all = Scopes.of("service_account/accounts/manage service_account/accounts/unrestricted_access"
                + " service_account/resources/manage service_account/resources/unrestricted_access");
        return GrantedTokens.of(registry.grant(
                registry.first(),
                new Registry.Consent(domain, "service-account@" + domain, all, Scopes.of("read_write free_busy"))));
    }

    /** The owner of this mailbox links it himself, outside of Enterprise Connect. */
    public GrantedTokens grantMailbox(String mailbox) {
        return GrantedTokens.of(registry.grantPersonally(registry.first(), mailbox, Scopes.of("read_write")));
    }

    /** The customer's administrator withdraws it at his side; false when there is no such sub. */
    public boolean revokeBySub(String sub) {
        Optional<Account> account = registry.account(sub);
        account.ifPresent(registry::revoke);
        return account.isPresent();
    }

    public void expireAccessTokens() {
        credentials.expireAccessTokens();
    }

    /** The refresh tokens that are known of this authorization, oldest first, for tests that single out requests. */
    public List<String> refreshTokens(String sub) {
        return registry.account(sub).map(credentials::refreshTokens).orElse(List.of());
    }

    /** The subs whose authorization stands. */
    public List<String> liveSubs() {
        return registry.accounts().stream()
                .filter(Account::live)
                .map(Account::sub)
                .toList();
    }

    public boolean isLive(String sub) {
        return registry.account(sub).filter(Account::live).isPresent();
    }

    /** Whether this access token works, without a request. */
    public boolean accepts(String accessToken) {
        return credentials.bearer(accessToken).filter(Account::live).isPresent();
    }

    /** Tells the channels of a mailbox; answers how many they are, or empty when there is no such mailbox. */
    public Optional<Integer> sendNotification(String sub, String type) {
        return registry.account(sub)
                .filter(Mailbox.class::isInstance)
                .map(account -> channels.notify((Mailbox) account, type));
    }

    /** The signature header that Cronofy would send with this body, for tests that call back themselves. */
    public String signature(String body) {
        return registry.first().signature(body.getBytes(StandardCharsets.UTF_8), switches.get(Switch.OLD_SECRET));
    }

    /** Stops at once; open requests are dropped. */
    @Override
    public void close() {
        callbacks.reset();
        server.stop(0);
        background.stop();
    }

    /** The application that it was started with. */
    public String clientId() {
        return application.clientId();
    }

    public String clientSecret() {
        return application.secret();
    }

    /** Ends all that was done to it, but knows on what it has granted. */
    public void calm() {
        faults.clear();
        switches.reset();
    }

    static HttpServer listenAt(InetSocketAddress address) throws IOException {
        // Without it the JDK's server answers 40 ms late on kept connections.
        System.setProperty("sun.net.httpserver.nodelay", "true");
        return HttpServer.create(address, BACKLOG);
    }

    static URI uriOf(HttpServer server) {
        InetSocketAddress address = server.getAddress();
        InetAddress host = address.getAddress();
        String name = host.isAnyLocalAddress() ? "127.0.0.1" : host.getHostAddress();
        return URI.create("http://" + (name.contains(":") ? "[" + name + "]" : name) + ":" + address.getPort());
    }

    void handle(HttpExchange exchange) throws IOException {
        boolean control = exchange.getRequestURI().getRawPath().startsWith(Control.BASE);
        (control ? this.control : front).handle(exchange);
    }

    /** Whether the request names an application of this simulator, or bears a secret or a token that it knows. */
    boolean concerns(ReceivedRequest request) {
        String bearer = Objects.requireNonNullElse(request.bearer(), "");
        return registry.application(request.parameter("client_id")).isPresent()
                || registry.applicationBySecret(bearer).isPresent()
                || credentials.owner(bearer).isPresent();
    }

    Switches switches() {
        return switches;
    }

    Faults faults() {
        return faults;
    }

    SimulatorClock clock() {
        return clock;
    }

    JsonNode state() {
        return Json.array(registry.state());
    }

    private static Simulator start(CommandLine line) {
        try {
            HttpServer server = listenAt(new InetSocketAddress(InetAddress.getByName(line.host()), line.port()));
            Simulator simulator = new Simulator(server, new Application(line.clientId(), line.clientSecret()));
            server.createContext("/", simulator::handle);
            server.setExecutor(simulator.background);
            server.start();
            return simulator;
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "cannot listen on " + line.host() + ":" + line.port() + " (" + e.getMessage()
                            + "); write a free --port, or 0",
                    e);
        }
    }
}
