package io.github.enterpriseconnect.link;

import io.github.enterpriseconnect.core.Application;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Revocation;
import io.github.enterpriseconnect.core.Secret;
import io.github.enterpriseconnect.settings.Settings;
import io.github.enterpriseconnect.storage.InvitationStore;
import io.github.enterpriseconnect.storage.RevocationOrder;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Somebody who is back from Cronofy with a code. */
record Arrival(
        InvitationStore.RoundTrip trip, Settings settings, Application application, String realmName, Instant at) {
    LinkId link() {
        return trip.invitation().link();
    }

    /** What Cronofy does not name has a name of its own, by which only its token is revoked. */
    RevocationOrder order(Secret token, @Nullable String subject) {
        return new RevocationOrder(
                application,
                subject == null ? RevocationOrder.unnamed(trip.invitation().id()) : subject,
                token);
    }

    Revocation.Cause cause() {
        return Revocation.Cause.ofLink(link(), Reason.NOT_STORED);
    }
}
