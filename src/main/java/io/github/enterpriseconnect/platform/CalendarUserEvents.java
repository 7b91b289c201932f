package io.github.enterpriseconnect.platform;

import io.github.enterpriseconnect.EnterpriseConnect;
import io.github.enterpriseconnect.core.CalendarEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jboss.logging.Logger;
import org.keycloak.events.Details;
import org.keycloak.events.EventBuilder;
import org.keycloak.events.EventType;
import org.keycloak.models.RealmModel;

/**
 * Leaves what has happened to calendars among Keycloak's user events, in the background: {@code CUSTOM_REQUIRED_ACTION} of
 * the required action {@code enterprise-connect}, with its error for a refusal. {@code docs/operations.md} lists the details.
 * They are for people and extensions; where this node has no room or dies, they are missing.
 */
public final class CalendarUserEvents {
    private static final Logger LOG = Logger.getLogger(CalendarUserEvents.class);
    private static final int MOST = 10_000;
    private static final int AT_ONCE = 100;

    private final KeycloakTransactions transactions;
    private final Worker worker;
    private final Queue<CalendarEvent> waiting = new ConcurrentLinkedQueue<>();
    private final AtomicInteger size = new AtomicInteger();

    public CalendarUserEvents(KeycloakTransactions transactions, Worker worker) {
        this.transactions = transactions;
        this.worker = worker;
    }

    /** Takes no time. */
    public void recordSoon(CalendarEvent event) {
        if (size.get() >= MOST) {
            LOG.debugf("there is no room for the user event of %s", event.kind().id());
            return;
        }
        size.incrementAndGet();
        waiting.add(event);
        worker.submitOnce(CalendarUserEvents.class, this::recordSome);
    }

    private void recordSome() {
        List<CalendarEvent> some = new ArrayList<>();
        for (CalendarEvent event = waiting.poll(); event != null; event = waiting.poll()) {
            size.decrementAndGet();
            some.add(event);
            if (some.size() == AT_ONCE) {
                break;
            }
        }
        some.stream()
                .map(CalendarEvent::realm)
                .distinct()
                .forEach(realm -> worker.attempt(() -> transactions.inKeycloakRealm(realm, work -> {
                    some.stream().filter(event -> event.realm().equals(realm)).forEach(event -> record(work, event));
                    return true;
                })));
        if (!waiting.isEmpty()) {
            worker.submitOnce(CalendarUserEvents.class, this::recordSome);
        }
    }

    private static void record(KeycloakWork work, CalendarEvent event) {
        RealmModel realm = work.model();
        EventBuilder builder = new EventBuilder(realm, work.session())
                .event(EventType.CUSTOM_REQUIRED_ACTION)
                .detail(Details.CUSTOM_REQUIRED_ACTION, EnterpriseConnect.ID)
                .detail("calendar", event.kind().id())
                .detail("subject", event.subject().type().id())
                .detail("happened_at", event.at().toString());
        event.user().ifPresent(builder::user);
        if (event.link() != null) {
            builder.detail("link", event.link());
        }
        if (event.reason() != null) {
            builder.detail(Details.REASON, event.reason().id());
        }
        if (event.kind() == CalendarEvent.Kind.REFUSED) {
            builder.error(event.kind().id());
        } else {
            builder.success();
        }
    }
}
