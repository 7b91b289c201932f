package io.github.enterpriseconnect.settings;

import io.github.enterpriseconnect.core.DataCenter;
import java.util.Arrays;
import java.util.List;
import org.keycloak.provider.ProviderConfigProperty;
import org.keycloak.provider.ProviderConfigurationBuilder;

/** Every key of the settings with its default and its help text. */
public final class SettingsProperties {
    private SettingsProperties() {}

    /** What the generic components API and its clients learn about the keys. */
    public static List<ProviderConfigProperty> all() {
        return ProviderConfigurationBuilder.create()
                .property()
                .name(SettingsForm.DATA_CENTER)
                .label("Data center")
                .helpText("Cronofy data center of the application: " + DataCenter.ids() + ".")
                .type(ProviderConfigProperty.LIST_TYPE)
                .options(Arrays.stream(DataCenter.values()).map(DataCenter::id).toList())
                .defaultValue(SettingsForm.DEFAULT_DATA_CENTER)
                .add()
                .property()
                .name(SettingsForm.CLIENT_ID)
                .label("Client ID")
                .helpText("Client id of the application in Cronofy's developer dashboard.")
                .type(ProviderConfigProperty.STRING_TYPE)
                .add()
                .property()
                .name(SettingsForm.CLIENT_SECRET)
                .label("Client secret")
                .helpText("Its client secret, or a vault reference like ${vault.cronofy}.")
                .type(ProviderConfigProperty.PASSWORD)
                .secret(true)
                .add()
                .property()
                .name(SettingsForm.NEXT_CLIENT_SECRET)
                .label("Next client secret")
                .helpText("While the client secret is being replaced: the new one. Both count until it is finished.")
                .type(ProviderConfigProperty.PASSWORD)
                .secret(true)
                .add()
                .property()
                .name(SettingsForm.SCOPE)
                .label("Scope")
                .helpText("What service accounts are asked for, separated by spaces.")
                .type(ProviderConfigProperty.STRING_TYPE)
                .defaultValue(SettingsForm.DEFAULT_SCOPE)
                .add()
                .property()
                .name(SettingsForm.DELEGATED_SCOPE)
                .label("Delegated scope")
                .helpText("The most that is asked for a mailbox, separated by spaces.")
                .type(ProviderConfigProperty.STRING_TYPE)
                .defaultValue(SettingsForm.DEFAULT_DELEGATED_SCOPE)
                .add()
                .property()
                .name(SettingsForm.PUBLIC_URL)
                .label("Public URL")
                .helpText("Base URL by which Cronofy reaches Keycloak; leave empty to use Keycloak's frontend URL.")
                .type(ProviderConfigProperty.STRING_TYPE)
                .add()
                .property()
                .name(SettingsForm.SIGNATURE_REQUIRED)
                .label("Signature required")
                .helpText("Refuse callbacks that carry no signature. One that carries a wrong one is always refused.")
                .type(ProviderConfigProperty.BOOLEAN_TYPE)
                .defaultValue(false)
                .add()
                .property()
                .name(SettingsForm.CONSUMERS)
                .label("Consumers")
                .helpText("Clients that may fetch tokens, one JSON object each, such as"
                        + " {\"clientId\": \"calendar\", \"rights\": [\"member\"]}.")
                .type(ProviderConfigProperty.MULTIVALUED_STRING_TYPE)
                .add()
                .property()
                .name(SettingsForm.CONSUMER_AUTHORIZATIONS)
                .label("Authorization of notifications")
                .helpText("Authorization headers that consumers' notifications are sent with: a JSON object with one"
                        + " text for each client id.")
                .type(ProviderConfigProperty.PASSWORD)
                .secret(true)
                .add()
                .property()
                .name(SettingsForm.WATCH_SERVICE_ACCOUNTS)
                .label("Watch service accounts")
                .helpText("Ask Cronofy once a day how each service account stands and what it was granted.")
                .type(ProviderConfigProperty.BOOLEAN_TYPE)
                .defaultValue(false)
                .add()
                .property()
                .name(SettingsForm.WATCH_PROFILES)
                .label("Watch profiles")
                .helpText(
                        "Have Cronofy notify us when a member's calendar is disconnected or has been read for the first"
                                + " time. Costs two or three requests a member, and as many again each week.")
                .type(ProviderConfigProperty.BOOLEAN_TYPE)
                .defaultValue(false)
                .add()
                .build();
    }
}
