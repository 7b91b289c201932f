package io.github.enterpriseconnect.storage;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.enterpriseconnect.core.Application;
import jakarta.persistence.EntityExistsException;
import jakarta.persistence.EntityManager;
import jakarta.persistence.OptimisticLockException;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Optional;
import org.keycloak.Config;
import org.keycloak.connections.jpa.JpaConnectionProvider;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.ModelDuplicateException;
import org.keycloak.models.RealmModel;

/** All stores of one realm, within one session and its transaction. */
public final class Storage {
    private final KeycloakSession session;
    private final RealmModel realm;
    private final String realmId;
    private final ObjectMapper json;

    private Storage(KeycloakSession session, RealmModel realm, String realmId, ObjectMapper json) {
        this.session = session;
        this.realm = realm;
        this.realmId = realmId;
        this.json = json;
    }

    public static Storage of(KeycloakSession session, RealmModel realm, ObjectMapper json) {
        return new Storage(session, realm, realm.getId(), json);
    }

    /** The outbox alone, which belongs to no realm: a revocation outlives the realm that ordered it. */
    public static RevocationStore outbox(KeycloakSession session, ObjectMapper json) {
        RealmModel master = session.realms().getRealmByName(Config.getAdminRealm());
        return new RevocationStore(entities(session), new Sealer(session, master, json), json);
    }

    /**
     * Any application with its secret, as some link of some realm keeps it.
     *
     * @param key see {@link Application#key()}
     */
    public static Optional<Application> application(KeycloakSession session, ObjectMapper json, String key) {
        return ofRemovedRealm(session, "", json).links().application(key);
    }

    /** What is left of a realm that is gone. Nothing can be sealed for it or opened any more. */
    public static Storage ofRemovedRealm(KeycloakSession session, String realmId, ObjectMapper json) {
        return new Storage(session, session.realms().getRealmByName(Config.getAdminRealm()), realmId, json);
    }

    /** Delegations of every realm that need somebody to look after them. */
    public static Overdue sweeping(KeycloakSession session) {
        return new Overdue(entities(session));
    }

    /**
     * Removes what belongs to the realm, which is itself being removed, but leaves an order to revoke each linked service
     * account, and the delegations, which are ended behind it in batches. The credentials go with the realm's users.
     */
    public void removeRealm(Instant now) {
        links().removeAll(realmId, now);
        invitations().removeAll(realmId);
        delegations().removeEnded(realmId);
        members().removeAll();
        suspensions().removeAll();
        notices().removeAll();
        uses().removeAll();
    }

    /** Whether a live link or delegation of any realm holds this authorization of the application. */
    public static boolean held(KeycloakSession session, String application, String subject) {
        Long links = entities(session)
                .createQuery(
                        "select count(l) from LinkEntity l where l.application = :application"
                                + " and l.serviceAccount = :subject",
                        Long.class)
                .setParameter("application", application)
                .setParameter("subject", subject)
                .getSingleResult();
        Long delegations = entities(session)
                .createQuery(
                        "select count(d) from DelegationEntity d where d.application = :application"
                                + " and d.subject = :subject and d.live = true",
                        Long.class)
                .setParameter("application", application)
                .setParameter("subject", subject)
                .getSingleResult();
        return links + delegations > 0;
    }

    /** Whether work failed because another node changed the same rows at the same time; it can be done again. */
    public static boolean conflict(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof OptimisticLockException
                    || cause instanceof EntityExistsException
                    || cause instanceof ModelDuplicateException
                    || (cause instanceof SQLException sql && (taken(sql) || rolledBack(sql)))) {
                return true;
            }
        }
        return false;
    }

    /** SQLState class 23, of which not every driver has a type of its own: another was faster to take what is unique. */
    private static boolean taken(SQLException failure) {
        return failure.getSQLState() != null && failure.getSQLState().startsWith("23");
    }

    /** SQLState class 40: the database rolled back to resolve a deadlock or to serialise. */
    private static boolean rolledBack(SQLException failure) {
        return failure.getSQLState() != null && failure.getSQLState().startsWith("40");
    }

    public LinkStore links() {
        return new LinkStore(entities(session), sealer(), revocations(), json);
    }

    public DelegationStore delegations() {
        return new DelegationStore(entities(session), sealer());
    }

    public InvitationStore invitations() {
        return new InvitationStore(entities(session));
    }

    public MemberStore members() {
        return new MemberStore(entities(session), realmId);
    }

    public SuspensionStore suspensions() {
        return new SuspensionStore(entities(session), realmId);
    }

    public NoticeStore notices() {
        return new NoticeStore(entities(session), realmId);
    }

    public TokenUseStore uses() {
        return new TokenUseStore(entities(session), realmId);
    }

    public RevocationStore revocations() {
        return outbox(session, json);
    }

    public CredentialAttribute credentials() {
        return new CredentialAttribute(session, realm, sealer(), json);
    }

    private Sealer sealer() {
        return new Sealer(session, realm, json);
    }

    private static EntityManager entities(KeycloakSession session) {
        return session.getProvider(JpaConnectionProvider.class).getEntityManager();
    }
}
