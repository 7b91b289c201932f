package io.github.enterpriseconnect.middle;

import io.github.enterpriseconnect.core.Credential;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Mark;
import io.github.enterpriseconnect.core.User;
import io.github.enterpriseconnect.storage.CredentialStore;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The credentials of a realm within one transaction: what is written counts once that is committed. */
final class TestCredentials implements CredentialStore {
    private final TestRealm realm;
    private final Map<String, Optional<Credential>> written = new HashMap<>();
    private final List<Runnable> shown = new ArrayList<>();

    TestCredentials(TestRealm realm) {
        this.realm = realm;
    }

    @Override
    public Optional<Credential> of(User user) {
        Optional<Credential> here = written.get(user.id());
        return here == null ? realm.opened(realm.cachedCredential(user.id())) : here;
    }

    @Override
    public Optional<Credential> stored(String userId) {
        realm.failIfHeld(userId);
        Optional<Credential> here = written.get(userId);
        return here == null
                ? realm.opened(Optional.ofNullable(realm.credentials().get(userId)))
                : here;
    }

    @Override
    public Optional<Credential> found(String userId) {
        return stored(userId);
    }

    @Override
    public List<String> sealed(User user) {
        return realm.cachedCredential(user.id()).map(realm::seal).stream().toList();
    }

    @Override
    public Optional<Credential> opened(String userId, List<String> sealed) {
        return realm.opened(sealed.stream().map(realm::open).findFirst());
    }

    @Override
    public boolean store(String userId, Credential credential) {
        if (realm.byId(userId).isEmpty()) {
            return false;
        }
        written.put(userId, Optional.of(credential));
        show(userId, Delegation.State.GRANTED, credential.link());
        return true;
    }

    @Override
    public void remove(String userId, Delegation.State state, @Nullable String link) {
        written.put(userId, Optional.empty());
        shown.add(() -> realm.marks().remove(userId));
        shown.add(
                state == Delegation.State.NONE
                        ? () -> realm.shownStates().remove(userId)
                        : () -> realm.shownStates().put(userId, state.id()));
    }

    @Override
    public Borne borne(User user) {
        return new Borne(
                realm.carries(user.id()),
                Optional.ofNullable(realm.marks().get(user.id())).map(Mark::value).stream()
                        .toList());
    }

    @Override
    public void mark(String userId, Mark mark) {
        shown.add(() -> realm.marks().put(userId, mark));
    }

    @Override
    public void show(String userId, Delegation.State state, String link) {
        if (state != Delegation.State.GRANTED) {
            shown.add(() -> realm.marks().remove(userId));
        }
        shown.add(() -> realm.shownStates().put(userId, state.id()));
    }

    @Override
    public long carriers() {
        return realm.credentials().size();
    }

    void commit() {
        written.forEach((userId, credential) -> credential.ifPresentOrElse(
                present -> realm.credentials().put(userId, present),
                () -> realm.credentials().remove(userId)));
        shown.forEach(Runnable::run);
    }
}
