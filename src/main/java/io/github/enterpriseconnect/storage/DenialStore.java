package io.github.enterpriseconnect.storage;

import io.github.enterpriseconnect.core.LinkId;
import jakarta.persistence.EntityManager;
import java.util.Optional;

/**
 * Whom a link denies for a group or role that their directory may have added, with how it was set up then, in table {@code
 * EC_MEMBER}: without that mapper they seem to be without it. What a save of the link's policy accepts is kept with the link, so
 * that it concerns all members at once, and whoever is denied again after it is so anew. Belongs to one realm, one session
 * and its transaction.
 */
public final class DenialStore {
    private final EntityManager entities;
    private final MemberStore members;

    DenialStore(EntityManager entities, MemberStore members) {
        this.entities = entities;
        this.members = members;
    }

    /** The link denies the user while the directory is set up this way. */
    public void note(String userId, LinkId link, String setUp) {
        MemberEntity.Denial denial = new MemberEntity.Denial(
                link.name(), directories(link).map(ChangedDirectories::save).orElse(""), setUp);
        if (!known(userId, link).equals(Optional.of(denial))) {
            members.findOrCreate(userId).deny(denial);
        }
    }

    /** The user was seen to be without it. */
    public void forget(String userId, LinkId link) {
        members.find(userId)
                .filter(row -> row.denial(link.name()).isPresent())
                .ifPresent(row -> row.allow(link.name()));
    }

    /**
     * Whether nobody can tell if the user, who is not seen with it, is really without what they were denied for: the
     * directory is neither set up as it was then, nor as it was when the policy was saved since.
     *
     * @param setUp of the directory that the user comes from now; empty if from none
     */
    public boolean doubtful(String userId, LinkId link, Optional<String> setUp) {
        return known(userId, link)
                .filter(denial -> !Optional.of(denial.setUp()).equals(setUp))
                .filter(denial -> directories(link)
                        .filter(directories -> !directories.save().equals(denial.save()))
                        .filter(directories -> setUp.isEmpty() || directories.accepts(setUp.get()))
                        .isEmpty())
                .isPresent();
    }

    private Optional<MemberEntity.Denial> known(String userId, LinkId link) {
        return members.find(userId).flatMap(row -> row.denial(link.name()));
    }

    private Optional<ChangedDirectories> directories(LinkId link) {
        return LinkEntity.find(entities, link).map(LinkEntity::directories);
    }
}
