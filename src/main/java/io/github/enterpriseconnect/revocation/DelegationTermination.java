package io.github.enterpriseconnect.revocation;

import io.github.enterpriseconnect.candidate.RecentSignIns;
import io.github.enterpriseconnect.core.Application;
import io.github.enterpriseconnect.core.CalendarEvent;
import io.github.enterpriseconnect.core.Credential;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Revocation;
import io.github.enterpriseconnect.core.Unreadable;
import io.github.enterpriseconnect.platform.Work;
import io.github.enterpriseconnect.storage.RevocationOrder;
import io.github.enterpriseconnect.storage.Storage;
import io.github.enterpriseconnect.storage.WaitingMember;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Ends delegations within the caller's transaction: from its commit on nobody gets a token, and the order to revoke at
 * Cronofy is written. The caller's transaction is one of ours, or a request's that may fail loudly: it locks the
 * delegation's row.
 */
public final class DelegationTermination {
    private final RecentSignIns recentSignIns;
    private final InstantSource clock;

    public DelegationTermination(RecentSignIns recentSignIns, InstantSource clock) {
        this.recentSignIns = recentSignIns;
        this.clock = clock;
    }

    /**
     * Ends one member's delegation and has it revoked by itself.
     *
     * @return whether there was anything left to end
     */
    public boolean end(Work work, Delegation delegation, Reason reason) {
        Optional<Credential> credential = stored(work, delegation)
                .filter(stored -> isOf(stored, delegation))
                .or(() -> carried(work, delegation));
        boolean ended = end(work, delegation, reason, credential);
        if (ended) {
            removeCredential(work, delegation, reason);
        }
        return ended;
    }

    /** By a user who is gone already, if nobody has judged that yet. */
    private static Optional<Credential> carried(Work work, Delegation delegation) {
        String userId = delegation.userId();
        return carried(work, userId, work.changes().carried(userId)).filter(carried -> isOf(carried, delegation));
    }

    /** What was carried by a user who is gone; nothing while its key is away. */
    static Optional<Credential> carried(Work work, String userId, List<String> sealed) {
        try {
            return work.credentials().opened(userId, sealed);
        } catch (Unreadable keyAway) {
            return Optional.empty();
        }
    }

    /**
     * As {@link #end(Work, Delegation, Reason)}, for a user whose attributes are gone or about to go.
     *
     * @param credential what the user carried
     * @throws Unreadable nothing was written: the secret to revoke with cannot be read now
     */
    public boolean end(Work work, Delegation delegation, Reason reason, Optional<Credential> credential) {
        Instant now = clock.instant();
        if (AccountRevocation.wanted(delegation)) {
            // Before anything is written: whoever meets that it cannot be read may go on in the same transaction.
            AccountRevocation.application(work, delegation);
        }
        // Cronofy accepts a revocation by a dead token like any other; by the account it ends the same.
        boolean doubtful = work.delegations().refreshClaim(delegation.id()).doubtful();
        // Before the row is locked, for a directory may be asked.
        Denials.note(work, delegation, reason);
        Optional<Delegation> before = work.delegations().end(delegation.id(), reason, now);
        before.ifPresent(was -> tell(work, was, reason, now));
        work.notices().forget(delegation.id());
        forgetFoundName(work, delegation);
        work.watches().forget(delegation.id());
        recentSignIns.forget(delegation.userId());
        if (reason == Reason.USER_REMOVED) {
            work.members().remove(delegation.userId());
            work.uses().removeUser(delegation.userId());
        }
        before.filter(AccountRevocation::wanted).ifPresent(was -> {
            AccountRevocation.order(
                    work.storage(),
                    was,
                    reason,
                    AccountRevocation.application(work, was),
                    credential
                            .filter(stored -> isOf(stored, was) && !doubtful)
                            .map(stored -> stored.tokens().refreshToken())
                            .orElse(null),
                    now);
            revokeFormer(work, was, reason, now);
        });
        return before.isPresent();
    }

