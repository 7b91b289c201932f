package io.github.enterpriseconnect.notification;

import io.github.enterpriseconnect.core.CalendarEvent;
import io.github.enterpriseconnect.core.Consumer;
import io.github.enterpriseconnect.core.Notification;
import io.github.enterpriseconnect.core.Secret;
import io.github.enterpriseconnect.core.Unreadable;
import io.github.enterpriseconnect.platform.ServerWork;
import io.github.enterpriseconnect.platform.Work;
import io.github.enterpriseconnect.settings.Settings;
import io.github.enterpriseconnect.storage.NotificationStore;
import java.net.URI;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Whether a consumer can be told something now, what with, and what of ours stands in the way if not. */
record Preparation(@Nullable Ready ready, @Nullable String problem) {
    /** Nobody is to be told any more. */
    private static final Preparation DROPPED = new Preparation(null, null);

    /** What is sent as soon as no transaction is open. */
    record Ready(URI address, @Nullable Secret authorization, String token) {}

    private static Preparation waits(String problem) {
        return new Preparation(null, problem);
    }

    /** What stands in the way of everything that this consumer is to be told, in one word; empty if nothing does. */
    static Optional<String> hindrance(ServerWork server, String realm, String client) {
        Optional<Work> work = server.realm(realm);
        Optional<Settings> settings = work.flatMap(found -> found.realm().settings());
        if (work.isEmpty() || settings.isEmpty()) {
            return Optional.of(work.isEmpty() ? "realm_away" : "settings_unusable");
        }
        Consumer.Receiver receiver =
                settings.get().consumer(client).map(Consumer::receiver).orElse(null);
        return receiver == null ? Optional.empty() : hindrance(work.get(), client, receiver);
    }

    private static Optional<String> hindrance(Work work, String client, Consumer.Receiver receiver) {
        // Whoever is suspended or disabled, for they may be somebody else by now, learns nothing; it is told once that
        // is over.
        if (work.suspensions().all().consumer(client)) {
            return Optional.of("consumer_suspended");
        }
        if (!work.realm().clientEnabled(client)) {
            return Optional.of("consumer_disabled");
        }
        try {
            return receiver.authorized()
                            && authorization(work, receiver, client).isEmpty()
                    ? Optional.of("authorization_lost")
                    : Optional.empty();
        } catch (Unreadable away) {
            return Optional.of(away.reason().id());
        }
    }

    /** In the transaction that claims it. */
    static Preparation of(ServerWork server, Notification notification, Instant now) {
        CalendarEvent event = notification.event();
        String client = notification.clientId();
        Optional<String> hindrance = hindrance(server, event.realm(), client);
        Optional<Work> work = server.realm(event.realm());
        Optional<Settings> settings = work.flatMap(found -> found.realm().settings());
        boolean unknown =
                event.kind() == CalendarEvent.Kind.UNKNOWN || event.subject().type() == CalendarEvent.Type.UNKNOWN;
        if (work.isEmpty() || settings.isEmpty() || unknown) {
            return waits(hindrance.orElse("value_unknown"));
        }
        if (client.equals(NotificationStore.EVERYBODY)) {
            work.get().notifications().add(event, settings.get().told(event));
            return DROPPED;
        }
        Consumer.Receiver receiver = settings.get()
                .consumer(client)
                .filter(event::concerns)
                .map(Consumer::receiver)
                .orElse(null);
        if (receiver == null) {
            return DROPPED;
        }
        return hindrance.isPresent()
                ? waits(hindrance.get())
                : signed(work.get(), receiver, client, issuer -> SecurityEvent.of(notification, issuer, now));
    }

    /** An event that is about nothing, for a trial; no problem and nothing ready if the consumer has no address. */
    static Preparation trial(Work work, String client, Instant now) {
        Consumer.Receiver receiver = work.realm().settings().flatMap(settings -> settings.consumer(client)).stream()
                .flatMap(consumer -> Optional.ofNullable(consumer.receiver()).stream())
                .findFirst()
                .orElse(null);
        return receiver == null
                ? DROPPED
                : signed(work, receiver, client, issuer -> SecurityEvent.verification(client, issuer, now));
    }

    private static Preparation signed(
            Work work, Consumer.Receiver receiver, String client, Function<String, SecurityEvent> by) {
        try {
            Optional<Secret> authorization = authorization(work, receiver, client);
            if (receiver.authorized() && authorization.isEmpty()) {
                return waits("authorization_lost");
            }
            SecurityEvent event = by.apply(work.realm().issuer(receiver.issuer()));
            return new Preparation(
                    new Ready(
                            receiver.address(),
                            authorization.orElse(null),
                            work.realm().signed(event.type(), event.claims())),
                    null);
        } catch (Unreadable away) {
            return waits(away.reason().id());
        }
    }

    private static Optional<Secret> authorization(Work work, Consumer.Receiver receiver, String client) {
        return receiver.authorized() ? work.realm().authorization(client, receiver.address()) : Optional.empty();
    }
}
