package io.github.enterpriseconnect.server;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.enterpriseconnect.budget.PacedCronofy;
import io.github.enterpriseconnect.budget.RequestBudget;
import io.github.enterpriseconnect.candidate.LinkCache;
import io.github.enterpriseconnect.candidate.LinkSnapshots;
import io.github.enterpriseconnect.candidate.RecentSignIns;
import io.github.enterpriseconnect.core.Cronofy;
import io.github.enterpriseconnect.core.Retries;
import io.github.enterpriseconnect.credential.CredentialRefresher;
import io.github.enterpriseconnect.cronofy.CronofyClient;
import io.github.enterpriseconnect.delegation.AskPreparation;
import io.github.enterpriseconnect.delegation.Backfills;
import io.github.enterpriseconnect.delegation.CodeRedemption;
import io.github.enterpriseconnect.delegation.DelegationAnswers;
import io.github.enterpriseconnect.delegation.DelegationQueue;
import io.github.enterpriseconnect.delegation.DelegationRequests;
import io.github.enterpriseconnect.delegation.ForgottenSignIns;
import io.github.enterpriseconnect.delegation.LinkVerifications;
import io.github.enterpriseconnect.delegation.NoticeMail;
import io.github.enterpriseconnect.delegation.NoticePost;
import io.github.enterpriseconnect.delegation.Notifications;
import io.github.enterpriseconnect.delegation.ProfileWatch;
import io.github.enterpriseconnect.delegation.Replacements;
import io.github.enterpriseconnect.delegation.ResourceAsks;
import io.github.enterpriseconnect.delegation.SignInDecision;
import io.github.enterpriseconnect.delegation.VerificationCalls;
import io.github.enterpriseconnect.delegation.VerificationSteps;
import io.github.enterpriseconnect.link.InvitationMail;
import io.github.enterpriseconnect.link.Invitations;
import io.github.enterpriseconnect.link.LinkAuthorization;
import io.github.enterpriseconnect.link.LinkExamination;
import io.github.enterpriseconnect.link.Links;
import io.github.enterpriseconnect.link.RemovedRealms;
import io.github.enterpriseconnect.link.ServiceAccountWatch;
import io.github.enterpriseconnect.member.DryRun;
import io.github.enterpriseconnect.member.MemberCounts;
import io.github.enterpriseconnect.member.MemberSelfService;
import io.github.enterpriseconnect.member.Members;
import io.github.enterpriseconnect.member.Participation;
import io.github.enterpriseconnect.member.Roster;
import io.github.enterpriseconnect.notification.HttpPush;
import io.github.enterpriseconnect.notification.NotificationDispatcher;
import io.github.enterpriseconnect.platform.BackgroundWorker;
import io.github.enterpriseconnect.platform.CalendarChanged;
import io.github.enterpriseconnect.platform.CalendarUserEvents;
import io.github.enterpriseconnect.platform.Directories;
import io.github.enterpriseconnect.platform.KeycloakTransactions;
import io.github.enterpriseconnect.platform.Tickets;
import io.github.enterpriseconnect.platform.Worker;
import io.github.enterpriseconnect.realm.KillSwitches;
import io.github.enterpriseconnect.realm.RealmSetup;
import io.github.enterpriseconnect.realm.SettingsChange;
import io.github.enterpriseconnect.realm.StrayActions;
import io.github.enterpriseconnect.resource.ResourceLists;
import io.github.enterpriseconnect.resource.Resources;
import io.github.enterpriseconnect.revocation.ChangeJudgement;
import io.github.enterpriseconnect.revocation.DelegationTermination;
import io.github.enterpriseconnect.revocation.Housekeeping;
import io.github.enterpriseconnect.revocation.Reconciler;
import io.github.enterpriseconnect.revocation.RevocationDispatcher;
import io.github.enterpriseconnect.revocation.UserChanges;
import io.github.enterpriseconnect.token.AccessTokens;
import io.github.enterpriseconnect.token.ResourceTokens;
import io.github.enterpriseconnect.token.TokenUses;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.apache.http.impl.client.CloseableHttpClient;
import org.keycloak.common.util.Time;
import org.keycloak.connections.httpclient.HttpClientProvider;
import org.keycloak.models.KeycloakSessionFactory;

