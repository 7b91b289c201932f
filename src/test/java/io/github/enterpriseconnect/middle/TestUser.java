package io.github.enterpriseconnect.middle;

import io.github.enterpriseconnect.core.DomainPattern;
import io.github.enterpriseconnect.core.User;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
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

    TestUser(String id, String email) {
        this.id = id;
        this.email = email;
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
        return enabled;
    }

    @Override
    public boolean disabledForNow() {
        return disabledForNow;
    }

    @Override
    public @Nullable String email() {
        return email;
    }

    @Override
    public boolean emailVerified() {
        return verified;
    }

    @Override
    public boolean emailShared() {
        return shared;
    }

    @Override
    public Optional<List<Affiliation>> organizations() {
        return Optional.of(List.copyOf(organizations));
    }

    @Override
    public boolean inAnyGroup(Set<String> any) {
        return any.stream().anyMatch(groups::contains);
    }

    @Override
    public boolean hasAnyRole(Set<String> any) {
        return any.stream().anyMatch(roles::contains);
    }

    @Override
    public Stream<String> attribute(String name) {
        return Stream.empty();
    }
}
