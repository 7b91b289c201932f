package io.github.enterpriseconnect.storage;

import jakarta.persistence.EntityManager;
import java.util.List;
import java.util.Optional;
import org.keycloak.connections.jpa.JpaConnectionProvider;
import org.keycloak.models.KeycloakSession;

/** Ids of those whom a link is for, from Keycloak's own tables, a page at a time and by their order there. */
public final class MemberDirectory {
    private final EntityManager entities;
    private final String realmId;

    public MemberDirectory(KeycloakSession session, String realmId) {
        this.entities = session.getProvider(JpaConnectionProvider.class).getEntityManager();
        this.realmId = realmId;
    }

    /** Users of the realm: its own, and those that directories have imported; without service accounts. */
    public List<String> users(String after, int limit) {
        return entities.createQuery(
                        "select u.id from UserEntity u where u.realmId = :realm and u.id > :after"
                                + " and u.serviceAccountClientLink is null order by u.id",
                        String.class)
                .setParameter("realm", realmId)
                .setParameter("after", after)
                .setMaxResults(limit)
                .getResultList();
    }

    /** Such users who are members of the organization. */
    public List<String> members(String organization, String after, int limit) {
        return group(organization)
                .map(group -> entities.createQuery(
                                "select m.user.id from UserGroupMembershipEntity m where m.groupId = :group"
                                        + " and m.user.id > :after order by m.user.id",
                                String.class)
                        .setParameter("group", group)
                        .setParameter("after", after)
                        .setMaxResults(limit)
                        .getResultList())
                .orElse(List.of());
    }

    /** Members of the organization who are in no table of users, since their directory imports nobody. */
    public List<String> membersElsewhere(String organization, String after, int limit) {
        return group(organization)
                .map(group -> entities.createQuery(
                                "select m.userId from FederatedUserGroupMembershipEntity m where m.groupId = :group"
                                        + " and m.realmId = :realm and m.userId > :after order by m.userId",
                                String.class)
                        .setParameter("group", group)
                        .setParameter("realm", realmId)
                        .setParameter("after", after)
                        .setMaxResults(limit)
                        .getResultList())
                .orElse(List.of());
    }

    /**
     * The group whose members are the organization's. By itself: a database that does not know which one it is takes a
     * large organization for one of the common size, and reads and sorts all of it for each page.
     */
    private Optional<String> group(String organization) {
        return entities
                .createQuery(
                        "select o.groupId from OrganizationEntity o where o.id = :organization and o.realmId = :realm",
                        String.class)
                .setParameter("organization", organization)
                .setParameter("realm", realmId)
                .getResultList()
                .stream()
                .findFirst();
    }
}
