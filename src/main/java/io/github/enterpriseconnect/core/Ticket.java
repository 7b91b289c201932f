package io.github.enterpriseconnect.core;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;

/** An unguessable value of 256 bits that proves its bearer's right by itself; stored only as its hash. */
public record Ticket(Secret value) {
    private static final int BYTES = 32;

    public static Ticket random(SecureRandom random) {
        byte[] bytes = new byte[BYTES];
        random.nextBytes(bytes);
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
