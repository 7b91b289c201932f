package io.github.enterpriseconnect.link;

import io.github.enterpriseconnect.candidate.LinkCache;
import io.github.enterpriseconnect.core.Credential;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Unreadable;
import io.github.enterpriseconnect.platform.Transactions;
import io.github.enterpriseconnect.platform.Work;
import io.github.enterpriseconnect.platform.Worker;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.concurrent.atomic.AtomicReference;
import org.jboss.logging.Logger;

/**
 * Looks at links again and again: whether the realm still has what their policies name, which an administrator has to
 * hear of once; and whether tokens open again whose key was lost, so that nobody has to authorize the link anew.
 */
public final class LinkExamination {
    private static final Logger LOG = Logger.getLogger(LinkExamination.class);
    private static final Duration BETWEEN_ROUNDS = Duration.ofSeconds(10);
    private static final int EXAMINED_AT_ONCE = 500;
    private static final String FIRST = "";

    private final Transactions transactions;
    private final LinkCache cache;
    private final Worker worker;
    private final InstantSource clock;
    private final AtomicReference<String> examinedUpTo = new AtomicReference<>(FIRST);

    public LinkExamination(Transactions transactions, LinkCache cache, Worker worker, InstantSource clock) {
        this.transactions = transactions;
        this.cache = cache;
        this.worker = worker;
        this.clock = clock;
    }

    public void start() {
        worker.submitEvery(BETWEEN_ROUNDS, this::examine);
    }

    private void examine() {
        SortedMap<String, LinkId> links =
                transactions.inServer(work -> work.examinations().linksToExamine(examinedUpTo.get(), EXAMINED_AT_ONCE));
        examinedUpTo.set(links.size() < EXAMINED_AT_ONCE ? FIRST : links.lastKey());
        links.values().forEach(link -> worker.attempt(() -> examine(link)));
        List<Delegation> members =
                transactions.inServer(work -> work.examinations().keyLost(EXAMINED_AT_ONCE));
        if (!members.isEmpty()) {
            List<String> ids = members.stream().map(Delegation::id).toList();
            transactions.doInServer(work -> work.examinations().examined(ids, clock.instant()));
            members.forEach(member ->
                    worker.attempt(() -> transactions.doInRealm(member.link().realm(), work -> examine(work, member))));
        }
    }

    private void examine(Work work, Delegation member) {
        Optional<Credential> stored;
        try {
            stored = work.credentials().stored(member.userId());
        } catch (Unreadable away) {
            return;
        }
        boolean found = stored.filter(credential -> credential.subject().equals(member.subject())
                        && credential.application().equals(member.application())
                        && credential.mailbox().equals(member.mailbox().address()))
                .isPresent();
        if (found) {
            LOG.infof("the tokens of delegation %s open again", member.id());
            work.linkRecovery().keyFound(member, clock.instant());
            work.credentials()
                    .show(
                            member.userId(),
                            Delegation.State.GRANTED,
                            member.link().name());
        }
    }

    private void examine(LinkId link) {
        try {
            transactions.doInRealm(link.realm(), work -> examine(work, link));
        } catch (Transactions.RealmGone gone) {
            LOG.debugf("link %s is without its realm", link.name());
        }
    }

    private void examine(Work work, LinkId id) {
        Link link = work.links().get(id);
        Reason problem = !link.policy().understood()
                ? Reason.VALUE_UNKNOWN
                : work.realm().resolves(link.policy()) ? null : Reason.RULE_UNRESOLVED;
        if (work.linkRecovery().notePolicy(id, problem, clock.instant())) {
            if (problem == null) {
                LOG.infof("the policy of link %s can be answered again", id.name());
            } else {
                LOG.warnf(
                        "the policy of link %s cannot be answered for everybody (%s); members who depend on it are"
                                + " withheld, and nobody is ended, until it can, or until the policy is saved without",
                        id.name(), problem.id());
            }
        }
        if (work.linkRecovery().keyFound(id)) {
            LOG.infof("the tokens of link %s open again", id.name());
            work.linkHealth().authorized(id, clock.instant());
            work.afterCommit(() -> cache.forget(id));
        }
    }
}
