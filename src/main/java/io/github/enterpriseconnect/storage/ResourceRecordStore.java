package io.github.enterpriseconnect.storage;

import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Mailbox;
import io.github.enterpriseconnect.core.Resource;
import io.github.enterpriseconnect.core.Suspensions;
import jakarta.persistence.EntityManager;
import jakarta.persistence.Tuple;
import java.util.List;

/**
 * What the tables have on record of a resource as far as a token depends on it, by one statement. Belongs to one realm, one
 * session and its transaction.
 */
public final class ResourceRecordStore {
    private static final String OF_MAILBOX = "select e as resource, l.id as linkId, l.version as linkVersion,"
            + " (select count(s) from SuspensionEntity s where s.realmId = :realm"
            + " and not (s.kind = :ofLink and s.name <> l.name)"
            + " and not (s.kind = :ofConsumer and s.name <> :client)) as suspensions"
            + " from CalendarResourceEntity e join LinkEntity l on l.realmId = e.realmId and l.name = e.linkName"
            + " where e.realmId = :realm and e.mailbox = :mailbox order by e.linkName";

    private final EntityManager entities;
    private final String realmId;

    ResourceRecordStore(EntityManager entities, String realmId) {
        this.entities = entities;
        this.realmId = realmId;
    }

    /**
     * One resource at one moment.
     *
     * @param link the stamp of its link's row
     * @param suspended whether a kill switch is active that concerns the realm, the link or the client, or of which nobody
     *     here knows whom it concerns
     */
    public record ResourceRecord(Resource resource, LinkStamp link, boolean suspended) {
        public LinkId linkId() {
            return resource.link();
        }
    }

    /**
     * The resources of this address, by the names of their links: one, unless two links of the realm have the same domain.
     *
     * @param client id of the client that asks
     */
    public List<ResourceRecord> of(Mailbox mailbox, String client) {
        return entities
                .createQuery(OF_MAILBOX, Tuple.class)
                .setParameter("realm", realmId)
                .setParameter("mailbox", mailbox.address())
                .setParameter("client", client)
                .setParameter("ofLink", Suspensions.Kind.LINK.name())
                .setParameter("ofConsumer", Suspensions.Kind.CONSUMER.name())
                .getResultList()
                .stream()
                .map(row -> new ResourceRecord(
                        row.get("resource", CalendarResourceEntity.class).toResource(),
                        new LinkStamp(row.get("linkId", String.class), row.get("linkVersion", Integer.class)),
                        row.get("suspensions", Long.class) > 0))
                .toList();
    }
}
