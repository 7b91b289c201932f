package io.github.enterpriseconnect.candidate;

import io.github.enterpriseconnect.core.Candidate;
import io.github.enterpriseconnect.core.Circumstances;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Mailbox;
import io.github.enterpriseconnect.core.NameOrigin;
import io.github.enterpriseconnect.core.Search;
import io.github.enterpriseconnect.core.SignIn;
import io.github.enterpriseconnect.core.Suspensions;
import io.github.enterpriseconnect.core.Unreadable;
import io.github.enterpriseconnect.core.User;
import io.github.enterpriseconnect.platform.Work;
import io.github.enterpriseconnect.settings.Settings;
import io.github.enterpriseconnect.storage.MemberRecord;
import io.github.enterpriseconnect.storage.MemberRecordStore;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A member for whom a client asks for a token, by one look at our tables: one statement tells what ends or withholds a
 * right. Only what is out of the ordinary is asked for in detail.
 */
public final class MemberLook {
    private final Work work;
    private final User user;
    private final String client;
    private final Optional<MemberRecord> record;
    private final MemberCandidate candidate;

    private MemberLook(Work work, User user, String client, Optional<MemberRecord> record, MemberCandidate candidate) {
        this.work = work;
        this.user = user;
        this.client = client;
        this.record = record;
        this.candidate = candidate;
    }

    /**
     * Looks at a user.
     *
     * @param signIn the sign-in that is concerned; null to go by the one that the user was last asked for at
     * @param client id of the client that asks
     */
    public static MemberLook at(
            Work work, User user, @Nullable SignIn signIn, String client, LinkSnapshots snapshots, Instant now) {
        AskedOnce asked = new AskedOnce(user);
        Optional<MemberRecord> record = read(work, asked, client);
        Function<LinkId, Link> links = record.<Function<LinkId, Link>>map(
                        found -> id -> snapshots.get(work, id, found.links().get(id.name())))
                .orElse(work.links()::get);
        StoredRecords stored = new StoredRecords(work, user.id(), signIn, links, now, true);
        Records records =
                record.<Records>map(found -> new AtOnce(signIn, found, stored)).orElse(stored);
        return new MemberLook(work, asked, client, record, new MemberCandidate(work.realm(), asked, records));
    }

    /** Empty for whoever the gate refuses before it asks our tables, and while the user cannot be read. */
    private static Optional<MemberRecord> read(Work work, AskedOnce user, String client) {
        boolean addressed;
        List<String> links;
        try {
            addressed = user.mailbox().isPresent();
            links = user.links(work.realm().id()).stream().map(LinkId::name).toList();
        } catch (Unreadable now) {
            return Optional.empty();
        }
        Optional<String> application = work.realm().settings().map(Settings::applicationKey);
        if (!addressed || links.isEmpty() || application.isEmpty()) {
            return Optional.empty();
        }
        return work.memberRecords().of(new MemberRecordStore.Question(user.id(), application.get(), client), links);
    }

    /** The user before the gate. */
    public MemberCandidate candidate() {
        return candidate;
    }

    /** Whether the client's own kill switch is active. */
    public boolean clientSuspended() {
        return record.map(MemberRecord::suspended).orElse(true)
                && work.suspensions().all().consumer(client);
    }

    /** Whether it has still to be judged that a user of this id is gone. */
    public boolean removed() {
        return record.map(MemberRecord::unjudged).orElse(true) && work.changes().removed(user.id());
    }

    /** The user's delegation of this mailbox. */
    public Optional<MemberRecord.Delegated> delegation(Mailbox mailbox) {
        return record.stream()
                .flatMap(found -> found.delegations().stream())
                .filter(found -> found.mailbox().equals(mailbox.address()))
                .findFirst();
    }

