package io.github.enterpriseconnect.cronofy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.apache.http.entity.AbstractHttpEntity;
import org.apache.http.entity.ContentType;

/**
 * The body of a request that must not reach Cronofy twice: a code or a refresh token may be used up by the first time.
 * The operator may have Keycloak's HTTP client repeat requests; it repeats none whose body cannot be had again. It also
 * tells whether anything of it was ever written: as long as nothing was, Cronofy cannot have done anything.
 */
final class SentOnce extends AbstractHttpEntity {
    private final byte[] body;
    private volatile boolean begun;

    SentOnce(byte[] body) {
        this.body = body.clone();
        setContentType(ContentType.APPLICATION_JSON.toString());
    }

    /** Whether a part of it may have left this server. */
    boolean begun() {
        return begun;
    }

    @Override
    public boolean isRepeatable() {
        return false;
    }

    @Override
    public long getContentLength() {
        return body.length;
    }

    @Override
    public InputStream getContent() throws IOException {
        begin();
        return new ByteArrayInputStream(body);
    }

    @Override
    public void writeTo(OutputStream out) throws IOException {
        begin();
        out.write(body);
    }

    private void begin() throws IOException {
        if (begun) {
            throw new IOException("the request was sent before");
        }
        begun = true;
    }

    @Override
    public boolean isStreaming() {
        return false;
    }
}
