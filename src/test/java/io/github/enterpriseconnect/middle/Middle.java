package io.github.enterpriseconnect.middle;

import io.github.enterpriseconnect.budget.PacedCronofy;
import io.github.enterpriseconnect.budget.RequestBudget;
import io.github.enterpriseconnect.candidate.LinkCache;
import io.github.enterpriseconnect.candidate.LinkSnapshots;
import io.github.enterpriseconnect.candidate.RecentSignIns;
import io.github.enterpriseconnect.core.Application;
import io.github.enterpriseconnect.core.Credential;
import io.github.enterpriseconnect.core.DataCenter;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Domain;
import io.github.enterpriseconnect.core.Limits;
import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.LinkDomain;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Mailbox;
import io.github.enterpriseconnect.core.Mandate;
import io.github.enterpriseconnect.core.Policy;
import io.github.enterpriseconnect.core.Retries;
import io.github.enterpriseconnect.core.Revocation;
import io.github.enterpriseconnect.core.Secret;
import io.github.enterpriseconnect.core.SignIn;
import io.github.enterpriseconnect.core.Tokens;
import io.github.enterpriseconnect.credential.CredentialRefresher;
import io.github.enterpriseconnect.cronofy.Hosts;
import io.github.enterpriseconnect.delegation.AskPreparation;
import io.github.enterpriseconnect.delegation.Backfills;
import io.github.enterpriseconnect.delegation.CodeRedemption;
import io.github.enterpriseconnect.delegation.DelegationAnswers;
import io.github.enterpriseconnect.delegation.DelegationQueue;
import io.github.enterpriseconnect.delegation.DelegationRequests;
import io.github.enterpriseconnect.delegation.ForgottenSignIns;
import io.github.enterpriseconnect.delegation.LinkVerifications;
import io.github.enterpriseconnect.delegation.Notifications;
import io.github.enterpriseconnect.delegation.ProfileWatch;
import io.github.enterpriseconnect.delegation.Replacements;
import io.github.enterpriseconnect.delegation.ResourceAsks;
import io.github.enterpriseconnect.delegation.SignInDecision;
import io.github.enterpriseconnect.delegation.VerificationCalls;
import io.github.enterpriseconnect.delegation.VerificationSteps;
import io.github.enterpriseconnect.link.Invitations;
import io.github.enterpriseconnect.link.LinkAuthorization;
import io.github.enterpriseconnect.link.LinkExamination;
import io.github.enterpriseconnect.link.Links;
import io.github.enterpriseconnect.link.RemovedRealms;
import io.github.enterpriseconnect.link.ServiceAccountWatch;
import io.github.enterpriseconnect.notification.NotificationDispatcher;
import io.github.enterpriseconnect.platform.Tickets;
import io.github.enterpriseconnect.platform.Work;
import io.github.enterpriseconnect.resource.ResourceLists;
import io.github.enterpriseconnect.resource.Resources;
import io.github.enterpriseconnect.revocation.ChangeJudgement;
import io.github.enterpriseconnect.revocation.DelegationTermination;
import io.github.enterpriseconnect.revocation.Housekeeping;
import io.github.enterpriseconnect.revocation.Pace;
import io.github.enterpriseconnect.revocation.Reconciler;
import io.github.enterpriseconnect.revocation.RevocationDispatcher;
import io.github.enterpriseconnect.revocation.UserChanges;
import io.github.enterpriseconnect.storage.Asking;
import io.github.enterpriseconnect.storage.TestTables;
import io.github.enterpriseconnect.token.AccessTokens;
import io.github.enterpriseconnect.token.ResourceTokens;
import io.github.enterpriseconnect.token.TokenUses;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * The parts of one server, wired as the composition root does, with one realm and one link of the organization {@code
 * acme}.
 */
public final class Middle extends Surroundings {
    public static final Duration RECONCILE_EVERY = Duration.ofSeconds(60);
    /** Everybody is looked at as often, in use or not. */
    private static final Pace PACE = new Pace(RECONCILE_EVERY, RECONCILE_EVERY);

    public static final Duration REALM_REMOVAL_GRACE = Duration.ofHours(1);
    public static final int MOST_WAITING = 2;
    public static final String SERVICE_ACCOUNT = "ser_1";
    public static final String DOMAIN = "acme.example";

