package io.github.enterpriseconnect.realm;

import io.github.enterpriseconnect.core.CalendarEvent;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Suspensions;
import io.github.enterpriseconnect.platform.Transactions;
import io.github.enterpriseconnect.platform.Work;
import java.time.Instant;
import java.time.InstantSource;

/**
 * One call, and no token is served any more, on any node: of the realm, through a link, or to a consumer. One call
 * back, and all is as it was. Nothing is revoked. Each change is a transaction of its own, so that it counts at once,
 * and whoever does the same at the same time succeeds as well.
 */
public final class KillSwitches {
    private final Transactions transactions;
    private final InstantSource clock;

    public KillSwitches(Transactions transactions, InstantSource clock) {
        this.transactions = transactions;
        this.clock = clock;
    }

    /**
     * Activates a switch; nothing happens if it is active already.
     *
     * @param realm Keycloak's id of the realm
     * @param by Keycloak's id of the administrator
     * @param byRealmAdministrator whether only an administrator of the realm may lift it
     */
    public void suspend(String realm, Suspensions.Subject subject, String by, boolean byRealmAdministrator) {
        transactions.doInRealm(realm, work -> {
            Instant now = clock.instant();
            boolean active = active(work, subject);
            work.suspensions().suspend(subject, new Suspensions.Suspension(now, by, byRealmAdministrator));
            if (!active) {
                tell(work, CalendarEvent.Kind.WITHHELD, subject, now);
            }
        });
    }

    /**
     * Lifts a suspension; nothing happens if there is none.
     *
     * @param byRealmAdministrator whether an administrator of the realm lifts it
     * @return false if only an administrator of the realm may
     */
    public boolean lift(String realm, Suspensions.Subject subject, boolean byRealmAdministrator) {
        return transactions.inRealm(realm, work -> {
            boolean active = active(work, subject);
            boolean lifted = work.suspensions().lift(subject, byRealmAdministrator);
            if (active && lifted) {
                tell(work, CalendarEvent.Kind.RESUMED, subject, clock.instant());
                if (subject.kind() == Suspensions.Kind.CONSUMER) {
                    work.notifications().wake(subject.name(), clock.instant());
                }
            }
            return lifted;
        });
    }

    private static boolean active(Work work, Suspensions.Subject subject) {
        return work.suspensions().all().of(subject).isPresent();
    }

    /** A suspended consumer learns nothing, and all others go on as before. */
    private static void tell(Work work, CalendarEvent.Kind kind, Suspensions.Subject subject, Instant now) {
        if (subject.kind() == Suspensions.Kind.REALM) {
            work.tell(CalendarEvent.ofRealm(kind, work.realm().id(), Reason.SUSPENDED, now));
        } else if (subject.kind() == Suspensions.Kind.LINK) {
            LinkId link = new LinkId(work.realm().id(), subject.name());
            work.tell(CalendarEvent.ofLink(kind, link, Reason.LINK_SUSPENDED, now));
        }
    }
}
