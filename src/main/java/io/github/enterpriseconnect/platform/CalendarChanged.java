package io.github.enterpriseconnect.platform;

import io.github.enterpriseconnect.core.CalendarEvent;
import java.util.List;
import org.keycloak.provider.ProviderEvent;

/**
 * Published on Keycloak's session factory once what has happened to a calendar is committed, by the node that did it and
 * there alone: for extensions that carry events elsewhere. Whoever listens must not take long, since whatever led to the
 * event goes on afterwards; what listeners throw is logged. If the node dies between the commit and this it is not
 * published; what must not be lost is what consumers are sent.
 *
 * @param notifications what of it is to be sent to consumers
 */
public record CalendarChanged(CalendarEvent event, List<Waiting> notifications) implements ProviderEvent {
    /** A notification that waits to be sent to this consumer. */
    public record Waiting(String id, String client) {}

    public CalendarChanged {
        notifications = List.copyOf(notifications);
    }
}
