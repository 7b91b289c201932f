package io.github.enterpriseconnect.delegation;

import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.platform.Transactions;
import io.github.enterpriseconnect.platform.Worker;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Has resources asked for that are to be delegated: some of a link at a time, as fast as everybody else leaves room for. Each
 * is due by its row, so that any node goes on after a crash.
 */
public final class ResourceAsks {
    private static final Duration BETWEEN_SWEEPS = Duration.ofSeconds(10);
    private static final Duration A_MOMENT = Duration.ofMillis(50);
    private static final int SWEPT = 100;

    private final Transactions transactions;
    private final Worker worker;
    private final DelegationRequests requests;
    private final InstantSource clock;

    /** Those of which this node asks for some in a moment. */
    private final Set<LinkId> later = ConcurrentHashMap.newKeySet();

    public ResourceAsks(Transactions transactions, Worker worker, DelegationRequests requests, InstantSource clock) {
        this.transactions = transactions;
        this.worker = worker;
        this.requests = requests;
        this.clock = clock;
    }

    /** Begins to look for those that are due. */
    public void start() {
        worker.submitEvery(BETWEEN_SWEEPS, this::sweep);
    }

    private void sweep() {
        transactions.inServer(work -> work.resourceGrants().dueLinks(clock.instant(), SWEPT)).stream()
                .filter(link -> !later.contains(link))
                .forEach(this::goOn);
    }

    /** What is done once at a time on a node. */
    private record Step(LinkId link) {}

    /** Asks for those of the link that are due, in the background, now rather than at the next sweep. */
    public void goOn(LinkId link) {
        worker.submitOnce(new Step(link), () -> step(link));
    }

    private void step(LinkId link) {
        AskPacing.Admission admission = requests.admitBackfill(link);
        if (admission.members() == 0) {
            goOnLater(link, admission.pause());
        } else if (requests.askForResources(link, admission.members())) {
            goOnLater(link, A_MOMENT);
        }
    }

    private void goOnLater(LinkId link, Duration pause) {
        if (later.add(link)) {
            // Without room, the next sweep finds it.
            worker.submitLater(
                    pause,
                    () -> {
                        later.remove(link);
                        goOn(link);
                    },
                    () -> later.remove(link));
        }
    }
}
