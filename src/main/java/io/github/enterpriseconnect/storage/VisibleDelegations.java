package io.github.enterpriseconnect.storage;

import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.LinkId;
import jakarta.persistence.EntityManager;
import jakarta.persistence.criteria.CriteriaBuilder;
import jakarta.persistence.criteria.CriteriaQuery;
import jakarta.persistence.criteria.Join;
import jakarta.persistence.criteria.JoinType;
import jakarta.persistence.criteria.Predicate;
import jakarta.persistence.criteria.Root;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.keycloak.authorization.fgap.AdminPermissionsSchema;
import org.keycloak.authorization.fgap.evaluation.partial.PartialEvaluationStorageProvider;
import org.keycloak.connections.jpa.JpaConnectionProvider;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.models.UserProvider;
import org.keycloak.models.jpa.entities.UserEntity;
import org.keycloak.storage.UserStoragePrivateUtil;

/**
 * A link's delegations by mailbox, for an administrator of this session who may not see all users: Keycloak's own
 * conditions for whom they may see are part of the query, so that what is hidden is not even read. Users who are in no
 * table of Keycloak's are read whatever they are; whoever shows one asks Keycloak for each.
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

    /** Whether a delegation of this id is one of the link's, where a page may begin. */
    public boolean has(String id) {
        return row(id).isPresent();
    }

    /**
     * The next ones.
     *
     * @param state null for all
     * @param after id of the one before; null for the first ones, and also if that is gone meanwhile
     */
    public List<Delegation> page(Delegation.@Nullable State state, @Nullable String after, int limit) {
        CriteriaBuilder builder = entities.getCriteriaBuilder();
        CriteriaQuery<DelegationEntity> query = builder.createQuery(DelegationEntity.class);
        Root<DelegationEntity> row = query.from(DelegationEntity.class);
        Join<DelegationEntity, UserEntity> user = row.join(UserEntity.class, JoinType.LEFT);
        user.on(builder.equal(user.get("id"), row.get("userId")));
        List<Predicate> conditions = new ArrayList<>(List.of(
                builder.equal(row.get("realmId"), link.realm()), builder.equal(row.get("linkName"), link.name())));
        Optional.ofNullable(state)
                .ifPresent(wanted -> conditions.add(builder.equal(row.get("stateName"), wanted.name())));
        Optional.ofNullable(after).flatMap(this::row).ifPresent(last -> {
            String mailbox = last.toDelegation().mailbox().address();
            conditions.add(builder.greaterThanOrEqualTo(row.get("mailbox"), mailbox));
            conditions.add(builder.or(
                    builder.greaterThan(row.get("mailbox"), mailbox), builder.greaterThan(row.get("id"), last.id())));
        });
        List<Predicate> permitted = permitted(builder, query, user);
        if (!permitted.isEmpty()) {
            conditions.add(builder.or(
                    builder.like(row.get("userId"), ELSEWHERE), builder.and(permitted.toArray(Predicate[]::new))));
        }
        query.select(row)
                .where(conditions.toArray(Predicate[]::new))
                .orderBy(builder.asc(row.get("mailbox")), builder.asc(row.get("id")));
        return entities.createQuery(query).setMaxResults(limit).getResultList().stream()
                .map(DelegationEntity::toDelegation)
                .toList();
    }

    /** None where the realm has no permissions of this kind. */
    private List<Predicate> permitted(
            CriteriaBuilder builder, CriteriaQuery<?> query, Join<DelegationEntity, UserEntity> user) {
        UserProvider local = UserStoragePrivateUtil.userLocalStorage(session);
        return local instanceof PartialEvaluationStorageProvider evaluation
                ? AdminPermissionsSchema.SCHEMA.applyAuthorizationFilters(
                        session, AdminPermissionsSchema.USERS, evaluation, realm, builder, query, user)
                : List.of();
    }

    private Optional<DelegationEntity> row(String id) {
        return Optional.ofNullable(entities.find(DelegationEntity.class, id))
                .filter(found -> found.toDelegation().link().equals(link));
    }
}
