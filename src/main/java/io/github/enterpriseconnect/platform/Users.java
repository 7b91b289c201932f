package io.github.enterpriseconnect.platform;

import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Mailbox;
import io.github.enterpriseconnect.core.User;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A realm's users. Where the directory of a user cannot be asked or is switched off, a look-up throws {@link
 * DirectorySilent} or what {@link Directories} does, or gives a user whose answers throw {@link io.github.enterpriseconnect.core.Unreadable}; or it
 * throws what a directory of somebody else's making has for it.
 */
public interface Users {
    /** The user as Keycloak's cache may know them; empty if there is none. */
    Optional<User> byId(String id);

    /** The user past Keycloak's cache, which does not hear of what a directory or a database statement has changed. */
    Optional<User> uncached(String id);

    /**
     * The ids by where their users come from, as far as Keycloak's own table tells, with one query and without asking any
     * directory: empty for users of Keycloak's own, and for those whom the table does not have.
     */
    Map<Optional<DirectoryId>, List<String>> byDirectory(Collection<String> ids);

    /**
     * Those of the ids whose users are gone, which was read: a directory that cannot be asked or is switched off is no
     * reason, and neither is a user whom a directory of somebody else's making fails to tell of.
     */
    Set<String> gone(Collection<String> ids);

    /** Has every node read the user anew. */
    void forgetCached(String id);

    /**
     * Writes an attribute of a user in Keycloak's own table, past a directory that lets nobody write, and has every node read
     * the user anew.
     *
     * @return false if nothing was written: the user is gone, or a directory does not import them or says itself what the
     *     attribute holds
     */
    boolean write(String id, String attribute, String value);

    /**
     * These users are about to be asked for together: how their calendar names are written by anybody is read for all of them at
     * once, by Keycloak's own table, and counts for the rest of the transaction.
     *
     * @param attribute that has the names
     */
    void expectNames(String attribute, Collection<String> ids);

    /**
     * How many users the attribute says something of, by Keycloak's own table, but for those of directories that say themselves
     * what it holds.
     */
    long countNamed(String attribute);

    /**
     * One page of those whom a link is for: the organization's members, or the realm's users. Members of every kind come,
     * and whoever is there all the time comes once; who is added meanwhile may be passed by.
     *
     * @param after the last one of the page before, see {@link Listed#reached()}; empty for the first page
     * @return fewer than wanted if there are no more
     * @throws DirectorySilent a directory that imports nobody cannot be asked
     */
    List<Listed> members(LinkId link, String after, int limit);

    /** How many the link is for, roughly. */
    long countMembers(LinkId link);

    /**
     * A member.
     *
     * @param reached where the next page begins if this is the last one of its page
     */
    record Listed(String id, String reached) {}

    /**
     * Whether any user of the realm has this as e-mail address, or in this attribute; searches user stores that are far away.
     *
     * @param attribute null if none counts
     * @throws io.github.enterpriseconnect.core.Unreadable one of them cannot be searched now
     */
    boolean anybodyHas(Mailbox mailbox, @Nullable String attribute);

    /** Those of the mailboxes that somebody has so, as far as Keycloak's own tables tell. */
    Set<Mailbox> heldHere(Set<Mailbox> mailboxes, @Nullable String attribute);

    /**
     * Those of these users whom the realm has, as far as its own tables tell: no directory is asked, and whoever comes
     * from one that imports nobody counts as there while it is configured.
     */
    Set<String> present(Set<String> ids);
}
