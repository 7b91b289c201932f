package io.github.enterpriseconnect.core;

/**
 * The Cronofy OAuth application of a realm.
 *
 * @param clientId Cronofy's identifier of the application
 * @param clientSecret its secret, already resolved if the settings name a vault entry
 */
public record Application(DataCenter dataCenter, String clientId, Secret clientSecret) {

    /** What identifies the application in tables: its data centre and client id, never the secret. */
    public String key() {
        return key(dataCenter, clientId);
    }

    /** See {@link #key()}. */
    public static String key(DataCenter dataCenter, String clientId) {
        return dataCenter.id() + ":" + clientId;
    }
}
