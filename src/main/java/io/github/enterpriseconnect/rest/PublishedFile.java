package io.github.enterpriseconnect.rest;

import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * A file of this extension that anybody may read, always as this version has it: whoever keeps it asks with the tag that
 * it came with whether it is still the same (RFC 9110 section 13.1.2).
 */
final class PublishedFile {
    private final byte[] content;
    private final String type;
    private final String tag;

    private PublishedFile(byte[] content, String type) {
        this.content = content;
        this.type = type;
        this.tag = "\"" + digest(content) + "\"";
    }

    /**
     * Reads a file out of the JAR.
     *
     * @param name below {@code enterprise-connect/}; must be a name that was checked, if a caller chose it
     * @return null if there is no such file
     */
    static @Nullable PublishedFile named(String name, String type) {
        try (InputStream file = PublishedFile.class.getResourceAsStream("/enterprise-connect/" + name)) {
            return file == null ? null : new PublishedFile(file.readAllBytes(), type);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String digest(byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content), 0, 16);
        } catch (NoSuchAlgorithmException everyPlatformHasIt) {
            throw new IllegalStateException(everyPlatformHasIt);
        }
    }

    /**
     * The file, or that it is the one which the caller has.
     *
     * @param ifNoneMatch the header, which may list several tags; proxies that compress make them weak
     */
    Response answer(@Nullable String ifNoneMatch) {
        Response.ResponseBuilder answer = isIn(ifNoneMatch)
                ? Response.notModified()
                : Response.ok(content).type(type);
        return answer.header(HttpHeaders.ETAG, tag)
                .header(HttpHeaders.CACHE_CONTROL, "no-cache")
                .build();
    }

    private boolean isIn(@Nullable String ifNoneMatch) {
        return ifNoneMatch != null
                && Arrays.stream(ifNoneMatch.split(","))
                        .map(String::strip)
                        .map(one -> one.startsWith("W/") ? one.substring(2) : one)
                        .anyMatch(one -> one.equals(tag) || one.equals("*"));
    }
}
