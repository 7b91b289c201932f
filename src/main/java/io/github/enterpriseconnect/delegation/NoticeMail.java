package io.github.enterpriseconnect.delegation;

import io.github.enterpriseconnect.core.Alarms;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Retries;
import io.github.enterpriseconnect.platform.Transactions;
import io.github.enterpriseconnect.platform.Worker;
import io.github.enterpriseconnect.storage.NoticeStore;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/**
 * Tells members by mail that their calendar was connected, where the link's policy asks for it: one mail after another. A
 * mail server may be down for as long as it likes: it is tried ever more rarely, and the notices of its realm stand in the
 * way of no other realm's. A crash right after sending may send a mail twice; none is lost.
 */
public final class NoticeMail {
    private static final Logger LOG = Logger.getLogger(NoticeMail.class);
    private static final Duration BETWEEN_SWEEPS = Duration.ofSeconds(5);
    private static final Duration CLAIM = Duration.ofMinutes(2);
    private static final Duration WORTH_SENDING = Duration.ofDays(3);
    private static final int BATCH = 100;

    private final Transactions transactions;
    private final Post post;
    private final Worker worker;
    private final Retries retries;
    private final InstantSource clock;
    private final Alarms alarms = new Alarms();

    /** How notices are sent. */
    public interface Post {
        /**
         * Sends the notice of a delegation, if it is still true and wanted.
         *
         * @throws NotSent the realm's mail server does not do what it is there for
         */
        void send(String realm, String delegation) throws NotSent;
    }

    /** A mail server that refuses, or cannot be reached. */
    public static final class NotSent extends Exception {
        private static final long serialVersionUID = 1L;

        NotSent(Exception cause) {
            super(cause.getMessage(), cause);
        }
    }

    public NoticeMail(Transactions transactions, Post post, Worker worker, Retries retries, InstantSource clock) {
        this.transactions = transactions;
        this.post = post;
        this.worker = worker;
        this.retries = retries;
        this.clock = clock;
    }

    public void start() {
        worker.submitEvery(BETWEEN_SWEEPS, this::send);
    }

    private void send() {
        while (sendBatch()) {
            LOG.debug("notices of realms without a mail server were put off; others are behind them");
        }
    }

    /** Whether there may be more that is due, behind what was put off. */
    private boolean sendBatch() {
        List<Delegation> due = transactions.inServer(work -> work.due().unannounced(clock.instant(), BATCH));
        Set<String> unable = new HashSet<>();
        for (Delegation delegation : due) {
            String realm = delegation.link().realm();
            if (!unable.contains(realm) && !send(realm, delegation.id())) {
                unable.add(realm);
            }
        }
        long putOff = unable.stream().filter(this::putOff).count();
        return due.size() == BATCH && putOff > 0;
    }

    /** Whether the realm can have its next notice sent. */
    private boolean send(String realm, String delegation) {
        Optional<NoticeStore.Claimed> claimed;
        try {
            Instant now = clock.instant();
            claimed = transactions.claimInRealm(realm, work -> work.notices().claim(delegation, now, now.plus(CLAIM)));
        } catch (RuntimeException e) {
            // Deliberately everything: a realm that is gone, or tables that cannot be written.
            LOG.debugf("notices of realm %s wait: %s", realm, e.getMessage());
            return false;
        }
        if (claimed.isEmpty()) {
            return true;
        }
        try {
            post.send(realm, delegation);
            inRealm(realm, notices -> notices.close(delegation));
            alarms.ends(realm);
            return true;
        } catch (NotSent e) {
            failed(realm, claimed.get(), e);
            return false;
        } catch (RuntimeException e) {
            // Deliberately everything: directories fail in ways of their own, each for its own users alone.
            LOG.debugf(e, "the notice of delegation %s waits", delegation);
            worker.attempt(() -> inRealm(realm, notices -> notices.postpone(delegation, next(claimed.get()))));
            return true;
        }
    }

    private void failed(String realm, NoticeStore.Claimed claimed, NotSent failure) {
        LOG.logf(
                alarms.begins(realm, Reason.UNAVAILABLE) ? Logger.Level.WARN : Logger.Level.DEBUG,
                "notices of realm %s cannot be sent and are tried again: %s",
                realm,
                failure.getMessage());
        worker.attempt(() -> {
            inRealm(realm, notices -> notices.postpone(claimed.delegation(), next(claimed)));
            int givenUp = transactions.inServer(work ->
                    work.removedRealm(realm).notices().giveUp(clock.instant().minus(WORTH_SENDING)));
            if (givenUp > 0) {
                LOG.errorf(failure, "%d notices of realm %s could not be sent and are given up", givenUp, realm);
            }
        });
    }

    /** Whether that was possible. */
    private boolean putOff(String realm) {
        Instant now = clock.instant();
        try {
            inRealm(realm, notices -> notices.putOff(now, since -> retries.afterOutageSince(since, now)));
            return true;
        } catch (RuntimeException e) {
            // As above.
            LOG.debugf("notices of realm %s cannot be put off: %s", realm, e.getMessage());
            return false;
        }
    }

    private Instant next(NoticeStore.Claimed claimed) {
        return retries.afterOutageSince(claimed.createdAt(), clock.instant());
    }

    /** The realm may be gone. */
    private void inRealm(String realm, Consumer<NoticeStore> deed) {
        transactions.doInServer(work -> deed.accept(work.removedRealm(realm).notices()));
    }
}
