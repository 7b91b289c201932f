package io.github.enterpriseconnect.admin;

import io.github.enterpriseconnect.core.Application;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.link.Links;
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
                .header(HttpHeaders.ETAG, version().tag())
                .build();
    }

    private Version version() {
        return Version.of(
                Arrays.asList(RealmSettings.configuration(request.realm()), RealmSettings.enabled(request.realm())));
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
        version().requireReadBy(ifMatch);
        SettingsJson wanted = SettingsJson.read(body);
        List<LinkId> removed;
        try {
            removed = request.parts()
                    .settingsChange()
                    .replace(request.work(), wanted.config(), wanted.enabled(), Boolean.TRUE.equals(force));
        } catch (SettingsChange.Rejected rejected) {
            throw ErrorResponse.error(
                    String.valueOf(rejected.getMessage()),
                    rejected.conflict() ? Response.Status.CONFLICT : Response.Status.BAD_REQUEST);
        }
        request.record("ENTERPRISE_CONNECT_SETTINGS", OperationType.UPDATE);
        Links links = request.parts().links();
        request.work().afterCommit(() -> removed.forEach(links::unlinked));
        return Response.noContent().header(HttpHeaders.ETAG, version().tag()).build();
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
