package io.github.enterpriseconnect.admin;

import io.github.enterpriseconnect.core.Application;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.link.Links;
import io.github.enterpriseconnect.platform.KeycloakWork;
import io.github.enterpriseconnect.realm.SettingsChange;
import io.github.enterpriseconnect.settings.RealmSettings;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.keycloak.events.admin.OperationType;
import org.keycloak.models.RealmModel;
import org.keycloak.services.ErrorResponse;

/** {@code settings}: the realm's application, its consumers and its switch. */
public final class SettingsResource {
    private final AdminRequest request;

    SettingsResource(AdminRequest request) {
        this.request = request;
    }

    @GET
    @Path("")
    @Produces(MediaType.APPLICATION_JSON)
    public Response get() {
        request.auth().realm().requireViewRealm();
        return Response.ok(SettingsJson.write(
                        RealmSettings.configuration(request.realm()), RealmSettings.enabled(request.realm())))
                .header(HttpHeaders.ETAG, version(request.realm()).tag())
                .build();
    }

    private static Version version(RealmModel realm) {
        return Version.of(Arrays.asList(RealmSettings.configuration(realm), RealmSettings.enabled(realm)));
    }

    @PUT
    @Path("")
    @Consumes(MediaType.APPLICATION_JSON)
    @Produces(MediaType.APPLICATION_JSON)
    public Response put(
            @Nullable String body,
            @QueryParam("force") @Nullable Boolean force,
            @HeaderParam(HttpHeaders.IF_MATCH) @Nullable String ifMatch) {
        request.auth().realm().requireManageRealm();
        Version written = request.inTurn(work -> {
            work.readRealmAnew();
            version(work.model()).requireReadBy(ifMatch);
            return replace(work, SettingsJson.read(body), Boolean.TRUE.equals(force));
        });
        request.record("ENTERPRISE_CONNECT_SETTINGS", OperationType.UPDATE);
        return Response.noContent().header(HttpHeaders.ETAG, written.tag()).build();
    }

    private Version replace(KeycloakWork work, SettingsJson wanted, boolean force) {
        List<LinkId> removed;
        try {
            removed = request.parts().settingsChange().replace(work, wanted.config(), wanted.enabled(), force);
        } catch (SettingsChange.Rejected rejected) {
            throw ErrorResponse.error(
                    String.valueOf(rejected.getMessage()),
                    rejected.conflict() ? Response.Status.CONFLICT : Response.Status.BAD_REQUEST);
        }
        Links links = request.parts().links();
        work.afterCommit(() -> removed.forEach(links::unlinked));
        return version(work.model());
    }

    /** Tries the given settings, or the stored ones if none are given, without storing anything. */
    @POST
    @Path("test")
    @Produces(MediaType.APPLICATION_JSON)
    public TestResult test(@Nullable String body) {
        request.auth().realm().requireManageRealm();
        SettingsChange settings = request.parts().settingsChange();
        Application application;
        try {
            application = settings.application(
                    request.work(),
                    body == null || body.isBlank()
                            ? RealmSettings.configuration(request.realm())
                            : SettingsJson.read(body).config());
        } catch (SettingsChange.Rejected rejected) {
            throw ErrorResponse.error(String.valueOf(rejected.getMessage()), Response.Status.BAD_REQUEST);
        }
        request.session().getTransactionManager().commit();
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
