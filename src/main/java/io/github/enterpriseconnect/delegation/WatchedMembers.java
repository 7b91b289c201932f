package io.github.enterpriseconnect.delegation;

import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.platform.DailyCheck;
import io.github.enterpriseconnect.platform.Transactions;
import io.github.enterpriseconnect.platform.Work;
import io.github.enterpriseconnect.platform.Worker;
import io.github.enterpriseconnect.storage.ServiceAccountLooks;
import io.github.enterpriseconnect.storage.SweepStore;
import io.github.enterpriseconnect.storage.WatchStore;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Looks once a day for members whose calendars are to be watched and are not: those who were granted before their realm
 * wanted it, or by an older version. Nothing is read of the members of a realm that does not want it.
 */
final class WatchedMembers {
    private static final int PAGE = 500;
    private static final Place BEGINNING = new Place("", null, "");

    private final Transactions transactions;
    private final Worker worker;
    private final InstantSource clock;

    WatchedMembers(Transactions transactions, Worker worker, InstantSource clock) {
        this.transactions = transactions;
        this.worker = worker;
        this.clock = clock;
    }

    /**
     * How far it has been looked.
     *
     * @param row of the link that was looked through last
     * @param link whose members have not all been looked at; null if they have
     * @param mailbox up to which they have
     */
    private record Place(String row, @Nullable LinkId link, String mailbox) {}

    void start() {
        new DailyCheck(transactions, worker, SweepStore.Kind.PROFILES, clock).start(BEGINNING, this::look);
    }

    /** Whether the realm wants calendars to be watched. */
    static boolean wanted(Work work) {
        return work.realm()
                .settings()
                .filter(settings -> settings.watching().profiles())
                .isPresent();
    }

    private Optional<Place> look(Place reached) {
        if (reached.link() != null) {
            return Optional.of(look(reached.row(), reached.link(), reached.mailbox()));
        }
        List<ServiceAccountLooks.Linked> page =
                transactions.inServer(work -> work.serviceAccountLooks().linked(reached.row(), PAGE));
        Map<String, Boolean> wanted = new HashMap<>();
        for (ServiceAccountLooks.Linked one : page) {
            if (wanted.computeIfAbsent(one.link().realm(), this::wantedIn)) {
                return Optional.of(look(one.row(), one.link(), ""));
            }
        }
        return page.size() < PAGE
                ? Optional.empty()
                : Optional.of(new Place(page.get(page.size() - 1).row(), null, ""));
    }

    private boolean wantedIn(String realm) {
        try {
            return transactions.inRealm(realm, WatchedMembers::wanted);
        } catch (Transactions.RealmGone gone) {
            return false;
        }
    }

    private Place look(String row, LinkId link, String after) {
        try {
            return transactions.inRealm(link.realm(), work -> look(work, row, link, after));
        } catch (Transactions.RealmGone gone) {
            return new Place(row, null, "");
        }
    }

    private Place look(Work work, String row, LinkId link, String after) {
        List<WatchStore.Candidate> page = wanted(work) ? work.watches().candidates(link, after, PAGE) : List.of();
        page.stream().filter(one -> !one.watched()).forEach(one -> work.watches()
                .begin(one.delegation(), clock.instant()));
        return page.size() < PAGE
                ? new Place(row, null, "")
                : new Place(row, link, page.get(page.size() - 1).mailbox());
    }
}
