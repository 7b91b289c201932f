package io.github.enterpriseconnect.core;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A candidate whom the gate lets through, to be spoilt in one respect or another. */
final class Somebody implements Candidate {
    static final Domain CUSTOMER = new Domain("customer.example");

    boolean realmEnabled = true;
    boolean person = true;
    boolean enabled = true;
    boolean disabledForNow;
    boolean optedOut;
    boolean emailVerified = true;
    boolean emailShared;
    boolean coolingDown;
    boolean noticed;
    Behaviour defaults = Behaviour.SILENT;

    @Nullable String email = "Maria@Customer.example";

    @Nullable String provenAddress;

    @Nullable String identityProvider;

    Set<String> groups = Set.of();
    Set<String> roles = Set.of();
    Set<Suspensions.Subject> suspended = Set.of();

    /** What they were refused for before their directory was set up otherwise. */
    boolean seenWithDenied;

    List<Membership> memberships = List.of(member(link("a")));

    /** Questions that cannot be answered now. */
    final Map<String, Unreadable> unreadable = new HashMap<>();

    private void read(String question) {
        if (unreadable.containsKey(question)) {
            throw unreadable.get(question);
        }
    }

    static Link link(String name) {
        return link(name, Policy.DEFAULT);
    }

    static Link link(String name, Policy policy) {
        return link(name, Link.State.ACTIVE, policy, new LinkDomain(CUSTOMER, true));
    }

    static Link link(String name, Link.State state, Policy policy, LinkDomain... domains) {
        return new Link(
                new LinkId("r", name),
                state,
                "de:app",
                "ser_1",
                CUSTOMER,
                "s",
                "read_write",
                "https://id",
                null,
                List.of(domains),
                policy,
                null);
    }

    static Membership member(Link link) {
        return member(link, true, CUSTOMER.name());
    }

    static Membership member(Link link, boolean organizationEnabled, String... domains) {
        return new Membership(
                link,
                organizationEnabled,
                List.of(domains).stream()
                        .map(domain -> DomainPattern.parse(domain).orElseThrow())
                        .collect(Collectors.toSet()));
    }

    @Override
    public boolean realmEnabled() {
        return realmEnabled;
    }

    @Override
    public boolean suspended(Suspensions.Subject subject) {
        return suspended.contains(subject);
    }

    @Override
    public boolean person() {
        return person;
    }

    @Override
    public boolean enabled() {
        read("enabled");
        return enabled;
    }

    @Override
    public boolean disabledForNow() {
        return disabledForNow;
    }

    @Override
    public boolean optedOut() {
        return optedOut;
    }

    @Override
    public @Nullable String email() {
        read("email");
        return email;
    }

    @Override
    public boolean emailVerified() {
        read("emailVerified");
        return emailVerified;
    }

    @Override
    public boolean emailShared() {
        read("shared");
        return emailShared;
    }

    /** By attribute, what it says. */
    Map<String, List<String>> names = Map.of();

    Set<String> writtenByUsers = Set.of();
    boolean writtenByUser;
    boolean namesProven;
    Set<String> heldByOthers = Set.of();
    boolean answeredOtherwise;
    boolean ofResource;

    @Override
    public List<String> calendarNames(String attribute) {
        read("names");
        return names.getOrDefault(attribute, List.of());
    }

    @Override
    public boolean usersWrite(String attribute) {
        return writtenByUsers.contains(attribute);
    }

    @Override
    public boolean writtenByUser(String attribute) {
        return writtenByUser;
    }

    @Override
    public boolean calendarNameProven(String attribute, Search search) {
        return namesProven;
    }

    @Override
    public boolean heldElsewhere(Mailbox mailbox, String attribute, Search search) {
        read("others");
        return heldByOthers.contains(mailbox.address());
    }

    @Override
    public boolean answeredOtherwise(Link link, Mailbox mailbox) {
        return answeredOtherwise;
    }

    @Override
    public boolean ofResource(Mailbox mailbox) {
        return ofResource;
    }

    @Override
    public boolean proven(Mailbox mailbox) {
        return mailbox.address().equals(provenAddress);
    }

    @Override
    public List<Membership> memberships() {
        read("memberships");
        return memberships;
    }

    @Override
    public boolean inAnyGroup(Set<String> asked) {
        read("groups");
        return asked.stream().anyMatch(groups::contains);
    }

    @Override
    public boolean hasAnyRole(Set<String> asked) {
        read("roles");
        return asked.stream().anyMatch(roles::contains);
    }

    @Override
    public boolean doubtfullyWithout(LinkId link) {
        return seenWithDenied;
    }

    @Override
    public boolean cameThrough(Set<String> asked) {
        return identityProvider != null && asked.contains(identityProvider);
    }

    @Override
    public boolean coolingDown(Mailbox mailbox) {
        return coolingDown;
    }

    @Override
    public Behaviour defaults() {
        return defaults;
    }

    @Override
    public boolean noticed(LinkId link) {
        return noticed;
    }
}
