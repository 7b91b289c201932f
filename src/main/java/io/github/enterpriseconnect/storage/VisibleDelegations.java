package io.github.enterpriseconnect.storage;

import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.LinkId;
import jakarta.persistence.EntityManager;
import jakarta.persistence.criteria.CriteriaBuilder;
import jakarta.persistence.criteria.CriteriaQuery;
import jakarta.persistence.criteria.Join;
import jakarta.persistence.criteria.JoinType;
import jakarta.persistence.criteria.Path;
import jakarta.persistence.criteria.Predicate;
import jakarta.persistence.criteria.Root;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.keycloak.authorization.fgap.AdminPermissionsSchema;
import org.keycloak.authorization.fgap.evaluation.partial.PartialEvaluationStorageProvider;
import org.keycloak.connections.jpa.JpaConnectionProvider;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.models.UserProvider;
import org.keycloak.models.jpa.entities.UserEntity;
import org.keycloak.storage.UserStoragePrivateUtil;
import org.keycloak.storage.UserStorageProvider;

/**
 * A link's delegations by mailbox, for an administrator of this session who may not see all users: Keycloak's own
 * conditions for whom they may see are part of the query, so that what is hidden is not even read. Who comes from a
 * directory is read whatever they are, since it may add groups that are in no table; whoever shows one asks Keycloak for
 * each.
 */
public final class VisibleDelegations {
    /** How Keycloak's ids of users begin whom a directory does not import. */
    private static final String ELSEWHERE = "f:%";

    private final KeycloakSession session;
    private final RealmModel realm;
    private final LinkId link;
    private final EntityManager entities;

    public VisibleDelegations(KeycloakSession session, RealmModel realm, LinkId link) {
        this.session = session;
        this.realm = realm;
        this.link = link;
        this.entities = session.getProvider(JpaConnectionProvider.class).getEntityManager();
    }

    /**
     * The next ones. A query for each kind of users, since a database finds few permitted ones of many only where nothing
     * else is asked for.
     *
     * @param state null for all
     * @param after id of the one before; null for the first ones, and also if that is gone meanwhile
     */
    public List<Delegation> page(Delegation.@Nullable State state, @Nullable String after, int limit) {
        DelegationEntity last = after == null ? null : row(after).orElse(null);
        if (nothingLeftOut()) {
            return inOrder(ids(state, last, limit, (builder, query, row) -> List.of()), limit);
        }
        Set<String> ids =
                ids(state, last, limit, (builder, query, row) -> permitted(builder, query, user(builder, row)));
        if (realm.getComponentsStream(realm.getId(), UserStorageProvider.class.getName())
                .findAny()
                .isPresent()) {
            ids.addAll(ids(
                    state, last, limit, (builder, query, row) -> List.of(builder.like(row.get("userId"), ELSEWHERE))));
            ids.addAll(ids(
                    state,
                    last,
                    limit,
                    (builder, query, row) ->
                            List.of(builder.isNotNull(user(builder, row).get("federationLink")))));
        }
        return inOrder(ids, limit);
    }

    /** None where the realm has no permissions of this kind, or they leave out nobody who could be told of here. */
    private List<Predicate> permitted(CriteriaBuilder builder, CriteriaQuery<?> query, Path<UserEntity> user) {
        UserProvider local = UserStoragePrivateUtil.userLocalStorage(session);
        return local instanceof PartialEvaluationStorageProvider evaluation
                ? AdminPermissionsSchema.SCHEMA.applyAuthorizationFilters(
                        session, AdminPermissionsSchema.USERS, evaluation, realm, builder, query, user)
                : List.of();
    }

    private boolean nothingLeftOut() {
        CriteriaBuilder builder = entities.getCriteriaBuilder();
        CriteriaQuery<UserEntity> query = builder.createQuery(UserEntity.class);
        return permitted(builder, query, query.from(UserEntity.class)).isEmpty();
    }

    /** Of which users. */
    private interface Kind {
        List<Predicate> conditions(CriteriaBuilder builder, CriteriaQuery<?> query, Root<DelegationEntity> row);
    }

    private static Join<DelegationEntity, UserEntity> user(CriteriaBuilder builder, Root<DelegationEntity> row) {
        Join<DelegationEntity, UserEntity> user = row.join(UserEntity.class, JoinType.INNER);
        user.on(builder.equal(user.get("id"), row.get("userId")));
        return user;
    }

    private Set<String> ids(Delegation.@Nullable State state, @Nullable DelegationEntity last, int limit, Kind kind) {
        CriteriaBuilder builder = entities.getCriteriaBuilder();
        CriteriaQuery<String> query = builder.createQuery(String.class);
        Root<DelegationEntity> row = query.from(DelegationEntity.class);
        List<Predicate> conditions = new ArrayList<>(kind.conditions(builder, query, row));
        conditions.add(builder.equal(row.get("realmId"), link.realm()));
        conditions.add(builder.equal(row.get("linkName"), link.name()));
        if (state != null) {
            conditions.add(builder.equal(row.get("stateName"), state.name()));
        }
        if (last != null) {
            String mailbox = last.toDelegation().mailbox().address();
            conditions.add(builder.greaterThanOrEqualTo(row.get("mailbox"), mailbox));
            conditions.add(builder.or(
                    builder.greaterThan(row.get("mailbox"), mailbox), builder.greaterThan(row.get("id"), last.id())));
        }
        query.select(row.get("id"))
                .where(conditions.toArray(Predicate[]::new))
                .orderBy(builder.asc(row.get("mailbox")), builder.asc(row.get("id")));
        return new HashSet<>(entities.createQuery(query).setMaxResults(limit).getResultList());
    }

    /** The database alone knows its order of mailboxes. */
    private List<Delegation> inOrder(Set<String> ids, int limit) {
        return ids.isEmpty()
                ? List.of()
                : entities
                        .createQuery(
                                "select d from DelegationEntity d where d.id in :ids order by d.mailbox, d.id",
                                DelegationEntity.class)
                        .setParameter("ids", ids)
                        .setMaxResults(limit)
                        .getResultList()
                        .stream()
                        .map(DelegationEntity::toDelegation)
                        .toList();
    }

    private Optional<DelegationEntity> row(String id) {
        return Optional.ofNullable(entities.find(DelegationEntity.class, id))
                .filter(found -> found.toDelegation().link().equals(link));
    }
}
