package io.github.enterpriseconnect.realm;

import io.github.enterpriseconnect.EnterpriseConnect;
import io.github.enterpriseconnect.SettingsProvider;
import io.github.enterpriseconnect.core.Application;
import io.github.enterpriseconnect.core.Cronofy;
import io.github.enterpriseconnect.core.CronofyException;
import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.link.Links;
import io.github.enterpriseconnect.platform.KeycloakWork;
import io.github.enterpriseconnect.settings.RealmSettings;
import io.github.enterpriseconnect.settings.Settings;
import io.github.enterpriseconnect.settings.SettingsForm;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.keycloak.common.util.MultivaluedHashMap;
import org.keycloak.component.ComponentModel;
import org.keycloak.models.RealmModel;
import org.keycloak.models.RequiredActionProviderModel;
import org.keycloak.representations.idm.ComponentRepresentation;

/** Changes a realm's settings and its switch, within the caller's transaction, and tries credentials at Cronofy. */
public final class SettingsChange {
    private final Links links;
    private final RealmSetup setup;
    private final Cronofy cronofy;

    /** A change that cannot be made; the message says what to do instead. */
    public static final class Rejected extends Exception {
        private static final long serialVersionUID = 1L;
        private final boolean conflict;

        Rejected(String message, boolean conflict) {
            super(message);
            this.conflict = conflict;
        }

        /** Whether it could be made by force, or after something else has been undone. */
        public boolean conflict() {
            return conflict;
        }
    }

    public SettingsChange(Links links, RealmSetup setup, Cronofy cronofy) {
        this.links = links;
        this.setup = setup;
        this.cronofy = cronofy;
    }

    /**
     * Replaces the settings.
     *
     * @param config component configuration; a secret that is missing or masked stays as it is
     * @param enabled the switch; null to leave it
     * @param force whether to unlink what is linked through another application
     * @return links that were removed; tell {@link Links#unlinked} once the transaction has been committed
     */
    public List<LinkId> replace(
            KeycloakWork work, MultivaluedHashMap<String, String> config, @Nullable Boolean enabled, boolean force)
            throws Rejected {
        RealmModel realm = work.model();
        Optional<ComponentModel> present = RealmSettings.component(realm);
        keepSecret(config, present);
        Settings settings = parse(config);
        List<LinkId> removed = removeLinksOfAnotherApplication(work, settings, force);
        ComponentModel component = present.map(ComponentModel::new).orElseGet(ComponentModel::new);
        component.setName(EnterpriseConnect.ID);
        component.setProviderId(EnterpriseConnect.ID);
        component.setProviderType(SettingsProvider.class.getName());
        component.setParentId(realm.getId());
        component.setConfig(config);
        if (present.isPresent()) {
            realm.updateComponent(component);
        } else {
            realm.addComponentModel(component);
        }
        if (enabled != null) {
            switchTo(work, enabled);
        }
        return removed;
    }

    /** Turns Enterprise Connect on or off, as the stock toggle of the required action does. */
    private void switchTo(KeycloakWork work, boolean enabled) {
        RealmModel realm = work.model();
        setup.register(realm);
        RequiredActionProviderModel action = realm.getRequiredActionProviderByAlias(EnterpriseConnect.ID);
        action.setEnabled(enabled);
        realm.updateRequiredActionProvider(action);
        setup.complete(work.session(), realm);
    }

    /**
     * The application that the given configuration describes, its secret resolved; for {@link #test}.
     *
     * @throws Rejected the configuration is not valid
     */
    public Application application(KeycloakWork work, MultivaluedHashMap<String, String> config) throws Rejected {
        keepSecret(config, RealmSettings.component(work.model()));
        return RealmSettings.application(work.session(), work.model(), parse(config))
                .orElseThrow(
                        () -> new Rejected("the vault has no secret under that name; write one that it has", false));
    }

    /**
     * Whether Cronofy knows the client id and secret. Called outside any transaction.
     *
     * @return empty if it does; otherwise what is wrong
     */
    public Optional<String> test(Application application) {
        try {
            cronofy.proveCredentials(application);
            return Optional.empty();
        } catch (CronofyException.Misconfigured misconfigured) {
            return Optional.of("Cronofy does not accept this client id and secret in the data center "
                    + application.dataCenter().id() + " (" + misconfigured.getMessage() + ")");
        } catch (CronofyException e) {
            return Optional.of("Cronofy cannot be reached at the moment (" + e.getMessage() + ")");
        }
    }

    private List<LinkId> removeLinksOfAnotherApplication(KeycloakWork work, Settings settings, boolean force)
            throws Rejected {
        List<LinkId> others = work.links().list(work.realm().id()).stream()
                .filter(link -> link.linked() && !settings.applicationKey().equals(link.application()))
                .map(Link::id)
                .toList();
        if (!others.isEmpty() && !force) {
            throw new Rejected(
                    others.size() + " organizations are linked through the present application; unlink them first, or"
                            + " repeat the request with force=true to have them revoked",
                    true);
        }
        others.forEach(link -> links.unlink(work, link));
        return others;
    }

    private static void keepSecret(MultivaluedHashMap<String, String> config, Optional<ComponentModel> present) {
        String secret = config.getFirst(SettingsForm.CLIENT_SECRET);
        boolean missing = secret == null || secret.isBlank() || secret.equals(ComponentRepresentation.SECRET_VALUE);
        if (missing) {
            config.remove(SettingsForm.CLIENT_SECRET);
            present.map(component -> component.getConfig().getFirst(SettingsForm.CLIENT_SECRET))
                    .ifPresent(kept -> config.putSingle(SettingsForm.CLIENT_SECRET, kept));
        }
    }

    private static Settings parse(MultivaluedHashMap<String, String> config) throws Rejected {
        try {
            return new SettingsForm(config).parse();
        } catch (SettingsForm.Invalid invalid) {
            throw new Rejected(String.valueOf(invalid.getMessage()), false);
        }
    }
}
