package io.github.enterpriseconnect.storage;

import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Mailbox;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a transaction of Keycloak's has done, and what may have ended somebody's right by it. */
public sealed interface Change {

    /**
     * A user's address, state, memberships, groups or roles have changed, or may have.
     *
     * @param mailbox the address that the transaction leaves the user with; null if there is none, or nobody could tell
     * @param provenBy the event or the identity provider that proved this very address; null if nothing did
     */
    record UserChanged(
            String userId,
            @Nullable Mailbox mailbox,
            @Nullable String provenBy) implements Change {}

    /**
     * A user is gone.
     *
     * @param carried the values of the user's attribute, sealed as they were ({@link CredentialStore#sealed})
     */
    record UserRemoved(String userId, List<String> carried) implements Change {}

    /** An organization is gone, and its link with it. */
    record OrganizationRemoved(LinkId link) implements Change {}

    /** A link has ended, and its members have still to be forgotten. */
    record LinkEnded(LinkId link) implements Change {}

    /**
     * A change that waits to be judged.
     *
     * @param realm id of the realm, which may be gone
     * @param attempts failures so far
     */
    record Unjudged(String id, String realm, Change change, int attempts) {}
}
