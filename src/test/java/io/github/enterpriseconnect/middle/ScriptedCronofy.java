package io.github.enterpriseconnect.middle;

import io.github.enterpriseconnect.core.Application;
import io.github.enterpriseconnect.core.Condition;
import io.github.enterpriseconnect.core.Cronofy;
import io.github.enterpriseconnect.core.CronofyException;
import io.github.enterpriseconnect.core.ProfileState;
import io.github.enterpriseconnect.core.Purpose;
import io.github.enterpriseconnect.core.Resource;
import io.github.enterpriseconnect.core.Secret;
import io.github.enterpriseconnect.core.Tokens;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A Cronofy that answers at once and well, unless a test has scripted otherwise for the next call of a kind. It keeps
 * what it was asked, and takes no call while a transaction is open.
 */
public final class ScriptedCronofy implements Cronofy {
    private final TestClock clock;
    private final BooleanSupplier transactionOpen;
    private final Map<Call, Deque<Answer>> script = new HashMap<>();
    private final List<Received> received = new ArrayList<>();
    private final List<ProfileOf> looks = new ArrayList<>();
    private final List<String> askedWith = new ArrayList<>();
    private final List<String> redirectUris = new ArrayList<>();
    private int issued;
    private @Nullable Tokens lastIssued;
    private @Nullable String profileName;
    private @Nullable String serviceAccount = "ser_1";
    private @Nullable String domain = "acme.example";
    private @Nullable String address;
    private @Nullable String subject = "acc_1";
    private @Nullable String delegatedScope;
    private @Nullable String profileId;
    private List<Resource.Listed> resources = List.of();
    private ProfileState profileOfGrants = ProfileState.UNKNOWN;
    private ProfileState profile = ProfileState.UNKNOWN;
    private Condition condition = Condition.UNKNOWN;
    private final Map<String, String> scopes = new HashMap<>();
    private boolean rotating = true;
    private @Nullable Function<String, Grantee> byCode;
    private String accounts = "acc_";
    private final List<Instant> arrivals = new ArrayList<>();
    private @Nullable Set<String> accepted;

    private static final Set<Call> SHOW_SECRET =
            EnumSet.of(Call.EXCHANGE, Call.REFRESH, Call.REVOKE, Call.PROVE_CREDENTIALS);

    /** The kinds of calls. */
    public enum Call {
        EXCHANGE,
        REFRESH,
        SERVICE_ACCOUNT,
        PROFILE,
        RESOURCES,
        WATCH,
        UNWATCH,
        ASK,
        REVOKE,
        PROVE_CREDENTIALS
    }

    /**
     * A call as it came.
     *
     * @param what the token, code, subject or mailboxes that it was about
     * @param purpose for refreshes, asks and looks; null for all others
     */
    public record Received(
            Call call,
            Application application,
            String what,
            @Nullable Purpose purpose) {}

    /** What happens in place of a good answer; returning lets the good answer follow. */
    public interface Answer {
        void give() throws CronofyException;
    }

    ScriptedCronofy(TestClock clock, BooleanSupplier transactionOpen) {
        this.clock = clock;
        this.transactionOpen = transactionOpen;
    }

    /** The next call of this kind that has no script yet fails so. */
    public void fails(Call call, CronofyException failure) {
        script(call, () -> {
            throw failure;
        });
    }

    /** While the next call of this kind is on the wire, this happens; then the good answer comes. */
    public void during(Call call, Runnable event) {
        script(call, event::run);
    }

    /** Cronofy knows the application by these secrets alone from now on. */
    public void accepts(String... secrets) {
        accepted = Set.of(secrets);
    }

    /** What was scripted for calls of this kind does not happen any more. */
    public void forget(Call call) {
        script.remove(call);
    }

    public void script(Call call, Answer answer) {
        script.computeIfAbsent(call, kind -> new ArrayDeque<>()).add(answer);
    }

    /** The mailbox that codes open from now on; null for the one that was asked for last. */
    public void opens(@Nullable String mailbox) {
        profileName = mailbox;
    }

    /** The account that codes of delegations stand for from now on; null if Cronofy does not say. */
    public void grants(@Nullable String account) {
        subject = account;
    }

