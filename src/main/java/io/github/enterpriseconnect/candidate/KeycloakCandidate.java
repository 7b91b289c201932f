package io.github.enterpriseconnect.candidate;

import io.github.enterpriseconnect.core.Behaviour;
import io.github.enterpriseconnect.core.Candidate;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.DomainPattern;
import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Mailbox;
import io.github.enterpriseconnect.core.Suspensions;
import io.github.enterpriseconnect.platform.RealmOrganizations;
import io.github.enterpriseconnect.platform.Transactions;
import io.github.enterpriseconnect.settings.BehaviourDefaults;
import io.github.enterpriseconnect.settings.RealmSettings;
import io.github.enterpriseconnect.storage.Storage;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.keycloak.authorization.fgap.AdminPermissionsSchema;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.OrganizationModel;
import org.keycloak.models.RealmModel;
import org.keycloak.models.UserModel;
import org.keycloak.models.light.LightweightUserAdapter;
import org.keycloak.models.utils.ReadOnlyUserModelDelegate;
import org.keycloak.organization.OrganizationProvider;
import org.keycloak.services.managers.BruteForceProtector;
import org.keycloak.storage.UserStorageProvider;
import org.keycloak.storage.UserStorageProviderModel;

/** What Keycloak and our tables know about a user, as the gate asks for it. */
public final class KeycloakCandidate implements Candidate {
    private final KeycloakSession session;
    private final RealmModel realm;
    private final UserModel user;
    private final Records records;

    /** What our own tables say; another implementation at sign-in, where they are not asked. */
    private interface Records {
        Link link(LinkId id);

        boolean suspended(Suspensions.Subject subject);

        boolean optedOut();

        boolean proven(Mailbox mailbox);

        boolean cameThrough(Set<String> identityProviders);

        boolean coolingDown(Mailbox mailbox);

        boolean noticed(LinkId link);

        /** Whether the user stores may be searched for others with the same address. */
        boolean searching();
    }

    private KeycloakCandidate(KeycloakSession session, RealmModel realm, UserModel user, Records records) {
        this.session = session;
        this.realm = realm;
        this.user = user;
        this.records = records;
    }

    /**
     * The user as the sign-in knows them: from caches alone. What only a table could tell counts in the user's favour, for
     * the work behind asks again.
     *
     * @param links what is known of links
     */
    public static KeycloakCandidate atSignIn(
            KeycloakSession session, RealmModel realm, UserModel user, SignIn signIn, Function<LinkId, Link> links) {
        return new KeycloakCandidate(session, realm, user, new Records() {
            @Override
            public Link link(LinkId id) {
                return links.apply(id);
            }

            @Override
            public boolean suspended(Suspensions.Subject subject) {
                return false;
            }

            @Override
            public boolean optedOut() {
                return false;
            }

            @Override
            public boolean proven(Mailbox mailbox) {
                return true;
            }

            @Override
            public boolean cameThrough(Set<String> identityProviders) {
                return signIn.identityProvider() != null && identityProviders.contains(signIn.identityProvider());
            }

            @Override
            public boolean coolingDown(Mailbox mailbox) {
                return false;
            }

            @Override
            public boolean noticed(LinkId link) {
                return true;
            }

            @Override
            public boolean searching() {
                return false;
            }
        });
    }

    /**
     * The user as the tables know them, for a sign-in that is to show a page: no user store is searched, since one may be far
     * away.
     */
    public static KeycloakCandidate atSignInWithPage(
            Transactions.Work work, UserModel user, SignIn signIn, Instant now) {
        return of(
                work.session(),
                work.realm(),
                user,
                signIn,
                work.storage(),
                work.storage().links()::get,
                now,
                false);
    }

    /**
     * The user as the tables know them.
     *
     * @param signIn the sign-in that is concerned; null to go by the one that the user was last asked for at
     * @param links where a link comes from
     */
    public static KeycloakCandidate of(
            KeycloakSession session,
            RealmModel realm,
            UserModel user,
            @Nullable SignIn signIn,
            Storage storage,
            Function<LinkId, Link> links,
            Instant now) {
        return of(session, realm, user, signIn, storage, links, now, true);
    }

