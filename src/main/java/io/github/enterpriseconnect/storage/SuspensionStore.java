package io.github.enterpriseconnect.storage;

import io.github.enterpriseconnect.core.Suspensions;
import io.github.enterpriseconnect.core.Suspensions.Subject;
import io.github.enterpriseconnect.core.Suspensions.Suspension;
import jakarta.persistence.EntityManager;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

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
        return new Suspensions(rows().collect(Collectors.toMap(
                SuspensionEntity::subject, SuspensionEntity::suspension, (one, another) -> one)));
    }

    /** Activates the switch; once an administrator of the realm has done so too, only they may lift it. */
    public void suspend(Subject subject, Suspension suspension) {
        Optional<SuspensionEntity> row = find(subject);
        if (row.isEmpty()) {
            entities.persist(new SuspensionEntity(VersionedRow.newId(), realmId, subject, suspension));
        } else if (suspension.byRealmAdministrator() && !row.get().suspension().byRealmAdministrator()) {
            row.get().set(suspension);
        }
    }

    /**
     * Lifts a suspension if there is one.
     *
     * @param byRealmAdministrator whether who lifts it may lift every one
     * @return false if there is one that is not theirs to lift
     */
    public boolean lift(Subject subject, boolean byRealmAdministrator) {
        Optional<SuspensionEntity> row = find(subject);
        if (row.filter(found -> found.suspension().byRealmAdministrator()).isPresent() && !byRealmAdministrator) {
            return false;
        }
        row.ifPresent(entities::remove);
        return true;
    }

    /** What was suspended is gone. */
    public void remove(Subject subject) {
        lift(subject, true);
    }

    private Optional<SuspensionEntity> find(Subject subject) {
        return rows().filter(row -> row.subject().equals(subject)).findFirst();
    }

    /** Those of a realm are few. */
    private Stream<SuspensionEntity> rows() {
        return entities
                .createQuery("select s from SuspensionEntity s where s.realmId = :realm", SuspensionEntity.class)
                .setParameter("realm", realmId)
                .getResultList()
                .stream();
    }
}
