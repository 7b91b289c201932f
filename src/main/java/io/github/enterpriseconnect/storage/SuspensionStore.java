package io.github.enterpriseconnect.storage;

import io.github.enterpriseconnect.core.Suspensions;
import io.github.enterpriseconnect.core.Suspensions.Subject;
import io.github.enterpriseconnect.core.Suspensions.Suspension;
import jakarta.persistence.EntityManager;
import java.util.stream.Collectors;

/**
 * Thrown kill switches, in table {@code EC_SUSPENSION}; read from there whenever it matters, so that one call counts on
 * every node at once. Belongs to one realm, one session and its transaction.
 */
public final class SuspensionStore {
    private final EntityManager entities;
    private final String realmId;

    SuspensionStore(EntityManager entities, String realmId) {
        this.entities = entities;
        this.realmId = realmId;
    }

    public Suspensions all() {
        return new Suspensions(entities
                .createQuery("select s from SuspensionEntity s where s.realmId = :realm", SuspensionEntity.class)
                .setParameter("realm", realmId)
                .getResultList()
                .stream()
                .collect(Collectors.toMap(SuspensionEntity::subject, SuspensionEntity::suspension)));
    }

    /** Activates the switch; once an administrator of the realm has done so too, only they may lift it. */
    public void suspend(Subject subject, Suspension suspension) {
        SuspensionEntity row = entities.find(SuspensionEntity.class, id(subject));
        if (row == null) {
            entities.persist(new SuspensionEntity(id(subject), realmId, subject, suspension));
        } else if (suspension.byRealmAdministrator() && !row.suspension().byRealmAdministrator()) {
            row.set(suspension);
        }
    }

    /**
     * Lifts a suspension if there is one.
     *
     * @param byRealmAdministrator whether who lifts it may lift every one
     * @return false if there is one that is not theirs to lift
     */
    public boolean lift(Subject subject, boolean byRealmAdministrator) {
        SuspensionEntity row = entities.find(SuspensionEntity.class, id(subject));
        if (row == null) {
            return true;
        }
        if (row.suspension().byRealmAdministrator() && !byRealmAdministrator) {
            return false;
        }
        entities.remove(row);
        return true;
    }

    /** What was suspended is gone. */
    public void remove(Subject subject) {
        lift(subject, true);
    }

    void removeAll() {
        entities.createQuery("delete from SuspensionEntity s where s.realmId = :realm")
                .setParameter("realm", realmId)
                .executeUpdate();
    }

    private String id(Subject subject) {
        return VersionedRow.idOf(realmId, subject.kind().name(), subject.name());
    }
}
