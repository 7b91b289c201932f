package io.github.enterpriseconnect.credential;

import io.github.enterpriseconnect.core.Application;
import io.github.enterpriseconnect.core.CalendarEvent;
import io.github.enterpriseconnect.core.Credential;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Resource;
import io.github.enterpriseconnect.core.Revocation;
import io.github.enterpriseconnect.platform.Work;
import io.github.enterpriseconnect.storage.RefreshClaim;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * Who holds tokens, and how theirs are read, claimed and replaced: a link its service account's, a member their own, a
 * resource its own.
 */
public sealed interface CredentialOwner {
    /** Id of the realm. */
    String realm();

    Optional<Credential> current(Work work);

    /** The claim to refresh, for one caller across all nodes. */
    RefreshClaim claim(Work work);

    /** The refresh failed in a way that leaves the tokens as they are; tells whether that is new. */
    boolean failed(Work work, Reason reason, Instant now);

    /**
     * Stores renewed tokens in place of the ones that were refreshed, and gives the claim back.
     *
     * @return false if the right has ended or has been given anew meanwhile
     */
    boolean renew(Work work, Credential renewed, Application application);

    /**
     * There is nothing left to use: Cronofy no longer honours the authorization, or its tokens do not open any more.
     */
    void end(Work work, Reason reason, Instant now);

    /** Who has the problem of which an administrator is told: each link for itself, all members together. */
    String suffers();

    /** What a revocation is for that follows a renewal which came too late to be kept. */
    Revocation.Cause cause(Work work);

    /** The service account of a link. */
    record OfLink(LinkId link) implements CredentialOwner {
        @Override
        public String realm() {
            return link.realm();
        }

        @Override
        public Optional<Credential> current(Work work) {
            return work.links().credential(link);
        }

        @Override
        public String suffers() {
            return link.toString();
        }

        @Override
        public RefreshClaim claim(Work work) {
            return work.links().refreshClaim(link);
        }

        @Override
        public boolean failed(Work work, Reason reason, Instant now) {
            return work.links().fail(link, reason, now);
        }

        @Override
        public boolean renew(Work work, Credential renewed, Application application) {
            return work.links().renew(link, renewed, application);
        }

        @Override
        public void end(Work work, Reason reason, Instant now) {
            boolean before = work.links().get(link).state() == Link.State.NEEDS_AUTHORIZATION;
            work.links().needAuthorization(link, reason, now);
            if (!before) {
                work.tell(CalendarEvent.ofLink(CalendarEvent.Kind.NEEDS_AUTHORIZATION, link, reason, now));
            }
        }

        @Override
        public Revocation.Cause cause(Work work) {
            return Revocation.Cause.ofLink(link, Reason.UNLINKED);
        }
    }

    /** A member with a granted delegation. */
    record OfMember(String realm, String delegation, String user) implements CredentialOwner {
        @Override
        public Optional<Credential> current(Work work) {
            return granted(work).flatMap(row -> work.credentials().stored(user).filter(credential -> credential
                    .mailbox()
                    .equals(row.mailbox().address())));
        }

        @Override
        public String suffers() {
            return "members";
        }

        @Override
        public RefreshClaim claim(Work work) {
            return work.delegations().refreshClaim(delegation);
        }

        @Override
        public boolean failed(Work work, Reason reason, Instant now) {
            return true;
        }

        @Override
        public boolean renew(Work work, Credential renewed, Application application) {
            boolean live = granted(work)
                    .filter(row -> renewed.subject().equals(row.subject()))
                    .isPresent();
            if (!live) {
                return false;
            }
            claim(work).settle();
            return work.credentials().store(user, renewed);
        }

        @Override
        public void end(Work work, Reason reason, Instant now) {
            granted(work).ifPresent(row -> {
                work.delegations().revoke(delegation, reason, now);
                work.tell(
                        CalendarEvent.ofMember(CalendarEvent.Kind.NEEDS_AUTHORIZATION, row.link(), user, reason, now));
                work.watches().forget(delegation);
                if (reason == Reason.CREDENTIAL_UNREADABLE) {
                    // What cannot be opened may be opened again, should somebody bring back the key.
                    work.credentials()
                            .show(user, Delegation.State.REVOKED, row.link().name());
                } else {
                    work.credentials()
                            .remove(user, Delegation.State.REVOKED, row.link().name());
                }
            });
        }

        @Override
        public Revocation.Cause cause(Work work) {
            return work.delegations()
                    .byId(delegation)
                    .map(row ->
                            Revocation.Cause.of(row, Objects.requireNonNullElse(row.reason(), Reason.MAILBOX_CHANGED)))
                    .orElseGet(() -> new Revocation.Cause(realm, null, user, null, Reason.USER_REMOVED));
        }

        private Optional<Delegation> granted(Work work) {
            return work.delegations()
                    .byId(delegation)
                    .filter(row -> row.state() == Delegation.State.GRANTED
                            && row.userId().equals(user));
        }
    }

    /** A resource with a granted delegation. */
    record OfResource(String realm, String resource) implements CredentialOwner {
        @Override
        public Optional<Credential> current(Work work) {
            return granted(work).flatMap(delegation -> work.resourceGrants()
                    .credential(resource)
                    .filter(credential ->
                            credential.mailbox().equals(delegation.mailbox().address())));
        }

        @Override
        public String suffers() {
            return "resources";
        }

        @Override
        public RefreshClaim claim(Work work) {
            return work.resourceGrants().refreshClaim(resource);
        }

        @Override
        public boolean failed(Work work, Reason reason, Instant now) {
            return true;
        }

        @Override
        public boolean renew(Work work, Credential renewed, Application application) {
            return work.resourceGrants().renew(resource, renewed);
        }

        @Override
        public void end(Work work, Reason reason, Instant now) {
            work.resourceGrants().lose(resource, reason, now);
        }

        @Override
        public Revocation.Cause cause(Work work) {
            return work.resources()
                    .byId(resource)
                    .map(Resource::delegation)
                    .map(row -> Revocation.Cause.of(row, Objects.requireNonNullElse(row.reason(), Reason.UNLINKED)))
                    .orElseGet(() -> new Revocation.Cause(realm, null, null, null, Reason.UNLINKED));
        }

        private Optional<Delegation> granted(Work work) {
            return work.resources()
                    .byId(resource)
                    .map(Resource::delegation)
                    .filter(row -> row.state() == Delegation.State.GRANTED);
        }
    }
}