    /** For so long members of one link wait for others, so that they are asked for together. */
    public static final Duration COALESCE = Duration.ofMillis(250);

    public final ManualWorker worker = new ManualWorker(clock);
    public final RequestBudget budget = new RequestBudget(transactions, Limits.DEFAULT, clock::millis, () -> 0);
    public final PacedCronofy paced = new PacedCronofy(cronofy, budget, clock::millis, this::pause);
    public final LinkId link = new LinkId(realm.id(), "acme");

    /**
     * Between a grant and whatever follows from it: what was granted and what ended later are told apart by their
     * times.
     */
    private static final Duration A_MOMENT = Duration.ofMillis(1);

    private final SecureRandom random = new SecureRandom();

    /** Without chance: pauses are nearly as short as they can be. */
    public final Retries retries = new Retries(() -> 0.999);

    public final RecentSignIns recentSignIns = new RecentSignIns(clock);
    public final Tickets tickets = new Tickets(transactions, random, clock);
    public final LinkCache cache = new LinkCache(recentSignIns, transactions, worker, clock);
    public final CredentialRefresher credentials =
            new CredentialRefresher(transactions, paced, worker, clock, this::pause, () -> 0.5, MOST_WAITING);
    public final RevocationDispatcher dispatcher =
            new RevocationDispatcher(transactions, paced, credentials, worker, retries, clock);
    public final DelegationTermination termination = new DelegationTermination(recentSignIns, clock);
    public final Reconciler reconciler =
            new Reconciler(transactions, worker, termination, dispatcher, new LinkSnapshots(), PACE, clock);
    public final ChangeJudgement judgement =
            new ChangeJudgement(transactions, worker, termination, reconciler, dispatcher, retries, clock);
    public final Housekeeping housekeeping = new Housekeeping(transactions, worker, RECONCILE_EVERY, clock);
    public final DelegationRequests requests = new DelegationRequests(
            transactions,
            new AskPreparation(cache, termination, retries, tickets, clock),
            credentials,
            paced,
            budget,
            retries,
            clock);
    public final CodeRedemption redemption =
            new CodeRedemption(transactions, paced, budget, worker, dispatcher, retries, clock);
    public final DelegationQueue queue =
            new DelegationQueue(transactions, worker, requests, redemption, recentSignIns, clock);
    public final Backfills backfills = new Backfills(transactions, worker, requests, Limits.DEFAULT, retries, clock);
    public final Replacements replacements =
            new Replacements(transactions, worker, requests, credentials, dispatcher, retries, clock);
    public final SignInDecision signInDecision = new SignInDecision(transactions, cache, recentSignIns, queue, clock);
    public final ForgottenSignIns forgotten = new ForgottenSignIns(transactions, worker, queue, signInDecision, clock);
    public final VerificationCalls verificationCalls = new VerificationCalls(credentials, paced, tickets);
    public final VerificationSteps verification =
            new VerificationSteps(transactions, verificationCalls, dispatcher, worker, retries, clock);
    public final LinkVerifications verifications =
            new LinkVerifications(transactions, tickets, verificationCalls, verification, clock);
    public final DelegationAnswers answers =
            new DelegationAnswers(transactions, tickets, redemption, verification, queue, retries, clock);
    public final Links links = new Links(transactions, cache, worker, dispatcher, termination, reconciler, clock);
    public final RemovedRealms removedRealms =
            new RemovedRealms(transactions, cache, worker, links, retries, REALM_REMOVAL_GRACE, clock);
    public final LinkExamination linkExamination = new LinkExamination(transactions, cache, worker, retries, clock);
    public final ProfileWatch profileWatch =
            new ProfileWatch(transactions, tickets, credentials, paced, worker, retries, clock);
    public final Notifications notifications = new Notifications(transactions, tickets, profileWatch, clock);
    public final ServiceAccountWatch serviceAccountWatch =
            new ServiceAccountWatch(transactions, cache, credentials, paced, worker, clock);
    public final ResourceAsks resourceAsks = new ResourceAsks(transactions, worker, requests, clock);
    public final ResourceLists resourceLists =
            new ResourceLists(transactions, credentials, paced, worker, termination, dispatcher, clock);
    public final Resources resources = new Resources(termination.resources(), dispatcher, clock);
    public final ResourceTokens resourceTokens =
            new ResourceTokens(transactions, new LinkSnapshots(), credentials, new Hosts(null, null), clock);
    public final Invitations invitations = new Invitations(transactions, tickets, paced, random, clock);
    public final LinkAuthorization authorization =
            new LinkAuthorization(transactions, tickets, cache, paced, dispatcher, clock, this::pause);
    public final UserChanges userChanges = new UserChanges(judgement, recentSignIns, clock);
    public final ScriptedPush push = new ScriptedPush(transactions::open);
    public final NotificationDispatcher notifier =
            new NotificationDispatcher(transactions, push, worker, retries, clock);
    public final TokenUses uses = new TokenUses(transactions, worker, reconciler, clock);
    public final AccessTokens accessTokens = accessTokens();

