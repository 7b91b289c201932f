package io.github.enterpriseconnect.core;

import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What has happened to a calendar, or to all calendars of a link or of the realm: told to applications and to whoever
 * listens in Keycloak. Ids only: it never bears an address or a token.
 *
 * @param realm Keycloak's id of the realm
 * @param subject whom it concerns
 * @param link name of the link; null where all links of the realm are concerned
 * @param reason why; null where nothing is to be explained
 */
public record CalendarEvent(
        Kind kind,
        String realm,
        Subject subject,
        @Nullable String link,
        @Nullable Reason reason,
        Instant at) {

    /** What has happened; the lower-case name is what applications and administrators see. */
    public enum Kind {
        /** A token can be fetched from now on. */
        CONNECTED("granted"),
        /** Cronofy, or what came of the question, says no; asked again later. */
        REFUSED("refused"),
        /** No token is served for now; nothing is revoked, and it comes back by itself or by an administrator. */
        WITHHELD("withheld"),
        /** What withheld it is over. */
        RESUMED("resumed"),
        /** The right has ended; whatever was kept of it is to be forgotten. */
        ENDED("revoked"),
        /** Cronofy no longer honours the authorization; somebody has to authorize anew. */
        NEEDS_AUTHORIZATION("needs_authorization"),
        /** A link's service account is authorized, for the first time or again. */
        AUTHORIZED("active"),
        /** A newer version has written it. */
        UNKNOWN("unknown");

        private final String state;

        Kind(String state) {
            this.state = state;
        }

        public String id() {
            return name().toLowerCase(Locale.ROOT);
        }

        /** How it stands afterwards, by the words of the APIs where they have one. */
        public String state() {
            return state;
        }
    }

    /** What kind of thing an event is about. */
    public enum Type {
        /** A Keycloak user, by id. */
        MEMBER,
        /** All members of a link, by its name. */
        LINK,
        /** All links of the realm. */
        REALM,
        /** A newer version has written it. */
        UNKNOWN;

        public String id() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * Whom an event is about.
     *
     * @param id Keycloak's id of the user, name of the link, or Keycloak's id of the realm
     */
    public record Subject(Type type, String id) {}

    public static CalendarEvent ofMember(Kind kind, LinkId link, String user, @Nullable Reason reason, Instant at) {
        return new CalendarEvent(kind, link.realm(), new Subject(Type.MEMBER, user), link.name(), reason, at);
    }

    public static CalendarEvent ofLink(Kind kind, LinkId link, @Nullable Reason reason, Instant at) {
        return new CalendarEvent(kind, link.realm(), new Subject(Type.LINK, link.name()), link.name(), reason, at);
    }

    public static CalendarEvent ofRealm(Kind kind, String realm, @Nullable Reason reason, Instant at) {
        return new CalendarEvent(kind, realm, new Subject(Type.REALM, realm), null, reason, at);
    }

    /** Keycloak's id of the user; empty if it is about more than one. */
    public Optional<String> user() {
        return subject.type() == Type.MEMBER ? Optional.of(subject.id()) : Optional.empty();
    }

    /** Whether the consumer may fetch tokens of what this is about: nobody else is told. */
    public boolean concerns(Consumer consumer) {
        boolean fetches = consumer.may(Consumer.Right.MEMBER)
                || consumer.may(Consumer.Right.OFFLINE)
                || (subject.type() != Type.MEMBER && consumer.may(Consumer.Right.RESOURCE));
        return fetches && (link == null ? !consumer.coversNothing() : consumer.covers(link));
    }
}
