package io.github.enterpriseconnect;

import org.keycloak.provider.Provider;

/** The component type of a realm's settings; its name is what a realm import and the components API call it by. */
public interface SettingsProvider extends Provider {}
