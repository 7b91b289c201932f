package io.github.enterpriseconnect.rest;

import jakarta.ws.rs.core.Response;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.keycloak.forms.login.LoginFormsProvider;
import org.keycloak.headers.SecurityHeadersProvider;
import org.keycloak.models.BrowserSecurityHeaders;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.utils.KeycloakModelUtils;

/**
 * Renders our templates in the realm's login theme. In a session of its own, because the request's transaction has ended by
 * then: pages follow upon calls to Cronofy. Carries the realm's security headers, but whatever the realm says it is never
 * cached and sends no referrer, since its address may hold a ticket or state, and shows in no frame, since a click on it may
 * open an organization's calendars.
 */
final class Pages {
    private final KeycloakSession session;

    Pages(KeycloakSession session) {
        this.session = session;
    }

    /** @param content fills the form, in the session that renders it */
    Response render(String template, Response.Status status, BiConsumer<KeycloakSession, LoginFormsProvider> content) {
        session.getProvider(SecurityHeadersProvider.class).options().skipHeaders();
        return KeycloakModelUtils.runJobInTransactionWithResult(
                session.getKeycloakSessionFactory(),
                session.getContext(),
                rendering -> {
                    LoginFormsProvider form = rendering.getProvider(LoginFormsProvider.class);
                    content.accept(rendering, form);
                    Response page =
                            form.setDetachedAuthSession().setStatus(status).createForm(template);
                    return withHeaders(page, rendering.getContext().getRealm().getBrowserSecurityHeaders());
                },
                "Enterprise Connect page");
    }

    private static Response withHeaders(Response page, Map<String, String> realmHeaders) {
        Response.ResponseBuilder response = Response.fromResponse(page).header("Cache-Control", "no-store");
        for (BrowserSecurityHeaders header : BrowserSecurityHeaders.values()) {
            String value = value(header, realmHeaders.getOrDefault(header.getKey(), header.getDefaultValue()));
            if (value != null && !value.isEmpty()) {
                response.header(header.getHeaderName(), value);
            }
        }
        return response.build();
    }

    private static @Nullable String value(BrowserSecurityHeaders header, @Nullable String realms) {
        return switch (header) {
            case REFERRER_POLICY -> "no-referrer";
            case X_FRAME_OPTIONS -> "DENY";
            case CONTENT_SECURITY_POLICY -> framedByNobody(realms == null ? "" : realms);
            default -> realms;
        };
    }

    private static String framedByNobody(String policy) {
        return Stream.concat(
                        Stream.of(policy.split(";"))
                                .map(String::strip)
                                .filter(directive -> !directive.isEmpty()
                                        && !directive.toLowerCase(Locale.ROOT).startsWith("frame-ancestors")),
                        Stream.of("frame-ancestors 'none'"))
                .collect(Collectors.joining("; "));
    }
}
