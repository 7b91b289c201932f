package io.github.enterpriseconnect.storage;

import io.github.enterpriseconnect.core.Limits;
import jakarta.persistence.EntityExistsException;
import jakarta.persistence.EntityManager;
import jakarta.persistence.LockTimeoutException;
import jakarta.persistence.OptimisticLockException;
import jakarta.persistence.PessimisticLockException;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Set;
import org.keycloak.Config;
import org.keycloak.connections.jpa.JpaConnectionProvider;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.ModelDuplicateException;
import org.keycloak.models.RealmModel;

/** All stores of one realm's tables, within one session and its transaction. */
public final class Storage {
    private static final int RECORD_CHANGED = 1020;
    private static final int LOCK_WAIT_TIMEOUT = 1205;
    private static final Set<Class<?>> NOT_REMOVED_WITH_REALM = Set.of(
            LinkEntity.class,
            DelegationEntity.class,
            CalendarResourceEntity.class,
            RevocationEntity.class,
            ChangeEntity.class);

    private final EntityManager entities;
    private final String realmId;
    private final Sealer sealer;
    private final Sealer masterSealer;

    /**
     * The tables by these means.
     *
     * @param keys of the realm
     * @param masterKeys of the realm whose keys outlive all others
     */
    Storage(EntityManager entities, String realmId, SealingKeys keys, SealingKeys masterKeys) {
        this.entities = entities;
        this.realmId = realmId;
        this.sealer = new Sealer(keys);
        this.masterSealer = new Sealer(masterKeys);
    }

    public static Storage of(KeycloakSession session, RealmModel realm) {
        return new Storage(entities(session), realm.getId(), new RealmKeys(session, () -> realm), masterKeys(session));
    }

    /** The outbox alone, which belongs to no realm: a revocation outlives the realm that ordered it. */
    public static RevocationStore revocations(KeycloakSession session) {
        return ofRemovedRealm(session, "").revocations();
    }

    /** The key of the tickets' proofs, which belongs to no realm. */
    public static TicketKeyStore ticketKeys(KeycloakSession session) {
        return new TicketKeyStore(entities(session));
    }

    /** What is left of a realm that is gone. Nothing can be sealed for it or opened any more. */
    public static Storage ofRemovedRealm(KeycloakSession session, String realmId) {
        SealingKeys masterKeys = masterKeys(session);
        return new Storage(entities(session), realmId, masterKeys, masterKeys);
    }

    /** What waits for somebody to look after it, in every realm. */
    public static DueWork due(KeycloakSession session) {
        return new DueWork(entities(session));
    }

    /**
     * What applications have sent to Cronofy lately.
     *
     * @param limits that Cronofy has granted every one of them
     */
    public static BudgetStore budgets(KeycloakSession session, Limits limits) {
        return new BudgetStore(entities(session), limits);
    }

    private static SealingKeys masterKeys(KeycloakSession session) {
        return new RealmKeys(session, () -> session.realms().getRealmByName(Config.getAdminRealm()));
    }

    /**
     * Removes what is left of a removed realm, but leaves an order to revoke each linked service account, the
     * revocations that there are, and the delegations and resources, which are ended in batches afterwards. The credentials went with
     * the realm's users. Changes are removed before, each in a transaction by itself ({@link ChangeStore#judged}).
     */
    public void removeRealm(Instant now) {
        links().removeAll(realmId, now);
        delegations().removeEnded(realmId);
        Tables.ofRealms().stream()
                .filter(table -> !NOT_REMOVED_WITH_REALM.contains(table))
                .forEach(table -> entities.createQuery(
                                "delete from " + table.getSimpleName() + " e where e.realmId = :realm")
                        .setParameter("realm", realmId)
                        .executeUpdate());
    }

