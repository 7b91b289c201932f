package io.github.enterpriseconnect.storage;

import io.github.enterpriseconnect.core.TokenUse;
import jakarta.persistence.EntityManager;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Which consumer was last given whose token, in table {@code EC_TOKEN_USE}: one row for each user, consumer and right.
 * Belongs to one realm, one session and its transaction.
 */
public final class TokenUseStore {
    private final EntityManager entities;
    private final String realmId;

    TokenUseStore(EntityManager entities, String realmId) {
        this.entities = entities;
        this.realmId = realmId;
    }

    /**
     * Notes that it happened once more.
     *
     * @param link name of the link that the token was obtained through
     */
    public void note(String userId, String link, TokenUse use) {
        entities
                .createQuery(
                        "select u from TokenUseEntity u where u.realmId = :realm and u.userId = :user"
                                + " and u.right = :right and u.clientId = :client",
                        TokenUseEntity.class)
                .setParameter("realm", realmId)
                .setParameter("user", userId)
                .setParameter("right", use.right().toUpperCase(Locale.ROOT))
                .setParameter("client", use.clientId())
                .getResultList()
                .stream()
                .findFirst()
                .ifPresentOrElse(
                        row -> row.note(link, use.lastAt()),
                        () -> entities.persist(new TokenUseEntity(VersionedRow.newId(), realmId, userId, link, use)));
    }

    /** The latest first. */
    public List<TokenUse> ofUser(String userId) {
        return entities
                .createQuery(
                        "select u from TokenUseEntity u where u.realmId = :realm and u.userId = :user"
                                + " order by u.lastAt desc, u.id",
                        TokenUseEntity.class)
                .setParameter("realm", realmId)
                .setParameter("user", userId)
                .getResultList()
                .stream()
                .map(TokenUseEntity::toUse)
                .toList();
    }

    /** The latest of all that were obtained through the link since then. */
    public Optional<TokenUse> latest(String link, Instant since) {
        return entities
                .createQuery(
                        "select u from TokenUseEntity u where u.realmId = :realm and u.linkName = :link"
                                + " and u.lastAt >= :since order by u.lastAt desc",
                        TokenUseEntity.class)
                .setParameter("realm", realmId)
                .setParameter("link", link)
                .setParameter("since", since.toEpochMilli())
                .setMaxResults(1)
                .getResultList()
                .stream()
                .findFirst()
                .map(TokenUseEntity::toUse);
    }

    public void removeUser(String userId) {
        entities.createQuery("delete from TokenUseEntity u where u.realmId = :realm and u.userId = :user")
                .setParameter("realm", realmId)
                .setParameter("user", userId)
                .executeUpdate();
    }
}
