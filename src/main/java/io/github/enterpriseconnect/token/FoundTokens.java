package io.github.enterpriseconnect.token;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
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
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Makes sure that what was found works, whoever it is for. */
final class FoundTokens {
    private static final Logger LOG = Logger.getLogger(FoundTokens.class);
    private static final Duration BETWEEN_LINES = Duration.ofHours(1);

    private static final Duration PATIENCE = Duration.ofSeconds(8);

    /** For the application's developer. */
    static final String REJECTED_AGAIN =
            "the token that came in place of a rejected one was rejected as well, so another"
                    + " would be of no use; send tokens to api_url of the answer, and report a 401 once";

    private final CredentialRefresher credentials;
    private final Hosts hosts;
    private final InstantSource clock;
    private final Cache<String, Boolean> toldOf;

    FoundTokens(CredentialRefresher credentials, Hosts hosts, InstantSource clock) {
        this.credentials = credentials;
        this.hosts = hosts;
        this.clock = clock;
        this.toldOf = Caffeine.newBuilder()
                .expireAfterWrite(BETWEEN_LINES)
                .ticker(() -> TimeUnit.MILLISECONDS.toNanos(clock.millis()))
                .maximumSize(1_000)
                .build();
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
     * @param client id of the one that asks
     * @param rejected an access token that Cronofy did not accept, and that is not wanted again; null for none
     * @throws AccessTokenRefused with what the application can do about it
     */
    IssuedToken working(Search search, String client, @Nullable Secret rejected) throws AccessTokenRefused {
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
        } catch (CredentialRefresher.RejectedAgain again) {
            tell(found.owner().realm(), client);
            throw new AccessTokenRefused(
                    AccessTokenRefused.Code.TEMPORARILY_UNAVAILABLE,
                    REJECTED_AGAIN,
                    atLeastASecond(again.retryAfter()));
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

    private void tell(String realm, String client) {
        if (toldOf.asMap().putIfAbsent(realm + " " + client, true) == null) {
            LOG.warnf(
                    "client %s of realm %s reports as rejected what it got in place of rejected tokens; it may send them"
                            + " elsewhere than to api_url",
                    client, realm);
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
