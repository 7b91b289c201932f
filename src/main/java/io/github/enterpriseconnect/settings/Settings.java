package io.github.enterpriseconnect.settings;

import io.github.enterpriseconnect.core.Application;
import io.github.enterpriseconnect.core.CalendarEvent;
import io.github.enterpriseconnect.core.Consumer;
import io.github.enterpriseconnect.core.DataCenter;
import io.github.enterpriseconnect.core.Secret;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A realm's settings, complete and valid.
 *
 * @param clientSecret as written: sealed, in clear, or a vault reference like {@code ${vault.cronofy}}; empty where a
 *     mask stands in its place
 * @param nextClientSecret during a rotation, the secret that is to follow, written likewise; empty otherwise
 * @param scope asked for the service account, space-separated
 * @param delegatedScope the most that is asked for a mailbox, space-separated
 * @param publicUrl base that Cronofy and invited administrators reach Keycloak by, without a slash at the end; null for
 *     Keycloak's own frontend URL
 * @param signatureRequired whether unsigned callbacks are refused
 * @param consumerAuthorizations the headers that notifications are sent with, written as the secrets are
 * @param watching what Cronofy is asked again and again, so that it can be shown
 */
public record Settings(
        DataCenter dataCenter,
        String clientId,
        Optional<Secret> clientSecret,
        Optional<Secret> nextClientSecret,
        String scope,
        String delegatedScope,
        @Nullable String publicUrl,
        boolean signatureRequired,
        List<Consumer> consumers,
        Optional<Secret> consumerAuthorizations,
        Watching watching) {

    /**
     * What Cronofy is asked again and again, so that it can be shown.
     *
     * @param serviceAccounts how each service account stands and what it was granted, once a day
     * @param profiles whether each member's profile is connected and has been read, by notifications of Cronofy's
     */
    public record Watching(boolean serviceAccounts, boolean profiles) {
        public static final Watching NOTHING = new Watching(false, false);
    }

    public Settings {
        consumers = List.copyOf(consumers);
    }

    /** See {@link Application#key()}. */
    public String applicationKey() {
        return Application.key(dataCenter, clientId);
    }

    /** Client ids of those who are to be told of this. */
    public List<String> told(CalendarEvent event) {
        return consumers.stream()
                .filter(consumer -> consumer.receiver() != null && event.concerns(consumer))
                .map(Consumer::clientId)
                .toList();
    }

    public Optional<Consumer> consumer(String keycloakClientId) {
        return consumers.stream()
                .filter(consumer -> consumer.clientId().equals(keycloakClientId))
                .findFirst();
    }
}