    private static KeycloakCandidate of(
            KeycloakSession session,
            RealmModel realm,
            UserModel user,
            @Nullable SignIn signIn,
            Storage storage,
            Function<LinkId, Link> links,
            Instant now,
            boolean searching) {
        return new KeycloakCandidate(session, realm, user, new Records() {
            private @Nullable Suspensions suspensions;

            @Override
            public Link link(LinkId id) {
                return links.apply(id);
            }

            @Override
            public boolean suspended(Suspensions.Subject subject) {
                if (suspensions == null) {
                    suspensions = storage.suspensions().all();
                }
                return suspensions.of(subject).isPresent();
            }

            @Override
            public boolean optedOut() {
                return storage.members().optedOut(user.getId()).isPresent();
            }

            @Override
            public boolean proven(Mailbox mailbox) {
                return storage.members().proven(user.getId(), mailbox);
            }

            @Override
            public boolean cameThrough(Set<String> identityProviders) {
                return signIn == null
                        ? storage.delegations().ofUser(realm.getId(), user.getId()).stream()
                                .map(Delegation::identityProvider)
                                .filter(Objects::nonNull)
                                .anyMatch(identityProviders::contains)
                        : signIn.identityProvider() != null && identityProviders.contains(signIn.identityProvider());
            }

            @Override
            public boolean coolingDown(Mailbox mailbox) {
                return storage.delegations().ofUser(realm.getId(), user.getId()).stream()
                        .anyMatch(row -> row.mailbox().equals(mailbox)
                                && row.state() == Delegation.State.REFUSED
                                && row.nextAttemptAt() != null
                                && row.nextAttemptAt().isAfter(now));
            }

            @Override
            public boolean noticed(LinkId link) {
                return storage.members().noticed(user.getId(), link.name())
                        || storage.delegations().ofUser(realm.getId(), user.getId()).stream()
                                .anyMatch(row -> row.link().equals(link)
                                        && (row.state() == Delegation.State.GRANTED
                                                || row.state() == Delegation.State.ASKED));
            }

            @Override
            public boolean searching() {
                return searching;
            }
        });
    }

    public static KeycloakCandidate of(Transactions.Work work, UserModel user, @Nullable SignIn signIn, Instant now) {
        return of(
                work.session(),
                work.realm(),
                user,
                signIn,
                work.storage(),
                work.storage().links()::get,
                now);
    }

    @Override
    public boolean realmEnabled() {
        return realm.isEnabled()
                && RealmSettings.enabled(realm)
                && RealmSettings.of(realm).isPresent();
    }

    @Override
    public boolean suspended(Suspensions.Subject subject) {
        return records.suspended(subject);
    }

    @Override
    public boolean person() {
        return user.getServiceAccountClientLink() == null && !LightweightUserAdapter.isLightweightUser(user);
    }

    @Override
    public boolean enabled() {
        return user.isEnabled();
    }

    @Override
    public boolean disabledForNow() {
        return !user.isEnabled()
                && (BruteForceProtector.DISABLED_BY_PERMANENT_LOCKOUT.equals(
                                user.getFirstAttribute(UserModel.DISABLED_REASON))
                        || enabledItself());
    }

    /**
     * Keycloak shows users as disabled whose directory is switched off or does not answer, and those whom a disabled
     * organization manages, without keeping this in its cache.
     */
    private boolean enabledItself() {
        UserModel itself = user;
        while (itself instanceof ReadOnlyUserModelDelegate shown) {
            itself = shown.getDelegate();
        }
        return itself.isEnabled();
    }

    @Override
    public boolean optedOut() {
        return records.optedOut();
    }

    @Override
    public Behaviour defaults() {
        return BehaviourDefaults.of(realm);
    }

    @Override
    public boolean noticed(LinkId link) {
        return records.noticed(link);
    }

    @Override
    public @Nullable String email() {
        return user.getEmail();
    }

    @Override
    public boolean emailVerified() {
        return user.isEmailVerified();
    }

    @Override
    public boolean emailShared() {
        if (!records.searching() || !(realm.isDuplicateEmailsAllowed() || usersElsewhere())) {
            return false;
        }
        String email = Objects.requireNonNull(user.getEmail());
        return AdminPermissionsSchema.runWithoutAuthorization(session, () -> session.users()
                .searchForUserStream(realm, Map.of(UserModel.EMAIL, email, UserModel.EXACT, "true"))
                .anyMatch(other -> !other.getId().equals(user.getId())));
    }

    /** Whether some users are in no table of Keycloak's, whose constraint would keep an address from being held twice. */
    private boolean usersElsewhere() {
        return realm.getComponentsStream(realm.getId(), UserStorageProvider.class.getName())
                .map(UserStorageProviderModel::new)
                .anyMatch(directory -> directory.isEnabled() && !directory.isImportEnabled());
    }

    @Override
    public boolean proven(Mailbox mailbox) {
        return records.proven(mailbox);
    }

    @Override
    public List<Membership> memberships() {
        Optional<OrganizationProvider> organizations = RealmOrganizations.of(session);
        if (organizations.isEmpty()) {
            return List.of(new Membership(records.link(new LinkId(realm.getId(), LinkId.REALM)), true, null));
        }
        // Fine-grained permissions of whoever asks must not change what the gate says of the user.
        return AdminPermissionsSchema.runWithoutAuthorization(session, () -> organizations
                .get()
                .getByMember(user)
                .map(organization -> new Membership(
                        records.link(new LinkId(realm.getId(), organization.getId())),
                        organization.isEnabled(),
                        domains(organization)))
                .sorted((a, b) -> a.link().id().name().compareTo(b.link().id().name()))
                .toList());
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
        return groups.stream().map(realm::getGroupById).filter(Objects::nonNull).anyMatch(user::isMemberOf);
    }

    @Override
    public boolean hasAnyRole(Set<String> roles) {
        return roles.stream().map(realm::getRoleById).filter(Objects::nonNull).anyMatch(user::hasRole);
    }

    @Override
    public boolean cameThrough(Set<String> identityProviders) {
        return records.cameThrough(identityProviders);
    }

    @Override
    public boolean coolingDown(Mailbox mailbox) {
        return records.coolingDown(mailbox);
    }
}
