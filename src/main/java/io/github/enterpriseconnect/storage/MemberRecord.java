package io.github.enterpriseconnect.storage;

import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.NameOrigin;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.SeenProfile;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What our tables have on record of one member at one moment, as far as a token depends on it.
 *
 * @param links the stamps of those links that have a row, by name
 * @param delegations all of the member's: usually one, more after the mailbox has changed
 * @param provenMailbox the address that the member has proved, by what has been judged; null if none
 * @param nameOrigins by whom came what attributes with calendar names were last seen to say
 * @param sharedMailbox the mailbox that somebody else was found to have, too; null if none
 * @param unjudged whether anything that has happened to the user is not judged yet
 * @param suspended whether a kill switch is active that concerns the realm, one of the links or the client, or of which
 *     nobody here knows whom it concerns
 */
public record MemberRecord(
        Map<String, LinkStamp> links,
        List<Delegated> delegations,
        boolean optedOut,
        @Nullable String provenMailbox,
        List<NameOrigin> nameOrigins,
        @Nullable String sharedMailbox,
        boolean unjudged,
        boolean suspended) {

    /** See {@link Delegation}, of which this is a part. */
    public record Delegated(
            String id,
            String link,
            String mailbox,
            Delegation.State state,
            @Nullable Reason reason,
            @Nullable String subject,
            @Nullable String identityProvider,
            SeenProfile profile) {}
}
