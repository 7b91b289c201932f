package io.github.enterpriseconnect.revocation;

import io.github.enterpriseconnect.core.Application;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Revocation;
import io.github.enterpriseconnect.core.Secret;
import io.github.enterpriseconnect.core.Unreadable;
import io.github.enterpriseconnect.platform.Work;
import io.github.enterpriseconnect.storage.RevocationOrder;
import io.github.enterpriseconnect.storage.Storage;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Supplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Orders that end an account at Cronofy whose delegation has ended here, a member's or a resource's. */
final class AccountRevocation {
    private static final Logger LOG = Logger.getLogger(AccountRevocation.class);

    private AccountRevocation() {}

    /** The service account's revocation takes it along, unless there is none that would. */
    static void orderWithLink(
            Storage storage, Delegation was, Reason reason, Supplier<Optional<Application>> application, Instant now) {
        if (!wanted(was)) {
            return;
        }
        Optional<Revocation> cover = Optional.ofNullable(was.serviceAccount())
                .flatMap(serviceAccount -> storage.revocations().latest(was.application(), serviceAccount))
                .filter(revocation -> takesAlong(revocation, was));
        if (cover.isPresent()) {
            storage.revocations()
                    .addCovered(
                            was.application(),
                            String.valueOf(was.subject()),
                            cover.get().id(),
                            Revocation.Cause.of(was, reason),
                            now);
        } else {
            order(storage, was, reason, application.get(), null, now);
        }
    }

    /**
     * With the secret that the realm has now, or while that cannot be read, with one that a link has.
     *
     * @throws Unreadable the realm's secret cannot be read now, and there is no other
     */
    static Optional<Application> application(Work work, Delegation delegation) {
        try {
            return work.realm().application().filter(present -> present.key().equals(delegation.application()));
        } catch (Unreadable away) {
            return Optional.of(
                    work.storage().links().application(delegation.application()).orElseThrow(() -> away));
        }
    }

    private static boolean takesAlong(Revocation revocation, Delegation delegation) {
        if (revocation.state() == Revocation.State.PENDING) {
            return true;
        }
        return revocation.state() == Revocation.State.DELIVERED
                && revocation.endedAt() != null
                && delegation.grantedAt() != null
                && revocation.endedAt().isAfter(delegation.grantedAt());
    }

    static boolean wanted(Delegation was) {
        return was.live() && was.subject() != null;
    }

    static void order(
            Storage storage,
            Delegation was,
            Reason reason,
            Optional<Application> application,
            @Nullable Secret refreshToken,
            Instant now) {
        String subject = String.valueOf(was.subject());
        Revocation.Cause cause = Revocation.Cause.of(was, reason);
        Optional<Application> found = application.or(() -> storage.links().application(was.application()));
        if (found.isPresent()) {
            storage.revocations().add(new RevocationOrder(found.get(), subject, refreshToken), cause, now);
        } else {
            LOG.errorf("there is no client secret left to revoke %s with; revoke it in Cronofy's dashboard", subject);
            storage.revocations().addUndeliverable(was.application(), subject, cause, now);
        }
    }
}
