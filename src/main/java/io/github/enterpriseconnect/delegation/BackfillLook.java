package io.github.enterpriseconnect.delegation;

import io.github.enterpriseconnect.candidate.MemberCandidate;
import io.github.enterpriseconnect.core.Application;
import io.github.enterpriseconnect.core.BackfillRun;
import io.github.enterpriseconnect.core.Check;
import io.github.enterpriseconnect.core.Gate;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Unreadable;
import io.github.enterpriseconnect.core.User;
import io.github.enterpriseconnect.platform.Transactions;
import io.github.enterpriseconnect.platform.Users;
import io.github.enterpriseconnect.platform.Work;
import io.github.enterpriseconnect.revocation.Denials;
import io.github.enterpriseconnect.storage.BackfillStore;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Looks at a link's members, some at a time, and tells whom a backfill may ask for and whom not and why. Changes
 * nothing but what is remembered of whom the link denies, and keeps nobody in memory but those of one step.
 */
final class BackfillLook {
    /** Under these, besides reasons of the gate, members are passed over. */
    static final String ALREADY_GRANTED = "already_granted";

    static final String ALREADY_ASKED = "already_asked";
    static final String OTHER_LINK = "other_link";

    private static final Logger LOG = Logger.getLogger(BackfillLook.class);
    private static final int PAGE = 50;
    private static final int MOST_LOOKED = 500;

    /** A request asks for so many. */
    private static final int FULL = 50;

    /** What is no matter of the member's: the others of the link need not be looked at. */
    private static final Set<Check> OF_LINK = Set.of(
            Check.ENABLED,
            Check.NOT_SUSPENDED,
            Check.LINK_NOT_SUSPENDED,
            Check.LINK_ACTIVE,
            Check.ORGANIZATION_ENABLED);

    private final Transactions transactions;
    private final InstantSource clock;

    BackfillLook(Transactions transactions, InstantSource clock) {
        this.transactions = transactions;
        this.clock = clock;
    }

    /** What is said of one member. */
    private record Answer(
            Kind kind, String reason, @Nullable Reason cause) {
        static Answer passOver(String reason) {
            return new Answer(Kind.PASS_OVER, reason, null);
        }
    }

    private static final Answer NOBODY_KNOWS = withheld(Reason.UNAVAILABLE);

    private enum Kind {
        ASK,
        /** This run has asked, before a crash kept that from being counted. */
        ASKED,
        PASS_OVER,
        /** Nobody can tell now. */
        WITHHELD,
        /** Nobody of the link can be asked for now. */
        STOP
    }

    /** What a step has seen. */
    static final class Seen {
        private final List<String> toAsk = new ArrayList<>();
        private final Map<String, Long> passedOver = new HashMap<>();
        private String reached;
        private long asked;
        private long looked;
        private boolean end;
        private @Nullable Reason waitsFor;
        private boolean stopped;

        Seen(String reached) {
            this.reached = reached;
        }

        /** Ids of members, at most fifty. */
        List<String> toAsk() {
            return toAsk;
        }

        Map<String, Long> passedOver() {
            return passedOver;
        }

        /** See {@link BackfillRun#reached()}. */
        String reached() {
            return reached;
        }

        /** How many this run had asked for before. */
        long asked() {
            return asked;
        }

        /** Whether there are no more members. */
        boolean end() {
            return end;
        }

        /** Why the next member has to wait; null if none has. */
        @Nullable Reason waitsFor() {
            return waitsFor;
        }

        /** Whether it is the link that has to wait, and not the next member. */
        boolean stopped() {
            return stopped;
        }

        private boolean full() {
            return toAsk.size() == FULL || looked >= MOST_LOOKED || end || waitsFor != null;
        }

        private void passOver(String reason) {
            passedOver.merge(reason, 1L, Long::sum);
        }

        private void take(Users.Listed member, Answer answer, boolean patient) {
            if (answer.kind() == Kind.STOP || (answer.kind() == Kind.WITHHELD && patient)) {
                waitsFor = answer.cause();
                stopped = answer.kind() == Kind.STOP;
                return;
            }
            switch (answer.kind()) {
                case ASK -> toAsk.add(member.id());
                case ASKED -> asked++;
                default -> passOver(answer.reason());
            }
            looked++;
            reached = member.reached();
        }

        /** As many as there is room for. */
        private void takeAll(List<Users.Listed> page, Map<String, Answer> answers, boolean patient) {
            for (Users.Listed member : page) {
                if (full()) {
                    return;
                }
                take(member, answers.getOrDefault(member.id(), NOBODY_KNOWS), patient);
            }
            end = waitsFor == null && page.size() < PAGE;
        }
    }