    /** From now on {@code code-of-maria} stands for her own account and mailbox, and so does everybody's. */
    public void grantsToEachTheirOwn() {
        byCode = whose -> new Grantee(accounts + whose, whose + "@acme.example");
    }

    /** From now on {@code code-of-} and a mailbox stands for that mailbox, and for the account that is behind it. */
    public void grantsByMailbox(UnaryOperator<String> account) {
        byCode = mailbox -> new Grantee(account.apply(mailbox), mailbox);
    }

    private record Grantee(String account, String mailbox) {}

    /** From now on their accounts are called so, with their names behind: another service account has accounts of its own. */
    public void callsAccounts(String beginning) {
        accounts = beginning;
    }

    /** When the calls came, in their order. */
    public List<Instant> arrivals() {
        return List.copyOf(arrivals);
    }

    /** The service account that administrators authorize from now on; null if codes do not tell. */
    public void authorizes(@Nullable String account, @Nullable String ofDomain) {
        serviceAccount = account;
        domain = ofDomain;
    }

    /**
     * From now on refresh tokens stay as they are when they are used, as with an application that does not rotate them.
     */
    public void keepRefreshTokens() {
        rotating = false;
    }

    /** What Cronofy says of service accounts from now on: what they were granted, null for nothing, and how they stand. */
    public void tells(@Nullable String granted, Condition standing) {
        delegatedScope = granted;
        condition = standing;
    }

    /** How calendars stand from now on, by the answers to codes and by looks at them. */
    public void profiles(ProfileState byGrants, ProfileState byLooks) {
        profileOfGrants = byGrants;
        profile = byLooks;
    }

    /** Cronofy's id of the calendar that codes open from now on; null if Cronofy does not say. */
    public void opensProfile(@Nullable String id) {
        profileId = id;
    }

    /** Which calendars were looked at, in their order. */
    public List<ProfileOf> looks() {
        return List.copyOf(looks);
    }

    /** What a mailbox was asked for last. */
    public String scopeOf(String mailbox) {
        String scope = scopes.get(mailbox);
        if (scope == null) {
            throw new AssertionError(mailbox + " was never asked for");
        }
        return scope;
    }

    /** The address of service accounts from now on. */
    public void addresses(String ofAccounts) {
        address = ofAccounts;
    }

    public List<Received> received() {
        return List.copyOf(received);
    }

    public List<Received> received(Call call) {
        return received.stream().filter(one -> one.call() == call).toList();
    }

    /** The access tokens that came with the asks, in their order. */
    public List<String> askedWith() {
        return List.copyOf(askedWith);
    }

    /** The URLs that came with the codes, in their order. */
    public List<String> redirectUris() {
        return List.copyOf(redirectUris);
    }

    /** Tokens that are good for so long from now; each time others. */
    public Tokens tokens(Duration lifetime) {
        issued++;
        return issue(new Tokens(
                Secret.of("access-" + issued),
                Secret.of("refresh-" + issued),
                "read_write",
                clock.instant(),
                clock.instant().plus(lifetime)));
    }

    private Tokens issue(Tokens tokens) {
        lastIssued = tokens;
        return tokens;
    }

    /** The tokens that were handed out last, whether or not anybody has kept them. */
    public Tokens lastIssued() {
        if (lastIssued == null) {
            throw new AssertionError("nothing was issued yet");
        }
        return lastIssued;
    }

    private void receive(Call call, Application application, String what, @Nullable Purpose purpose)
            throws CronofyException {
        if (transactionOpen.getAsBoolean()) {
            throw new AssertionError(call + " was called while a transaction was open");
        }
        received.add(new Received(call, application, what, purpose));
        arrivals.add(clock.instant());
        boolean refused = accepted != null
                && SHOW_SECRET.contains(call)
                && !accepted.contains(application.clientSecret().reveal());
        if (refused) {
            throw CronofyException.Misconfigured.secretRefused("invalid_client");
        }
        Answer answer = script.getOrDefault(call, new ArrayDeque<>()).poll();
        if (answer != null) {
            answer.give();
        }
    }

    @Override
    public URI authorizationUrl(
            Application application, String scope, String delegatedScope, String redirectUri, Secret state) {
        return URI.create("https://app.cronofy.example/authorize?state=" + state.reveal());
    }

