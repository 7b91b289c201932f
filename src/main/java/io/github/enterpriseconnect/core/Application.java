package io.github.enterpriseconnect.core;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The Cronofy OAuth application of a realm.
 *
 * @param clientId Cronofy's identifier of the application
 * @param clientSecret its secret, already resolved if the settings name a vault entry
 * @param nextSecret during a rotation, the secret that is to follow; Cronofy may accept either, or both
 * @param partly whether there is another secret, which cannot be read now
 */
public record Application(
        DataCenter dataCenter, String clientId, Secret clientSecret, Optional<Secret> nextSecret, boolean partly) {

    /** An application all of whose secrets are known. */
    public Application(DataCenter dataCenter, String clientId, Secret clientSecret, Optional<Secret> nextSecret) {
        this(dataCenter, clientId, clientSecret, nextSecret, false);
    }

    /** An application whose secret is not being replaced. */
    public Application(DataCenter dataCenter, String clientId, Secret clientSecret) {
        this(dataCenter, clientId, clientSecret, Optional.empty());
    }

    /** The secrets that Cronofy may know the application by: one, or two during a rotation. */
    public List<Secret> secrets() {
        return Stream.concat(Stream.of(clientSecret), nextSecret.stream()).toList();
    }

    /** The same application, known by this secret alone. */
    public Application by(Secret secret) {
        return new Application(dataCenter, clientId, secret);
    }

    /** What identifies the application in tables: its data centre and client id, never the secret. */
    public String key() {
        return key(dataCenter, clientId);
    }

    /** See {@link #key()}. */
    public static String key(DataCenter dataCenter, String clientId) {
        return dataCenter.id() + ":" + clientId;
    }
}
