package io.github.enterpriseconnect.core;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;

/**
 * An unguessable value of 256 bits that proves its bearer's right by itself; stored only as its hash. One that opens a
 * public door comes with a proof, by which forged ones are told without asking the database ({@link TicketKey}).
 */
public record Ticket(Secret value) {
    static final int RANDOM_BYTES = 32;

    /** A public door, where anybody may show anything. */
    public enum Door {
        INVITATION,
        LINK_CALLBACK,
        DELEGATION_CALLBACK,
        NOTIFICATION_CALLBACK
    }

    /** One without a proof. */
    public static Ticket random(SecureRandom random) {
        return of(randomBytes(random));
    }

    static byte[] randomBytes(SecureRandom random) {
        byte[] bytes = new byte[RANDOM_BYTES];
        random.nextBytes(bytes);
        return bytes;
    }

    static Ticket of(byte[] bytes) {
        return new Ticket(Secret.of(Base64.getUrlEncoder().withoutPadding().encodeToString(bytes)));
    }

    public String hash() {
        return hash(value.reveal());
    }

    /** What somebody presents, as it would be stored: SHA-256 in hexadecimal. */
    public static String hash(String presented) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(presented.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
