package io.github.enterpriseconnect.budget;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.enterpriseconnect.core.Application;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * By which of its two secrets Cronofy knows an application during a rotation, as far as this node has seen. It begins with
 * the client secret, and changes to the other one once Cronofy has refused the one and accepted the other.
 */
final class AcceptedSecrets {
    private static final Logger LOG = Logger.getLogger(AcceptedSecrets.class);
    private static final int MOST = 10_000;

    /** Applications whose next secret is the one to send. */
    private final Cache<Application, Boolean> next =
            Caffeine.newBuilder().maximumSize(MOST).build();

    /** The application with the secret to send. */
    Application first(Application application) {
        return ways(application).get(0);
    }

    /** The application with the one to send if that is refused; empty unless there are two. */
    Optional<Application> second(Application application) {
        return ways(application).stream().skip(1).findFirst();
    }

    private List<Application> ways(Application application) {
        if (application.nextSecret().isEmpty()) {
            return List.of(application);
        }
        Application present = application.by(application.clientSecret());
        Application following = application.by(application.nextSecret().get());
        return next.getIfPresent(application) == null ? List.of(present, following) : List.of(following, present);
    }

    /** Cronofy has refused the other secret, and knows the application by this one; however many have seen it. */
    void accepted(Application application, Application known) {
        boolean toNext = !known.clientSecret().equals(application.clientSecret());
        boolean changed = toNext
                ? next.asMap().putIfAbsent(application, true) == null
                : next.asMap().remove(application) != null;
        if (!changed) {
            return;
        }
        LOG.warnf(
                "Cronofy no longer accepts the %s of application %s, but the other one of its two; finish the rotation in"
                        + " the settings",
                toNext ? "client secret" : "next client secret", application.key());
    }
}
