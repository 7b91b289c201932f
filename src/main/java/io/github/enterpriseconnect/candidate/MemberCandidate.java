package io.github.enterpriseconnect.candidate;

import io.github.enterpriseconnect.core.Behaviour;
import io.github.enterpriseconnect.core.Candidate;
import io.github.enterpriseconnect.core.Circumstances;
import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Mailbox;
import io.github.enterpriseconnect.core.NameOrigin;
import io.github.enterpriseconnect.core.Search;
import io.github.enterpriseconnect.core.SignIn;
import io.github.enterpriseconnect.core.Suspensions;
import io.github.enterpriseconnect.core.User;
import io.github.enterpriseconnect.platform.Realm;
import io.github.enterpriseconnect.platform.Work;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A user before the gate: what the realm knows of them, and what our tables, or at sign-in our caches, say. Made for
 * one decision within one transaction.
 */
public final class MemberCandidate implements Candidate {
    private final Realm realm;
    private final AskedOnce user;
    private final Records records;
    private final Once<List<Membership>> memberships;
    private final Map<String, Once<Boolean>> usersWrite = new HashMap<>();

    private MemberCandidate(Realm realm, User user, Records records) {
        this(realm, new AskedOnce(user), records);
    }

    MemberCandidate(Realm realm, AskedOnce user, Records records) {
        this.realm = realm;
        this.user = user;
        this.records = records;
        this.memberships = new Once<>(this::affiliated);
    }

    /**
     * The user as a sign-in knows them: from caches alone. What only a table could tell counts in the user's favour,
     * since the decision is taken again in the background.
     *
     * @param links what is known of links
     */
    public static MemberCandidate atSignIn(Realm realm, User user, SignIn signIn, Function<LinkId, Link> links) {
        return new MemberCandidate(realm, user, new CachedRecords(signIn, links));
    }

    /**
     * The user as the tables know them, for a sign-in that is to show a page: no user store is searched, since one may
     * be far away.
     */
    public static MemberCandidate atSignInWithPage(Work work, User user, SignIn signIn, Instant now) {
        return new MemberCandidate(
                work.realm(), user, new StoredRecords(work, user.id(), signIn, work.links()::get, now, false));
    }

    /**
     * The user as the tables know them.
     *
     * @param signIn the sign-in that is concerned; null to go by the one that the user was last asked for at
     */
    public static MemberCandidate of(Work work, User user, @Nullable SignIn signIn, Instant now) {
        return of(work, user, signIn, work.links()::get, now);
    }

    /**
     * As {@link #of(Work, User, SignIn, Instant)}.
     *
     * @param links where a link comes from
     */
    public static MemberCandidate of(
            Work work, User user, @Nullable SignIn signIn, Function<LinkId, Link> links, Instant now) {
        return new MemberCandidate(work.realm(), user, new StoredRecords(work, user.id(), signIn, links, now, true));
    }

    /**
     * These are about to be decided on together, in the same transaction: what takes reading much is read once for all. It
     * is whether somebody else has a calendar name, in whatever capitals.
     *
     * @param link that they are for
     */
    public static void expect(Work work, LinkId link, Collection<String> userIds) {
        String attribute = work.links().get(link).policy().calendarName();
        if (attribute != null) {
            work.users().expectNames(attribute, userIds);
        }
    }

    @Override
    public boolean realmEnabled() {
        return realm.enabled();
    }

    @Override
    public boolean suspended(Suspensions.Subject subject) {
        return records.suspended(subject);
    }

    @Override
    public boolean person() {
        return user.person();
    }

    @Override
    public boolean enabled() {
        return user.enabled();
    }

    @Override
    public boolean disabledForNow() {
        return user.disabledForNow();
    }

    @Override
    public boolean optedOut() {
        return records.optedOut();
    }

    @Override
    public Behaviour defaults() {
        return realm.defaults();
    }

    @Override
    public boolean noticed(LinkId link) {
        return records.noticed(link);
    }

    @Override
    public @Nullable String email() {
        return user.email();
    }

    @Override
    public Optional<Mailbox> mailbox() {
        return user.mailbox();
    }

    @Override
    public boolean emailVerified() {
        return user.emailVerified();
    }

    @Override
    public boolean emailShared() {
        return records.searching() && user.emailShared();
    }

    @Override
    public List<String> calendarNames(String attribute) {
        return user.names(attribute);
    }

    @Override
    public boolean usersWrite(String attribute) {
        return usersWrite
                .computeIfAbsent(attribute, unasked -> new Once<>(() -> realm.usersWrite(attribute)))
                .get();
    }

    @Override
    public boolean writtenByUser(String attribute) {
        return origin(attribute).filter(NameOrigin::byUser).isPresent() && !user.filledByDirectory(attribute);
    }

    /** A sign-in does not look for who fills it. */
    @Override
    public boolean calendarNameProven(String attribute, Search search) {
        return !records.searching()
                || user.filledByDirectory(attribute)
                || origin(attribute)
                        .map(NameOrigin::provider)
                        .filter(provider -> search == Search.AFRESH
                                ? realm.namingProviders(attribute).contains(provider)
                                : realm.trusts(provider))
                        .isPresent();
    }

    /** By whom came what the attribute says now; empty if nobody has noted that. */
    private Optional<NameOrigin> origin(String attribute) {
        return records.nameOrigin(attribute).filter(origin -> origin.isOf(user.names(attribute)));
    }

    @Override
    public boolean heldElsewhere(Mailbox mailbox, String attribute, Search search) {
        return records.heldElsewhere(mailbox, search, asked -> user.heldElsewhere(mailbox, attribute, asked));
    }

    @Override
    public boolean answeredOtherwise(Link link, Mailbox mailbox) {
        return records.answeredOtherwise(Circumstances.of(link, mailbox, mailbox()));
    }

    @Override
    public boolean ofResource(Mailbox mailbox) {
        return records.ofResource(mailbox);
    }

    @Override
    public boolean proven(Mailbox mailbox) {
        return records.proven(mailbox);
    }

    /** The links that the user could have a part in, in no order. */
    public List<LinkId> links() {
        return user.links(realm.id());
    }

    @Override
    public List<Membership> memberships() {
        return memberships.get();
    }

    private List<Membership> affiliated() {
        return user.organizations()
                .map(affiliations -> affiliations.stream()
                        .map(this::membership)
                        .sorted(Comparator.comparing(
                                membership -> membership.link().id().name()))
                        .toList())
                .orElseGet(
                        () -> List.of(new Membership(records.link(new LinkId(realm.id(), LinkId.REALM)), true, null)));
    }

    private Membership membership(User.Affiliation affiliation) {
        return new Membership(
                records.link(new LinkId(realm.id(), affiliation.organization())),
                affiliation.enabled(),
                affiliation.domains());
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
    public boolean doubtfullyWithout(LinkId link) {
        return records.doubtfullyWithout(link, user::source);
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