    @Override
    public Grant exchange(Application application, CodeKind kind, Secret code, String redirectUri)
            throws CronofyException {
        redirectUris.add(redirectUri);
        receive(Call.EXCHANGE, application, code.reveal(), null);
        if (byCode != null && kind == CodeKind.DELEGATION) {
            Grantee whose = byCode.apply(code.reveal().substring("code-of-".length()));
            return new Grant(tokens(Duration.ofHours(3)), whose.account(), whose.mailbox(), null, profileOfGrants);
        }
        return kind == CodeKind.SERVICE_ACCOUNT
                ? new Grant(tokens(Duration.ofHours(3)), serviceAccount, null, null, ProfileState.UNKNOWN)
                : new Grant(tokens(Duration.ofHours(3)), subject, profileName, profileId, profileOfGrants);
    }

    @Override
    public Tokens refresh(Application application, Tokens tokens, Purpose urgency) throws CronofyException {
        receive(Call.REFRESH, application, tokens.refreshToken().reveal(), urgency);
        Tokens renewed = tokens(Duration.ofHours(3));
        return rotating
                ? renewed
                : issue(new Tokens(
                        renewed.accessToken(),
                        tokens.refreshToken(),
                        renewed.scope(),
                        renewed.obtainedAt(),
                        renewed.expiresAt()));
    }

    @Override
    public ServiceAccount serviceAccount(Application application, Secret accessToken, Purpose urgency)
            throws CronofyException {
        receive(Call.SERVICE_ACCOUNT, application, accessToken.reveal(), urgency);
        return new ServiceAccount(Objects.requireNonNull(serviceAccount), domain, address, delegatedScope, condition);
    }

    /** What the service account's organization has from now on. */
    public void lists(Resource.Listed... all) {
        resources = List.of(all);
    }

    @Override
    public List<Resource.Listed> resources(
            Application application, Secret accessToken, boolean details, Purpose urgency) throws CronofyException {
        receive(Call.RESOURCES, application, details ? "with details" : "without details", urgency);
        return resources;
    }

    @Override
    public ProfileState profile(Application application, Secret accessToken, ProfileOf which, Purpose urgency)
            throws CronofyException {
        looks.add(which);
        receive(Call.PROFILE, application, which.mailbox().address(), urgency);
        return profile;
    }

    @Override
    public String watch(Application application, Secret accessToken, Secret callbackUrl, Purpose urgency)
            throws CronofyException {
        receive(Call.WATCH, application, callbackUrl.reveal(), urgency);
        return "chn_" + Integer.toHexString(callbackUrl.reveal().hashCode());
    }

    @Override
    public void unwatch(Application application, Secret accessToken, String channel, Purpose urgency)
            throws CronofyException {
        receive(Call.UNWATCH, application, channel, urgency);
    }

    @Override
    public void askDelegations(Application application, Secret accessToken, List<Ask> asks, Purpose urgency)
            throws CronofyException {
        asks.forEach(
                ask -> callbacks.put(ask.mailbox().address(), ask.callbackUrl().reveal()));
        asks.forEach(ask -> scopes.put(ask.mailbox().address(), ask.scope()));
        askedWith.add(accessToken.reveal());
        receive(
                Call.ASK,
                application,
                String.join(
                        " ", asks.stream().map(ask -> ask.mailbox().address()).toList()),
                urgency);
    }

    private final Map<String, String> callbacks = new HashMap<>();

    /** Where the answer for a mailbox is to go, as it was asked for last. */
    public String callbackOf(String mailbox) {
        String url = callbacks.get(mailbox);
        if (url == null) {
            throw new AssertionError(mailbox + " was never asked for");
        }
        return url;
    }

    @Override
    public void revoke(Application application, @Nullable Secret refreshToken, String subject) throws CronofyException {
        receive(
                Call.REVOKE,
                application,
                refreshToken == null ? subject : subject + " by " + refreshToken.reveal(),
                null);
    }

    @Override
    public void proveCredentials(Application application) throws CronofyException {
        receive(Call.PROVE_CREDENTIALS, application, application.clientId(), null);
    }
}
