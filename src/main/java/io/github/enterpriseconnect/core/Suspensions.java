package io.github.enterpriseconnect.core;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * The kill switches of a realm that are active now: of the realm as a whole, of single links and of single consumers.
 * Who is suspended keeps everything and gets nothing.
 */
public record Suspensions(Map<Subject, Suspension> active) {

    /** None. */
    public static final Suspensions NONE = new Suspensions(Map.of());

    /** What is suspended. */
    public enum Kind {
        REALM,
        LINK,
        CONSUMER,
        /** A newer version has written it: nobody here knows what is suspended by it. */
        UNKNOWN
    }

    /**
     * One thing that can be suspended.
     *
     * @param name of the link, or client id of the consumer; empty for the realm
     */
    public record Subject(Kind kind, String name) {
        public static final Subject REALM = new Subject(Kind.REALM, "");

        public static Subject link(String name) {
            return new Subject(Kind.LINK, name);
        }

        public static Subject consumer(String clientId) {
            return new Subject(Kind.CONSUMER, clientId);
        }
    }

    /**
     * An active switch.
     *
     * @param by Keycloak's id of the administrator
     * @param byRealmAdministrator whether only an administrator of the realm may lift it
     */
    public record Suspension(Instant since, String by, boolean byRealmAdministrator) {}

    public Suspensions {
        active = Map.copyOf(active);
    }

    public Optional<Suspension> of(Subject subject) {
        return Optional.ofNullable(active.get(subject));
    }

    /** Whether a switch of a newer version is active, of which nobody here knows what it suspends. */
    public boolean anyUnknown() {
        return active.keySet().stream().anyMatch(subject -> subject.kind() == Kind.UNKNOWN);
    }

    public boolean realm() {
        return active.containsKey(Subject.REALM);
    }

    public boolean link(String name) {
        return active.containsKey(Subject.link(name));
    }

    public boolean consumer(String clientId) {
        return active.containsKey(Subject.consumer(clientId));
    }
}
