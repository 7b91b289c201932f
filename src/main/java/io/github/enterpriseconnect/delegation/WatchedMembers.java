package io.github.enterpriseconnect.delegation;

import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Ticket;
import io.github.enterpriseconnect.platform.DailyCheck;
import io.github.enterpriseconnect.platform.Transactions;
import io.github.enterpriseconnect.platform.Work;
import io.github.enterpriseconnect.platform.Worker;
import io.github.enterpriseconnect.storage.ServiceAccountLooks.Linked;
import io.github.enterpriseconnect.storage.SweepStore;
import io.github.enterpriseconnect.storage.WatchStore;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Looks once a day for members whose calendars are to be watched and are not: those who were granted before their realm
 * wanted it, or by an older version, and those whose channel leads to where the realm is no longer. Nothing is read of the
 * members of a realm that does not want it.
 */
final class WatchedMembers {
    private static final int PAGE = 500;
    private static final Place BEGINNING = new Place("", List.of(), true, "");

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
     * @param row of the link that was read last
     * @param links that were read, and whose members have not all been looked at
     * @param more whether there may be links that have not been read
     * @param mailbox up to which those of the first of the links have
     */
    private record Place(String row, List<Linked> links, boolean more, String mailbox) {
        /** The members of the first link have all been looked at. */
        Place next() {
            return new Place(row, links.subList(1, links.size()), more, "");
        }

        boolean end() {
            return links.isEmpty() && !more;
        }
    }

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

    /**
     * What tells one place of the realm from another, by the address that Cronofy would be given now.
     *
     * @return no address, since it is only compared
     */
    static String base(Work work, Link link) {
        return Ticket.hash(PreparedAsks.base(work, link) + "\n" + work.realm().name());
    }

    private Optional<Place> look(Place reached) {
        Place place = reached.links().isEmpty()
                ? read(reached.row())
                : look(reached.links().get(0).link(), reached);
        return place.end() ? Optional.empty() : Optional.of(place);
    }

    /** The next links, of realms that want it. */
    private Place read(String after) {
        List<Linked> page =
                transactions.inServer(work -> work.serviceAccountLooks().linked(after, PAGE));
        Map<String, Boolean> wanted = new HashMap<>();
        List<Linked> links = page.stream()
                .filter(one -> wanted.computeIfAbsent(one.link().realm(), this::wantedIn))
                .toList();
        String last = page.isEmpty() ? after : page.get(page.size() - 1).row();
        return new Place(last, links, page.size() == PAGE, "");
    }

    private boolean wantedIn(String realm) {
        try {
            return transactions.inRealm(realm, WatchedMembers::wanted);
        } catch (Transactions.RealmGone gone) {
            return false;
        }
    }

    private Place look(LinkId link, Place place) {
        try {
            return transactions.inRealm(link.realm(), work -> look(work, link, place));
        } catch (Transactions.RealmGone gone) {
            return place.next();
        }
    }

    private Place look(Work work, LinkId id, Place place) {
        Link link = work.links().get(id);
        List<WatchStore.Candidate> page = wanted(work) && link.linked()
                ? work.watches().candidates(id, base(work, link), place.mailbox(), PAGE)
                : List.of();
        page.stream().filter(one -> !one.watched()).forEach(one -> work.watches()
                .begin(one.delegation(), one.account(), clock.instant()));
        return page.size() < PAGE
                ? place.next()
                : new Place(
                        place.row(),
                        place.links(),
                        place.more(),
                        page.get(page.size() - 1).mailbox());
    }
}
