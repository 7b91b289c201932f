package io.github.enterpriseconnect.middle;

import io.github.enterpriseconnect.core.DomainPattern;
import io.github.enterpriseconnect.core.Mailbox;
import io.github.enterpriseconnect.core.Search;
import io.github.enterpriseconnect.core.Unreadable;
import io.github.enterpriseconnect.core.User;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A user whom a test changes as administrators and directories do: enabled, verified, member of one organization. */
public final class TestUser implements User {
    private final String id;
    private final List<Affiliation> organizations = new ArrayList<>();
    private final Set<String> groups = new HashSet<>();
    private final Set<String> roles = new HashSet<>();
    private @Nullable String email;
    private boolean enabled = true;
    private boolean verified = true;
    private boolean disabledForNow;
    private boolean shared;
    private boolean standIn;
    private @Nullable String source;
    private @Nullable Instant created;
    private final Set<String> gone = new HashSet<>();
    private final Map<String, List<String>> attributes = new HashMap<>();
    private final Set<String> filledByDirectory = new HashSet<>();
    private final Supplier<Collection<TestUser>> everybody;
    private @Nullable Collection<TestUser> found;
    private int searches;

    /** @param everybody of the realm */
    TestUser(String id, String email, Supplier<Collection<TestUser>> everybody) {
        this.id = id;
        this.email = email;
        this.everybody = everybody;
    }

    /** The attribute says this, or with no value nothing, from now on. */
    public TestUser says(String attribute, String... values) {
        attributes.put(attribute, List.of(values));
        return this;
    }

    /** How often all users were searched for others with the same name. */
    public int searches() {
        return searches;
    }

    /** Whoever searches for others with the same name finds none, as by a name that is spelt otherwise. */
    public TestUser findsNobody() {
        found = List.of();
        return this;
    }

    /** It is the user's directory alone that says what the attribute holds. */
    public TestUser fillByDirectory(String attribute) {
        filledByDirectory.add(attribute);
        return this;
    }

    /** Makes the user a member of an organization that has these domains. */
    public TestUser in(String organization, String... domains) {
        organizations.add(new Affiliation(
                organization,
                true,
                Set.copyOf(Stream.of(domains)
                        .map(domain -> DomainPattern.parse(domain).orElseThrow())
                        .toList())));
        return this;
    }

    public void leave(String organization) {
        organizations.removeIf(affiliation -> affiliation.organization().equals(organization));
    }

    public void changeEmail(@Nullable String to) {
        email = to;
    }

    public void disable() {
        enabled = false;
    }

    /** As brute-force protection, or a directory that is switched off, does. */
    public void disableForNow() {
        enabled = false;
        disabledForNow = true;
    }

    public void enable() {
        enabled = true;
        disabledForNow = false;
    }

    public void unverify() {
        verified = false;
    }

    public void share() {
        shared = true;
    }

    /** From now on the local row stands in for the user, as while their directory is silent. */
    public void loseDirectory() {
        standIn = true;
    }

    /** The directory answers again. */
    public void findDirectory() {
        standIn = false;
    }

    /** The realm no longer has this group or role. */
    public void lose(String groupOrRole) {
        gone.add(groupOrRole);
    }

    /** The realm has this group or role again. */
    public void find(String groupOrRole) {
        gone.remove(groupOrRole);
    }

    private void read() {
        if (standIn) {
            throw Unreadable.directory("directory of " + id);
        }
    }

    private boolean any(Set<String> names, Set<String> own) {
        read();
        if (names.stream().anyMatch(name -> own.contains(name) && !gone.contains(name))) {
            return true;
        }
        names.stream().filter(gone::contains).findFirst().ifPresent(name -> {
            throw Unreadable.rule(name);
        });
        return false;
    }

    /** The address, whether or not anybody can read it now. */
    public String address() {
        return String.valueOf(email);
    }

    public Set<String> groups() {
        return groups;
    }

    public Set<String> roles() {
        return roles;
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public boolean person() {
        return true;
    }

    @Override
    public boolean enabled() {
        read();
        return enabled;
    }

    @Override
    public boolean disabledForNow() {
        return disabledForNow;
    }

    @Override
    public @Nullable String email() {
        read();
        return email;
    }

    @Override
    public boolean emailVerified() {
        read();
        return verified;
    }

    @Override
    public boolean emailShared() {
        read();
        return shared;
    }

    @Override
    public Optional<List<Affiliation>> organizations() {
        return Optional.of(List.copyOf(organizations));
    }

    @Override
    public boolean inAnyGroup(Set<String> any) {
        return any(any, groups);
    }

    @Override
    public boolean hasAnyRole(Set<String> any) {
        return any(any, roles);
    }

    /** The user's directory is set up this way from now on. */
    public void comeFrom(@Nullable String directory) {
        source = directory;
    }

    @Override
    public Optional<String> source() {
        return Optional.ofNullable(source);
    }

    @Override
    public List<String> names(String attribute) {
        read();
        return attributes.getOrDefault(attribute, List.of());
    }

    /** Keycloak began to know the user at this time. */
    public TestUser createdAt(Instant time) {
        created = time;
        return this;
    }

    @Override
    public Optional<Instant> createdAt() {
        return Optional.ofNullable(created);
    }

    @Override
    public boolean filledByDirectory(String attribute) {
        return filledByDirectory.contains(attribute);
    }

    /** As Keycloak's own table does: addresses in any capitals; of attributes as many spellings as are searched for. */
    @Override
    public boolean heldElsewhere(Mailbox mailbox, String attribute, Search search) {
        read();
        searches++;
        Predicate<String> same =
                search == Search.AFRESH ? mailbox.address()::equalsIgnoreCase : mailbox.spellings()::contains;
        Collection<TestUser> searched = found == null ? everybody.get() : found;
        return searched.stream()
                .filter(other -> !other.id.equals(id))
                .anyMatch(other -> mailbox.address().equalsIgnoreCase(other.email)
                        || other.attributes.getOrDefault(attribute, List.of()).stream()
                                .anyMatch(same));
    }

    @Override
    public Stream<String> attribute(String name) {
        return attributes.getOrDefault(name, List.of()).stream();
    }
}
