package io.github.enterpriseconnect.delegation;

import io.github.enterpriseconnect.budget.RequestBudget;
import io.github.enterpriseconnect.core.Cronofy;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Purpose;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Replacement;
import io.github.enterpriseconnect.core.Retries;
import io.github.enterpriseconnect.core.SignIn;
import io.github.enterpriseconnect.core.Unreadable;
import io.github.enterpriseconnect.credential.CredentialRefresher;
import io.github.enterpriseconnect.platform.DirectoryId;
import io.github.enterpriseconnect.platform.Transactions;
import io.github.enterpriseconnect.platform.Work;
import io.github.enterpriseconnect.storage.WaitingMember;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/**
 * Asks Cronofy for members: has the asks prepared and committed, and only then one request sent for up to fifty of
 * them ({@link Asks}).
 */
public final class DelegationRequests {
    private static final Logger LOG = Logger.getLogger(DelegationRequests.class);

    private final Transactions transactions;
    private final AskPreparation preparation;
    private final MovePreparation moves;
    private final ResourcePreparation resources;
    private final Asks asks;
    private final AskPacing pacing;

    public DelegationRequests(
            Transactions transactions,
            AskPreparation preparation,
            CredentialRefresher credentials,
            Cronofy cronofy,
            RequestBudget budget,
            Retries retries,
            InstantSource clock) {
        this.transactions = transactions;
        this.preparation = preparation;
        this.moves = preparation.ofMoves();
        this.resources = preparation.ofResources();
        this.asks = new Asks(transactions, credentials, cronofy, retries, clock);
        this.pacing = new AskPacing(transactions, budget, clock);
    }

    /** How many of those who wait may be asked for now. */
    AskPacing.Admission admit(LinkId link, int waiting) {
        return pacing.admit(link, waiting, Purpose.ASK);
    }

    /** Whether a backfill may ask for some now. */
    AskPacing.Admission admitBackfill(LinkId link) {
        return pacing.admit(link, 1, Purpose.BACKFILL);
    }

    /** See {@link AskPacing#backlog}. */
    Duration backlog(Work work, LinkId link) {
        return pacing.backlog(work, link);
    }

    /**
     * Asks for those of the members whom the gate lets through now.
     *
     * @param members at most fifty users' ids, each with the sign-in that it is about; without, the last one counts
     * @return members whom the gate lets through by another link than this one
     */
    Map<LinkId, Map<String, Optional<SignIn>>> ask(LinkId link, Map<String, Optional<SignIn>> members) {
        Set<String> signedIn = members.entrySet().stream()
                .filter(member -> member.getValue().isPresent())
                .map(Map.Entry::getKey)
                .collect(Collectors.toSet());
        PreparedAsks batch =
                prepare(link, members, (work, asks) -> work.backfills().hurry(signedIn));
        send(link, batch, Purpose.ASK);
        return batch.elsewhere();
    }

    /**
     * As {@link #ask}, without sign-ins: everybody else comes first. Those of each directory are asked for by themselves,
     * those of none first.
     *
     * @param run which backfill it is
     * @return how many were asked for
     */
    int backfill(LinkId link, String run, List<String> members) {
        Map<Optional<DirectoryId>, List<String>> byDirectory =
                transactions.inRealm(link.realm(), work -> work.users().byDirectory(members));
        return byDirectory.entrySet().stream()
                .sorted(Comparator.comparing(some -> some.getKey().isPresent()))
                .mapToInt(some -> backfillTogether(link, run, some.getValue()))
                .sum();
    }

    private int backfillTogether(LinkId link, String run, List<String> members) {
        Map<String, Optional<SignIn>> all = new LinkedHashMap<>();
        members.forEach(member -> all.put(member, Optional.empty()));
        PreparedAsks batch = prepare(link, all, (work, asks) -> work.backfills()
                .mark(run, asks.stream().map(one -> one.delegation().id()).toList()));
        send(link, batch, Purpose.BACKFILL);
        return batch.prepared().size();
    }

    /**
     * Asks for granted members of a link anew, through the service account that it has now; everybody else comes first.
     * Those of each directory are asked for by themselves, those of none first.
     *
     * @param members at most fifty
     */
    void move(Replacement replacement, List<Delegation> members) {
        LinkId link = replacement.link();
        Map<Optional<DirectoryId>, List<String>> byDirectory = transactions.inRealm(link.realm(), work -> work.users()
                .byDirectory(members.stream().map(Delegation::userId).toList()));
        byDirectory.entrySet().stream()
                .sorted(Comparator.comparing(some -> some.getKey().isPresent()))
                .map(some -> prepareMoves(
                        replacement,
                        members.stream()
                                .filter(member -> some.getValue().contains(member.userId()))
                                .toList()))
                .forEach(batch -> send(link, batch, Purpose.BACKFILL));
    }