    /** Whoever was never told of it is not told of its end. */
    private static void tell(Work work, Delegation was, Reason reason, Instant now) {
        if (was.state() == Delegation.State.GRANTED || was.state() == Delegation.State.REFUSED || was.live()) {
            work.tell(CalendarEvent.ofMember(CalendarEvent.Kind.ENDED, was.link(), was.userId(), reason, now));
        }
    }

    private static void forgetFoundName(Work work, Delegation ended) {
        if (ended.reason() == Reason.WRONG_PROFILE || ended.reason() == Reason.ACCOUNT_HELD) {
            work.members().forgetFoundName(ended.userId(), ended.link().name());
        }
    }

    /** Whose mailbox is another now, and who had been delegated, is asked for by the new one, if the gate lets them through. */
    public void askAnew(Work work, Delegation ended, Reason reason) {
        if (reason == Reason.MAILBOX_CHANGED) {
            Instant now = clock.instant();
            work.waiting().put(new WaitingMember(ended.link(), ended.userId(), Optional.empty()), now, now);
        }
    }

    /** What the member used before another service account took the place of the one that it came through. */
    private static void revokeFormer(Work work, Delegation was, Reason reason, Instant now) {
        work.moves()
                .formerSubject(was.id())
                .filter(former -> !former.equals(was.subject()))
                .ifPresent(
                        former -> AccountRevocation.application(work, was).ifPresent(application -> work.revocations()
                                .add(
                                        new RevocationOrder(application, former, null),
                                        Revocation.Cause.of(was, reason),
                                        now)));
    }

    /** What has the same done for resources. */
    public ResourceTermination resources() {
        return new ResourceTermination(clock);
    }

    /** Ends one member's delegation whose link has ended: the service account's revocation takes it along. */
    public void endWithLink(Work work, Delegation delegation) {
        endWithLink(work.storage(), delegation, Reason.UNLINKED, () -> AccountRevocation.application(work, delegation));
        tell(work, delegation, Reason.UNLINKED, clock.instant());
        removeCredential(work, delegation, Reason.UNLINKED);
        forgetFoundName(work, delegation);
        recentSignIns.forget(delegation.userId());
    }

    /**
     * As {@link #endWithLink(Work, Delegation)}, for a delegation whose realm is gone with all its users; it is
     * forgotten.
     */
    public void endWithRealm(Storage ofRemovedRealm, Delegation delegation) {
        endWithLink(ofRemovedRealm, delegation, Reason.REALM_REMOVED, Optional::empty);
        ofRemovedRealm.delegations().remove(delegation.id());
    }

    private void endWithLink(
            Storage storage, Delegation delegation, Reason reason, Supplier<Optional<Application>> application) {
        Instant now = clock.instant();
        storage.notices().forget(delegation.id());
        storage.watches().forget(delegation.id());
        storage.delegations()
                .end(delegation.id(), reason, now)
                .ifPresent(was -> AccountRevocation.orderWithLink(storage, was, reason, application, now));
    }

    /** Whatever the attribute holds; nothing while its key is away: the right ends all the same. */
    private static Optional<Credential> stored(Work work, Delegation delegation) {
        try {
            return work.credentials().stored(delegation.userId());
        } catch (Unreadable keyAway) {
            return Optional.empty();
        }
    }

    private static boolean isOf(Credential credential, Delegation delegation) {
        return credential.application().equals(delegation.application())
                && credential.mailbox().equals(delegation.mailbox().address());
    }

    /** Unless the attribute holds another delegation's by now. */
    private static void removeCredential(Work work, Delegation delegation, Reason reason) {
        boolean another = stored(work, delegation)
                .filter(stored -> !isOf(stored, delegation))
                .isPresent();
        if (another) {
            return;
        }
        boolean userGone = reason == Reason.USER_REMOVED;
        work.credentials()
                .remove(
                        delegation.userId(),
                        userGone ? Delegation.State.NONE : Delegation.State.REVOKED,
                        userGone ? null : delegation.link().name());
    }
}
