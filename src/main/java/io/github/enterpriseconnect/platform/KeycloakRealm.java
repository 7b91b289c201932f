package io.github.enterpriseconnect.platform;

import io.github.enterpriseconnect.core.Application;
import io.github.enterpriseconnect.core.Behaviour;
import io.github.enterpriseconnect.core.Candidate;
import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Policy;
import io.github.enterpriseconnect.core.Secret;
import io.github.enterpriseconnect.settings.BehaviourDefaults;
import io.github.enterpriseconnect.settings.RealmSettings;
import io.github.enterpriseconnect.settings.Receivers;
import io.github.enterpriseconnect.settings.Settings;
import io.github.enterpriseconnect.storage.WrittenAttribute;
import java.net.URI;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.keycloak.models.ClientModel;
import org.keycloak.models.IdentityProviderModel;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.storage.UserStorageProvider;

/** A realm by Keycloak's model of it. */
record KeycloakRealm(KeycloakSession session, RealmModel model) implements Realm {
    @Override
    public String id() {
        return model.getId();
    }

    @Override
    public String name() {
        return model.getName();
    }

    @Override
    public String displayName() {
        return RealmOrganizations.displayName(model);
    }

    @Override
    public String displayName(LinkId link) {
        return RealmOrganizations.displayName(session, model, link);
    }

    @Override
    public boolean enabled() {
        return model.isEnabled() && RealmSettings.enabled(model) && settings().isPresent();
    }

    @Override
    public Optional<Settings> settings() {
        return RealmSettings.of(model);
    }

    @Override
    public Optional<Application> application() {
        return settings().flatMap(settings -> {
            ClientSecret.sealBeside(session, model, settings);
            return ClientSecret.application(session, model, settings);
        });
    }

    @Override
    public void requireSecrets() {
        settings().ifPresent(settings -> ClientSecret.all(session, model, settings)
                .forEach(ClientSecret::read));
    }

    @Override
    public Optional<String> applicationKey() {
        return RealmSettings.applicationKey(model);
    }

    @Override
    public Optional<Candidate.Membership> membership(Link link) {
        if (link.id().ofRealm()) {
            return RealmOrganizations.of(session).isPresent()
                    ? Optional.empty()
                    : Optional.of(new Candidate.Membership(link, true, null));
        }
        return Optional.ofNullable(RealmOrganizations.byId(session, link.id().name()))
                .map(found -> new Candidate.Membership(link, found.isEnabled(), RealmOrganizations.domains(found)));
    }

    @Override
    public boolean has(LinkId link) {
        return link.ofRealm() || RealmOrganizations.byId(session, link.name()) != null;
    }

    @Override
    public Behaviour defaults() {
        return BehaviourDefaults.of(model);
    }

    @Override
    public boolean resolves(Policy policy) {
        return Stream.of(policy.requiredGroups(), policy.deniedGroups())
                        .flatMap(Set::stream)
                        .allMatch(id -> model.getGroupById(id) != null)
                && Stream.of(policy.requiredRoles(), policy.deniedRoles())
                        .flatMap(Set::stream)
                        .allMatch(id -> model.getRoleById(id) != null);
    }

    @Override
    public boolean usersWrite(String attribute) {
        return new AttributeWriters(session, model).users(attribute);
    }

    @Override
    public Set<String> namingProviders(String attribute) {
        return new AttributeWriters(session, model).identityProviders(attribute);
    }

    @Override
    public WrittenAttribute formerlyWritten(String attribute) {
        return new AttributeWriters(session, model).formerlyWritten(attribute);
    }

    @Override
    public boolean trusts(String identityProvider) {
        IdentityProviderModel provider = session.identityProviders().getByAlias(identityProvider);
        return provider != null && provider.isEnabled() && Boolean.TRUE.equals(provider.isTrustEmail());
    }

    @Override
    public Set<String> directories() {
        return model.getComponentsStream(model.getId(), UserStorageProvider.class.getName())
                .map(directory -> DirectoryUser.mappers(model, directory))
                .collect(Collectors.toSet());
    }

    @Override
    public boolean mayAskForPage() {
        return BehaviourDefaults.mayAskForPage(model);
    }

    @Override
    public void notePage() {
        BehaviourDefaults.notePage(model);
    }

    @Override
    public boolean clientEnabled(String clientId) {
        ClientModel client = model.getClientByClientId(clientId);
        return client != null && client.isEnabled();
    }

    @Override
    public Optional<Secret> authorization(String clientId, URI address) {
        return settings()
                .flatMap(settings -> ClientSecret.ofConsumers(session, model, settings))
                .flatMap(ClientSecret::read)
                .flatMap(Receivers::authorizations)
                .map(headers -> headers.get(clientId))
                .flatMap(header -> header.to(address));
    }

    @Override
    public String issuer(@Nullable String noted) {
        return new RealmSigning(session, model).issuer(noted);
    }

    @Override
    public String signed(String type, Map<String, Object> claims) {
        return new RealmSigning(session, model).sign(type, claims);
    }
}
