package io.github.enterpriseconnect.admin;

import io.github.enterpriseconnect.platform.KeycloakTransactions;
import io.github.enterpriseconnect.platform.KeycloakWork;
import io.github.enterpriseconnect.server.EnterpriseConnectProvider;
import java.util.function.Function;
import org.keycloak.events.admin.OperationType;
import org.keycloak.models.AdminRoles;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.services.resources.admin.AdminEventBuilder;
import org.keycloak.services.resources.admin.fgap.AdminPermissionEvaluator;

/**
 * A request of an administrator whom Keycloak has authenticated.
 *
 * @param realm the one that it is about
 * @param auth what the administrator may do there
 * @param event to be completed for the audit
 */
record AdminRequest(KeycloakSession session, RealmModel realm, AdminPermissionEvaluator auth, AdminEventBuilder event) {
    /** The realm within the request's own transaction. */
    KeycloakWork work() {
        return KeycloakTransactions.joined(session, realm);
    }

    /**
     * A change that compares what there is before it replaces it: in a transaction of its own, one after the other with
     * all others of the realm.
     */
    <T> T inTurn(Function<KeycloakWork, T> change) {
        return KeycloakTransactions.inTurn(session, realm, change);
    }

    /**
     * Whether there is no user whom the administrator may not see; only who sees all is told how many there are. By a role:
     * a fine-grained permission to view all users has its exceptions, of which the question for all of them knows nothing.
     */
    boolean seesAllUsers() {
        return auth.hasOneAdminRole(AdminRoles.VIEW_USERS, AdminRoles.MANAGE_USERS);
    }

    EnterpriseConnectProvider parts() {
        return session.getProvider(EnterpriseConnectProvider.class);
    }

    /** Leaves an admin event under the request's own address. */
    void record(String resource, OperationType operation) {
        record(event, resource, operation);
    }

    /** As {@link #record}, in the transaction of another session; for whoever has ended the request's own. */
    void recordWith(KeycloakSession another, String resource, OperationType operation) {
        record(event.clone(another), resource, operation);
    }

    private void record(AdminEventBuilder to, String resource, OperationType operation) {
        to.resource(resource)
                .operation(operation)
                .resourcePath(session.getContext().getUri())
                .success();
    }
}
