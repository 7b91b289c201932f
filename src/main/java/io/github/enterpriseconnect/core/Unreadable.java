package io.github.enterpriseconnect.core;

/**
 * A question that cannot be answered now, because something that the answer depends on cannot be read: neither yes nor
 * no. Whoever meets it ends nothing and grants nothing, keeps what there is, and asks again later. The message names
 * what cannot be read by ids and by words of ours, never a person or an address.
 */
public class Unreadable extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Reason reason;

    /**
     * What cannot be read.
     *
     * @param reason what is withheld for it is withheld for this reason
     */
    protected Unreadable(Reason reason, String message, Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    private Unreadable(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    /** The directory that a user comes from is away, or does not say now what it adds to the user. */
    public static Unreadable directory(String component) {
        return new Unreadable(Reason.DIRECTORY_SILENT, "directory " + component + " cannot be read");
    }

    /** A policy names a group or role, by its id, that the realm does not have. */
    public static Unreadable rule(String missing) {
        return new Unreadable(Reason.RULE_UNRESOLVED, "the realm has no group or role " + missing);
    }

    /** The key with this id is away, but may come back. */
    public static Unreadable key(String id) {
        return new Unreadable(Reason.KEY_AWAY, "key " + id + " is away");
    }

    /** A value that a newer version has written. */
    public static Unreadable value(String what) {
        return new Unreadable(Reason.VALUE_UNKNOWN, what + " was written by a newer version");
    }

    /** What the gate withholds for this reason. */
    public static Unreadable because(Reason reason) {
        return new Unreadable(reason, "withheld: " + reason.id());
    }

    /** Why something is withheld that depends on the answer. */
    public Reason reason() {
        return reason;
    }
}
