package io.github.enterpriseconnect.platform;

import io.github.enterpriseconnect.core.Application;
import io.github.enterpriseconnect.core.Behaviour;
import io.github.enterpriseconnect.core.Candidate;
import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Policy;
import io.github.enterpriseconnect.core.Secret;
import io.github.enterpriseconnect.settings.Settings;
import io.github.enterpriseconnect.storage.WrittenAttribute;
import java.net.URI;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A realm as Enterprise Connect sees it, within one transaction. What is read here comes from Keycloak's caches. */
public interface Realm {
    /** Keycloak's id of the realm. */
    String id();

    /** The name in the realm's addresses. */
    String name();

    /** What people call the realm. */
    String displayName();

    /** What people call the link's organization; of the realm's own link, what they call the realm. */
    String displayName(LinkId link);

    /** Whether the realm is on, and Enterprise Connect is switched on in it with settings that pass the check. */
    boolean enabled();

    /** The valid settings; empty while there are none. */
    Optional<Settings> settings();

    /**
     * The Cronofy application, its secret taken from the vault if the settings say so; empty while there is none. During a
     * rotation it has both secrets, as far as they can be read.
     *
     * @throws io.github.enterpriseconnect.core.Unreadable there is one, but none of its secrets can be read now
     */
    Optional<Application> application();

    /**
     * To be asked before something is refused that none of the application's secrets has signed.
     *
     * @throws io.github.enterpriseconnect.core.Unreadable there is another secret, which cannot be read now
     */
    void requireSecrets();

    /** What identifies the application that the settings name, whether or not they can be used otherwise. */
    Optional<String> applicationKey();

    /** The part that what belongs to the link has in it; empty if the realm does not have what the link is for. */
    Optional<Candidate.Membership> membership(Link link);

    /** Whether the realm has what the link is for. */
    boolean has(LinkId link);

    /** How members are treated where a link does not say. */
    Behaviour defaults();

    /** Whether the realm has every group and role that the policy names. */
    boolean resolves(Policy policy);

    /** Whether users may write this attribute of their own, by the realm's user profile. */
    boolean usersWrite(String attribute);

    /**
     * Aliases of the trusted identity providers that say what this attribute holds at every sign-in through them, while nobody
     * else may write it, no other identity provider among them. Reads the mappers of all identity providers, once in a
     * transaction.
     */
    Set<String> namingProviders(String attribute);

    /** Since when users cannot write it, as far as a version has noted that which keeps it in the realm. */
    WrittenAttribute formerlyWritten(String attribute);

    /** Whether the realm has this identity provider, and trusts it with what is a user's. */
    boolean trusts(String identityProvider);

    /** How each directory of the realm is set up now, see {@link io.github.enterpriseconnect.core.User#source()}. */
    Set<String> directories();

    /** Whether any link of the realm may ask for a page at sign-in. */
    boolean mayAskForPage();

    /** Notes that some link of the realm asks for a page by its own policy. */
    void notePage();

    /** Whether the realm has a client of this id, and it is on. */
    boolean clientEnabled(String clientId);

    /**
     * The {@code Authorization} header that this consumer's notifications are sent with to this address; empty if it is
     * lost, or was written for another server.
     *
     * @throws io.github.enterpriseconnect.core.Unreadable it cannot be read now
     */
    Optional<Secret> authorization(String clientId, URI address);

    /**
     * Who issues what the realm signs, as applications know it: by the address that the server or the realm is set to.
     *
     * @param noted the issuer as somebody's request has shown it, for servers that are set to no address; null if nobody
     *     has noted it
     * @throws io.github.enterpriseconnect.core.Unreadable nobody can tell
     */
    String issuer(@Nullable String noted);

    /**
     * A compact JWS by the realm's active key, which whoever reads the realm's JWKS can verify.
     *
     * @param type of the token, for its header
     * @throws io.github.enterpriseconnect.core.Unreadable there is no key to sign with now
     */
    String signed(String type, Map<String, Object> claims);
}
