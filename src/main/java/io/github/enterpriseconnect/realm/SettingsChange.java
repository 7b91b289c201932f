package io.github.enterpriseconnect.realm;

import io.github.enterpriseconnect.EnterpriseConnect;
import io.github.enterpriseconnect.SettingsProvider;
import io.github.enterpriseconnect.core.Application;
import io.github.enterpriseconnect.core.Cronofy;
import io.github.enterpriseconnect.core.CronofyException;
import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Secret;
import io.github.enterpriseconnect.core.Unreadable;
import io.github.enterpriseconnect.link.Links;
import io.github.enterpriseconnect.platform.ClientSecret;
import io.github.enterpriseconnect.platform.KeycloakWork;
import io.github.enterpriseconnect.settings.InvalidSettings;
import io.github.enterpriseconnect.settings.RealmSettings;
import io.github.enterpriseconnect.settings.Settings;
import io.github.enterpriseconnect.settings.SettingsForm;
import io.github.enterpriseconnect.settings.UnknownName;
import io.github.enterpriseconnect.storage.SealedClientSecret;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.keycloak.common.util.MultivaluedHashMap;
import org.keycloak.component.ComponentModel;
import org.keycloak.models.RealmModel;
import org.keycloak.models.RequiredActionProviderModel;
import org.keycloak.representations.idm.ComponentRepresentation;

