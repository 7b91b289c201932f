package io.github.enterpriseconnect.delegation;

import io.github.enterpriseconnect.core.Application;
import io.github.enterpriseconnect.core.Credential;
import io.github.enterpriseconnect.core.Cronofy;
import io.github.enterpriseconnect.core.CronofyException;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.ProfileState;
import io.github.enterpriseconnect.core.Purpose;
import io.github.enterpriseconnect.core.Retries;
import io.github.enterpriseconnect.core.Secret;
import io.github.enterpriseconnect.core.SeenProfile;
import io.github.enterpriseconnect.core.Ticket;
import io.github.enterpriseconnect.core.Unreadable;
import io.github.enterpriseconnect.credential.CredentialOwner;
import io.github.enterpriseconnect.credential.CredentialRefresher;
import io.github.enterpriseconnect.platform.Endpoints;
import io.github.enterpriseconnect.platform.Tickets;
import io.github.enterpriseconnect.platform.Transactions;
import io.github.enterpriseconnect.platform.Work;
import io.github.enterpriseconnect.platform.Worker;
import io.github.enterpriseconnect.settings.Settings;
import io.github.enterpriseconnect.storage.WatchStore;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.jboss.logging.Logger;

/**
 * Watches the calendars of granted members, in the realms that want it: has Cronofy open a channel of notifications for
 * each, and looks at how the calendar stands then, and whenever a notification has come. All of that after everybody else
 * who has something to ask. What is seen is shown and told; it ends nobody's right.
 */
public final class ProfileWatch {
    private static final Logger LOG = Logger.getLogger(ProfileWatch.class);
    private static final Duration BETWEEN_ROUNDS = Duration.ofMinutes(1);
    private static final Duration CLAIM = Duration.ofMinutes(2);
    private static final Duration LATER = Duration.ofMinutes(10);

    /** Nothing tells that a calendar is connected again, and a notification may have been lost. */
    private static final Duration WHILE_UNWELL = Duration.ofHours(1);

    /** Somebody looks in any case, in case that Cronofy has closed the channel. */
    private static final Duration AT_LAST = Duration.ofDays(30);

    /** What came with a grant, and what nobody has looked at again, is no longer a fact after this. */
    private static final Duration COUNTS = Duration.ofDays(1);

    private static final int ROUND = 100;

    private final Transactions transactions;
    private final Tickets tickets;
    private final CredentialRefresher credentials;
    private final Cronofy cronofy;
    private final Worker worker;
    private final Retries retries;
    private final InstantSource clock;

    public ProfileWatch(
            Transactions transactions,
            Tickets tickets,
            CredentialRefresher credentials,
            Cronofy cronofy,
            Worker worker,
            Retries retries,
            InstantSource clock) {
        this.transactions = transactions;
        this.tickets = tickets;
        this.credentials = credentials;
        this.cronofy = cronofy;
        this.worker = worker;
        this.retries = retries;
        this.clock = clock;
    }

    /** What is needed to look, with no transaction open. */
    private record Look(
            WatchStore.Watch watch,
            Secret callbackUrl,
            Delegation delegation,
            Application application,
            Instant claimedUntil) {
        CredentialOwner.OfMember owner() {
            return new CredentialOwner.OfMember(delegation.link().realm(), delegation.id(), delegation.userId());
        }
    }

    public void start() {
        new WatchedMembers(transactions, worker, clock).start();
        worker.submitEvery(BETWEEN_ROUNDS, this::lookSoon);
    }

    /**
     * What came with a grant is noted, and if the realm wants it the calendar is watched from now on.
     *
     * @param delegation its id
     */
    static void granted(Work work, String delegation, String subject, ProfileState state, Instant now) {
        work.profiles().see(delegation, subject, new SeenProfile(state, now, now.plus(COUNTS)));
        if (WatchedMembers.wanted(work)) {
            work.watches().begin(delegation, now);
        }
    }

    /** Looks at whom something has happened to, in the background. */
    void lookSoon() {
        worker.submitOnce(ProfileWatch.class, this::lookAtDue);
    }

    private void lookAtDue() {
        Instant now = clock.instant();
        Set<String> full = new HashSet<>();
        Set<String> moved = new HashSet<>();
        for (WatchStore.Due due : transactions.inServer(work -> work.watches().due(now, ROUND))) {
            worker.attempt(() -> {
                if (full.contains(due.realm())) {
                    return;
                }
                if (lookAt(due)) {
                    moved.add(due.delegation());
                } else {
                    full.add(due.realm());
                }
            });
        }
        if (moved.size() == ROUND) {
            // There may be more, and nothing that stays due is in their way.
            lookSoon();
        }
    }

