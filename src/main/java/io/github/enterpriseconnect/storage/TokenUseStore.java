package io.github.enterpriseconnect.storage;

import io.github.enterpriseconnect.core.TokenUse;
import jakarta.persistence.EntityManager;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

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
     * A use of one user's token.
     *
     * @param link name of the link that the token was obtained through
     */
    public record Noted(String userId, String link, TokenUse use) {
        private TokenUseEntity.Key key() {
            return new TokenUseEntity.Key(userId, use.clientId(), use.right().toUpperCase(Locale.ROOT));
        }
    }

    /** As {@link #note(Collection)}, of one. */
    public void note(String userId, String link, TokenUse use) {
        note(List.of(new Noted(userId, link, use)));
    }

    /** Notes that each of these happened once more; all of their rows are read at once. */
    public void note(Collection<Noted> uses) {
        Map<TokenUseEntity.Key, TokenUseEntity> rows = entities
                .createQuery(
                        "select u from TokenUseEntity u where u.realmId = :realm and u.userId in :users",
                        TokenUseEntity.class)
                .setParameter("realm", realmId)
                .setParameter("users", uses.stream().map(Noted::userId).collect(Collectors.toSet()))
                .getResultList()
                .stream()
                .collect(Collectors.toMap(TokenUseEntity::key, Function.identity()));
        uses.forEach(noted -> {
            TokenUseEntity row = rows.get(noted.key());
            if (row == null) {
                TokenUseEntity first =
                        new TokenUseEntity(VersionedRow.newId(), realmId, noted.userId(), noted.link(), noted.use());
                entities.persist(first);
                rows.put(noted.key(), first);
            } else {
                row.note(noted.link(), noted.use());
            }
        });
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
