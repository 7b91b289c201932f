package io.github.enterpriseconnect.delegation;

import io.github.enterpriseconnect.core.Application;
import io.github.enterpriseconnect.core.Cronofy;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.storage.RevocationOrder;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What came for the code of an ask.
 *
 * @param since when the code was about to be sent
 */
record Obtained(Delegation asked, Application application, Cronofy.Grant grant, Instant since) {

    /** A grant of which Cronofy does not say whose it is has a name of its own, by which only its token is revoked. */
    String subject() {
        return subject(asked, grant.subject());
    }

    /** As {@link #subject()}, of what came alone. */
    static String subject(Delegation asked, @Nullable String named) {
        return named == null ? RevocationOrder.unnamed(Objects.requireNonNullElse(asked.ask(), asked.id())) : named;
    }
}
