package io.github.enterpriseconnect.realm;

import io.github.enterpriseconnect.EnterpriseConnect;
import io.github.enterpriseconnect.platform.KeycloakTransactions;
import io.github.enterpriseconnect.platform.Worker;
import io.github.enterpriseconnect.storage.ActionOnUsers;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jboss.logging.Logger;
import org.keycloak.models.KeycloakSession;

/**
 * Takes our required action off users on whom an import, a workflow or an administrator has put it. It does nothing
 * there, but whoever signs in without a browser is told that the account is not set up. A sign-in takes it off by
 * itself; this is for those that do not ask us: where Enterprise Connect is switched off, and CIBA.
 */
public final class StrayActions {
    private static final Logger LOG = Logger.getLogger(StrayActions.class);
    private static final Duration BETWEEN_SWEEPS = Duration.ofSeconds(10);
    private static final int PAGE = 500;
    private static final int MOST_AT_ONCE = 10_000;

    private final KeycloakTransactions transactions;
    private final Worker worker;

    public StrayActions(KeycloakTransactions transactions, Worker worker) {
        this.transactions = transactions;
        this.worker = worker;
    }

    public void start() {
        worker.submitEvery(BETWEEN_SWEEPS, this::sweep);
    }

    private void sweep() {
        int taken =
                sweep(after -> transactions.inSession(session -> action(session).bearers(after, PAGE)))
                        + sweep(after -> transactions.inSession(
                                session -> action(session).bearersElsewhere(after, PAGE)));
        if (taken > 0) {
            LOG.infof(
                    "the required action %s is taken off %d users, whom it only hinders", EnterpriseConnect.ID, taken);
        }
    }

    /** Each bearer once: of whom it cannot be taken now stands in the way of nobody else. */
    private int sweep(Function<String, List<ActionOnUsers.Bearer>> find) {
        AtomicInteger taken = new AtomicInteger();
        int looked = 0;
        List<ActionOnUsers.Bearer> page = find.apply("");
        while (!page.isEmpty() && looked < MOST_AT_ONCE) {
            page.forEach(bearer -> worker.attempt(() -> {
                takeOff(bearer);
                taken.incrementAndGet();
            }));
            looked += page.size();
            page = find.apply(page.get(page.size() - 1).user());
        }
        return taken.get();
    }

    private static ActionOnUsers action(KeycloakSession session) {
        return new ActionOnUsers(session, EnterpriseConnect.ID);
    }

    private void takeOff(ActionOnUsers.Bearer bearer) {
        transactions.inKeycloakRealm(bearer.realm(), work -> {
            action(work.session()).takeOff(work.model(), bearer.user());
            return true;
        });
    }
}
