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
import io.github.enterpriseconnect.storage.Storage;
import io.github.enterpriseconnect.storage.WatchStore;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Objects;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * One look at how a member's calendar stands: has Cronofy open a channel of notifications, or say that it is open, and then
 * asks. What is not told, or cannot be asked, is not shown as a fact.
 */
final class ProfileLook {
    private static final Logger LOG = Logger.getLogger(ProfileLook.class);
    private static final Duration CLAIM = Duration.ofMinutes(2);
    private static final Duration AN_HOUR = Duration.ofHours(1);
    private static final Duration A_DAY = Duration.ofDays(1);

    /** Somebody looks in any case, since Cronofy may have closed the channel and a notification may have been lost. */
    private static final Duration AT_LAST = Duration.ofDays(7);

    private final Transactions transactions;
    private final Tickets tickets;
    private final CredentialRefresher credentials;
    private final Cronofy cronofy;
    private final Retries retries;
    private final InstantSource clock;

    ProfileLook(
            Transactions transactions,
            Tickets tickets,
            CredentialRefresher credentials,
            Cronofy cronofy,
            Retries retries,
            InstantSource clock) {
        this.transactions = transactions;
        this.tickets = tickets;
        this.credentials = credentials;
        this.cronofy = cronofy;
        this.retries = retries;
        this.clock = clock;
    }

    /** What is needed to look, with no transaction open. */
    private record Look(
            WatchStore.Watch watch,
            Delegation delegation,
            @Nullable String profileId,
            Application application,
            Instant claimedUntil) {
        CredentialOwner.OfMember owner() {
            return new CredentialOwner.OfMember(delegation.link().realm(), delegation.id(), delegation.userId());
        }

        Secret callbackUrl() {
            return Objects.requireNonNull(watch.callbackUrl());
        }

        /** Who is called has a channel; all others learn by the same request that it is open, or open it. */
        boolean asksForChannel(Instant now) {
            Instant openedAt = watch.openedAt();
            return openedAt == null || (!watch.called() && !now.isBefore(openedAt.plus(A_DAY)));
        }
    }

    /**
     * For how long what was said counts beyond the time at which somebody looks again: what lets an application wait, and
     * may be over in minutes, for less.
     */
    static Duration counts(ProfileState state) {
        return state.well() ? A_DAY : AN_HOUR;
    }

    /**
     * Looks at one that is due.
     *
     * @return false if others of the realm would fare no better now
     */
    boolean at(String realm, String delegation) {
        Optional<Look> claimed;
        try {
            claimed = transactions.claimInRealm(realm, work -> claim(work, delegation));
        } catch (Unreadable | Transactions.RealmGone away) {
            LOG.debugf("delegation %s is not looked at: %s", delegation, away.getMessage());
            return false;
        }
        if (claimed.isEmpty()) {
            return true;
        }
        Look look = claimed.get();
        try {
            see(look);
            return true;
        } catch (CronofyException failure) {
            LOG.debugf("how delegation %s stands cannot be told: %s", delegation, failure.getMessage());
            transactions.doInServer(work -> fail(work.removedRealm(realm), look, failure));
            return !failure.everybodys();
        }
    }

    private Optional<Look> claim(Work work, String id) {
        Instant now = clock.instant();
        Optional<Delegation> known = work.delegations().byId(id);
        if (known.filter(row -> row.state() == Delegation.State.UNKNOWN).isPresent()) {
            // A newer version knows whether it is to be looked at.
            work.watches().putOff(id, now.plus(AN_HOUR));
            return Optional.empty();
        }
        Optional<Delegation> granted = known.filter(row -> row.state() == Delegation.State.GRANTED);
        String account = granted.map(Delegation::subject).orElse(null);
        if (granted.isEmpty() || account == null || !WatchedMembers.wanted(work)) {
            work.watches().forget(id);
            return Optional.empty();
        }
        Delegation delegation = granted.get();
        Link link = work.links().get(delegation.link());
        Optional<Application> application =
                work.realm().application().filter(one -> one.key().equals(delegation.application()));
        if (application.isEmpty()
                || !link.linked()
                || work.suspensions().all().link(link.id().name())) {
            work.watches().putOff(id, now.plus(AN_HOUR));
            return Optional.empty();
        }
        Instant until = now.plus(CLAIM);
        return work.watches()
                .claim(id, account, now, until)
                .map(one -> new Look(
                        addressed(work, link, one),
                        delegation,
                        work.profiles().profileId(id).orElse(null),
                        application.get(),
                        until));
    }

