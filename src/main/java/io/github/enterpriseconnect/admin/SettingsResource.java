package io.github.enterpriseconnect.admin;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.github.enterpriseconnect.core.Application;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Secret;
import io.github.enterpriseconnect.link.Links;
import io.github.enterpriseconnect.platform.ClientSecret;
import io.github.enterpriseconnect.platform.Endpoints;
import io.github.enterpriseconnect.platform.KeycloakWork;
import io.github.enterpriseconnect.realm.ConsumerSecrets;
import io.github.enterpriseconnect.realm.SettingsChange;
import io.github.enterpriseconnect.settings.RealmSettings;
import io.github.enterpriseconnect.settings.Settings;
import io.github.enterpriseconnect.settings.SettingsForm;
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
import java.net.URI;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.keycloak.common.util.MultivaluedHashMap;
import org.keycloak.events.admin.OperationType;
import org.keycloak.models.RealmModel;
import org.keycloak.urls.UrlType;

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

    /** By the request's own session, for another knows nothing of how Keycloak is reached. */
    private String issuer() {
        URI frontend = request.session().getContext().getUri(UrlType.FRONTEND).getBaseUri();
        return Endpoints.issuer(Endpoints.base(frontend), request.realm().getName());
    }

    private Version replace(KeycloakWork work, SettingsJson wanted, boolean force) {
        List<LinkId> removed;
        try {
            ConsumerSecrets.seal(work, wanted.config(), issuer());
            removed = request.parts().settingsChange().replace(work, wanted.config(), wanted.enabled(), force);
        } catch (SettingsChange.Rejected rejected) {
            throw RequestRefused.because(
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
            MultivaluedHashMap<String, String> config;
            if (body == null || body.isBlank()) {
                config = RealmSettings.configuration(request.realm());
            } else {
                config = SettingsJson.read(body).config();
                ConsumerSecrets.seal(request.work(), config, issuer());
            }
            application = settings.application(request.work(), config);
        } catch (SettingsChange.Rejected rejected) {
            throw RequestRefused.because(String.valueOf(rejected.getMessage()), Response.Status.BAD_REQUEST);
        }
        request.session().getTransactionManager().commit();
        SecretResult present = test(settings, application.by(application.clientSecret()));
        Optional<SecretResult> next = application.nextSecret().map(secret -> test(settings, application.by(secret)));
        boolean ok = present.ok() || next.filter(SecretResult::ok).isPresent();
        return new TestResult(ok, ok ? null : present.problem(), next.isPresent() ? present : null, next.orElse(null));
    }

    private static SecretResult test(SettingsChange settings, Application application) {
        Optional<String> problem = settings.test(application);
        return new SecretResult(problem.isEmpty(), problem.orElse(null));
    }

    /**
     * What came of a test.
     *
     * @param ok whether Cronofy knows the application by a secret that can be read
     * @param problem what is wrong, in words; null if nothing is
     * @param clientSecret how it is with this one; absent unless there are two
     * @param nextClientSecret how it is with the one that is to follow; absent unless there is one
     */
    public record TestResult(
            boolean ok,
            @Nullable String problem,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable SecretResult clientSecret,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable SecretResult nextClientSecret) {}

    /** Whether Cronofy knows the application by one of its secrets; the problem is null if it does. */
    public record SecretResult(boolean ok, @Nullable String problem) {}

    /**
     * Finishes the rotation of the client secret: the next one takes its place. Not before Cronofy accepts the next one, since
     * the former one is forgotten here.
     */
    @POST
    @Path("rotation")
    public Response finishRotation() {
        request.auth().realm().requireManageRealm();
        SettingsChange settings = request.parts().settingsChange();
        Optional<Application> next = next();
        boolean set = RealmSettings.of(request.realm())
                .flatMap(Settings::nextClientSecret)
                .isPresent();
        if (set && next.isEmpty()) {
            throw RequestRefused.because(
                    "The next client secret cannot be read at present; bring its key or the vault back, or PUT settings"
                            + " with it again.",
                    Response.Status.CONFLICT);
        }
        if (!set) {
            throw RequestRefused.because(
                    "no nextClientSecret is set; PUT settings with the new secret in it first",
                    Response.Status.CONFLICT);
        }
        request.session().getTransactionManager().commit();
        Optional<String> problem = next.flatMap(settings::test);
        if (problem.isPresent()) {
            throw RequestRefused.because(
                    "The next client secret cannot take over: " + problem.get()
                            + ". Nothing was changed; both secrets count as before.",
                    Response.Status.CONFLICT);
        }
        return request.inTurn(work -> {
            work.readRealmAnew();
            finishRotation(work, next);
            // Of this session: that of the request has no transaction any more that would keep the event.
            request.recordWith(work.session(), "ENTERPRISE_CONNECT_SETTINGS", OperationType.UPDATE);
            return Response.noContent().build();
        });
    }

    private void finishRotation(KeycloakWork work, Optional<Application> tested) {
        boolean changed = !next(work).equals(tested.map(Application::clientSecret));
        if (changed) {
            throw RequestRefused.because(
                    "Somebody has changed the settings meanwhile; try again.", Response.Status.CONFLICT);
        }
        try {
            request.parts().settingsChange().finishRotation(work);
        } catch (SettingsChange.Rejected rejected) {
            throw RequestRefused.because(String.valueOf(rejected.getMessage()), Response.Status.CONFLICT);
        }
    }

    /** The application as it is to be known by its next secret alone; empty while none is set that can be read. */
    private Optional<Application> next() {
        return RealmSettings.of(request.realm()).flatMap(settings -> next(request.work())
                .map(secret -> new Application(settings.dataCenter(), settings.clientId(), secret)));
    }

    private static Optional<Secret> next(KeycloakWork work) {
        return RealmSettings.of(work.model())
                .flatMap(settings -> ClientSecret.all(work.session(), work.model(), settings).stream()
                        .filter(secret -> secret.key().equals(SettingsForm.NEXT_CLIENT_SECRET))
                        .findFirst())
                .flatMap(ClientSecret::reveal);
    }
}