    private PreparedAsks prepareMoves(Replacement replacement, List<Delegation> members) {
        String realm = replacement.link().realm();
        try {
            return transactions.inRealm(realm, work -> moves.prepare(work, replacement, members));
        } catch (Transactions.RealmGone gone) {
            throw gone;
        } catch (RuntimeException e) {
            // Deliberately everything, as below.
            if (members.size() > 1) {
                LOG.warnf(
                        "members of link %s are moved one by one: %s",
                        replacement.link().name(), e.getMessage());
                return members.stream()
                        .map(member -> prepareMoves(replacement, List.of(member)))
                        .reduce(PreparedAsks.EMPTY, PreparedAsks::and);
            }
            LOG.debugf(
                    e,
                    "%d member of link %s cannot be moved now",
                    members.size(),
                    replacement.link().name());
            members.forEach(member -> transactions.doInRealm(realm, work -> moves.rest(work, replacement, member)));
            return PreparedAsks.EMPTY;
        }
    }

    /**
     * Asks for resources of the link that are due; everybody else comes first.
     *
     * @return whether others may be due, too
     */
    boolean askForResources(LinkId link, int most) {
        Map<String, Optional<Reason>> looks = resources.lookUp(transactions, link, most);
        PreparedAsks batch = transactions.inRealm(link.realm(), work -> resources.prepare(work, link, looks));
        send(link, batch, Purpose.BACKFILL);
        return batch.prepared().size() == most;
    }

    private void send(LinkId link, PreparedAsks batch, Purpose urgency) {
        if (batch.application().isPresent() && !batch.prepared().isEmpty()) {
            asks.send(new Asks.Way(link, batch.application().get(), urgency), batch.prepared(), batch.troubled());
        }
    }

    private PreparedAsks prepare(
            LinkId link, Map<String, Optional<SignIn>> members, BiConsumer<Work, List<PreparedAsks.Prepared>> marking) {
        try {
            return transactions.inRealm(link.realm(), work -> prepare(work, link, members, marking));
        } catch (Transactions.RealmGone gone) {
            throw gone;
        } catch (Unreadable away) {
            // The application's secret; what cannot be read of a member holds up nobody else.
            transactions.doInRealm(
                    link.realm(),
                    work -> members.forEach((userId, signIn) ->
                            preparation.comeBack(work, new WaitingMember(link, userId, signIn), away.reason())));
            return PreparedAsks.EMPTY;
        } catch (RuntimeException e) {
            // Deliberately everything: one on whom nobody can decide, such as by a directory that fails in a way of
            // its own, must not keep the others of the batch from being asked for.
            if (members.size() == 1) {
                members.forEach((userId, signIn) -> comeBack(link, userId, signIn));
                throw e;
            }
            LOG.warnf("members of link %s are prepared one by one: %s", link.name(), e.getMessage());
            return prepareOneByOne(link, members, marking);
        }
    }

    private PreparedAsks prepare(
            Work work,
            LinkId link,
            Map<String, Optional<SignIn>> members,
            BiConsumer<Work, List<PreparedAsks.Prepared>> marking) {
        PreparedAsks batch = preparation.prepare(work, link, members);
        marking.accept(work, batch.prepared());
        return batch;
    }

    /**
     * Whoever fails moves back, and the next one is tried. Ends where not even that can be written, such as with a database
     * that is away; they come back by their rows.
     */
    private PreparedAsks prepareOneByOne(
            LinkId link, Map<String, Optional<SignIn>> members, BiConsumer<Work, List<PreparedAsks.Prepared>> marking) {
        PreparedAsks all = PreparedAsks.EMPTY;
        for (Map.Entry<String, Optional<SignIn>> member : members.entrySet()) {
            try {
                all = all.and(transactions.inRealm(
                        link.realm(),
                        work -> prepare(work, link, Map.of(member.getKey(), member.getValue()), marking)));
            } catch (Transactions.RealmGone gone) {
                throw gone;
            } catch (RuntimeException e) {
                // Deliberately everything, as above.
                LOG.warnf(e, "user %s could not be prepared for link %s", member.getKey(), link.name());
                comeBack(link, member.getKey(), member.getValue());
            }
        }
        return all;
    }

    private void comeBack(LinkId link, String userId, Optional<SignIn> signIn) {
        transactions.doInRealm(
                link.realm(),
                work -> preparation.comeBack(work, new WaitingMember(link, userId, signIn), Reason.UNAVAILABLE));
    }
}
