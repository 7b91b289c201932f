package io.github.enterpriseconnect.platform;

import io.github.enterpriseconnect.core.Application;
import io.github.enterpriseconnect.core.Limits;
import io.github.enterpriseconnect.storage.BudgetStore;
import io.github.enterpriseconnect.storage.DueNotifications;
import io.github.enterpriseconnect.storage.DueRevocations;
import io.github.enterpriseconnect.storage.DueWork;
import io.github.enterpriseconnect.storage.Examinations;
import io.github.enterpriseconnect.storage.Looks;
import io.github.enterpriseconnect.storage.ResourceGrants;
import io.github.enterpriseconnect.storage.ResourceListStore;
import io.github.enterpriseconnect.storage.RevocationStore;
import io.github.enterpriseconnect.storage.ServiceAccountLooks;
import io.github.enterpriseconnect.storage.Storage;
import io.github.enterpriseconnect.storage.SweepStore;
import io.github.enterpriseconnect.storage.TicketKeyStore;
import io.github.enterpriseconnect.storage.WatchStore;
import java.util.List;
import java.util.Optional;

/** What belongs to no realm, or to all of them, within one transaction. */
public interface ServerWork {
    /** What waits for somebody to look after it, in every realm. */
    DueWork due();

    /** What is looked at again and again, in every realm. */
    default Examinations examinations() {
        return removedRealm("").examinations();
    }

    /** When somebody has to look at delegations again, in every realm. */
    default Looks looks() {
        return removedRealm("").looks();
    }

    /** When Cronofy is asked how service accounts stand, in every realm. */
    default ServiceAccountLooks serviceAccountLooks() {
        return removedRealm("").serviceAccountLooks();
    }

    /** Whose lists of resources are to be read, in every realm. */
    default ResourceListStore resourceLists() {
        return removedRealm("").resourceLists();
    }

    /** Which resources are due, in every realm. */
    default ResourceGrants resourceGrants() {
        return removedRealm("").resourceGrants();
    }

    /** Whose calendars are watched, in every realm. */
    default WatchStore watches() {
        return removedRealm("").watches();
    }

    /** How far something of all realms has been looked through. */
    default SweepStore sweeps(SweepStore.Kind kind) {
        return removedRealm(SweepStore.ALL_REALMS).sweeps(kind);
    }

    /** The outbox of revocations: one outlives the realm that ordered it. */
    RevocationStore revocations();

    /** What of the outbox has still to be delivered. */
    default DueRevocations dueRevocations() {
        return removedRealm("").dueRevocations();
    }

    /** Notifications of every realm that have still to be sent. */
    default DueNotifications dueNotifications() {
        return removedRealm("").dueNotifications();
    }

    /**
     * An application with each secret by which links of any realm keep it, without repetition.
     *
     * @param key see {@link Application#key()}
     */
    List<Application> applications(String key);

    /**
     * What applications have sent to Cronofy lately; in a transaction by itself.
     *
     * @param limits that Cronofy has granted every one of them
     */
    BudgetStore budgets(Limits limits);

    /**
     * Waits until nobody else stores what was granted for this account, and is the one who does, until the transaction ends.
     * To be called before anything else in it.
     *
     * @param subject of the account
     */
    void takeTurnForAccount(String subject);

    /** The realm of this id, in the same transaction; empty if it is gone. */
    Optional<Work> realm(String id);

    /** The key of the tickets' proofs. */
    TicketKeyStore ticketKeys();

    /** What is left of a realm that is gone. Nothing can be sealed for it or opened any more. */
    Storage removedRealm(String id);
}
