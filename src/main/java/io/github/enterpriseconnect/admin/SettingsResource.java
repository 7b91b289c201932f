package io.github.enterpriseconnect.admin;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.enterpriseconnect.core.Application;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.platform.AfterCommit;
import io.github.enterpriseconnect.realm.SettingsChange;
import io.github.enterpriseconnect.server.EnterpriseConnectProvider;
import io.github.enterpriseconnect.settings.RealmSettings;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.keycloak.events.admin.OperationType;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.services.ErrorResponse;
import org.keycloak.services.resources.admin.AdminEventBuilder;
import org.keycloak.services.resources.admin.fgap.AdminPermissionEvaluator;

/** {@code settings}: the realm's application, its consumers and its switch. */
public final class SettingsResource {
    private final KeycloakSession session;
    private final RealmModel realm;
    private final AdminPermissionEvaluator auth;
    private final AdminEventBuilder event;
    private final EnterpriseConnectProvider enterpriseConnect;

    SettingsResource(
            KeycloakSession session, RealmModel realm, AdminPermissionEvaluator auth, AdminEventBuilder event) {
        this.session = session;
        this.realm = realm;
        this.auth = auth;
        this.event = event;
        this.enterpriseConnect = session.getProvider(EnterpriseConnectProvider.class);
    }

    @GET
    @Path("")
    @Produces(MediaType.APPLICATION_JSON)
    public ObjectNode get() {
        auth.realm().requireViewRealm();
        return SettingsJson.write(RealmSettings.configuration(realm), RealmSettings.enabled(realm));
    }

    @PUT
    @Path("")
    @Consumes(MediaType.APPLICATION_JSON)
    @Produces(MediaType.APPLICATION_JSON)
    public Response put(@Nullable String body, @QueryParam("force") @Nullable Boolean force) {
        auth.realm().requireManageRealm();
        SettingsJson wanted = SettingsJson.read(body);
        List<LinkId> removed;
        try {
            removed = enterpriseConnect
                    .settingsChange()
                    .replace(session, realm, wanted.config(), wanted.enabled(), Boolean.TRUE.equals(force));
        } catch (SettingsChange.Refused refused) {
            throw ErrorResponse.error(
                    String.valueOf(refused.getMessage()),
                    refused.conflict() ? Response.Status.CONFLICT : Response.Status.BAD_REQUEST);
        }
        event.resource("ENTERPRISE_CONNECT_SETTINGS")
                .operation(OperationType.UPDATE)
                .resourcePath(session.getContext().getUri())
                .success();
        AfterCommit.run(session, () -> removed.forEach(enterpriseConnect.linking()::unlinked));
        return Response.noContent().build();
    }

    /** Tries the given settings, or the stored ones if none are given, without storing anything. */
    @POST
    @Path("test")
    @Produces(MediaType.APPLICATION_JSON)
    public TestResult test(@Nullable String body) {
        auth.realm().requireManageRealm();
        SettingsChange settings = enterpriseConnect.settingsChange();
        Application application;
        try {
            application = settings.application(
                    session,
                    realm,
                    body == null || body.isBlank()
                            ? RealmSettings.configuration(realm)
                            : SettingsJson.read(body).config());
        } catch (SettingsChange.Refused refused) {
            throw ErrorResponse.error(String.valueOf(refused.getMessage()), Response.Status.BAD_REQUEST);
        }
        session.getTransactionManager().commit();
        Optional<String> problem = settings.test(application);
        return new TestResult(problem.isEmpty(), problem.orElse(null));
    }

    /**
     * What came of a test.
     *
     * @param problem what is wrong, in words; null if nothing is
     */
    public record TestResult(boolean ok, @Nullable String problem) {}
}
