package io.github.enterpriseconnect.link;

import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.platform.DailyCheck;
import io.github.enterpriseconnect.platform.Transactions;
import io.github.enterpriseconnect.platform.Worker;
import io.github.enterpriseconnect.storage.EndedLinks;
import io.github.enterpriseconnect.storage.SweepStore;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * Members whom an ended link has left behind without a note of its end, as a node of an older version does: without that
 * note, nobody but this would ever look for them.
 */
final class LeftBehind {
    private static final Logger LOG = Logger.getLogger(LeftBehind.class);
    private static final LinkId BEGINNING = new LinkId("", "");
    private static final int AT_ONCE = 500;

    private final Transactions transactions;
    private final InstantSource clock;
    private final DailyCheck check;

    LeftBehind(Transactions transactions, Worker worker, InstantSource clock) {
        this.transactions = transactions;
        this.clock = clock;
        this.check = new DailyCheck(transactions, worker, SweepStore.Kind.ENDED_LINKS, clock);
    }

    void start() {
        check.start(BEGINNING, this::notePage);
    }

    /** Notes it, so that they are forgotten as after any end of a link. */
    private Optional<LinkId> notePage(LinkId after) {
        return transactions.inServer(server -> {
            EndedLinks ended = server.due().endedLinks();
            List<LinkId> page = ended.withDelegations(after, AT_ONCE);
            if (page.isEmpty()) {
                return Optional.empty();
            }
            LinkId last = page.get(page.size() - 1);
            List<String> noted =
                    ended.note(last.realm(), page.stream().map(LinkId::name).toList(), clock.instant());
            noted.forEach(name -> LOG.debugf("ended link %s of realm %s still has members", name, last.realm()));
            return Optional.of(last);
        });
    }
}
