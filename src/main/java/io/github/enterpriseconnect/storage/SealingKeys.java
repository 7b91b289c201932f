package io.github.enterpriseconnect.storage;

import java.util.Optional;
import javax.crypto.SecretKey;

/** The AES keys of one realm. */
public interface SealingKeys {
    /** What people know the owner of the keys by, for the log. */
    String owner();

    /** The key that seals at present. */
    Key active();

    /** A key that opens, which may be passive by now; empty if the realm has none of this id. */
    Optional<SecretKey> byId(String id);

    /** A key with the id by which it is found again. */
    record Key(String id, SecretKey secret) {}
}
