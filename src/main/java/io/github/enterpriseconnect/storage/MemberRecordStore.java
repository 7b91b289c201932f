package io.github.enterpriseconnect.storage;

import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Suspensions;
import jakarta.persistence.EntityManager;
import jakarta.persistence.Tuple;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What the tables have on record of single members, each by one statement that reads what ends a right where it is
 * written down. Belongs to one realm, one session and its transaction.
 */
public final class MemberRecordStore {
    /**
     * Nearly everybody has one link, and Hibernate keeps the translation of a query only if none of its parameters is a
     * list. Translating takes longer than asking the database.
     */
    private static final String OF_ONE = query("= :links");

    private static final String OF_SEVERAL = query("in :links");

    private final EntityManager entities;
    private final String realmId;

    MemberRecordStore(EntityManager entities, String realmId) {
        this.entities = entities;
        this.realmId = realmId;
    }

    private static String query(String amongLinks) {
        return "select l.name as linkName, l.id as linkId, l.version as linkVersion,"
                + " d.id as delegation, d.linkName as through, d.mailbox as mailbox, d.state as state,"
                + " d.reason as reason, d.subject as subject,"
                + " d.identityProvider as identityProvider, d.profileConnected as connected,"
                + " d.initialSyncRequired as initialSyncRequired, d.profileSeenAt as seenAt,"
                + " d.profileUntil as seenUntil, d.grantedAt as grantedAt,"
                + " m.optedOutAt as optedOutAt, m.provenMailbox as provenMailbox,"
                + " m.nameOrigins as nameOrigins, m.sharedMailbox as sharedMailbox,"
                + " (select count(c) from ChangeEntity c where c.realmId = :realm and c.userId = :user) as changes,"
                + " (select count(s) from SuspensionEntity s where s.realmId = :realm"
                + " and not (s.kind = :ofLink and not (s.name " + amongLinks + "))"
                + " and not (s.kind = :ofConsumer and s.name <> :client)) as suspensions"
                + " from LinkEntity l"
                + " left join DelegationEntity d on d.realmId = l.realmId and d.application = :application"
                + " and d.userId = :user"
                + " left join MemberEntity m on m.realmId = l.realmId and m.userId = :user"
                + " where l.realmId = :realm and l.name " + amongLinks;
    }

    /** By whom a token is asked for, whose, and of which application. */
    public record Question(String userId, String application, String client) {}

    /**
     * What is on record of a member.
     *
     * @param links names of those that the member could have a part in
     * @return empty if none of them has a row
     */
    public Optional<MemberRecord> of(Question question, Collection<String> links) {
        List<Tuple> rows = (links.size() == 1
                        ? entities.createQuery(OF_ONE, Tuple.class)
                                .setParameter("links", links.iterator().next())
                        : entities.createQuery(OF_SEVERAL, Tuple.class).setParameter("links", links))
                .setParameter("realm", realmId)
                .setParameter("user", question.userId())
                .setParameter("client", question.client())
                .setParameter("application", question.application())
                .setParameter("ofLink", Suspensions.Kind.LINK.name())
                .setParameter("ofConsumer", Suspensions.Kind.CONSUMER.name())
                .getResultList();
        return rows.stream().findFirst().map(any -> record(any, rows));
    }

    /** Each row tells of another link and delegation, and all of them the same of the rest. */
    private static MemberRecord record(Tuple any, List<Tuple> rows) {
        return new MemberRecord(
                rows.stream()
                        .collect(Collectors.toMap(
                                row -> row.get("linkName", String.class),
                                row -> new LinkStamp(
                                        row.get("linkId", String.class), row.get("linkVersion", Integer.class)),
                                (one, same) -> one)),
                delegated(rows),
                any.get("optedOutAt", Long.class) != null,
                any.get("provenMailbox", String.class),
                MemberEntity.nameOrigins(any.get("nameOrigins", String.class)),
                any.get("sharedMailbox", String.class),
                any.get("changes", Long.class) > 0,
                any.get("suspensions", Long.class) > 0);
    }

    private static List<MemberRecord.Delegated> delegated(List<Tuple> rows) {
        Map<String, MemberRecord.Delegated> byId = new LinkedHashMap<>();
        rows.forEach(row -> Optional.ofNullable(row.get("delegation", String.class))
                .ifPresent(id -> byId.computeIfAbsent(id, unseen -> delegated(id, row))));
        return List.copyOf(byId.values());
    }

    private static MemberRecord.Delegated delegated(String id, Tuple row) {
        return new MemberRecord.Delegated(
                id,
                row.get("through", String.class),
                row.get("mailbox", String.class),
                row.get("state", Delegation.State.class),
                Names.reason(row.get("reason", String.class)),
                row.get("subject", String.class),
                row.get("identityProvider", String.class),
                LookedAtRow.profile(
                        new LookedAtRow.Columns(
                                row.get("connected", Boolean.class),
                                row.get("initialSyncRequired", Boolean.class),
                                row.get("seenAt", Long.class),
                                row.get("seenUntil", Long.class)),
                        row.get("grantedAt", Long.class)));
    }
}