    /** @return false if there is no room for others of the realm either */
    private boolean lookAt(WatchStore.Due due) {
        Optional<Look> claimed;
        try {
            claimed = transactions.claimInRealm(due.realm(), work -> claim(work, due.delegation()));
        } catch (Unreadable | Transactions.RealmGone away) {
            LOG.debugf("delegation %s is not looked at: %s", due.delegation(), away.getMessage());
            Instant next = clock.instant().plus(LATER);
            transactions.doInServer(
                    work -> work.removedRealm(due.realm()).watches().putOff(due.delegation(), next));
            return true;
        }
        if (claimed.isEmpty()) {
            return true;
        }
        Look look = claimed.get();
        try {
            see(look);
            return true;
        } catch (CronofyException failure) {
            LOG.debugf("how delegation %s stands cannot be told: %s", due.delegation(), failure.getMessage());
            transactions.doInServer(work -> fail(work.removedRealm(due.realm()).watches(), look, failure));
            return !failure.held();
        }
    }

    private Optional<Look> claim(Work work, String id) {
        Instant now = clock.instant();
        Instant until = now.plus(CLAIM);
        Optional<Delegation> granted =
                work.delegations().byId(id).filter(row -> row.state() == Delegation.State.GRANTED);
        if (granted.isEmpty() || !WatchedMembers.wanted(work)) {
            work.watches().forget(id);
            return Optional.empty();
        }
        Delegation delegation = granted.get();
        Optional<Application> application =
                work.realm().application().filter(one -> one.key().equals(delegation.application()));
        Optional<WatchStore.Watch> watch = work.watches().claim(id, now, until);
        if (application.isEmpty()) {
            work.watches().putOff(id, now.plus(LATER));
            return Optional.empty();
        }
        return watch.map(
                one -> new Look(one, callbackUrl(work, one, delegation), delegation, application.get(), until));
    }

    /** The one that Cronofy may know already, so that there is no second channel. */
    private Secret callbackUrl(Work work, WatchStore.Watch watch, Delegation delegation) {
        if (watch.callbackUrl() != null) {
            return watch.callbackUrl();
        }
        Ticket ticket = tickets.issue(
                Ticket.Door.NOTIFICATION_CALLBACK, delegation.link().realm());
        Link link = work.links().get(delegation.link());
        String base = work.realm().settings().map(Settings::publicUrl).orElseGet(() -> String.valueOf(link.baseUrl()));
        Secret url = Secret.of(Endpoints.notificationCallback(base, work.realm().name(), ticket));
        work.watches().address(watch.delegation(), ticket.hash(), url);
        return url;
    }

    private void see(Look look) throws CronofyException {
        Credential credential = credentials.forWork(look.owner(), Purpose.LOOK);
        ProfileState state;
        try {
            state = see(look, credential);
        } catch (CronofyException.TokenNotRecognised rejected) {
            state = see(look, credentials.afterRejection(look.owner(), credential));
        }
        record(look, credential.subject(), state);
    }

    private ProfileState see(Look look, Credential credential) throws CronofyException {
        Application application = look.application();
        Secret token = credential.tokens().accessToken();
        Delegation delegation = look.delegation();
        if (look.watch().channel() == null) {
            String channel = cronofy.watch(application, token, look.callbackUrl(), Purpose.LOOK);
            transactions.doInRealm(delegation.link().realm(), work -> work.watches()
                    .open(delegation.id(), look.callbackUrl(), channel));
        }
        // After the channel is open, so that nothing happens in between of which nobody hears.
        return cronofy.profile(application, token, delegation.mailbox(), Purpose.LOOK);
    }

    private void record(Look look, String subject, ProfileState state) {
        String id = look.delegation().id();
        Instant now = clock.instant();
        Instant next = now.plus(state.well() ? AT_LAST : WHILE_UNWELL);
        transactions.doInRealm(look.delegation().link().realm(), work -> {
            work.profiles().see(id, subject, new SeenProfile(state, now, next.plus(COUNTS)));
            work.watches().looked(id, look.claimedUntil(), next);
        });
    }

    private void fail(WatchStore watches, Look look, CronofyException failure) {
        String id = look.delegation().id();
        Instant now = clock.instant();
        if (failure.held()) {
            watches.putOff(id, now.plus(failure.retryAfter()));
        } else {
            int failures = look.watch().failures() + 1;
            watches.failed(
                    id,
                    failure instanceof CronofyException.Unavailable
                            ? retries.afterOutage(now, failures, failure.retryAfter())
                            : retries.afterRefusal(now, failures));
        }
    }
}
