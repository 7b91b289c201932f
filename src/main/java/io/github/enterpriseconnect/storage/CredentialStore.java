package io.github.enterpriseconnect.storage;

import io.github.enterpriseconnect.core.Credential;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Mark;
import io.github.enterpriseconnect.core.User;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Members' sealed credentials, within one transaction. A value that does not open for this very user counts as absent;
 * while its key is away, whoever reads it is told so by {@link io.github.enterpriseconnect.core.Unreadable}.
 */
public interface CredentialStore {
    /** The credential as this (possibly cached) user carries it. */
    Optional<Credential> of(User user);

    /** The credential as the database has it now. */
    Optional<Credential> stored(String userId);

    /** As {@link #stored}, for whoever looks again and again whether a credential opens that did not. */
    Optional<Credential> found(String userId);

    /**
     * The values of the user's attribute as they are, whether they open or not: what is to be kept of a user who is about
     * to go.
     */
    List<String> sealed(User user);

    /** The credential among values that {@link #sealed} gave for this user, who may be gone. */
    Optional<Credential> opened(String userId, List<String> sealed);

    /** Stores the credential of a granted delegation; false if the user is gone. */
    boolean store(String userId, Credential credential);

    /** Removes the credential, if any, and shows administrators the state; nothing is shown of {@code NONE}. */
    void remove(String userId, Delegation.State state, @Nullable String link);

    /** How many users carry a credential or what shows administrators a link, whatever it is worth. */
    long carriers();

    /** What this (possibly cached) user bears, as far as it can be read without a key. */
    Borne borne(User user);

    /**
     * What can be read without a key, for sign-ins, which open nothing.
     *
     * @param credential whether there is what may be a credential, of a key that the realm has or may have again
     * @param marks as they are written
     */
    record Borne(boolean credential, List<String> marks) {
        public Borne {
            marks = List.copyOf(marks);
        }

        /** Whether nothing is left to do, as far as can be seen. */
        public boolean settled(Mark mark) {
            return credential && marks.contains(mark.value());
        }
    }

    /** Marks a user for whom nothing is left to do; the mark ends with any other state than a grant. */
    void mark(String userId, Mark mark);

    /** Shows administrators a state without touching the credential. */
    void show(String userId, Delegation.State state, String link);
}
