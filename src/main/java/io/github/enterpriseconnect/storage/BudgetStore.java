package io.github.enterpriseconnect.storage;

import io.github.enterpriseconnect.core.Allowance;
import io.github.enterpriseconnect.core.Limits;
import io.github.enterpriseconnect.core.Purpose;
import jakarta.persistence.EntityManager;
import jakarta.persistence.LockModeType;
import java.time.Duration;
import java.util.List;

/**
 * What applications have sent to Cronofy lately, from every node and realm, in table {@code EC_BUDGET}. In a transaction by
 * itself: it locks the application's row, which everybody who sends something has to pass.
 *
 * <p>Nobody's time of day counts. The row keeps how much time has passed, by the node that has seen most of it pass; no
 * clock that is wrong, or set, can so open a window before its time.
 */
public final class BudgetStore {
    private final EntityManager entities;
    private final Limits limits;

    BudgetStore(EntityManager entities, Limits limits) {
        this.entities = entities;
        this.limits = limits;
    }

    /**
     * Whose budget it is.
     *
     * @param application see {@link io.github.enterpriseconnect.core.Application#key()}
     * @param secret a digest of the client secret
     */
    public record Account(String application, String secret) {}

    /** What is to be sent. */
    public record Order(Purpose purpose, int wanted) {}

    /** One that was drawn and not sent. */
    public record Unused(Account account, Purpose purpose, long second) {}

    /**
     * What was drawn.
     *
     * @param now how much time has passed, in milliseconds; it is to be sent within the same second
     * @param expected when it is worth while to come again for the rest
     * @param accepted whether Cronofy has accepted the secret
     */
    public record Drawn(int count, long now, Duration expected, boolean accepted) {}

    /**
     * Draws requests to be sent.
     *
     * @param passed how much time has passed, as far as the caller knows
     * @param unused of the same application, which are given back
     */
    public Drawn draw(Account account, Order order, long passed, List<Unused> unused) {
        BudgetEntity row = row(account);
        long now = row.pass(passed);
        Allowance allowance = row.allowance(limits);
        unused.forEach(one -> allowance.giveBack(one.purpose(), one.account().secret(), one.second()));
        boolean accepted = row.accepts(account.secret());
        int count = accepted
                ? allowance.draw(order.purpose(), order.wanted(), now)
                : allowance.drawAsStranger(account.secret(), order.wanted(), now);
        row.keep(allowance);
        Duration expected = accepted ? allowance.expected(order.purpose(), now) : allowance.expectedOfStranger(now);
        return new Drawn(count, now, expected, accepted);
    }

    /** Cronofy wants nothing of the application for so long. */
    public void pause(Account account, Duration pause, long passed) {
        BudgetEntity row = row(account);
        Allowance allowance = row.allowance(limits);
        allowance.pause(row.pass(passed) + pause.toMillis());
        row.keep(allowance);
    }

    /** Cronofy knows the application by this secret: whoever has it is no stranger. */
    public void accept(Account account) {
        row(account).accept(account.secret());
    }

    private BudgetEntity row(Account account) {
        BudgetEntity known = entities.find(BudgetEntity.class, account.application(), LockModeType.PESSIMISTIC_WRITE);
        if (known != null) {
            return known;
        }
        BudgetEntity created = new BudgetEntity(account.application());
        entities.persist(created);
        return created;
    }
}
