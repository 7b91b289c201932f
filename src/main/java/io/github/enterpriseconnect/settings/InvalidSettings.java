package io.github.enterpriseconnect.settings;

/** A value in the settings that cannot be used; the message says what to write instead. */
public final class InvalidSettings extends Exception {
    private static final long serialVersionUID = 1L;

    InvalidSettings(String message) {
        super(message);
    }
}
