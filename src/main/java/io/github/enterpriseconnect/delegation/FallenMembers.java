package io.github.enterpriseconnect.delegation;

import io.github.enterpriseconnect.core.Credential;
import io.github.enterpriseconnect.core.CronofyException;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Replacement;
import io.github.enterpriseconnect.core.Revocation;
import io.github.enterpriseconnect.core.Unreadable;
import io.github.enterpriseconnect.credential.CredentialOwner;
import io.github.enterpriseconnect.credential.CredentialRefresher;
import io.github.enterpriseconnect.platform.Transactions;
import io.github.enterpriseconnect.platform.Work;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Looks at members who may have lost what they use, since a service account was revoked: each token is refreshed once,
 * and whoever Cronofy does not honour any more is asked for anew.
 */
final class FallenMembers {
    /** Few, since each takes a request. */
    private static final int AT_ONCE = 10;

    /** So often it waits for one of whom nothing can be told; then they are passed over. */
    private static final int PATIENCE = 5;

    private final Transactions transactions;
    private final DelegationRequests requests;
    private final CredentialRefresher credentials;

    FallenMembers(Transactions transactions, DelegationRequests requests, CredentialRefresher credentials) {
        this.transactions = transactions;
        this.requests = requests;
        this.credentials = credentials;
    }

    enum Kind {
        /** The next members can be looked at. */
        GO_ON,
        /** Nothing can be told at the moment. */
        WAIT,
        /** Everybody has been looked at. */
        END,
        /** The service account was not revoked. */
        STAYED
    }

    /**
     * What a step has come to.
     *
     * @param reached up to which member everybody has been looked at
     * @param waitsFor why nothing can be told; null if something can
     */
    record Step(Kind kind, String reached, @Nullable Reason waitsFor) {}

    private record Page(Kind kind, @Nullable Instant revokedAt, List<Delegation> members) {}

    Step look(Replacement replacement) {
        Page page = transactions.inRealm(replacement.link().realm(), work -> page(work, replacement));
        if (page.kind() != Kind.GO_ON) {
            return new Step(page.kind(), replacement.reached(), page.kind() == Kind.WAIT ? Reason.UNAVAILABLE : null);
        }
        List<String> fallen = new ArrayList<>();
        String reached = replacement.reached();
        Reason waitsFor = null;
        for (Delegation member : page.members()) {
            try {
                if (!honoured(member, Objects.requireNonNull(page.revokedAt()))) {
                    fallen.add(member.userId());
                }
                reached = member.id();
            } catch (CronofyException e) {
                if (replacement.failures() < PATIENCE || e.held()) {
                    waitsFor = e.reason();
                    break;
                }
                // It shows at their next use.
                reached = member.id();
            }
        }
        if (!fallen.isEmpty()) {
            requests.backfill(replacement.link(), replacement.id(), fallen);
        }
        return new Step(waitsFor == null ? Kind.GO_ON : Kind.WAIT, reached, waitsFor);
    }

    private static Page page(Work work, Replacement replacement) {
        Optional<Revocation> revocation =
                work.realm().applicationKey().flatMap(key -> work.revocations().latest(key, replacement.former()));
        if (revocation.isEmpty()) {
            return new Page(Kind.STAYED, null, List.of());
        }
        return switch (revocation.get().state()) {
            case PENDING, UNKNOWN -> new Page(Kind.WAIT, null, List.of());
            case DELIVERED -> {
                List<Delegation> members = work.formerGrants().concerned(replacement, AT_ONCE);
                yield new Page(
                        members.isEmpty() ? Kind.END : Kind.GO_ON,
                        revocation.get().endedAt(),
                        members);
            }
            default -> new Page(Kind.STAYED, null, List.of());
        };
    }

    /** Whoever has been refreshed since has shown it; of whom nothing can be opened now, it shows at their next use. */
    private boolean honoured(Delegation member, Instant revokedAt) throws CronofyException {
        if (member.state() != Delegation.State.GRANTED) {
            return false;
        }
        String realm = member.link().realm();
        CredentialOwner.OfMember owner = new CredentialOwner.OfMember(realm, member.id(), member.userId());
        Optional<Credential> stored;
        try {
            stored = transactions.inRealm(realm, owner::current);
        } catch (Unreadable keyAway) {
            return true;
        }
        if (stored.isEmpty() || stored.get().tokens().obtainedAt().isAfter(revokedAt)) {
            return true;
        }
        try {
            if (!credentials.prove(owner, stored.get())) {
                throw new CronofyException.Unavailable("another refresh is under way", Duration.ZERO);
            }
            return true;
        } catch (CronofyException.GrantGone gone) {
            return false;
        }
    }
}
