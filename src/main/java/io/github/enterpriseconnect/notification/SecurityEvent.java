package io.github.enterpriseconnect.notification;

import io.github.enterpriseconnect.core.CalendarEvent;
import io.github.enterpriseconnect.core.Notification;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;

/**
 * What a security event token says (RFC 8417, subjects by RFC 9493): ids, states and reasons, never an address. {@code
 * docs/applications.md} describes the same for those who read it.
 *
 * @param type of the token, as its header says
 */
record SecurityEvent(String type, Map<String, Object> claims) {
    private static final String TYPE = "secevent+jwt";

    /** Where the events are described; nothing has to be there. */
    private static final String EVENTS = "https://enterpriseconnect.github.io/events/calendar-";

    /** Of the OpenID Shared Signals Framework 1.0, section 8.1.4.1. */
    private static final String VERIFICATION = "https://schemas.openid.net/secevent/ssf/event-type/verification";

    /** The same notification has the same {@code jti} whenever it is sent. */
    static SecurityEvent of(Notification notification, String issuer, Instant now) {
        CalendarEvent event = notification.event();
        Map<String, Object> said = new LinkedHashMap<>();
        if (event.link() != null) {
            said.put("link", event.link());
        }
        said.put("state", event.kind().state());
        if (event.reason() != null) {
            said.put("reason", event.reason().id());
        }
        Map<String, Object> claims = claims(issuer, notification.clientId(), notification.id(), now);
        claims.put("txn", notification.transaction());
        claims.put("toe", event.at().getEpochSecond());
        claims.put("sub_id", subject(event.subject(), issuer));
        claims.put("events", Map.of(EVENTS + event.kind().id().replace('_', '-'), said));
        return new SecurityEvent(TYPE, claims);
    }

    /** One that is about nothing, by which a receiver is tried. */
    static SecurityEvent verification(String clientId, String issuer, Instant now) {
        String state = UUID.randomUUID().toString();
        Map<String, Object> claims = claims(issuer, clientId, UUID.randomUUID().toString(), now);
        claims.put("sub_id", Map.of("format", "opaque", "id", clientId));
        claims.put("events", Map.of(VERIFICATION, Map.of("state", state)));
        return new SecurityEvent(TYPE, claims);
    }

    private static Map<String, Object> claims(String issuer, String audience, String id, Instant now) {
        Map<String, Object> claims = new LinkedHashMap<>();
        claims.put("iss", issuer);
        claims.put("aud", audience);
        claims.put("iat", now.getEpochSecond());
        claims.put("jti", id);
        return claims;
    }

    private static Map<String, String> subject(CalendarEvent.Subject subject, String issuer) {
        return Objects.requireNonNull(
                switch (subject.type()) {
                    case MEMBER -> Map.of("format", "iss_sub", "iss", issuer, "sub", subject.id());
                    case REALM -> Map.of("format", "uri", "uri", issuer);
                    case LINK, UNKNOWN -> Map.of("format", "opaque", "id", subject.id());
                });
    }
}
