package io.github.enterpriseconnect.admin;

import io.github.enterpriseconnect.EnterpriseConnect;
import io.github.enterpriseconnect.core.Suspensions;
import io.github.enterpriseconnect.platform.StatelessFactory;
import io.github.enterpriseconnect.settings.RealmSettings;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.services.resources.admin.AdminEventBuilder;
import org.keycloak.services.resources.admin.ext.AdminRealmResourceProvider;
import org.keycloak.services.resources.admin.ext.AdminRealmResourceProviderFactory;
import org.keycloak.services.resources.admin.fgap.AdminPermissionEvaluator;

/** Root of {@code /admin/realms/{realm}/enterprise-connect}. Keycloak has authenticated the administrator. */
public final class AdminResource {
    private final AdminRequest request;

    private AdminResource(AdminRequest request) {
        this.request = request;
    }

    /** Provider and factory in one, since there is nothing to keep. */
    public static final class Factory
            implements AdminRealmResourceProviderFactory,
                    AdminRealmResourceProvider,
                    StatelessFactory<AdminRealmResourceProvider> {
        @Override
        public String getId() {
            return EnterpriseConnect.ID;
        }

        @Override
        public AdminRealmResourceProvider create(KeycloakSession session) {
            return this;
        }

        @Override
        public Object getResource(
                KeycloakSession session, RealmModel realm, AdminPermissionEvaluator auth, AdminEventBuilder event) {
            return new AdminResource(new AdminRequest(session, realm, auth, event));
        }

        @Override
        public void close() {}
    }

    @Path("status")
    public StatusResource status() {
        return new StatusResource(request);
    }

    @Path("settings")
    public SettingsResource settings() {
        return new SettingsResource(request);
    }

    @Path("links")
    public LinksResource links() {
        return new LinksResource(request);
    }

    @Path("revocations")
    public RevocationsResource revocations() {
        return new RevocationsResource(request);
    }

    @Path("notifications")
    public NotificationsResource notifications() {
        return new NotificationsResource(request);
    }

    @Path("consumers/{client}/notifications")
    public NotificationTestResource consumerNotifications(@PathParam("client") String client) {
        return new NotificationTestResource(request, client);
    }

    /** The kill switch of the whole realm. */
    @Path("suspension")
    public SuspensionResource suspension() {
        request.auth().realm().requireViewRealm();
        return new SuspensionResource(
                request, Suspensions.Subject.REALM, request.auth().realm()::requireManageRealm);
    }

    /** The kill switch of a consumer, which may have been taken off the list while it was suspended. */
    @Path("consumers/{client}/suspension")
    public SuspensionResource consumerSuspension(@PathParam("client") String client) {
        request.auth().realm().requireViewRealm();
        Suspensions.Subject subject = Suspensions.Subject.consumer(client);
        boolean known = RealmSettings.of(request.realm())
                        .flatMap(settings -> settings.consumer(client))
                        .isPresent()
                || request.work().suspensions().all().of(subject).isPresent();
        if (!known) {
            throw new NotFoundException();
        }
        return new SuspensionResource(request, subject, request.auth().realm()::requireManageRealm);
    }

    @Path("users/{user}")
    public UserResource user() {
        return new UserResource(request);
    }
}