/** The composition root: all parts, wired once per server, with the threads that they own. */
record Parts(
        InstantSource clock,
        Tickets tickets,
        Invitations invitations,
        InvitationMail invitationMail,
        LinkAuthorization linkAuthorization,
        LinkVerifications linkVerifications,
        Links links,
        RemovedRealms removedRealms,
        LinkExamination linkExamination,
        ServiceAccountWatch serviceAccountWatch,
        SignInDecision signInDecision,
        DelegationQueue delegationQueue,
        Backfills backfills,
        Replacements replacements,
        ForgottenSignIns forgottenSignIns,
        CodeRedemption redemption,
        DelegationAnswers delegationAnswers,
        ProfileWatch profileWatch,
        Notifications notifications,
        AccessTokens accessTokens,
        ResourceTokens resourceTokens,
        Resources resources,
        ResourceLists resourceLists,
        ResourceAsks resourceAsks,
        SettingsChange settingsChange,
        RealmSetup realmSetup,
        StrayActions strayActions,
        Members members,
        MemberSelfService memberSelfService,
        DryRun dryRun,
        MemberCounts memberCounts,
        Roster roster,
        UserChanges userChanges,
        KillSwitches killSwitches,
        CredentialRefresher credentials,
        RevocationDispatcher dispatcher,
        ChangeJudgement judgement,
        Reconciler reconciler,
        Housekeeping housekeeping,
        NotificationDispatcher notificationDispatcher,
        CalendarUserEvents userEvents,
        NoticeMail noticeMail,
        TokenUses uses,
        Directories directories,
        BackgroundWorker worker)
        implements EnterpriseConnectProvider {
    private static void pause(Duration pause) {
        LockSupport.parkNanos(pause.toNanos());
    }

    static Parts wire(KeycloakSessionFactory factory, ServerOptions options) {
        InstantSource clock = () -> Instant.ofEpochMilli(Time.currentTimeMillis());
        SecureRandom random = new SecureRandom();
        Retries retries = new Retries(random::nextDouble);
        BackgroundWorker worker = new BackgroundWorker();
        Worker urgent = worker.urgent();
        Worker idle = worker.idle();
        Directories directories = new Directories(clock, Parts::pause, BackgroundWorker::crew);
        KeycloakTransactions transactions = new KeycloakTransactions(factory, directories);
        Tickets tickets = new Tickets(transactions, random, clock);
        LongSupplier passing = () -> TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
        RequestBudget budget = new RequestBudget(transactions, options.limits(), passing, random::nextDouble);
        Cronofy cronofy = new PacedCronofy(
                new CronofyClient(httpClient(transactions), worker.timer(), new ObjectMapper(), options.hosts(), clock),
                budget,
                passing,
                Parts::pause);
        RecentSignIns recentSignIns = new RecentSignIns(clock);
        LinkCache cache = new LinkCache(recentSignIns, transactions, urgent, clock);
        CredentialRefresher credentials = new CredentialRefresher(
                transactions, cronofy, urgent, clock, Parts::pause, random::nextDouble, options.mostWaiting());

        RevocationDispatcher dispatcher =
                new RevocationDispatcher(transactions, cronofy, credentials, urgent, retries, clock);
        DelegationTermination termination = new DelegationTermination(recentSignIns, clock);
        LinkSnapshots snapshots = new LinkSnapshots();
        Reconciler reconciler =
                new Reconciler(transactions, idle, termination, dispatcher, snapshots, options.pace(), clock);
        ChangeJudgement judgement =
                new ChangeJudgement(transactions, urgent, termination, reconciler, dispatcher, retries, clock);

        AskPreparation preparation = new AskPreparation(cache, termination, retries, tickets, clock);
        DelegationRequests requests =
                new DelegationRequests(transactions, preparation, credentials, cronofy, budget, retries, clock);
        CodeRedemption redemption =
                new CodeRedemption(transactions, cronofy, budget, urgent, dispatcher, retries, clock);
        VerificationCalls verificationCalls = new VerificationCalls(credentials, cronofy, tickets);
        VerificationSteps verification =
                new VerificationSteps(transactions, verificationCalls, dispatcher, urgent, retries, clock);
        DelegationQueue queue = new DelegationQueue(transactions, urgent, requests, redemption, recentSignIns, clock);
        Backfills backfills = new Backfills(transactions, idle, requests, options.limits(), retries, clock);
        ProfileWatch watch = new ProfileWatch(transactions, tickets, credentials, cronofy, idle, retries, clock);
        Replacements replacements =
                new Replacements(transactions, idle, requests, credentials, dispatcher, retries, clock);
        SignInDecision decision = new SignInDecision(transactions, cache, recentSignIns, queue, clock);
        ForgottenSignIns forgotten = new ForgottenSignIns(transactions, idle, queue, decision, clock);
        Links links = new Links(transactions, cache, idle, dispatcher, termination, reconciler, clock);

        Housekeeping housekeeping =
                new Housekeeping(transactions, idle, options.pace().housekeeping(), clock);

        Participation participation = new Participation(termination, dispatcher, recentSignIns, clock);
        TokenUses uses = new TokenUses(transactions, idle, reconciler, clock);
        RealmSetup realmSetup = new RealmSetup(transactions);
        DryRun dryRun = new DryRun(clock);
        return new Parts(
                clock,
                tickets,
                new Invitations(transactions, tickets, cronofy, random, clock),
                new InvitationMail(transactions),
                new LinkAuthorization(transactions, tickets, cache, cronofy, dispatcher, clock, Parts::pause),
                new LinkVerifications(transactions, tickets, verificationCalls, verification, clock),
                links,
                new RemovedRealms(transactions, cache, urgent, links, retries, options.realmRemovalGrace(), clock),
                new LinkExamination(transactions, cache, idle, retries, clock),
                new ServiceAccountWatch(transactions, cache, credentials, cronofy, idle, clock),
                decision,
                queue,
                backfills,
                replacements,
                forgotten,
                redemption,
                new DelegationAnswers(transactions, tickets, redemption, verification, queue, retries, clock),
                watch,
                new Notifications(transactions, tickets, watch, clock),
                new AccessTokens(transactions, snapshots, credentials, queue, uses, options.hosts(), clock),
                new ResourceTokens(transactions, snapshots, credentials, options.hosts(), clock),
                new Resources(termination.resources(), dispatcher, clock),
                new ResourceLists(transactions, credentials, cronofy, idle, termination, dispatcher, clock),
                new ResourceAsks(transactions, idle, requests, clock),
                new SettingsChange(links, realmSetup, cronofy),
                realmSetup,
                new StrayActions(transactions, idle),
                new Members(queue, participation, clock),
                new MemberSelfService(transactions, queue, participation, recentSignIns, clock),
                dryRun,
                new MemberCounts(transactions, dryRun, idle, clock),
                new Roster(clock),
                new UserChanges(judgement, recentSignIns, clock),
                new KillSwitches(transactions, clock),
                credentials,
                dispatcher,
                judgement,
                reconciler,
                housekeeping,
                new NotificationDispatcher(
                        transactions,
                        new HttpPush(httpClient(transactions), worker.timer(), new ObjectMapper()),
                        worker.telling(),
                        retries,
                        clock),
                new CalendarUserEvents(transactions, idle),
                new NoticeMail(transactions, new NoticePost(transactions), idle, retries, clock),
                uses,
                directories,
                worker);
    }

    /** Keycloak makes its HTTP client with a session; the client itself outlives the session. */
    private static Supplier<CloseableHttpClient> httpClient(KeycloakTransactions transactions) {
        return () -> transactions.inSession(
                session -> session.getProvider(HttpClientProvider.class).getHttpClient());
    }

    /** What follows once something that has happened to a calendar is committed here. */
    void changed(CalendarChanged changed) {
        notificationDispatcher.sendSoon(changed);
        userEvents.recordSoon(changed.event());
    }

    /** Begins with all that goes on by itself. */
    void start() {
        worker.open();
        directories.start(worker.idle());
        tickets.start();
        // Before anybody is served: a realm that was imported over itself is to find its members as they were.
        removedRealms.start();
        worker.idle().submit(realmSetup::startUp);
        strayActions.start();
        credentials.start();
        delegationQueue.start();
        backfills.start();
        replacements.start();
        forgottenSignIns.start();
        redemption.start();
        linkVerifications.start();
        links.start();
        linkExamination.start();
        serviceAccountWatch.start();
        resourceLists.start();
        resourceAsks.start();
        profileWatch.start();
        dispatcher.start();
        judgement.start();
        reconciler.start();
        housekeeping.start();
        notificationDispatcher.start();
        noticeMail.start();
        uses.start();
    }

    @Override
    public Instant now() {
        return clock.instant();
    }

    /** Belongs to the server, not to the session that closes. */
    @Override
    public void close() {}

    /** Lets go what goes on by itself, and hands on what only memory knows. */
    void finish() {
        worker.close();
        credentials.finish();
        redemption.finish();
        linkVerifications.finish();
        dispatcher.finish();
    }
}
