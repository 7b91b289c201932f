package io.github.enterpriseconnect.storage;

import io.github.enterpriseconnect.core.Credential;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Mark;
import io.github.enterpriseconnect.core.User;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.keycloak.common.util.MultivaluedHashMap;
import org.keycloak.connections.jpa.JpaConnectionProvider;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.models.UserModel;
import org.keycloak.models.cache.UserCache;
import org.keycloak.storage.StorageId;
import org.keycloak.storage.UserStoragePrivateUtil;
import org.keycloak.storage.UserStorageUtil;

/**
 * A member's sealed credential in the user attribute {@value #CREDENTIAL}, with the mirrors {@value #STATE} and
 * {@value #LINK} for administrators and searches. Only what was sealed for this very user opens, so a value that was
 * planted or copied counts as absent; the mirrors are never decided on, and by the mark in {@value #MARK} a sign-in
 * decides no more than whether to look. Writes go past user federation, whose read-only users would refuse them, and
 * evict the cached user on every node.
 */
public final class CredentialAttribute implements CredentialStore {
    public static final String CREDENTIAL = "enterprise-connect.credential";
    public static final String MARK = "enterprise-connect.mark";
    public static final String STATE = "enterprise-connect.state";
    public static final String LINK = "enterprise-connect.link";

    private final KeycloakSession session;
    private final RealmModel realm;
    private final Sealer sealer;
    private final SealedCredentials credentials;

    /** The credentials of a realm, within the session's transaction. */
    public CredentialAttribute(KeycloakSession session, RealmModel realm) {
        this.session = session;
        this.realm = realm;
        this.sealer = new Sealer(new RealmKeys(session, () -> realm));
        this.credentials = new SealedCredentials(sealer);
    }

    @Override
    public Optional<Credential> of(User user) {
        return newest(credentials, user.id(), values(user));
    }

    @Override
    public Optional<Credential> stored(String userId) {
        return newest(credentials, userId, storedValues(userId));
    }

    @Override
    public Optional<Credential> found(String userId) {
        return newest(new SealedCredentials(sealer.quiet()), userId, storedValues(userId));
    }

    private Stream<String> storedValues(String userId) {
        if (federated(userId)) {
            return federatedAttributes(userId).apply(CREDENTIAL);
        }
        UserModel local = localUser(userId);
        return local == null ? Stream.empty() : local.getAttributeStream(CREDENTIAL);
    }

    @Override
    public List<String> sealed(User user) {
        return values(user).toList();
    }

    @Override
    public Optional<Credential> opened(String userId, List<String> sealed) {
        return newest(credentials, userId, sealed.stream());
    }

    @Override
    public boolean store(String userId, Credential credential) {
        String sealed = credentials.seal(Sealer.Purpose.CREDENTIAL, owner(userId), credential);
        return write(userId, sealed, Delegation.State.GRANTED.id(), credential.link());
    }

    @Override
    public Borne borne(User user) {
        Function<String, Stream<String>> attribute =
                federated(user.id()) ? federatedAttributes(user.id()) : user::attribute;
        return new Borne(
                attribute.apply(CREDENTIAL).anyMatch(credentials::mayOpen),
                attribute.apply(MARK).toList());
    }

    @Override
    public void mark(String userId, Mark mark) {
        if (federated(userId)) {
            set(userId, MARK, mark.value());
            return;
        }
        UserModel local = localUser(userId);
        if (local != null && !mark.value().equals(local.getFirstAttribute(MARK))) {
            set(local, MARK, mark.value());
            evict(local);
        }
    }

    @Override
    public void remove(String userId, Delegation.State state, @Nullable String link) {
        write(userId, null, state == Delegation.State.NONE ? null : state.id(), link);
    }

    @Override
    public void show(String userId, Delegation.State state, String link) {
        if (federated(userId)) {
            if (state != Delegation.State.GRANTED) {
                set(userId, MARK, null);
            }
            set(userId, STATE, state.id());
            set(userId, LINK, link);
            return;
        }
        UserModel local = localUser(userId);
        if (local != null && !state.id().equals(local.getFirstAttribute(STATE))) {
            if (state != Delegation.State.GRANTED) {
                set(local, MARK, null);
            }
            set(local, STATE, state.id());
            set(local, LINK, link);
            evict(local);
        }
    }

    @Override
    public long carriers() {
        return count("select count(distinct a.user.id) from UserAttributeEntity a where a.user.realmId = :realm")
                + count("select count(distinct a.userId) from FederatedUserAttributeEntity a where a.realmId = :realm");
    }

    private long count(String query) {
        return session.getProvider(JpaConnectionProvider.class)
                .getEntityManager()
                .createQuery(query + " and a.name in :names", Long.class)
                .setParameter("realm", realm.getId())
                .setParameter("names", List.of(CREDENTIAL, LINK))
                .getSingleResult();
    }

    private Stream<String> values(User user) {
        return federated(user.id()) ? federatedAttributes(user.id()).apply(CREDENTIAL) : user.attribute(CREDENTIAL);
    }

    /** All of them are read at once. */
    private Function<String, Stream<String>> federatedAttributes(String userId) {
        MultivaluedHashMap<String, String> attributes =
                UserStorageUtil.userFederatedStorage(session).getAttributes(realm, userId);
        return name -> attributes.getList(name).stream();
    }

    /** Two nodes that stored for the first time at once leave two values, since the table knows no uniqueness. */
    private Optional<Credential> newest(SealedCredentials opening, String userId, Stream<String> values) {
        return values.flatMap(value -> opening.open(Sealer.Purpose.CREDENTIAL, owner(userId), value).stream())
                .max(Comparator.comparing(credential -> credential.tokens().obtainedAt()));
    }

    private boolean write(String userId, @Nullable String sealed, @Nullable String state, @Nullable String link) {
        if (federated(userId)) {
            set(userId, CREDENTIAL, sealed);
            if (sealed == null) {
                set(userId, MARK, null);
            }
            set(userId, STATE, state);
            set(userId, LINK, link);
            return true;
        }
        UserModel local = localUser(userId);
        if (local == null) {
            return false;
        }
        set(local, CREDENTIAL, sealed);
        if (sealed == null) {
            set(local, MARK, null);
        }
        set(local, STATE, state);
        set(local, LINK, link);
        evict(local);
        return true;
    }

    private void evict(UserModel user) {
        UserCache cache = UserStorageUtil.userCache(session);
        if (cache != null) {
            cache.evict(realm, user);
        }
    }

    private static void set(UserModel user, String name, @Nullable String value) {
        if (value == null) {
            user.removeAttribute(name);
        } else {
            user.setSingleAttribute(name, value);
        }
    }

    private void set(String userId, String name, @Nullable String value) {
        if (value == null) {
            UserStorageUtil.userFederatedStorage(session).removeAttribute(realm, userId, name);
        } else {
            UserStorageUtil.userFederatedStorage(session).setSingleAttribute(realm, userId, name, value);
        }
    }

    private @Nullable UserModel localUser(String userId) {
        return UserStoragePrivateUtil.userLocalStorage(session).getUserById(realm, userId);
    }

    /** Users that a federation provider does not import have an id that names the provider. */
    private static boolean federated(String userId) {
        return !StorageId.isLocalStorage(userId);
    }

    private String owner(String userId) {
        return realm.getId() + "/" + userId;
    }
}
