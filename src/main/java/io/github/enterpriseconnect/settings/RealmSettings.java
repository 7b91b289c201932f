package io.github.enterpriseconnect.settings;

import io.github.enterpriseconnect.EnterpriseConnect;
import io.github.enterpriseconnect.SettingsProvider;
import io.github.enterpriseconnect.core.Application;
import io.github.enterpriseconnect.core.DataCenter;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.keycloak.common.util.MultivaluedHashMap;
import org.keycloak.component.ComponentModel;
import org.keycloak.models.RealmModel;
import org.keycloak.models.RequiredActionProviderModel;

/** Finds a realm's settings and its switch. Reads cached models only. */
public final class RealmSettings {
    private static final Logger LOG = Logger.getLogger(RealmSettings.class);
    private static final String PARSED = "enterprise-connect.parsed";

    private RealmSettings() {}

    /** Whether the required action "Enterprise Connect" is switched on in the realm. */
    public static boolean enabled(RealmModel realm) {
        RequiredActionProviderModel action = realm.getRequiredActionProviderByAlias(EnterpriseConnect.ID);
        return action != null && action.isEnabled();
    }

    /**
     * The valid settings; empty while there are none. Read once per version of the component, which Keycloak caches.
     */
    public static Optional<Settings> of(RealmModel realm) {
        return component(realm).flatMap(component -> {
            Optional<Settings> settings = component.getNote(PARSED);
            if (settings == null) {
                settings = parse(realm, component);
                component.setNote(PARSED, settings);
            }
            return settings;
        });
    }

    private static Optional<Settings> parse(RealmModel realm, ComponentModel component) {
        try {
            SettingsForm form = new SettingsForm(component.getConfig());
            List<UnknownName> unknown = form.unknown();
            if (!unknown.isEmpty()) {
                LOG.warnf(
                        "the settings of realm %s have what this version does not know, and keeps: %s",
                        realm.getName(),
                        unknown.stream().map(UnknownName::where).toList());
            }
            return Optional.of(form.parse());
        } catch (InvalidSettings invalid) {
            LOG.warnf("the settings of realm %s cannot be used: %s", realm.getName(), invalid.getMessage());
            return Optional.empty();
        }
    }

    /** See {@link Application#key()}; of settings, too, that cannot be used for another reason. */
    public static Optional<String> applicationKey(RealmModel realm) {
        return component(realm).flatMap(component -> {
            String clientId = component.get(SettingsForm.CLIENT_ID);
            return DataCenter.byId(component.get(SettingsForm.DATA_CENTER, SettingsForm.DEFAULT_DATA_CENTER))
                    .filter(dataCenter -> clientId != null)
                    .map(dataCenter -> Application.key(dataCenter, clientId));
        });
    }

    /** The settings as they are written, or the defaults while nothing is. */
    public static MultivaluedHashMap<String, String> configuration(RealmModel realm) {
        MultivaluedHashMap<String, String> config = new MultivaluedHashMap<>();
        config.putSingle(SettingsForm.DATA_CENTER, SettingsForm.DEFAULT_DATA_CENTER);
        config.putSingle(SettingsForm.SCOPE, SettingsForm.DEFAULT_SCOPE);
        config.putSingle(SettingsForm.DELEGATED_SCOPE, SettingsForm.DEFAULT_DELEGATED_SCOPE);
        component(realm).ifPresent(component -> config.putAll(component.getConfig()));
        return config;
    }

    /** What the settings have that this version does not know, as paths; empty if they cannot be read at all. */
    public static List<String> unknown(RealmModel realm) {
        try {
            return new SettingsForm(configuration(realm))
                    .unknown().stream().map(UnknownName::where).toList();
        } catch (InvalidSettings invalid) {
            return List.of();
        }
    }

    public static Optional<ComponentModel> component(RealmModel realm) {
        return realm.getComponentsStream(realm.getId(), SettingsProvider.class.getName())
                .findFirst();
    }
}