    /** Whether work failed because another node changed the same rows at the same time; it can be done again. */
    public static boolean conflict(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof OptimisticLockException
                    || cause instanceof PessimisticLockException
                    || cause instanceof LockTimeoutException
                    || cause instanceof EntityExistsException
                    || cause instanceof ModelDuplicateException
                    || (cause instanceof SQLException sql && (taken(sql) || rolledBack(sql) || overtaken(sql)))) {
                return true;
            }
        }
        return false;
    }

    /**
     * SQLState class 23, of which not every driver has a type of its own: another was faster to take what is unique.
     */
    private static boolean taken(SQLException failure) {
        return failure.getSQLState() != null && failure.getSQLState().startsWith("23");
    }

    /** SQLState class 40: the database rolled back to resolve a deadlock or to serialise. */
    private static boolean rolledBack(SQLException failure) {
        return failure.getSQLState() != null && failure.getSQLState().startsWith("40");
    }

    /**
     * MariaDB's error 1020, which has no SQLState of its own: the row has been changed since the transaction began to
     * read ({@code innodb_snapshot_isolation}), and all of the transaction was rolled back. Error 1205: it waited for a
     * lock for too long.
     */
    private static boolean overtaken(SQLException failure) {
        return "HY000".equals(failure.getSQLState())
                && (failure.getErrorCode() == RECORD_CHANGED || failure.getErrorCode() == LOCK_WAIT_TIMEOUT);
    }

    public LinkStore links() {
        return new LinkStore(entities, sealer, revocations(), new SealedOrders(masterSealer));
    }

    public LinkHealth linkHealth() {
        return new LinkHealth(entities);
    }

    public LinkRecovery linkRecovery() {
        return new LinkRecovery(entities, sealer);
    }

    public DelegationStore delegations() {
        return new DelegationStore(entities, sealer);
    }

    public AnswerStore answers() {
        return new AnswerStore(entities, sealer);
    }

    public HeldMailboxes heldMailboxes() {
        return new HeldMailboxes(entities);
    }

    public InvitationStore invitations() {
        return new InvitationStore(entities);
    }

    public MemberRecordStore memberRecords() {
        return new MemberRecordStore(entities, realmId);
    }

    public MemberStore members() {
        return new MemberStore(entities, realmId);
    }

    public DenialStore denials() {
        return new DenialStore(entities, members());
    }

    public SuspensionStore suspensions() {
        return new SuspensionStore(entities, realmId);
    }

    public ProfileStore profiles() {
        return new ProfileStore(entities);
    }

    public WatchStore watches() {
        return new WatchStore(entities, realmId, sealer);
    }

    public NoticeStore notices() {
        return new NoticeStore(entities, realmId);
    }

    public NotificationStore notifications() {
        return new NotificationStore(entities, realmId);
    }

    public TokenUseStore uses() {
        return new TokenUseStore(entities, realmId);
    }

    /** What applications read of members, in the order in which it came about. */
    public RosterStore roster() {
        return new RosterStore(entities, realmId);
    }

    public BackfillStore backfills() {
        return new BackfillStore(entities, realmId);
    }

    public VerificationStore verifications() {
        return new VerificationStore(entities, sealer);
    }

    public ReplacementStore replacements() {
        return new ReplacementStore(entities, revocations(), new SealedOrders(masterSealer));
    }

    public MoveStore moves() {
        return new MoveStore(entities, sealer);
    }

    public ResourceStore resources() {
        return new ResourceStore(entities, realmId);
    }

    public ResourceGrants resourceGrants() {
        return new ResourceGrants(entities, sealer);
    }

    public ResourceListStore resourceLists() {
        return new ResourceListStore(entities);
    }

    public FormerGrants formerGrants() {
        return new FormerGrants(entities);
    }

    public WaitingStore waiting() {
        return new WaitingStore(entities, realmId);
    }

    public ChangeStore changes() {
        return new ChangeStore(entities, realmId);
    }

    public SweepStore sweeps(SweepStore.Kind kind) {
        return new SweepStore(entities, realmId, kind);
    }

    public PeopleStore people() {
        return new PeopleStore(entities, realmId);
    }

    public RevocationStore revocations() {
        return new RevocationStore(entities, new SealedOrders(masterSealer));
    }

    /** When somebody has to look at delegations again, of every realm. */
    public Looks looks() {
        return new Looks(entities);
    }

    /** When Cronofy is asked how service accounts stand, in every realm. */
    public ServiceAccountLooks serviceAccountLooks() {
        return new ServiceAccountLooks(entities);
    }

    /** What is looked at again and again, in every realm. */
    public Examinations examinations() {
        return new Examinations(entities);
    }

    /** Those of every realm, to be delivered. */
    public DueRevocations dueRevocations() {
        return new DueRevocations(entities, new SealedOrders(masterSealer));
    }

    /** Notifications of every realm, to be sent. */
    public DueNotifications dueNotifications() {
        return new DueNotifications(entities);
    }

    /** What removed realms have left behind, whichever they were. */
    public RemovedRealmStore removedRealms() {
        return new RemovedRealmStore(entities);
    }

    /** This realm as one that has been removed and may be there again. */
    public RealmReturn realmReturn(RemovedRealm removed) {
        return new RealmReturn(entities, sealer, removed);
    }

    private static EntityManager entities(KeycloakSession session) {
        return session.getProvider(JpaConnectionProvider.class).getEntityManager();
    }
}
