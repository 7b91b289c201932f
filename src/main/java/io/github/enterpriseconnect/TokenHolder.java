package io.github.enterpriseconnect;

import io.github.enterpriseconnect.Transactions.Work;
import io.github.enterpriseconnect.core.Application;
import io.github.enterpriseconnect.core.Credential;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Reason;
import java.time.Instant;
import java.util.Optional;

/** Who holds tokens, and how theirs are read, claimed and replaced: a link its service account's, a member their own. */
sealed interface TokenHolder {
    /** Id of the realm. */
    String realm();

    Optional<Credential> current(Work work);

    /** Claims the refresh for one caller across all nodes. */
    boolean lease(Work work, Instant now, Instant until);

    void release(Work work);

    /**
     * Stores renewed tokens in place of the ones that were refreshed, and gives the claim back.
     *
     * @return false if the right has ended or has been given anew meanwhile
     */
    boolean renew(Work work, Credential renewed, Application application);

    /** There is nothing left to use: Cronofy no longer honours the authorization, or its tokens do not open any more. */
    void end(Work work, Reason reason);

    /** The service account of a link. */
    record OfLink(LinkId link) implements TokenHolder {
        @Override
        public String realm() {
            return link.realm();
        }

        @Override
        public Optional<Credential> current(Work work) {
            return work.storage().links().credential(link);
        }

        @Override
        public boolean lease(Work work, Instant now, Instant until) {
            return work.storage().links().lease(link, now, until);
        }

        @Override
        public void release(Work work) {
            work.storage().links().release(link);
        }

        @Override
        public boolean renew(Work work, Credential renewed, Application application) {
            return work.storage().links().renew(link, renewed, application);
        }

        @Override
        public void end(Work work, Reason reason) {
            work.storage().links().needAuthorization(link);
        }
    }

    /** A member with a granted delegation. */
    record OfMember(String realm, String delegation, String user) implements TokenHolder {
        @Override
        public Optional<Credential> current(Work work) {
            return granted(work)
                    .flatMap(row -> work.storage().credentials().stored(user).filter(credential -> credential
                            .mailbox()
                            .equals(row.mailbox().address())));
        }

        @Override
        public boolean lease(Work work, Instant now, Instant until) {
            return work.storage().delegations().lease(delegation, now, until);
        }

        @Override
        public void release(Work work) {
            work.storage().delegations().release(delegation);
        }

        @Override
        public boolean renew(Work work, Credential renewed, Application application) {
            boolean live = granted(work)
                    .filter(row -> renewed.subject().equals(row.subject()))
                    .isPresent();
            if (!live || !work.storage().credentials().store(user, renewed)) {
                return false;
            }
            release(work);
            return true;
        }

        @Override
        public void end(Work work, Reason reason) {
            granted(work).ifPresent(row -> {
                work.storage().delegations().revoke(delegation, reason);
                work.storage()
                        .credentials()
                        .remove(user, Delegation.State.REVOKED, row.link().name());
            });
        }

        private Optional<Delegation> granted(Work work) {
            return work.storage()
                    .delegations()
                    .byId(delegation)
                    .filter(row -> row.state() == Delegation.State.GRANTED
                            && row.userId().equals(user));
        }
    }
}
