package io.github.enterpriseconnect.realm;

import io.github.enterpriseconnect.EnterpriseConnect;
import io.github.enterpriseconnect.platform.KeycloakTransactions;
import io.github.enterpriseconnect.platform.Worker;
import io.github.enterpriseconnect.storage.ActionOnUsers;
import java.time.Duration;
import java.util.List;
import org.jboss.logging.Logger;

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
        int taken = 0;
        List<ActionOnUsers.Bearer> page;
        do {
            page = transactions.inSession(session -> new ActionOnUsers(session, EnterpriseConnect.ID).bearers(PAGE));
            page.forEach(bearer -> worker.attempt(() -> takeOff(bearer)));
            taken += page.size();
        } while (page.size() >= PAGE && taken < MOST_AT_ONCE);
        if (taken > 0) {
            LOG.infof(
                    "the required action %s is taken off %d users, whom it only hinders", EnterpriseConnect.ID, taken);
        }
    }

    private void takeOff(ActionOnUsers.Bearer bearer) {
        transactions.inKeycloakRealm(bearer.realm(), work -> {
            new ActionOnUsers(work.session(), EnterpriseConnect.ID).takeOff(work.model(), bearer.user());
            return true;
        });
    }
}
