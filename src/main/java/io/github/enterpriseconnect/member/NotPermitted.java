package io.github.enterpriseconnect.member;

/** What an administrator asks for cannot be done now; the message says why. */
public final class NotPermitted extends Exception {
    private static final long serialVersionUID = 1L;

    NotPermitted(String message) {
        super(message);
    }
}