    /**
     * Takes down by whom the member's calendar names came, and whether somebody else has the mailbox of a delegation, which
     * then is looked for at every token. Searches user stores for the latter, as far as the link has calendar names.
     */
    public void noteNames(Instant now) {
        if (attributes().isEmpty()) {
            return;
        }
        NameOrigins.update(work, user, null, now);
        try {
            Optional<Mailbox> shared = served().filter(this::shared).findFirst();
            String known = record.map(MemberRecord::sharedMailbox).orElse(null);
            if (!Objects.equals(known, shared.map(Mailbox::address).orElse(null))) {
                work.members().share(user.id(), shared.orElse(null));
            }
        } catch (Unreadable silent) {
            // What was found out before counts until it can be read.
            return;
        }
    }

    private Stream<String> names(Candidate.Membership membership) {
        return Stream.ofNullable(membership.link().policy().calendarName());
    }

    private Set<String> attributes() {
        try {
            return candidate.memberships().stream().flatMap(this::names).collect(Collectors.toSet());
        } catch (Unreadable now) {
            return Set.of();
        }
    }

    private Stream<Mailbox> served() {
        return record.stream()
                .flatMap(found -> found.delegations().stream())
                .filter(found -> found.state() == Delegation.State.GRANTED)
                .map(found -> new Mailbox(found.mailbox()));
    }

    private boolean shared(Mailbox mailbox) {
        return attributes().stream().anyMatch(name -> user.heldElsewhere(mailbox, name, Search.LATELY));
    }

    /** What the one statement has told; the rest is asked for by itself. */
    private record AtOnce(@Nullable SignIn signIn, MemberRecord record, StoredRecords rest) implements Records {
        @Override
        public Link link(LinkId id) {
            return rest.link(id);
        }

        @Override
        public boolean suspended(Suspensions.Subject subject) {
            return record.suspended() && rest.suspended(subject);
        }

        @Override
        public boolean optedOut() {
            return record.optedOut();
        }

        @Override
        public boolean proven(Mailbox mailbox) {
            return record.unjudged() ? rest.proven(mailbox) : mailbox.address().equals(record.provenMailbox());
        }

        @Override
        public boolean cameThrough(Set<String> identityProviders) {
            boolean asked = signIn == null
                    && record.delegations().stream()
                            .anyMatch(found -> found.identityProvider() != null
                                    && identityProviders.contains(found.identityProvider()));
            return asked || rest.cameThrough(identityProviders);
        }

        @Override
        public boolean doubtfullyWithout(LinkId link, Supplier<Optional<String>> setUp) {
            boolean granted = record.delegations().stream()
                    .anyMatch(found -> found.link().equals(link.name()) && found.state() == Delegation.State.GRANTED);
            return !granted && rest.doubtfullyWithout(link, setUp);
        }

        @Override
        public boolean coolingDown(Mailbox mailbox) {
            return rest.coolingDown(mailbox);
        }

        @Override
        public boolean answeredOtherwise(Circumstances circumstances) {
            return rest.answeredOtherwise(circumstances);
        }

        @Override
        public Optional<NameOrigin> nameOrigin(String attribute) {
            return record.nameOrigins().stream()
                    .filter(origin -> origin.attribute().equals(attribute))
                    .findFirst();
        }

        /**
         * Of whoever is served it was found out before they were asked for, and is again with each look; only if that has
         * found somebody it is searched for here, lest it be over.
         */
        @Override
        public boolean heldElsewhere(Mailbox mailbox, Search how, Predicate<Search> search) {
            boolean served = record.delegations().stream()
                    .anyMatch(found ->
                            found.mailbox().equals(mailbox.address()) && found.state() == Delegation.State.GRANTED);
            boolean known = served && !mailbox.address().equals(record.sharedMailbox());
            return !known && search.test(Search.LATELY);
        }

        @Override
        public boolean ofResource(Mailbox mailbox) {
            return rest.ofResource(mailbox);
        }

        @Override
        public boolean noticed(LinkId link) {
            return rest.noticed(link);
        }

        @Override
        public boolean searching() {
            return rest.searching();
        }
    }
}