    /** Those of another node, which has read nothing yet. */
    public AccessTokens accessTokens() {
        return new AccessTokens(
                transactions, new LinkSnapshots(), credentials, queue, uses, new Hosts(null, null), clock);
    }

    private Runnable whileWaiting = () -> {};

    public Middle() {
        this(new TestTables());
    }

    /** With these tables, which may hold something already. */
    public Middle(TestTables tables) {
        super(new TestClock(), tables);
        transactions.onCalendarChanged(notifier::sendSoon);
    }

    /** Another node of the same cluster, with memory and work of its own. */
    public Middle(Middle neighbour) {
        super(neighbour);
    }

    private void pause(Duration pause) {
        clock.turn(pause);
        whileWaiting.run();
    }

    /** Happens each time that somebody waits a little for another's refresh; the clock has been turned by the wait. */
    public void whileWaiting(Runnable event) {
        whileWaiting = event;
    }

    /** As the server does at its start. */
    public void start() {
        startWithoutReconciliation();
        reconciler.start();
    }

    /** All that goes on by itself but what looks at everybody again. */
    public void startWithoutReconciliation() {
        tickets.start();
        removedRealms.start();
        queue.start();
        backfills.start();
        replacements.start();
        forgotten.start();
        redemption.start();
        verifications.start();
        links.start();
        linkExamination.start();
        serviceAccountWatch.start();
        resourceLists.start();
        resourceAsks.start();
        profileWatch.start();
        dispatcher.start();
        housekeeping.start();
        notifier.start();
        uses.start();
    }

    public Application application() {
        return realm.application().orElseThrow();
    }

    public String applicationKey() {
        return Application.key(DataCenter.DE, TestRealm.CLIENT_ID);
    }

    /** Links the organization by {@value #SERVICE_ACCOUNT}, with its domain approved and fresh tokens. */
    public Link linked() {
        return linked(link, SERVICE_ACCOUNT, cronofy.tokens(Duration.ofHours(3)));
    }

    /** As {@link #linked()}, by a service account that may list resources, too. */
    public Link linkedWithResources() {
        return linkedWithResources(SERVICE_ACCOUNT);
    }

    public Link linkedWithResources(String serviceAccount) {
        return linked(
                link,
                serviceAccount,
                cronofy.tokens(Duration.ofHours(3)),
                "service_account/accounts/manage " + Link.MANAGE_RESOURCES);
    }

    public Link linked(LinkId id, String serviceAccount, Tokens tokens) {
        return linked(id, serviceAccount, tokens, "service_account/accounts/manage");
    }

    private Link linked(LinkId id, String serviceAccount, Tokens tokens, String scope) {
        Domain domain = Domain.parse(DOMAIN).orElseThrow();
        List<LinkDomain> domains = List.of(new LinkDomain(domain, true));
        Link linked = new Link(
                id,
                Link.linkedState(domain, domains, false),
                applicationKey(),
                serviceAccount,
                domain,
                scope,
                "read_write",
                "https://id.example.com",
                clock.instant(),
                domains,
                Policy.DEFAULT,
                null);
        Credential credential = new Credential(applicationKey(), serviceAccount, id.name(), DOMAIN, tokens);
        transactions.doInRealm(id.realm(), work -> work.links().authorize(linked, credential, application()));
        // As its authorization has shown.
        budget.prove(application());
        return linked;
    }

