package io.github.enterpriseconnect.simulator;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** An OAuth application registered at Cronofy; knows its own secret. */
record Application(String clientId, String secret) {

    /** Of several active secrets each signs, and the values are joined by a bare comma (contract 5.7). */
    String signature(byte[] body, String oldSecret) {
        List<String> secrets = oldSecret.isEmpty() ? List.of(secret) : List.of(oldSecret, secret);
        return secrets.stream().map(one -> sign(one, body)).collect(Collectors.joining(","));
    }

    /**
     * The same thing has the same identifier within an application, always, even after a restart (contract 2.1, 11.4).
     *
     * @param form {@code acc}, {@code ser}, {@code pro}, …
     */
    String identifier(String form, String thing) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256")
                    .digest((clientId + '\n' + form + '\n' + thing).getBytes(StandardCharsets.UTF_8));
            return form + '_' + HexFormat.of().formatHex(digest, 0, 12);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public String toString() {
        return "Application[" + clientId + "]";
    }

    private static String sign(String secret, byte[] body) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            return Base64.getEncoder().encodeToString(mac.doFinal(body));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
