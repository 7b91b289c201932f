package io.github.enterpriseconnect.core;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The key under which tickets are given their proof. Whoever has it cannot open anything: a ticket is looked up all the
 * same, by 256 bits that nobody guesses. It only keeps forged tickets from costing a look.
 *
 * @param plainUntil until when a ticket without a proof may be one that an older version has made, for a door that it knew
 */
public record TicketKey(Secret secret, Instant plainUntil) {
    private static final int PROOF_BYTES = 16;
    private static final String ALGORITHM = "HmacSHA256";

    /** Another than all others. */
    public static TicketKey random(SecureRandom random, Instant plainUntil) {
        return new TicketKey(Ticket.random(random).value(), plainUntil);
    }

    /** A new ticket for this door of this realm. */
    public Ticket issue(SecureRandom random, Ticket.Door door, String realm) {
        byte[] bytes = Arrays.copyOf(Ticket.randomBytes(random), Ticket.RANDOM_BYTES + PROOF_BYTES);
        byte[] proof = proof(bytes, door, realm);
        System.arraycopy(proof, 0, bytes, Ticket.RANDOM_BYTES, PROOF_BYTES);
        return Ticket.of(bytes);
    }

    /** Whether nobody of us has made this ticket for this door of this realm. */
    public boolean refutes(String presented, Ticket.Door door, String realm, Instant now) {
        return switch (Form.of(presented)) {
            case NONE -> true;
            case PLAIN -> door == Ticket.Door.NOTIFICATION_CALLBACK || !now.isBefore(plainUntil);
            case PROVEN -> {
                byte[] bytes = Base64.getUrlDecoder().decode(presented);
                yield !MessageDigest.isEqual(
                        proof(bytes, door, realm), Arrays.copyOfRange(bytes, Ticket.RANDOM_BYTES, bytes.length));
            }
        };
    }

    /** Whether this is no ticket at all, whatever the key. */
    public static boolean malformed(String presented) {
        return Form.of(presented) == Form.NONE;
    }

    private enum Form {
        PROVEN,
        /** As older versions make them. */
        PLAIN,
        NONE;

        static Form of(String presented) {
            return decoded(presented)
                    .map(bytes -> switch (bytes.length) {
                        case Ticket.RANDOM_BYTES + PROOF_BYTES -> PROVEN;
                        case Ticket.RANDOM_BYTES -> PLAIN;
                        default -> NONE;
                    })
                    .orElse(NONE);
        }

        /** Empty unless it is written as we write it, so that no ticket has two spellings. */
        private static Optional<byte[]> decoded(String presented) {
            try {
                byte[] bytes = Base64.getUrlDecoder().decode(presented);
                boolean same = Base64.getUrlEncoder()
                        .withoutPadding()
                        .encodeToString(bytes)
                        .equals(presented);
                return same ? Optional.of(bytes) : Optional.empty();
            } catch (IllegalArgumentException notBase64) {
                return Optional.empty();
            }
        }
    }

    /** Of the random half alone. Ends of line keep apart what is put together. */
    private byte[] proof(byte[] ticket, Ticket.Door door, String realm) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(new SecretKeySpec(secret.reveal().getBytes(StandardCharsets.UTF_8), ALGORITHM));
            mac.update((door + "\n" + realm + "\n").getBytes(StandardCharsets.UTF_8));
            mac.update(ticket, 0, Ticket.RANDOM_BYTES);
            return Arrays.copyOf(mac.doFinal(), PROOF_BYTES);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has " + ALGORITHM, e);
        }
    }
}
