package io.github.enterpriseconnect.platform;

/**
 * The directory that a user comes from cannot be asked at the moment, so nothing is known of the user. Try again later.
 */
public final class DirectorySilent extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public DirectorySilent(Throwable cause) {
        super("a user's directory cannot be asked", cause);
    }
}