    /**
     * Looks at the next members.
     *
     * @param patient whether to stop at the first of whom nobody can tell now; otherwise such are passed over
     */
    Seen look(BackfillRun run, Application application, boolean patient) {
        Seen seen = new Seen(run.reached());
        while (!seen.full()) {
            List<Users.Listed> page;
            try {
                page = transactions.inRealm(
                        run.link().realm(), work -> work.users().members(run.link(), seen.reached(), PAGE));
            } catch (Unreadable silent) {
                seen.waitsFor = silent.reason();
                return seen;
            }
            seen.takeAll(page, answers(run, application, page), patient);
        }
        return seen;
    }

    /** One who cannot be looked at, such as by a directory that fails in a way of its own, keeps nobody from being. */
    private Map<String, Answer> answers(BackfillRun run, Application application, List<Users.Listed> page) {
        if (page.isEmpty()) {
            return Map.of();
        }
        try {
            return transactions.inRealm(run.link().realm(), work -> answers(work, run, application, page));
        } catch (Transactions.RealmGone gone) {
            throw gone;
        } catch (RuntimeException e) {
            // Deliberately everything: directories fail in ways of their own, and one keeps nobody else from being
            // seen.
            if (page.size() == 1) {
                LOG.debugf(e, "user %s cannot be looked at now", page.get(0).id());
                return Map.of();
            }
        }
        Map<String, Answer> answers = new HashMap<>();
        page.forEach(member -> answers.putAll(answers(run, application, List.of(member))));
        return answers;
    }

    private Map<String, Answer> answers(Work work, BackfillRun run, Application application, List<Users.Listed> page) {
        Map<String, BackfillStore.Known> known = work.backfills()
                .known(application.key(), page.stream().map(Users.Listed::id).toList());
        MemberCandidate.expect(
                work, run.link(), page.stream().map(Users.Listed::id).toList());
        Map<String, Answer> answers = new HashMap<>();
        for (Users.Listed member : page) {
            answers.put(member.id(), answer(work, run, member.id(), Optional.ofNullable(known.get(member.id()))));
        }
        return answers;
    }

    private Answer answer(Work work, BackfillRun run, String userId, Optional<BackfillStore.Known> known) {
        if (known.filter(row -> run.run().equals(row.run())).isPresent()) {
            return new Answer(Kind.ASKED, "", null);
        }
        Optional<Answer> settled = known.flatMap(BackfillLook::settled);
        if (settled.isPresent()) {
            return settled.get();
        }
        try {
            return work.users()
                    .byId(userId)
                    .map(user -> answer(work, run.link(), user))
                    .orElseGet(() -> Answer.passOver(Reason.USER_REMOVED.id()));
        } catch (Unreadable now) {
            return withheld(now.reason());
        }
    }

    /** Whoever somebody has taken the right from gets it back by a sign-in, or by whoever took it. */
    private static Optional<Answer> settled(BackfillStore.Known known) {
        return switch (known.state()) {
            case GRANTED -> Optional.of(Answer.passOver(ALREADY_GRANTED));
            case ASKED -> Optional.of(Answer.passOver(ALREADY_ASKED));
            case UNKNOWN -> Optional.of(Answer.passOver(Reason.VALUE_UNKNOWN.id()));
            case REVOKED ->
                known.reason() == Reason.ENDED_BY_ADMINISTRATOR
                        ? Optional.of(Answer.passOver(Reason.ENDED_BY_ADMINISTRATOR.id()))
                        : Optional.empty();
            case NONE, REFUSED -> Optional.empty();
        };
    }

    private Answer answer(Work work, LinkId link, User user) {
        MemberCandidate candidate = MemberCandidate.of(work, user, null, clock.instant());
        List<Gate.Decision> decisions = Gate.explain(candidate, Gate.Question.ASK);
        Denials.note(work, user, decisions);
        return decisions.stream()
                .filter(decision ->
                        decision.link() == null || decision.link().id().equals(link))
                .findFirst()
                .map(own -> answer(candidate, link, own))
                .orElseGet(() -> Answer.passOver(Reason.LEFT_ORGANIZATION.id()));
    }

    private static Answer answer(MemberCandidate candidate, LinkId link, Gate.Decision own) {
        Reason reason = own.reason();
        if (reason == null) {
            boolean here = Gate.decide(candidate, Gate.Question.ASK)
                    .admission()
                    .filter(admitted -> admitted.link().id().equals(link))
                    .isPresent();
            return here ? new Answer(Kind.ASK, "", null) : Answer.passOver(OTHER_LINK);
        }
        boolean ofLink = own.failed() == null
                ? own.unreadable().containsKey(Check.POLICY_UNDERSTOOD)
                : OF_LINK.contains(own.failed());
        if (ofLink) {
            return new Answer(Kind.STOP, reason.id(), reason);
        }
        // That takes a person, and may concern everybody of a directory.
        boolean soonTold = own.withheld() && reason != Reason.DIRECTORY_CHANGED;
        return soonTold ? withheld(reason) : Answer.passOver(reason.id());
    }

    private static Answer withheld(Reason reason) {
        return new Answer(Kind.WITHHELD, reason.id(), reason);
    }
}
