package io.github.enterpriseconnect.admin;

import io.github.enterpriseconnect.EnterpriseConnect;
import io.github.enterpriseconnect.core.Suspensions;
import io.github.enterpriseconnect.server.EnterpriseConnectProvider;
import io.github.enterpriseconnect.settings.RealmSettings;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import org.keycloak.Config;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.KeycloakSessionFactory;
import org.keycloak.models.RealmModel;
import org.keycloak.services.resources.admin.AdminEventBuilder;
import org.keycloak.services.resources.admin.ext.AdminRealmResourceProvider;
import org.keycloak.services.resources.admin.ext.AdminRealmResourceProviderFactory;
import org.keycloak.services.resources.admin.fgap.AdminPermissionEvaluator;

/** Root of {@code /admin/realms/{realm}/enterprise-connect}. Keycloak has authenticated the administrator. */
public final class AdminResource {
    private final KeycloakSession session;
    private final RealmModel realm;
    private final AdminPermissionEvaluator auth;
    private final AdminEventBuilder event;

    private AdminResource(
            KeycloakSession session, RealmModel realm, AdminPermissionEvaluator auth, AdminEventBuilder event) {
        this.session = session;
        this.realm = realm;
        this.auth = auth;
        this.event = event;
    }

    /** Provider and factory in one, since there is nothing to keep. */
    public static final class Factory implements AdminRealmResourceProviderFactory, AdminRealmResourceProvider {
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
            return new AdminResource(session, realm, auth, event);
        }

        @Override
        public void init(Config.Scope config) {}

        @Override
        public void postInit(KeycloakSessionFactory factory) {}

        @Override
        public void close() {}
    }

    @Path("status")
    public StatusResource status() {
        return new StatusResource(session, realm, auth);
    }

    @Path("settings")
    public SettingsResource settings() {
        return new SettingsResource(session, realm, auth, event);
    }

    @Path("links")
    public LinksResource links() {
        return new LinksResource(session, realm, auth, event);
    }

    @Path("revocations")
    public RevocationsResource revocations() {
        return new RevocationsResource(session, realm, auth, links());
    }

    /** The kill switch of the whole realm. */
    @Path("suspension")
    public SuspensionResource suspension() {
        auth.realm().requireViewRealm();
        return new SuspensionResource(
                session, realm, auth, event, Suspensions.Subject.REALM, auth.realm()::requireManageRealm);
    }

    /** The kill switch of a consumer, which may have been taken off the list while it was suspended. */
    @Path("consumers/{client}/suspension")
    public SuspensionResource consumerSuspension(@PathParam("client") String client) {
        auth.realm().requireViewRealm();
        Suspensions.Subject subject = Suspensions.Subject.consumer(client);
        boolean known = RealmSettings.of(realm)
                        .flatMap(settings -> settings.consumer(client))
                        .isPresent()
                || session.getProvider(EnterpriseConnectProvider.class)
                        .killSwitches()
                        .thrown(session, realm, subject)
                        .isPresent();
        if (!known) {
            throw new NotFoundException();
        }
        return new SuspensionResource(session, realm, auth, event, subject, auth.realm()::requireManageRealm);
    }

    @Path("users/{user}")
    public UserResource user() {
        return new UserResource(session, realm, auth, event);
    }
}
