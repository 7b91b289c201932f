package io.github.enterpriseconnect.budget;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.enterpriseconnect.core.Application;
import io.github.enterpriseconnect.core.Limits;
import io.github.enterpriseconnect.core.Purpose;
import io.github.enterpriseconnect.platform.Transactions;
import io.github.enterpriseconnect.storage.BudgetStore;
import io.github.enterpriseconnect.storage.BudgetStore.Account;
import io.github.enterpriseconnect.storage.BudgetStore.Drawn;
import io.github.enterpriseconnect.storage.BudgetStore.Order;
import io.github.enterpriseconnect.storage.BudgetStore.Unused;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import org.jboss.logging.Logger;

/**
 * What this node may send to Cronofy: a few requests at a time, drawn from the application's row for who waits here, each
 * good for the present second. While the row cannot be read nothing is sent.
 */
public final class RequestBudget {
    private static final Logger LOG = Logger.getLogger(RequestBudget.class);
    private static final Duration A_SECOND = Duration.ofSeconds(1);

    /** Short, since it may have been a race for the row that was lost; whoever waits tries again. */
    private static final Duration WITHOUT_DATABASE = A_SECOND;

    /** Where there is one revocation, there are more as a rule; what is not used goes back. */
    private static final int FEW = 5;

    /**
     * What is drawn at the end of a second is over if the database takes longer than that; it goes back with a second draw,
     * which has nearly a whole second.
     */
    private static final int DRAWS = 2;

    /** So many applications at once are remembered to have nothing left in this second. */
    private static final int MOST_REMEMBERED = 10_000;

    private final Transactions transactions;
    private final Limits limits;
    private final LongSupplier millis;
    private final DoubleSupplier jitter;
    private final Permits permits = new Permits();
    private final AccountNames names = new AccountNames();
    private final AcceptedSecrets secrets = new AcceptedSecrets();

    /** How far the rows' time is ahead of this node's, as far as it has seen. */
    private final AtomicLong ahead = new AtomicLong(Long.MIN_VALUE / 2);

    /** Nothing is left for these before another second has begun; to ask again would cost a statement each time. */
    private final Cache<Exhausted, Later> exhausted;

    private record Exhausted(Account account, Purpose purpose) {}

    private record Later(long from, Duration expected, long noted) {}

    /**
     * The budget by these means.
     *
     * @param millis how much time has passed since some moment; never goes back, whatever happens to clocks
     * @param jitter numbers in [0, 1)
     */
    public RequestBudget(Transactions transactions, Limits limits, LongSupplier millis, DoubleSupplier jitter) {
        this.transactions = transactions;
        this.limits = limits;
        this.millis = millis;
        this.jitter = jitter;
        this.exhausted = Caffeine.newBuilder().maximumSize(MOST_REMEMBERED).build();
    }

    /** By which secrets applications are known. */
    AcceptedSecrets secrets() {
        return secrets;
    }

    /** Of the secret that is sent, during a rotation. */
    private Account account(Application application) {
        return names.of(secrets.first(application));
    }

    /** What Cronofy has granted. */
    public Limits limits() {
        return limits;
    }

    /**
     * Draws for what waits, so that it is sent without another statement each.
     *
     * @return for how many there is room in this second
     */
    public int reserve(Application application, Purpose purpose, int wanted) {
        Account account = account(application);
        int present = permits.count(account, purpose, millis.getAsLong());
        if (present < wanted) {
            draw(account, purpose, wanted - present);
        }
        return Math.min(wanted, permits.count(account, purpose, millis.getAsLong()));
    }

    /**
     * What may be sent.
     *
     * @param permit to be sent within this second; empty if there is no room, or the second was over too soon
     * @param expected when to come again then; zero for as soon as one may
     */
    record Turn(Optional<Unused> permit, Duration expected) {}

    /** Takes one request out of the allowance. */
    Turn take(Application application, Purpose purpose) {
        Account account = account(application);
        Optional<Unused> permit = permits.take(account, purpose, millis.getAsLong());
        Duration expected = Duration.ZERO;
        for (int draws = 0; permit.isEmpty() && expected.isZero() && draws < DRAWS; draws++) {
            expected = draw(account, purpose, purpose == Purpose.REVOCATION ? FEW : 1);
            permit = permits.take(account, purpose, millis.getAsLong());
        }
        return new Turn(permit, expected);
    }

    /** What was taken has not left this server. */
    void putBack(Unused permit) {
        permits.putBack(permit);
    }

    /** Until another second begins, after which there may be room. */
    public Duration untilNextSecond() {
        long now = millis.getAsLong() + Math.max(0, ahead.get());
        return Duration.ofMillis(1_000 - Math.floorMod(now, 1_000L));
    }

    /** Cronofy wants nothing of the application for so long, from no node. */
    void pause(Application application, Duration pause) {
        LOG.debugf("nothing is sent for application %s for %s", application.key(), pause);
        tell(budgets -> budgets.pause(account(application), pause, passed(millis.getAsLong())));
    }

    /**
     * Cronofy has just shown that it knows the application by this secret. From now on, and for as long as the row is
     * there, whoever has it shares the budget: only the application's owner can have got it.
     */
    public void prove(Application application) {
        Account account = account(application);
        if (names.news(account) && !tell(budgets -> budgets.accept(account))) {
            names.forget(account);
        }
    }

    private boolean tell(Consumer<BudgetStore> news) {
        try {
            transactions.doInServer(work -> news.accept(work.budgets(limits)));
            exhausted.invalidateAll();
            return true;
        } catch (RuntimeException e) {
            // Deliberately everything: what has been asked of Cronofy counts, whether or not this can be written down.
            LOG.warnf(e, "a budget could not be written");
            return false;
        }
    }

    /** Puts what is drawn where {@link Permits} has it, and says when to come for the rest; zero if there is none. */
    private Duration draw(Account account, Purpose purpose, int wanted) {
        long start = millis.getAsLong();
        Exhausted key = new Exhausted(account, purpose);
        Later later = exhausted.getIfPresent(key);
        if (later != null && start < later.from()) {
            return later.expected().minusMillis(start - later.noted());
        }
        List<Unused> unused = permits.takeUnused(account, start);
        Drawn drawn;
        try {
            drawn = transactions.inServer(
                    work -> work.budgets(limits).draw(account, new Order(purpose, wanted), passed(start), unused));
        } catch (RuntimeException e) {
            // Deliberately everything: without the row nobody knows what others send.
            LOG.debugf(e, "the budget of application %s cannot be read", account.application());
            return WITHOUT_DATABASE;
        }
        long end = millis.getAsLong();
        ahead.accumulateAndGet(drawn.now() - end, Math::max);
        if (drawn.accepted()) {
            names.accept(account);
        }
        long untilNext = 1_000 - drawn.now() % 1_000;
        permits.add(account, purpose, drawn.count(), drawn.now() / 1_000, start + untilNext);
        if (drawn.count() == wanted) {
            return Duration.ZERO;
        }
        exhausted.put(key, new Later(start + untilNext, drawn.expected(), start));
        return drawn.expected();
    }

    private long passed(long start) {
        return Math.max(0, start + ahead.get());
    }

    /** Who was turned away together does not come back together. */
    Duration spread(Duration wait) {
        Duration room = wait.dividedBy(5).compareTo(A_SECOND) > 0 ? wait.dividedBy(5) : A_SECOND;
        return wait.plusMillis((long) (room.toMillis() * jitter.getAsDouble()));
    }
}
