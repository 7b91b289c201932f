package io.github.enterpriseconnect.storage;

import io.github.enterpriseconnect.core.Circumstances;
import io.github.enterpriseconnect.core.FoundName;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Mailbox;
import io.github.enterpriseconnect.core.NameOrigin;
import io.github.enterpriseconnect.core.OddAnswer;
import jakarta.persistence.EntityManager;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What is remembered of users beyond their delegations, in table {@code EC_MEMBER}: whether they opted out, which
 * address they have proved to be theirs, of which links' delegation a page has told them, by which other name Cronofy
 * has answered, and by whom their calendar names came. Belongs to one realm, one session and its transaction.
 */
public final class MemberStore {
    private static final int MOST_PATTERNS = 20;

    private final EntityManager entities;
    private final String realmId;

    MemberStore(EntityManager entities, String realmId) {
        this.entities = entities;
        this.realmId = realmId;
    }

    /** Who could write what members are named by. */
    public WrittenAttributes writtenAttributes() {
        return new WrittenAttributes(entities, realmId);
    }

    /** When the user opted out; empty if not. */
    public Optional<Instant> optedOut(String userId) {
        return find(userId).map(MemberEntity::optedOutAt).map(Instant::ofEpochMilli);
    }

    public void optOut(String userId, Instant now) {
        findOrCreate(userId).optOut(now);
    }

    public void optIn(String userId) {
        find(userId).ifPresent(MemberEntity::optIn);
    }

    public boolean proven(String userId, Mailbox mailbox) {
        return find(userId)
                .filter(row -> mailbox.address().equals(row.provenMailbox()))
                .isPresent();
    }

    /**
     * Notes that the user has proved an address.
     *
     * @param by the event, or the alias of the identity provider, that proved it
     */
    public void prove(String userId, Mailbox mailbox, String by, Instant now) {
        if (!proven(userId, mailbox)) {
            findOrCreate(userId).prove(mailbox.address(), by, now);
        }
    }

    /** A proof of another address than the present one is worth nothing, even if that address should come back. */
    public void forgetOtherProofs(String userId, Optional<Mailbox> present) {
        find(userId)
                .filter(row -> row.provenMailbox() != null
                        && !row.provenMailbox()
                                .equals(present.map(Mailbox::address).orElse(null)))
                .ifPresent(MemberEntity::forgetProof);
    }

    /** Those of these users who have proved an address, or of whose calendar names it is known by whom they came. */
    public List<String> withProof(Collection<String> userIds) {
        return entities.createQuery(
                        "select m.userId from MemberEntity m where m.realmId = :realm and m.userId in :users"
                                + " and (m.provenMailbox is not null or m.nameOrigins is not null)",
                        String.class)
                .setParameter("realm", realmId)
                .setParameter("users", userIds)
                .getResultList();
    }

    /** Whether the user has confirmed the page that tells of the delegation through this link. */
    public boolean noticed(String userId, String link) {
        return find(userId).filter(row -> row.noticedLinks().contains(link)).isPresent();
    }

    public void notice(String userId, String link) {
        if (!noticed(userId, link)) {
            findOrCreate(userId).notice(link);
        }
    }

    /** The other name that Cronofy has answered with; empty unless the latest answer bore one. */
    public Optional<FoundName> foundName(String userId) {
        return find(userId).map(MemberEntity::foundName);
    }

    /** Notes that an answer bore another name than the one that was asked for. */
    public void found(String userId, FoundName found, Mailbox asked) {
        findOrCreate(userId).found(found, found.pattern(asked));
    }

    /** Notes that what came for an ask is no calendar of the member's. */
    public void answeredOddly(String userId, OddAnswer answer) {
        findOrCreate(userId).answeredOddly(answer);
    }

    /** What an ask under these circumstances was answered with that is no calendar of the member's; empty if none was. */
    public Optional<OddAnswer> oddAnswer(String userId, Circumstances circumstances) {
        return find(userId).stream()
                .flatMap(row -> Stream.concat(
                        // An older version notes the other name alone.
                        Stream.ofNullable(row.foundName())
                                .map(found -> new OddAnswer(found.link(), found.circumstances(), null)),
                        row.oddAnswers().stream()))
                .filter(answer -> answer.circumstances().equals(circumstances))
                .findFirst();
    }

    /** The mailbox may be asked for again, under whatever circumstances the other name came. */
    public void doubtFoundName(String userId) {
        find(userId).ifPresent(row -> {
            row.doubtFoundName();
            row.forgetOddAnswers();
        });
    }

    /** What asks through this link were answered with no longer counts. */
    public void forgetFoundName(String userId, String link) {
        find(userId).ifPresent(row -> {
            if (row.foundName() != null && row.foundName().link().equals(link)) {
                row.forgetFoundName();
            }
            row.forgetOddAnswer(link);
        });
    }

    /** By whom came what the attribute was last seen to say; empty if nobody has noted that. */
    public Optional<NameOrigin> nameOrigin(String userId, String attribute) {
        return find(userId).stream()
                .flatMap(row -> row.nameOrigins().stream())
                .filter(origin -> origin.attribute().equals(attribute))
                .findFirst();
    }

    /** Notes by whom came what an attribute says. */
    public void nameCame(String userId, NameOrigin origin) {
        findOrCreate(userId).nameCame(origin);
    }

    /** Notes which mailbox of the user's somebody else was found to have, too; null for none. */
    public void share(String userId, @Nullable Mailbox mailbox) {
        if (mailbox == null) {
            find(userId).ifPresent(row -> row.share(null));
        } else {
            findOrCreate(userId).share(mailbox.address());
        }
    }

    /** How many members of the link were answered for by other names that differ in the same way; the most first. */
    public Map<FoundName.Pattern, Long> foundNames(LinkId link) {
        Map<FoundName.Pattern, Long> patterns = new LinkedHashMap<>();
        entities.createQuery(
                        "select m.foundPattern, count(m) from MemberEntity m where m.realmId = :realm"
                                + " and m.foundLink = :link group by m.foundPattern order by count(m) desc, m.foundPattern",
                        Object[].class)
                .setParameter("realm", realmId)
                .setParameter("link", link.name())
                .setMaxResults(MOST_PATTERNS)
                .getResultList()
                .forEach(row -> {
                    String[] parts = ((String) row[0]).split(" ", 2);
                    patterns.put(new FoundName.Pattern(parts[0], parts.length > 1 ? parts[1] : null), (Long) row[1]);
                });
        return patterns;
    }

    public void remove(String userId) {
        find(userId).ifPresent(entities::remove);
    }

    Optional<MemberEntity> find(String userId) {
        return entities
                .createQuery(
                        "select m from MemberEntity m where m.realmId = :realm and m.userId = :user",
                        MemberEntity.class)
                .setParameter("realm", realmId)
                .setParameter("user", userId)
                .getResultList()
                .stream()
                .findFirst();
    }

    MemberEntity findOrCreate(String userId) {
        return find(userId).orElseGet(() -> {
            MemberEntity created = new MemberEntity(VersionedRow.newId(), realmId, userId);
            entities.persist(created);
            return created;
        });
    }
}
