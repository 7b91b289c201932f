package io.github.enterpriseconnect.token;

import io.github.enterpriseconnect.core.Credential;
import io.github.enterpriseconnect.core.CronofyException;
import io.github.enterpriseconnect.core.Secret;
import io.github.enterpriseconnect.credential.CredentialRefresher;
import io.github.enterpriseconnect.cronofy.Hosts;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Makes sure that what was found works, whoever it is for. */
final class FoundTokens {
    private static final Duration PATIENCE = Duration.ofSeconds(8);

    private final CredentialRefresher credentials;
    private final Hosts hosts;
    private final InstantSource clock;

    FoundTokens(CredentialRefresher credentials, Hosts hosts, InstantSource clock) {
        this.credentials = credentials;
        this.hosts = hosts;
        this.clock = clock;
    }

    /** Finds out what there is to hand out now, in a transaction of its own. */
    interface Search {
        Lookup.Found find() throws AccessTokenRefused;
    }

    /** Empty if it has to be refreshed first. */
    Optional<IssuedToken> atOnce(Lookup.Found found) {
        return credentials.atOnce(found.owner(), found.credential()).map(usable -> issued(usable, found));
    }

    /**
     * What was found, refreshed if it has to be. Called outside any transaction.
     *
     * @param rejected an access token that Cronofy did not accept, and that is not wanted again; null for none
     * @throws AccessTokenRefused with what the application can do about it
     */
    IssuedToken working(Search search, @Nullable Secret rejected) throws AccessTokenRefused {
        Lookup.Found found = search.find();
        try {
            CredentialRefresher.Usable usable = rejected == null
                    ? credentials.forRequest(found.owner(), found.credential(), PATIENCE)
                    : credentials.insteadOf(rejected, found.owner(), found.credential(), PATIENCE);
            if (usable.refreshed()) {
                // It took a while, in which the right may have been ended or suspended.
                found = search.find();
                if (!found.agreesWith(usable.credential())) {
                    throw new CronofyException.Unavailable("mailbox or scope changed meanwhile", Duration.ZERO);
                }
            }
            return issued(usable, found);
        } catch (CronofyException.GrantGone gone) {
            // What holds now decides: it may have been ended here by somebody, or replaced by another node.
            Lookup.Found unused = search.find();
            throw new AccessTokenRefused(
                    AccessTokenRefused.Code.TEMPORARILY_UNAVAILABLE,
                    "the token was replaced while it was refreshed; ask again",
                    Duration.ofSeconds(1));
        } catch (CronofyException.Unavailable unavailable) {
            throw new AccessTokenRefused(
                    AccessTokenRefused.Code.TEMPORARILY_UNAVAILABLE,
                    rejected == null
                            ? "the token has expired and cannot be refreshed at the moment"
                            : "the token was rejected and cannot be refreshed at the moment",
                    atLeastASecond(unavailable.retryAfter()));
        } catch (CronofyException misconfigured) {
            throw new AccessTokenRefused(
                    AccessTokenRefused.Code.TEMPORARILY_UNAVAILABLE,
                    "the realm's Cronofy application is misconfigured; its administrator has to act",
                    Duration.ofMinutes(1));
        }
    }

    private IssuedToken issued(CredentialRefresher.Usable usable, Lookup.Found found) {
        Credential credential = usable.credential();
        Instant now = clock.instant();
        return new IssuedToken(
                credential,
                atLeastASecond(Duration.between(now, credential.tokens().expiresAt())),
                found.settings(),
                found.profile(),
                URI.create(hosts.api(found.settings().dataCenter())),
                usable.refreshed());
    }

    private static Duration atLeastASecond(Duration duration) {
        return duration.compareTo(Duration.ofSeconds(1)) < 0 ? Duration.ofSeconds(1) : duration;
    }
}
