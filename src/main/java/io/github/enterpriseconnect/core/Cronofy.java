package io.github.enterpriseconnect.core;

import java.net.URI;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Cronofy, in the words of those who call it. Every operation ends within its deadline and must be called outside any
 * database transaction; what there is no room for in the application's allowance is {@code NotDone}, and held.
 */
public interface Cronofy {

    /** Where an administrator's browser goes to authorize the service account. */
    URI authorizationUrl(
            Application application, String scope, String delegatedScope, String redirectUri, Secret state);

    /**
     * Redeems a code, once.
     *
     * @param redirectUri the very URL that the code was asked for
     * @throws CronofyException.GrantGone the code is unknown, used, expired or for another URL
     * @throws CronofyException.NotRenewable an access token has come alone
     */
    Grant exchange(Application application, CodeKind kind, Secret code, String redirectUri) throws CronofyException;

    /**
     * Exchanges a refresh token for new tokens.
     *
     * @param urgency how important the caller is where the allowance is short
     * @throws CronofyException.GrantGone the authorization has been revoked; a new one is needed
     */
    Tokens refresh(Application application, Tokens tokens, Purpose urgency) throws CronofyException;

    /** As {@link #serviceAccount(Application, Secret, Purpose)}, for a person who waits. */
    default ServiceAccount serviceAccount(Application application, Secret accessToken) throws CronofyException {
        return serviceAccount(application, accessToken, Purpose.SIGN_IN);
    }

    /**
     * Who a service account is, and how it stands; the only documented proof that it still works.
     *
     * @param urgency how important the caller is where the allowance is short
     */
    ServiceAccount serviceAccount(Application application, Secret accessToken, Purpose urgency) throws CronofyException;

    /**
     * The rooms and equipment of the service account's organization.
     *
     * @param details whether Cronofy is to say of each how many people it is for, and where it is
     * @param urgency how important the caller is where the allowance is short
     * @throws CronofyException.Refused the service account may not list them; the request is faulty: Cronofy knows no details
     */
    List<Resource.Listed> resources(Application application, Secret accessToken, boolean details, Purpose urgency)
            throws CronofyException;

    /**
     * How the calendar behind a delegation stands; unknown too if the answer is about another account, or about none of
     * the account's calendars for certain.
     *
     * @param urgency how important the caller is where the allowance is short
     */
    ProfileState profile(Application application, Secret accessToken, ProfileOf which, Purpose urgency)
            throws CronofyException;

    /**
     * Opens a channel, by which Cronofy tells of what happens to an account. The same request once more answers the channel
     * that there is.
     *
     * @param callbackUrl where notifications are to go; unguessable
     * @param urgency how important the caller is where the allowance is short
     * @return Cronofy's id of the channel
     */
    String watch(Application application, Secret accessToken, Secret callbackUrl, Purpose urgency)
            throws CronofyException;

    /**
     * Closes a channel of this account.
     *
     * @param urgency how important the caller is where the allowance is short
     * @throws CronofyException.Refused there is none, or not of this account
     */
    void unwatch(Application application, Secret accessToken, String channel, Purpose urgency) throws CronofyException;

    /**
     * Asks for one to fifty mailboxes at once; answers arrive at the callback URLs.
     *
     * @param urgency how important the caller is where the allowance is short
     * @throws CronofyException.Refused the request as a whole was found faulty; nothing was started
     */
    void askDelegations(Application application, Secret accessToken, List<Ask> asks, Purpose urgency)
            throws CronofyException;

    /**
     * Ends an authorization. A service account takes all its members along. Cronofy answers the same whether or not
     * there was anything to revoke.
     *
     * @param token preferred, since it names exactly one authorization: the refresh token, or an access token where
     *     none came; null to revoke by subject
     */
    void revoke(Application application, @Nullable Secret token, String subject) throws CronofyException;

    /**
     * Asks for tokens that cannot exist, to learn whether Cronofy knows the client id and secret.
     *
     * @throws CronofyException.Misconfigured it does not
     */
    void proveCredentials(Application application) throws CronofyException;

    /** Which kind of authorization a code stands for: the parameter that carries its URL is named after it. */
    enum CodeKind {
        SERVICE_ACCOUNT,
        DELEGATION
    }

    /**
     * An authorization that has just been obtained.
     *
     * @param subject {@code ser_…} or {@code acc_…}; null if Cronofy did not say
     * @param profileName the mailbox that Cronofy opened; null for a service account
     * @param profileId Cronofy's id of its calendar; null if it did not say, and for a service account
     * @param profile how its calendar stands; unknown for a service account
     */
    record Grant(
            Tokens tokens,
            @Nullable String subject,
            @Nullable String profileName,
            @Nullable String profileId,
            ProfileState profile) {
        /** One of which Cronofy did not say which of the account's calendars it is. */
        public Grant(Tokens tokens, @Nullable String subject, @Nullable String profileName, ProfileState profile) {
            this(tokens, subject, profileName, null, profile);
        }
    }

    /**
     * One of an account's calendars.
     *
     * @param account Cronofy's id of the account
     * @param id of the calendar; null to go by its name, or by its being the only one
     */
    record ProfileOf(String account, @Nullable String id, Mailbox mailbox) {}

    /**
     * A service account as Cronofy describes it.
     *
     * @param domain the service account's mail domain; null if Cronofy does not know
     * @param email its address, or a user name that is none; null if absent
     * @param delegatedScope the most that may be asked for a mailbox, as it was really granted; null if Cronofy does not say
     */
    record ServiceAccount(
            String subject,
            @Nullable String domain,
            @Nullable String email,
            @Nullable String delegatedScope,
            Condition condition) {

        /** The most that may be asked for a mailbox: what was asked for, where Cronofy does not say. */
        public String granted(String asked) {
            return delegatedScope == null ? asked : delegatedScope;
        }

        /** Its domain, or its address's; empty if neither is one. */
        public Optional<Domain> ownDomain() {
            return Domain.parse(domain).or(() -> Mailbox.parse(email).map(Mailbox::domain));
        }
    }

    /**
     * One mailbox to ask for.
     *
     * @param callbackUrl where the answer is to go; unguessable
     */
    record Ask(Mailbox mailbox, Secret callbackUrl, String scope) {}
}
