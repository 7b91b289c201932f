package io.github.enterpriseconnect.platform;

import io.github.enterpriseconnect.core.Mailbox;
import io.github.enterpriseconnect.core.Search;
import io.github.enterpriseconnect.core.Unreadable;
import io.github.enterpriseconnect.core.User;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.keycloak.authorization.fgap.AdminPermissionsSchema;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.models.UserModel;
import org.keycloak.models.light.LightweightUserAdapter;
import org.keycloak.models.utils.ReadOnlyUserModelDelegate;
import org.keycloak.services.managers.BruteForceProtector;
import org.keycloak.storage.UserStorageProvider;
import org.keycloak.storage.UserStorageProviderModel;

/**
 * A user by Keycloak's model of them, which may come from a cache or a directory. What a directory adds, and what the
 * realm no longer has, throws {@link Unreadable} while it cannot be read.
 *
 * @param deciding whether rights are decided by the answers, so that what a cache says of groups and roles is compared
 *     with the directory first; otherwise nobody remote is asked for that
 */
public record KeycloakUser(KeycloakSession session, RealmModel realm, UserModel model, boolean deciding)
        implements User {
    /** Whom a sign-in or an administrator's request holds already. */
    static KeycloakUser toShow(KeycloakSession session, RealmModel realm, UserModel model) {
        return new KeycloakUser(session, realm, model, false);
    }

    /** Whose rights are decided. */
    static KeycloakUser toDecideOn(KeycloakSession session, RealmModel realm, UserModel model) {
        return new KeycloakUser(session, realm, model, true);
    }

    private Optional<DirectoryUser> directory() {
        return DirectoryUser.of(session, realm, model);
    }

    /** The answer to what a directory may add. */
    private <T> T told(Supplier<T> question) {
        return directory().map(directory -> directory.ask(question)).orElseGet(question);
    }

    /** The answer to what the cache may have read from a stand-in. */
    private <T> T told(DirectoryUser.Lazily what, Function<UserModel, T> question) {
        return directory()
                .map(directory ->
                        directory.ask(what, () -> question.apply(deciding ? directory.compared(what) : model)))
                .orElseGet(() -> question.apply(model));
    }

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
        Optional<DirectoryUser> directory = directory();
        directory.filter(of -> of.standing() == DirectoryUser.Standing.SILENT).ifPresent(silent -> {
            throw silent.unreadable();
        });
        return directory.filter(of -> !of.fromCache()).isPresent()
                ? directory.get().inTurn(model::isEnabled)
                : model.isEnabled();
    }

    @Override
    public boolean disabledForNow() {
        return !model.isEnabled()
                && (directory()
                                .filter(directory -> directory.standing() == DirectoryUser.Standing.OFF)
                                .isPresent()
                        || BruteForceProtector.DISABLED_BY_PERMANENT_LOCKOUT.equals(
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
        return told(() -> Optional.ofNullable(model.getEmail())).orElse(null);
    }

    @Override
    public boolean emailVerified() {
        return told(model::isEmailVerified);
    }

    @Override
    public boolean emailShared() {
        if (!realm.isDuplicateEmailsAllowed() && !usersElsewhere()) {
            return false;
        }
        return anybodyElseHolds(EveryStore.Name.ofAddress(Objects.requireNonNull(email())));
    }

    private boolean anybodyElseHolds(EveryStore.Name name) {
        return AdminPermissionsSchema.runWithoutAuthorization(
                session, () -> new EveryStore(session, realm).anybodyElseHolds(name, model.getId()));
    }

    @Override
    public List<String> names(String attribute) {
        Function<UserModel, List<String>> question = user -> user.getAttributeStream(attribute)
                .filter(value -> !value.isBlank())
                .distinct()
                .toList();
        return deciding ? told(DirectoryUser.Lazily.attribute(attribute), question) : told(() -> question.apply(model));
    }

    @Override
    public Optional<Instant> createdAt() {
        return Optional.ofNullable(model.getCreatedTimestamp()).map(Instant::ofEpochMilli);
    }

    @Override
    public boolean filledByDirectory(String attribute) {
        return directory().filter(of -> of.saysAlone(attribute)).isPresent();
    }

    @Override
    public boolean heldElsewhere(Mailbox mailbox, String attribute, Search search) {
        Set<String> spellings = new HashSet<>(mailbox.spellings());
        names(attribute).stream()
                .filter(written -> Mailbox.parse(written).equals(Optional.of(mailbox)))
                .forEach(spellings::add);
        return anybodyElseHolds(new EveryStore.Name(mailbox.address(), attribute, spellings, search == Search.AFRESH));
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
                        .map(organization -> new Affiliation(
                                organization.getId(),
                                organization.isEnabled(),
                                RealmOrganizations.domains(organization)))
                        .toList()));
    }

    @Override
    public boolean inAnyGroup(Set<String> groups) {
        return any(groups, realm::getGroupById, UserModel::isMemberOf);
    }

    @Override
    public boolean hasAnyRole(Set<String> roles) {
        return any(roles, realm::getRoleById, UserModel::hasRole);
    }

    /** What the realm no longer has leaves the answer open, unless something that it has gives it. */
    private <T> boolean any(Set<String> ids, Function<String, @Nullable T> lookUp, BiPredicate<UserModel, T> has) {
        List<T> present = ids.stream().map(lookUp).filter(Objects::nonNull).toList();
        boolean found = !present.isEmpty()
                && told(DirectoryUser.Lazily.GROUPS_AND_ROLES, user -> present.stream()
                        .anyMatch(one -> has.test(user, one)));
        if (!found && present.size() < ids.size()) {
            throw Unreadable.rule(ids.stream()
                    .filter(id -> lookUp.apply(id) == null)
                    .findFirst()
                    .orElseThrow());
        }
        return found;
    }

    @Override
    public Optional<String> source() {
        return directory().map(DirectoryUser::mappers);
    }

    @Override
    public Stream<String> attribute(String name) {
        return model.getAttributeStream(name);
    }
}