/** Changes a realm's settings and its switch, within the caller's transaction, and tries credentials at Cronofy. */
public final class SettingsChange {
    /** Why nothing can be sealed, and what to do about it. */
    public static final String NO_KEY =
            "the realm has no key to seal the client secret with at present; switch its AES key provider on";

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
     * Replaces the settings. What the present ones have that this version does not know stays.
     *
     * @param wanted component configuration; a secret that is missing or masked stays as it is, and the next one goes if it
     *     is empty, or if the application is another one and no other is written
     * @param enabled the switch; null to leave it
     * @param force whether to unlink what is linked through another application
     * @return links that were removed; tell {@link Links#unlinked} once the transaction has been committed
     */
    public List<LinkId> replace(
            KeycloakWork work, MultivaluedHashMap<String, String> wanted, @Nullable Boolean enabled, boolean force)
            throws Rejected {
        RealmModel realm = work.model();
        Optional<ComponentModel> present = RealmSettings.component(realm);
        String next = wanted.getFirst(SettingsForm.NEXT_CLIENT_SECRET);
        boolean nextWritten = next != null && !masked(next);
        keepSecrets(wanted, present);
        MultivaluedHashMap<String, String> config = keepUnknown(wanted, present);
        Settings settings = usable(work, config);
        sealSecrets(work, config, settings);
        boolean another = RealmSettings.applicationKey(realm)
                .filter(key -> !key.equals(settings.applicationKey()))
                .isPresent();
        if (another && !nextWritten) {
            config.remove(SettingsForm.NEXT_CLIENT_SECRET);
        }
        List<LinkId> removed = removeLinksOfAnotherApplication(work, settings, force);
        write(realm, present, config);
        if (enabled != null) {
            switchTo(work, enabled);
        }
        return removed;
    }

    private static void write(
            RealmModel realm, Optional<ComponentModel> present, MultivaluedHashMap<String, String> config) {
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
    }

    /**
     * Ends a rotation: the next client secret becomes the client secret, and the former one counts no more.
     *
     * @throws Rejected no next one is set
     */
    public void finishRotation(KeycloakWork work) throws Rejected {
        Optional<ComponentModel> present = RealmSettings.component(work.model());
        MultivaluedHashMap<String, String> config = new MultivaluedHashMap<>();
        present.ifPresent(component -> config.putAll(component.getConfig()));
        String next = config.getFirst(SettingsForm.NEXT_CLIENT_SECRET);
        if (next == null || next.isBlank() || masked(next)) {
            throw new Rejected("no nextClientSecret is set; PUT settings with the new secret in it first", true);
        }
        config.remove(SettingsForm.NEXT_CLIENT_SECRET);
        config.putSingle(SettingsForm.CLIENT_SECRET, next);
        write(work.model(), present, config);
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
        keepSecrets(config, RealmSettings.component(work.model()));
        Settings settings = usable(work, config);
        return readable(work, settings)
                .orElseThrow(() -> new Rejected(
                        settings.clientSecret()
                                        .map(Secret::reveal)
                                        .filter(SettingsForm::isVaultReference)
                                        .isPresent()
                                ? "the vault has no secret under that name; write one that it has"
                                : "the key that the client secret is sealed under is not there at present; enter the"
                                        + " secret again, or bring the key back",
                        false));
    }

    private static Optional<Application> readable(KeycloakWork work, Settings settings) {
        try {
            return ClientSecret.application(work.session(), work.model(), settings);
        } catch (Unreadable away) {
            return Optional.empty();
        }
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

    /** There is always a client secret; the next one goes if an empty text is written in its place. */
    private static void keepSecrets(MultivaluedHashMap<String, String> config, Optional<ComponentModel> present) {
        keepSecret(config, SettingsForm.CLIENT_SECRET, present);
        String next = config.getFirst(SettingsForm.NEXT_CLIENT_SECRET);
        if (next == null || !next.isBlank()) {
            keepSecret(config, SettingsForm.NEXT_CLIENT_SECRET, present);
        } else {
            config.remove(SettingsForm.NEXT_CLIENT_SECRET);
        }
    }

    private static void keepSecret(
            MultivaluedHashMap<String, String> config, String key, Optional<ComponentModel> present) {
        String secret = config.getFirst(key);
        boolean missing = secret == null || secret.isBlank() || masked(secret);
        if (missing) {
            config.remove(key);
            present.map(component -> component.getConfig().getFirst(key))
                    .filter(kept -> !masked(kept) || key.equals(SettingsForm.CLIENT_SECRET))
                    .ifPresent(kept -> config.putSingle(key, kept));
        }
    }

    /** As a partial export has it in place of a secret. */
    private static boolean masked(String secret) {
        return secret.equals(ComponentRepresentation.SECRET_VALUE);
    }

    /** One secret that stands in both places is no rotation: whoever writes the new one as the client secret has ended it. */
    private static void sealSecrets(KeycloakWork work, MultivaluedHashMap<String, String> config, Settings settings)
            throws Rejected {
        List<ClientSecret> secrets = ClientSecret.all(work.session(), work.model(), settings);
        boolean same = secrets.size() == 2
                && secrets.get(0).reveal().isPresent()
                && secrets.get(0).reveal().equals(secrets.get(1).reveal());
        try {
            secrets.forEach(secret -> secret.sealed().ifPresent(text -> config.putSingle(secret.key(), text)));
            if (same) {
                config.remove(SettingsForm.NEXT_CLIENT_SECRET);
            }
        } catch (Unreadable noKey) {
            throw new Rejected(NO_KEY, true);
        }
    }

    /** What a newer version may have written stays; what nobody has written before is a slip. */
    private static MultivaluedHashMap<String, String> keepUnknown(
            MultivaluedHashMap<String, String> wanted, Optional<ComponentModel> present) throws Rejected {
        try {
            MultivaluedHashMap<String, String> stored =
                    present.map(ComponentModel::getConfig).orElseGet(MultivaluedHashMap::new);
            Set<String> known = new SettingsForm(stored)
                    .unknown().stream().map(UnknownName::where).collect(Collectors.toSet());
            SettingsForm form = new SettingsForm(wanted);
            for (UnknownName unknown : form.unknown()) {
                if (!known.contains(unknown.where())) {
                    throw new Rejected(
                            unknown.where() + " is not known; did you mean " + unknown.nearest() + "?", false);
                }
            }
            return form.keeping(stored);
        } catch (InvalidSettings invalid) {
            throw new Rejected(String.valueOf(invalid.getMessage()), false);
        }
    }

    private static Settings usable(KeycloakWork work, MultivaluedHashMap<String, String> config) throws Rejected {
        try {
            Settings settings = new SettingsForm(config).parse();
            Secret unused = settings.clientSecret().orElseThrow(SettingsForm::noSecret);
            for (ClientSecret secret : ClientSecret.all(work.session(), work.model(), settings)) {
                requireOwn(work, secret);
            }
            return settings;
        } catch (InvalidSettings invalid) {
            throw new Rejected(String.valueOf(invalid.getMessage()), false);
        }
    }

    private static void requireOwn(KeycloakWork work, ClientSecret secret) throws Rejected {
        boolean foreign = SealedClientSecret.is(secret.written()) && secret.standing() == ClientSecret.Standing.LOST;
        if (foreign && !secret.written().equals(stored(work.model(), secret.key()))) {
            throw new Rejected(
                    secret.key() + " is sealed under a key that this realm does not have; write the"
                            + " client secret itself",
                    false);
        }
    }

    private static @Nullable String stored(RealmModel realm, String key) {
        return RealmSettings.component(realm)
                .map(component -> component.getConfig().getFirst(key))
                .orElse(null);
    }
}
