package io.github.enterpriseconnect.storage;

import java.util.Optional;
import javax.crypto.SecretKey;

/** The AES keys of one realm. */
public interface SealingKeys {
    /** What people know the owner of the keys by, for the log. */
    String owner();

    /**
     * The key that seals at present.
     *
     * @throws io.github.enterpriseconnect.core.Unreadable there is none now
     */
    Key active();

    /**
     * A key that opens, which may be passive by now; empty if the realm has none of this id.
     *
     * @throws io.github.enterpriseconnect.core.Unreadable the keys cannot be read now
     */
    Optional<SecretKey> byId(String id);

    /**
     * Whether the realm has a key of this id, or may have it again, such as from a provider that is switched off; told
     * without reading any key.
     */
    boolean mayHold(String id);

    /** A key with the id by which it is found again. */
    record Key(String id, SecretKey secret) {}
}
