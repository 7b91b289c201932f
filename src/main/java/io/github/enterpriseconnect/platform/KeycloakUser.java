package io.github.enterpriseconnect.platform;

import io.github.enterpriseconnect.core.DomainPattern;
import io.github.enterpriseconnect.core.User;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.keycloak.authorization.fgap.AdminPermissionsSchema;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.OrganizationModel;
import org.keycloak.models.RealmModel;
import org.keycloak.models.UserModel;
import org.keycloak.models.light.LightweightUserAdapter;
import org.keycloak.models.utils.ReadOnlyUserModelDelegate;
import org.keycloak.services.managers.BruteForceProtector;
import org.keycloak.storage.UserStorageProvider;
import org.keycloak.storage.UserStorageProviderModel;

/** A user by Keycloak's model of them, which may come from a cache or a directory. */
public record KeycloakUser(KeycloakSession session, RealmModel realm, UserModel model) implements User {
    @Override
    public String id() {
        return model.getId();
    }

    @Override
    public boolean person() {
        return model.getServiceAccountClientLink() == null && !LightweightUserAdapter.isLightweightUser(model);
    }

    @Override
    public boolean enabled() {
        return model.isEnabled();
    }

    @Override
    public boolean disabledForNow() {
        return !model.isEnabled()
                && (BruteForceProtector.DISABLED_BY_PERMANENT_LOCKOUT.equals(
                                model.getFirstAttribute(UserModel.DISABLED_REASON))
                        || enabledItself());
    }

    /**
     * Keycloak shows users as disabled whose directory is switched off or does not answer, and those whom a disabled
     * organization manages, without keeping this in its cache.
     */
    private boolean enabledItself() {
        UserModel itself = model;
        while (itself instanceof ReadOnlyUserModelDelegate shown) {
            itself = shown.getDelegate();
        }
        return itself.isEnabled();
    }

    @Override
    public @Nullable String email() {
        return model.getEmail();
    }

    @Override
    public boolean emailVerified() {
        return model.isEmailVerified();
    }

    @Override
    public boolean emailShared() {
        if (!realm.isDuplicateEmailsAllowed() && !usersElsewhere()) {
            return false;
        }
        String email = Objects.requireNonNull(model.getEmail());
        return AdminPermissionsSchema.runWithoutAuthorization(session, () -> session.users()
                .searchForUserStream(realm, Map.of(UserModel.EMAIL, email, UserModel.EXACT, "true"))
                .anyMatch(other -> !other.getId().equals(model.getId())));
    }

    /**
     * Whether some users are in no table of Keycloak's, whose constraint would keep an address from being held twice.
     */
    private boolean usersElsewhere() {
        return realm.getComponentsStream(realm.getId(), UserStorageProvider.class.getName())
                .map(UserStorageProviderModel::new)
                .anyMatch(directory -> directory.isEnabled() && !directory.isImportEnabled());
    }

    /** Fine-grained permissions of whoever asks must not change what is said of the user. */
    @Override
    public Optional<List<Affiliation>> organizations() {
        return RealmOrganizations.of(session)
                .map(organizations -> AdminPermissionsSchema.runWithoutAuthorization(session, () -> organizations
                        .getByMember(model)
                        .map(organization ->
                                new Affiliation(organization.getId(), organization.isEnabled(), domains(organization)))
                        .toList()));
    }

    private static Set<DomainPattern> domains(OrganizationModel organization) {
        return organization
                .getDomains()
                .map(domain -> DomainPattern.parse(domain.getName()))
                .flatMap(Optional::stream)
                .collect(Collectors.toUnmodifiableSet());
    }

    @Override
    public boolean inAnyGroup(Set<String> groups) {
        return groups.stream().map(realm::getGroupById).filter(Objects::nonNull).anyMatch(model::isMemberOf);
    }

    @Override
    public boolean hasAnyRole(Set<String> roles) {
        return roles.stream().map(realm::getRoleById).filter(Objects::nonNull).anyMatch(model::hasRole);
    }

    @Override
    public Stream<String> attribute(String name) {
        return model.getAttributeStream(name);
    }
}
