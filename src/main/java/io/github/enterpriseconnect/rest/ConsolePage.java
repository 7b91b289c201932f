package io.github.enterpriseconnect.rest;

import io.github.enterpriseconnect.EnterpriseConnect;
import io.github.enterpriseconnect.platform.Endpoints;
import io.github.enterpriseconnect.realm.ConsoleClient;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.keycloak.Config;
import org.keycloak.headers.SecurityHeadersProvider;
import org.keycloak.models.BrowserSecurityHeaders;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.services.Urls;
import org.keycloak.theme.FreeMarkerException;
import org.keycloak.theme.Theme;
import org.keycloak.theme.beans.LocaleBean;
import org.keycloak.theme.freemarker.FreeMarkerProvider;
import org.keycloak.urls.UrlType;
import org.keycloak.utils.StringUtil;

/**
 * The administrators' console page: one document, its modules and its texts, all of which anybody may read; what it
 * shows it asks of the admin API with the administrator's own token. Its policy lets nothing run or load that is not
 * the server's.
 */
public final class ConsolePage {
    private static final Pattern FILE = Pattern.compile("[a-z-]+\\.(js|css|svg)");
    private static final Map<String, String> TYPES =
            Map.of("js", "text/javascript", "css", "text/css", "svg", "image/svg+xml");

    private final KeycloakSession session;
    private final RealmModel realm;
    private final ConsoleTexts texts;

    ConsolePage(KeycloakSession session) {
        this.session = session;
        this.realm = session.getContext().getRealm();
        this.texts = new ConsoleTexts(session, realm);
    }

    /** The document; not found in a realm in which Enterprise Connect was never switched on. */
    @GET
    @Path("")
    @Produces(MediaType.TEXT_HTML)
    public Response page() {
        if (realm.getClientByClientId(ConsoleClient.CLIENT_ID) == null) {
            throw new NotFoundException();
        }
        URI server = session.getContext().getUri(UrlType.FRONTEND).getBaseUri();
        URI admin = session.getContext().getUri(UrlType.ADMIN).getBaseUri();
        if (!session.getContext().getUri().getPath().endsWith("/")) {
            String query = session.getContext().getUri().getRequestUri().getRawQuery();
            return Response.seeOther(URI.create(address(server) + (query == null ? "" : "?" + query)))
                    .build();
        }
        session.getProvider(SecurityHeadersProvider.class).options().skipHeaders();
        Response.ResponseBuilder page = Response.ok(document(server, admin))
                .header("Cache-Control", "no-store")
                .header("Content-Security-Policy", contentSecurityPolicy(admin))
                .header("Referrer-Policy", "no-referrer")
                .header("X-Content-Type-Options", "nosniff")
                .header("X-Frame-Options", "DENY")
                .header("Cross-Origin-Opener-Policy", "same-origin");
        String transportSecurity =
                realm.getBrowserSecurityHeaders().get(BrowserSecurityHeaders.STRICT_TRANSPORT_SECURITY.getKey());
        if (!StringUtil.isBlank(transportSecurity)) {
            page.header(BrowserSecurityHeaders.STRICT_TRANSPORT_SECURITY.getHeaderName(), transportSecurity);
        }
        return page.build();
    }

    private URI address(URI server) {
        return URI.create(Endpoints.console(Endpoints.base(server), realm.getName()));
    }

    private static String contentSecurityPolicy(URI admin) {
        return "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
                + "connect-src 'self' " + admin.getScheme() + "://" + admin.getRawAuthority() + "; base-uri 'none'; "
                + "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";
    }

    private String document(URI server, URI admin) {
        Locale locale = session.getContext().resolveLocale(null, Theme.Type.ADMIN);
        try {
            Theme theme = session.theme().getTheme(Theme.Type.ADMIN);
            boolean rightToLeft = new LocaleBean(
                            realm,
                            locale,
                            session.getContext().getUri().getRequestUriBuilder(),
                            theme.getEnhancedMessages(realm, locale))
                    .isRtl();
            boolean dark = "true".equals(theme.getProperties().getProperty("darkMode"))
                    && realm.getAttribute("darkMode", true);
            Map<String, Object> content = new HashMap<>();
            content.put("lang", locale.toLanguageTag());
            content.put("dir", rightToLeft ? "rtl" : "ltr");
            content.put("realm", realm.getName());
            content.put("address", address(server).toString());
            content.put("server", Endpoints.base(server));
            content.put("admin", Endpoints.base(admin));
            content.put("client", ConsoleClient.CLIENT_ID);
            content.put("master", Config.getAdminRealm());
            content.put("dark", String.valueOf(dark));
            content.put("version", version());
            content.put("base", address(server).getRawPath());
            content.put("resources", Urls.themeRoot(server).getRawPath() + "/common/keycloak");
            content.put("title", texts.in(locale).get("title"));
            return session.getProvider(FreeMarkerProvider.class)
                    .processTemplate(content, "enterprise-connect-console.ftl", theme);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (FreeMarkerException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String version() {
        return Objects.requireNonNullElse(EnterpriseConnect.class.getPackage().getImplementationVersion(), "");
    }

    /** One of the page's own files, always in the version of this extension. */
    @GET
    @Path("{file}")
    @Produces({"text/javascript", "text/css", "image/svg+xml"})
    public Response file(
            @PathParam("file") String name, @HeaderParam(HttpHeaders.IF_NONE_MATCH) @Nullable String known) {
        Matcher file = FILE.matcher(name);
        PublishedFile content = file.matches()
                ? PublishedFile.named("console/" + name, TYPES.get(file.group(1)) + ";charset=UTF-8")
                : null;
        if (content == null) {
            throw new NotFoundException();
        }
        return content.answer(known);
    }

    /** The page's texts in the language, by key. */
    @GET
    @Path("texts/{language}")
    @Produces(MediaType.APPLICATION_JSON)
    public Response texts(@PathParam("language") String language) {
        return Response.ok(texts.in(Locale.forLanguageTag(language)))
                .header(HttpHeaders.CACHE_CONTROL, "no-cache")
                .build();
    }
}
