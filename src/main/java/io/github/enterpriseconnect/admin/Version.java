package io.github.enterpriseconnect.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import jakarta.ws.rs.core.Response;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * The version of what a PUT replaces, as an entity tag (RFC 9110 section 8.8.3): the same content has the same tag, on
 * every node and however often it was written. Whoever sends the tag of what they have read in {@code If-Match} replaces
 * nothing that they have not seen.
 */
record Version(String tag) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String ANY = "*";

    /** @param content whatever Jackson can write; order counts neither in objects nor in lists */
    static Version of(Object content) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256")
                    .digest(ordered(JSON.valueToTree(content)).getBytes(StandardCharsets.UTF_8));
            return new Version("\"" + HexFormat.of().formatHex(digest, 0, 16) + "\"");
        } catch (NoSuchAlgorithmException everyPlatformHasIt) {
            throw new IllegalStateException(everyPlatformHasIt);
        }
    }

    private static String ordered(JsonNode node) {
        if (node.isObject()) {
            return node.properties().stream()
                    .map(member -> JSON.getNodeFactory().textNode(member.getKey()) + ":" + ordered(member.getValue()))
                    .sorted()
                    .collect(Collectors.joining(",", "{", "}"));
        }
        if (node.isArray()) {
            return StreamSupport.stream(node.spliterator(), false)
                    .map(Version::ordered)
                    .sorted()
                    .collect(Collectors.joining(",", "[", "]"));
        }
        return node.toString();
    }

    /**
     * Goes on if the caller has read this version, or does not say.
     *
     * @param ifMatch the header, which may list several tags; proxies that compress make them weak
     */
    void requireReadBy(@Nullable String ifMatch) {
        if (ifMatch == null || ifMatch.strip().equals(ANY)) {
            return;
        }
        boolean read = Arrays.stream(ifMatch.split(","))
                .map(String::strip)
                .map(one -> one.startsWith("W/") ? one.substring(2) : one)
                .anyMatch(one -> Objects.equals(one, tag));
        if (!read) {
            throw RequestRefused.because(
                    "Somebody else has changed it since you read it; read it again, and repeat your change.",
                    Response.Status.PRECONDITION_FAILED);
        }
    }
}
