package io.github.enterpriseconnect.platform;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.keycloak.headers.SecurityHeadersProvider;
import org.keycloak.models.BrowserSecurityHeaders;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;

/**
 * What every page of ours is sent with: the realm's security headers, but whatever the realm says it sends no referrer,
 * since its address may hold a ticket, state or session code, and shows in no frame, since a click on it may open
 * calendars.
 */
public final class PageHeaders {
    private PageHeaders() {}

    /**
     * These headers, by their names.
     *
     * @param session that answers the request; Keycloak adds no security headers of its own to that answer any more
     */
    public static Map<String, String> of(KeycloakSession session, RealmModel realm) {
        session.getProvider(SecurityHeadersProvider.class).options().skipHeaders();
        Map<String, String> ofRealm = realm.getBrowserSecurityHeaders();
        Map<String, String> headers = new LinkedHashMap<>();
        for (BrowserSecurityHeaders header : BrowserSecurityHeaders.values()) {
            String value = value(header, ofRealm.getOrDefault(header.getKey(), header.getDefaultValue()));
            if (value != null && !value.isEmpty()) {
                headers.put(header.getHeaderName(), value);
            }
        }
        return headers;
    }

    private static @Nullable String value(BrowserSecurityHeaders header, @Nullable String ofRealm) {
        return switch (header) {
            case REFERRER_POLICY -> "no-referrer";
            case X_FRAME_OPTIONS -> "DENY";
            case CONTENT_SECURITY_POLICY -> framedByNobody(ofRealm == null ? "" : ofRealm);
            default -> ofRealm;
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