    /** The one that Cronofy may know already, so that there is no second channel; unless the realm is elsewhere now. */
    private WatchStore.Watch addressed(Work work, Link link, WatchStore.Watch watch) {
        String base = WatchedMembers.base(work, link);
        if (watch.callbackUrl() != null && base.equals(watch.base())) {
            return watch;
        }
        String realm = work.realm().id();
        Ticket ticket = tickets.issue(Ticket.Door.NOTIFICATION_CALLBACK, realm);
        Secret url = Secret.of(Endpoints.notificationCallback(
                PreparedAsks.base(work, link), work.realm().name(), ticket));
        return work.watches().address(watch, ticket.hash(), url, base);
    }

    private void see(Look look) throws CronofyException {
        Credential credential = credentials.forWork(look.owner(), Purpose.LOOK);
        try {
            see(look, credential);
        } catch (CronofyException.TokenNotRecognised rejected) {
            see(look, credentials.afterRejection(look.owner(), credential, Purpose.LOOK));
        }
    }

    private void see(Look look, Credential credential) throws CronofyException {
        // After the channel is open, so that nothing happens in between of which nobody hears.
        boolean open = open(look, credential.tokens().accessToken());
        Cronofy.ProfileOf which = new Cronofy.ProfileOf(
                credential.subject(), look.profileId(), look.delegation().mailbox());
        ProfileState state =
                cronofy.profile(look.application(), credential.tokens().accessToken(), which, Purpose.LOOK);
        transactions.doInRealm(
                look.delegation().link().realm(), work -> record(work, look, credential.subject(), state, open));
    }

    /** @return false if Cronofy opens none: how the calendar stands is asked all the same */
    private boolean open(Look look, Secret token) throws CronofyException {
        Instant now = clock.instant();
        if (!look.asksForChannel(now)) {
            return true;
        }
        Delegation delegation = look.delegation();
        String channel;
        try {
            channel = cronofy.watch(look.application(), token, look.callbackUrl(), Purpose.LOOK);
        } catch (CronofyException.Refused | CronofyException.Misconfigured refused) {
            LOG.debugf("Cronofy opens no channel for delegation %s: %s", delegation.id(), refused.getMessage());
            return false;
        }
        transactions.doInRealm(delegation.link().realm(), work -> work.watches()
                .open(delegation.id(), look.callbackUrl(), channel, now));
        closeFormer(look, token);
        return true;
    }

    /** There is room for so many of an account; what fails is tried again with the next look. */
    private void closeFormer(Look look, Secret token) {
        String former = look.watch().formerChannel();
        if (former == null) {
            return;
        }
        Delegation delegation = look.delegation();
        try {
            cronofy.unwatch(look.application(), token, former, Purpose.LOOK);
        } catch (CronofyException.Refused gone) {
            LOG.debugf("delegation %s has no former channel any more", delegation.id());
        } catch (CronofyException failure) {
            LOG.debugf("a channel of delegation %s stays open: %s", delegation.id(), failure.getMessage());
            return;
        }
        transactions.doInRealm(delegation.link().realm(), work -> work.watches().closeFormer(delegation.id(), former));
    }

    private void record(Work work, Look look, String subject, ProfileState state, boolean open) {
        String id = look.delegation().id();
        Instant now = clock.instant();
        if (state.equals(ProfileState.UNKNOWN)) {
            // Cronofy may not have read the calendar yet; what it said before stays as it is, for as long as that
            // counts.
            Instant next = retries.afterRefusal(now, look.watch().failures() + 1);
            work.watches().learnedNothing(id, look.claimedUntil(), next);
            return;
        }
        Instant next = now.plus(!state.well() ? AN_HOUR : open ? AT_LAST : A_DAY);
        boolean told = work.watches().looked(id, look.claimedUntil(), next);
        // What a notification has called into question meanwhile may have been said before it.
        work.profiles().see(id, subject, new SeenProfile(state, now, told ? next.plus(counts(state)) : now));
    }

    private void fail(Storage realm, Look look, CronofyException failure) {
        String id = look.delegation().id();
        Instant now = clock.instant();
        if (failure.held()) {
            realm.watches().putOff(id, now.plus(failure.retryAfter()));
            return;
        }
        int failures = look.watch().failures() + 1;
        realm.watches()
                .failed(
                        id,
                        failure instanceof CronofyException.Unavailable
                                ? retries.afterOutage(now, failures, failure.retryAfter())
                                : retries.afterRefusal(now, failures));
        realm.profiles().doubt(id, now);
    }
}
