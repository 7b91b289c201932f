package io.github.enterpriseconnect.cronofy;

import io.github.enterpriseconnect.core.Application;
import io.github.enterpriseconnect.core.Secret;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The signature that Cronofy puts on its callbacks: header {@value #HEADER}, base64 of HMAC-SHA256 over the raw body,
 * keyed by the client secret; several values joined by commas while several secrets are active. Source: Cronofy's
 * documentation of push notifications, "Authentication".
 */
public final class CallbackSignature {
    public static final String HEADER = "Cronofy-HMAC-SHA256";

    private CallbackSignature() {}

    /**
     * Whether one of the header's values is the body's signature by one of the application's secrets; compared in constant
     * time, false for an empty header.
     */
    public static boolean valid(String header, byte[] body, Application application) {
        boolean valid = false;
        for (Secret secret : application.secrets()) {
            valid |= valid(header, body, secret);
        }
        return valid;
    }

    private static boolean valid(String header, byte[] body, Secret clientSecret) {
        byte[] expected = Base64.getEncoder().encode(hmac(body, clientSecret));
        boolean valid = false;
        for (String value : header.split(",", -1)) {
            valid |= MessageDigest.isEqual(expected, value.strip().getBytes(StandardCharsets.UTF_8));
        }
        return valid;
    }

    private static byte[] hmac(byte[] body, Secret clientSecret) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(clientSecret.reveal().getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            return mac.doFinal(body);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has HmacSHA256", e);
        }
    }
}
