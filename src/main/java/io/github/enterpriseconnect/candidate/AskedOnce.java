package io.github.enterpriseconnect.candidate;

import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Mailbox;
import io.github.enterpriseconnect.core.Search;
import io.github.enterpriseconnect.core.User;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A user of whom each question is asked once, however many checks and links want to know. */
final class AskedOnce implements User {
    private final User user;
    private final Once<Boolean> person;
    private final Once<Boolean> enabled;
    private final Once<Boolean> disabledForNow;
    private final Once<Optional<String>> email;
    private final Once<Optional<Mailbox>> mailbox;
    private final Once<Boolean> emailVerified;
    private final Once<Boolean> emailShared;
    private final Once<Optional<List<Affiliation>>> organizations;
    private final Map<String, Once<List<String>>> names = new HashMap<>();
    private final Map<String, Once<Boolean>> heldElsewhere = new HashMap<>();

    AskedOnce(User user) {
        this.user = user;
        person = new Once<>(user::person);
        enabled = new Once<>(user::enabled);
        disabledForNow = new Once<>(user::disabledForNow);
        email = new Once<>(() -> Optional.ofNullable(user.email()));
        mailbox = new Once<>(() -> Mailbox.parse(email()));
        emailVerified = new Once<>(user::emailVerified);
        emailShared = new Once<>(user::emailShared);
        organizations = new Once<>(user::organizations);
    }

    /** The links that the user could have a part in. */
    List<LinkId> links(String realm) {
        return organizations()
                .map(affiliations -> affiliations.stream()
                        .map(affiliation -> new LinkId(realm, affiliation.organization()))
                        .toList())
                .orElseGet(() -> List.of(new LinkId(realm, LinkId.REALM)));
    }

    /** The address, where it is plain. */
    Optional<Mailbox> mailbox() {
        return mailbox.get();
    }

    @Override
    public String id() {
        return user.id();
    }

    @Override
    public boolean person() {
        return person.get();
    }

    @Override
    public boolean enabled() {
        return enabled.get();
    }

    @Override
    public boolean disabledForNow() {
        return disabledForNow.get();
    }

    @Override
    public @Nullable String email() {
        return email.get().orElse(null);
    }

    @Override
    public boolean emailVerified() {
        return emailVerified.get();
    }

    @Override
    public boolean emailShared() {
        return emailShared.get();
    }

    @Override
    public List<String> names(String attribute) {
        return names.computeIfAbsent(attribute, unasked -> new Once<>(() -> user.names(attribute)))
                .get();
    }

    @Override
    public Optional<Instant> createdAt() {
        return user.createdAt();
    }

    @Override
    public boolean filledByDirectory(String attribute) {
        return user.filledByDirectory(attribute);
    }

    @Override
    public boolean heldElsewhere(Mailbox mailbox, String attribute, Search search) {
        return heldElsewhere
                .computeIfAbsent(
                        String.join("\n", mailbox.address(), attribute, search.name()),
                        unasked -> new Once<>(() -> user.heldElsewhere(mailbox, attribute, search)))
                .get();
    }

    @Override
    public Optional<List<Affiliation>> organizations() {
        return organizations.get();
    }

    @Override
    public boolean inAnyGroup(Set<String> groups) {
        return user.inAnyGroup(groups);
    }

    @Override
    public boolean hasAnyRole(Set<String> roles) {
        return user.hasAnyRole(roles);
    }

    @Override
    public Optional<String> source() {
        return user.source();
    }

    @Override
    public Stream<String> attribute(String name) {
        return user.attribute(name);
    }
}
