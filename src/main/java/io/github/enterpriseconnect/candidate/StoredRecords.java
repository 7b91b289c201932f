package io.github.enterpriseconnect.candidate;

import io.github.enterpriseconnect.core.Circumstances;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Mailbox;
import io.github.enterpriseconnect.core.NameOrigin;
import io.github.enterpriseconnect.core.Resource;
import io.github.enterpriseconnect.core.Search;
import io.github.enterpriseconnect.core.SignIn;
import io.github.enterpriseconnect.core.Suspensions;
import io.github.enterpriseconnect.core.Unreadable;
import io.github.enterpriseconnect.platform.Work;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What our tables have on record of a user, within one transaction. */
final class StoredRecords implements Records {
    private final Work work;
    private final String userId;
    private final @Nullable SignIn signIn;
    private final Function<LinkId, Link> links;
    private final Instant now;
    private final boolean searching;
    private final Once<Suspensions> suspensions;
    private final Once<List<Delegation>> delegations;

    /** @param signIn null to go by the one that the user was last asked for at */
    StoredRecords(
            Work work,
            String userId,
            @Nullable SignIn signIn,
            Function<LinkId, Link> links,
            Instant now,
            boolean searching) {
        this.work = work;
        this.userId = userId;
        this.signIn = signIn;
        this.links = links;
        this.now = now;
        this.searching = searching;
        this.suspensions = new Once<>(() -> work.suspensions().all());
        this.delegations =
                new Once<>(() -> work.delegations().ofUser(work.realm().id(), userId));
    }

    @Override
    public Link link(LinkId id) {
        return links.apply(id);
    }

    @Override
    public boolean suspended(Suspensions.Subject subject) {
        Suspensions active = suspensions.get();
        boolean suspended = active.of(subject).isPresent();
        if (!suspended && active.anyUnknown()) {
            throw Unreadable.value("a kill switch");
        }
        return suspended;
    }

    @Override
    public boolean optedOut() {
        return work.members().optedOut(userId).isPresent();
    }

    @Override
    public boolean proven(Mailbox mailbox) {
        return work.changes().proven(userId, mailbox, work.members().proven(userId, mailbox));
    }

    @Override
    public boolean cameThrough(Set<String> identityProviders) {
        return signIn == null
                ? delegations()
                        .map(Delegation::identityProvider)
                        .filter(Objects::nonNull)
                        .anyMatch(identityProviders::contains)
                : signIn.identityProvider() != null && identityProviders.contains(signIn.identityProvider());
    }

    /** Whoever was granted since, was so without what they had been denied for. */
    @Override
    public boolean doubtfullyWithout(LinkId link, Supplier<Optional<String>> setUp) {
        boolean granted =
                delegations().anyMatch(row -> row.link().equals(link) && row.state() == Delegation.State.GRANTED);
        return !granted && work.denials().doubtful(userId, link, setUp.get());
    }

    @Override
    public boolean coolingDown(Mailbox mailbox) {
        return delegations()
                .anyMatch(row -> row.mailbox().equals(mailbox)
                        && row.state() == Delegation.State.REFUSED
                        && row.nextAttemptAt() != null
                        && row.nextAttemptAt().isAfter(now));
    }

    @Override
    public boolean answeredOtherwise(Circumstances circumstances) {
        return work.members()
                .oddAnswer(userId, circumstances)
                .filter(answer -> answer.holder() == null || stands(answer.holder()))
                .isPresent();
    }

    /** Of a member, or of a resource. */
    private boolean stands(String delegation) {
        return work.delegations()
                .byId(delegation)
                .or(() -> work.resources().byId(delegation).map(Resource::delegation))
                .filter(Delegation::live)
                .isPresent();
    }

    @Override
    public Optional<NameOrigin> nameOrigin(String attribute) {
        return work.members().nameOrigin(userId, attribute);
    }

    @Override
    public boolean heldElsewhere(Mailbox mailbox, Search how, Predicate<Search> search) {
        return searching && search.test(how);
    }

    @Override
    public boolean ofResource(Mailbox mailbox) {
        return work.resources().anyOf(mailbox);
    }

    @Override
    public boolean noticed(LinkId link) {
        return work.members().noticed(userId, link.name())
                || delegations()
                        .anyMatch(row -> row.link().equals(link)
                                && (row.state() == Delegation.State.GRANTED || row.state() == Delegation.State.ASKED));
    }

    @Override
    public boolean searching() {
        return searching;
    }

    private Stream<Delegation> delegations() {
        return delegations.get().stream();
    }
}
