package io.github.enterpriseconnect.storage;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.github.enterpriseconnect.core.Application;
import io.github.enterpriseconnect.core.DataCenter;
import io.github.enterpriseconnect.core.Secret;
import io.github.enterpriseconnect.core.Unreadable;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A {@link RevocationOrder} as sealed text and back: under the master realm's key, which outlives the realm that
 * ordered it, and bound to what it revokes.
 */
final class SealedOrders {
    @JsonIgnoreProperties(ignoreUnknown = true)
    private record Form(
            @JsonProperty("dc") String dataCenter,
            @JsonProperty("id") String clientId,
            @JsonProperty("secret") String clientSecret,
            @JsonProperty("next") @Nullable String nextSecret,
            @JsonProperty("sub") String subject,
            @JsonProperty("rt") @Nullable String refreshToken) {}

    private final Sealer masterSealer;

    SealedOrders(Sealer masterSealer) {
        this.masterSealer = masterSealer;
    }

    String seal(RevocationOrder order) {
        Application application = order.application();
        return masterSealer.sealForm(
                Sealer.Purpose.REVOCATION,
                owner(application.key(), order.subject()),
                new Form(
                        application.dataCenter().id(),
                        application.clientId(),
                        application.clientSecret().reveal(),
                        application.nextSecret().map(Secret::reveal).orElse(null),
                        order.subject(),
                        order.refreshToken() == null
                                ? null
                                : order.refreshToken().reveal()));
    }

    /**
     * Empty if it no longer opens, or was sealed for another authorization.
     *
     * @throws Unreadable it may open later
     */
    Optional<RevocationOrder> open(String application, String subject, @Nullable String sealed) {
        return masterSealer
                .openForm(Sealer.Purpose.REVOCATION, owner(application, subject), sealed, Form.class)
                .map(form -> new RevocationOrder(
                        new Application(
                                DataCenter.byId(form.dataCenter())
                                        .orElseThrow(() -> Unreadable.value("the data center of an order")),
                                form.clientId(),
                                Secret.of(form.clientSecret()),
                                Optional.ofNullable(form.nextSecret()).map(Secret::of)),
                        form.subject(),
                        form.refreshToken() == null ? null : Secret.of(form.refreshToken())));
    }

    /** The same order, by the account alone, for where the token may be dead; as it is while it cannot be opened. */
    String byAccount(String application, String subject, String sealed) {
        try {
            return open(application, subject, sealed)
                    .map(order -> seal(new RevocationOrder(order.application(), subject, null)))
                    .orElse(sealed);
        } catch (Unreadable keyAway) {
            return sealed;
        }
    }

    private static String owner(String application, String subject) {
        return application + " " + subject;
    }
}
