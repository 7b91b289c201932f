package io.github.enterpriseconnect.member;

import io.github.enterpriseconnect.core.Credential;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.ProfileState;
import io.github.enterpriseconnect.core.Scopes;
import io.github.enterpriseconnect.core.SeenProfile;
import io.github.enterpriseconnect.core.Tokens;
import io.github.enterpriseconnect.core.Unreadable;
import io.github.enterpriseconnect.platform.Work;
import io.github.enterpriseconnect.settings.Settings;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a granted delegation permits, and how the calendar behind it stands by Cronofy's word.
 *
 * @param scope as Cronofy granted it; null if that cannot be read now, or Cronofy did not say
 * @param missing what the realm wants of mailboxes besides; empty if nothing, or if nobody can tell
 * @param profile what may be said of the calendar now
 * @param seenAt when that was seen; null if nothing may be said
 */
public record MailboxAccess(
        @Nullable String scope,
        List<String> missing,
        ProfileState profile,
        @Nullable Instant seenAt) {
    /** Of a delegation that is not granted. */
    public static final MailboxAccess NONE = new MailboxAccess(null, List.of(), ProfileState.UNKNOWN, null);

    /** Of a delegation as its row and its credential have it. */
    public static MailboxAccess of(Work work, Delegation delegation, Instant now) {
        if (delegation.state() != Delegation.State.GRANTED) {
            return NONE;
        }
        Optional<String> scope = scope(work, delegation);
        SeenProfile seen = work.profiles().of(delegation.id());
        ProfileState profile = seen.at(now);
        return new MailboxAccess(
                scope.orElse(null),
                scope.map(permitted -> Scopes.of(permitted)
                                .missing(Scopes.of(work.realm()
                                        .settings()
                                        .map(Settings::delegatedScope)
                                        .orElse(permitted))))
                        .orElse(List.of()),
                profile,
                profile.equals(ProfileState.UNKNOWN) ? null : seen.at());
    }

    private static Optional<String> scope(Work work, Delegation delegation) {
        try {
            return work.credentials()
                    .stored(delegation.userId())
                    .filter(credential -> credential.subject().equals(delegation.subject()))
                    .map(Credential::tokens)
                    .map(Tokens::scope)
                    .filter(text -> !text.isBlank());
        } catch (Unreadable keyAway) {
            return Optional.empty();
        }
    }
}