    /** A member of the organization, with an address in its domain. */
    public TestUser member(String name) {
        return realm.user(name + "@" + DOMAIN).in(link.name(), DOMAIN);
    }

    /** Has a member asked for as by a sign-in, up to the request at Cronofy. */
    public Delegation asked(TestUser member) {
        queue.add(link, member.id(), SignIn.DIRECT);
        worker.turn(COALESCE);
        return delegation(member);
    }

    /** Has Cronofy answer the last ask with a code; it is kept, and redeemed once the worker runs. */
    public DelegationAnswers.Receipt answered(TestUser member) {
        return answered(member, "{\"authorization\": {\"code\": \"code-of-" + member.id() + "\"}}");
    }

    public DelegationAnswers.Receipt answered(TestUser member, String body) {
        String url = cronofy.callbackOf(member.address());
        String ticket = url.substring(url.lastIndexOf('/') + 1);
        return answers.receive(realm.id(), ticket, Optional.empty(), body.getBytes(StandardCharsets.UTF_8));
    }

    /** A member whose delegation is granted, from the sign-in on; the account is {@code acc_} and the user's id. */
    public TestUser granted(String name) {
        TestUser member = member(name);
        granted(member);
        return member;
    }

    public Delegation granted(TestUser member) {
        cronofy.grants("acc_" + member.id());
        cronofy.opens(member.email());
        asked(member);
        answered(member);
        worker.run();
        Delegation delegation = delegation(member);
        if (delegation.state() != Delegation.State.GRANTED) {
            throw new AssertionError("not granted: " + delegation + " " + worker.failures());
        }
        clock.turn(A_MOMENT);
        return delegation;
    }

    /**
     * So many members who are all granted in one transaction, as if each had signed in; {@code member-001} is the
     * first.
     */
    public List<TestUser> grantedAtOnce(int size) {
        List<TestUser> members = IntStream.rangeClosed(1, size)
                .mapToObj(number -> member("member-%03d".formatted(number)))
                .toList();
        grantedAtOnce(members, TestUser::address);
        return members;
    }

    /** All these are granted in one transaction, each by this mailbox; the account is {@code acc_} and the user's id. */
    public void grantedAtOnce(List<TestUser> members, Function<TestUser, String> mailbox) {
        Tokens tokens = cronofy.tokens(Duration.ofHours(3));
        transactions.doInRealm(
                realm.id(),
                work -> members.forEach(member -> grant(work, member, new Mailbox(mailbox.apply(member)), tokens)));
        clock.turn(A_MOMENT);
    }

    private void grant(Work work, TestUser member, Mailbox mailbox, Tokens tokens) {
        String subject = "acc_" + member.id();
        Delegation asked = work.delegations()
                .ask(
                        Optional.empty(),
                        new Mandate(link, member.id(), applicationKey(), mailbox),
                        new Asking(member.id(), Secret.of("callback"), SERVICE_ACCOUNT, null, clock.instant()),
                        clock.instant());
        work.delegations()
                .grant(asked, subject, SERVICE_ACCOUNT, member.source().orElse(null), clock.instant());
        work.credentials()
                .store(member.id(), new Credential(applicationKey(), subject, link.name(), mailbox.address(), tokens));
    }

    /** Another realm of this server, with the same application. */
    public TestRealm anotherRealm(String id) {
        TestRealm another = new TestRealm(id, directories);
        transactions.add(another);
        return another;
    }

    /** The row of the member's present mailbox. */
    public Delegation delegation(TestUser member) {
        return row(member).orElseThrow();
    }

    /** The same, if there is one. */
    public Optional<Delegation> row(TestUser member) {
        return transactions.inRealm(realm.id(), work -> work.delegations()
                .byMailbox(
                        realm.id(),
                        applicationKey(),
                        Mailbox.parse(member.email()).orElseThrow()));
    }

    /** The realm's revocations, newest first. */
    public List<Revocation> revocations() {
        return transactions.inServer(work -> work.revocations().list(realm.id(), null, null, 0, 1_000));
    }

    public Link link() {
        return transactions.inRealm(realm.id(), work -> work.links().get(link));
    }

    /** The tokens of the link's service account, as the table has them. */
    public Optional<Credential> linkCredential() {
        return transactions.inRealm(realm.id(), work -> work.links().credential(link));
    }
}
