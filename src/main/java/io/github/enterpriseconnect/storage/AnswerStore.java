package io.github.enterpriseconnect.storage;

import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Secret;
import jakarta.persistence.EntityManager;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Cronofy's answers to asks, in the tables {@code EC_DELEGATION}, {@code EC_MOVE} and {@code EC_RESOURCE}: the sealed code of each from its callback until it is
 * redeemed. Belongs to one session and its transaction.
 */
public final class AnswerStore {
    /** So long a code works, as far as anybody knows; Cronofy says that it is short. */
    public static final Duration CODE_LIVES = CodeProgress.CODE_LIVES;

    private final EntityManager entities;
    private final DelegationRows rows;
    private final Sealer sealer;

    AnswerStore(EntityManager entities, Sealer sealer) {
        this.entities = entities;
        this.rows = new DelegationRows(entities);
        this.sealer = sealer;
    }

    /**
     * What an answered ask needs to be redeemed.
     *
     * @param failures how often it has been tried in vain
     * @param answeredAt when the code came
     * @param doubtful whether the code may have been used up by an earlier try
     * @param claimedAt tells this claim from every other of the same code
     */
    public record Answer(
            Delegation delegation,
            Secret code,
            Secret callbackUrl,
            int failures,
            Instant answeredAt,
            boolean doubtful,
            Instant claimedAt) {}

    /** What was last asked for under this ticket in this realm, whether or not the answer has come. */
    public Optional<Delegation> underTicket(String realmId, String ticketHash) {
        return underTicket(DelegationEntity.class, realmId, ticketHash)
                .or(() -> underTicket(MoveEntity.class, realmId, ticketHash))
                .or(() -> underTicket(CalendarResourceEntity.class, realmId, ticketHash))
                .map(AskRow::toDelegation);
    }

    private Optional<AskRow> underTicket(Class<? extends AskRow> table, String realmId, String ticketHash) {
        return entities
                .createQuery(
                        "select d from " + table.getSimpleName()
                                + " d where d.ticketHash = :ticket and d.realmId = :realm",
                        table)
                .setParameter("ticket", ticketHash)
                .setParameter("realm", realmId)
                .setMaxResults(1)
                .getResultList()
                .stream()
                .findFirst()
                .map(AskRow.class::cast);
    }

    /** The ask of this row, if there is one. */
    public Optional<Delegation> byId(String id) {
        return rows.ask(id).map(AskRow::toDelegation);
    }

    /** Whether no answer has come yet to the last ask. */
    public boolean awaits(String id) {
        return rows.ask(id)
                .filter(row -> row.callbackUrl() != null && row.code() == null)
                .isPresent();
    }

    /** Whether the answer to the last ask has come, and its code is still to be redeemed. */
    public boolean kept(String id) {
        return rows.ask(id).filter(row -> row.code() != null).isPresent();
    }

    /**
     * Cronofy cannot grant what was asked for: busy times alone are asked for at once, unless that has just been tried.
     *
     * @return false if it has, or the row is no longer about this ask
     */
    public boolean askForLess(Delegation asked, Instant now) {
        Optional<AskRow> row =
                rows.same(asked).filter(found -> !found.progress().freeBusyAlone());
        row.ifPresent(found -> {
            found.progress().askForLess();
            // The mailbox was found: the ask does not count as one in vain, after which another name would be tried.
            found.takeBack(Reason.SCOPE_NOT_GRANTED, now, now);
            found.forgetAnswer();
        });
        return row.isPresent();
    }

    /** Whether this mailbox is asked for busy times alone, since more cannot be had. */
    public boolean asksForLess(Delegation known) {
        return rows.ask(known.id())
                .filter(row -> row.progress().freeBusyAlone())
                .isPresent();
    }

    /** Keeps the code of a callback for redemption. */
    public void keep(String id, Secret code, Instant now) {
        rows.ask(id).ifPresent(row -> row.answer(sealer.seal(Sealer.Purpose.CODE, row.id(), code.reveal()), now));
    }

    /**
     * Claims an answered ask for redemption by one caller across all nodes. Whoever has claimed it and fallen silent is
     * waited for: a code is not sent once more while somebody may still come with what it was exchanged for.
     *
     * @return empty if there is none, somebody else has it, or what was sealed no longer opens
     * @throws io.github.enterpriseconnect.core.Unreadable the key is away, and it may open later; roll back
     */
    public Optional<Answer> claim(String id, Instant now, Instant until) {
        AskRow row = rows.ask(id).orElse(null);
        if (row == null || row.code() == null || !takeToRedeem(row, now, until)) {
            return Optional.empty();
        }
        if (row instanceof MoveEntity move
                && !move.wanted(entities)
                && !move.progress().doubted()) {
            // Whatever it stands for ends with the service account that it was asked through.
            move.forgetAnswer();
            return Optional.empty();
        }
        if (row instanceof CalendarResourceEntity resource
                && !resource.throughPresent(entities)
                && !resource.progress().doubted()) {
            resource.postpone(Reason.REPLACED, now, now);
            return Optional.empty();
        }
        Optional<String> code = sealer.open(Sealer.Purpose.CODE, row.id(), row.code());
        Optional<String> url = sealer.open(Sealer.Purpose.CALLBACK_URL, row.id(), row.callbackUrl());
        if (code.isEmpty() || url.isEmpty()) {
            row.postpone(Reason.CREDENTIAL_UNREADABLE, now, now);
            return Optional.empty();
        }
        return Optional.of(new Answer(
                row.toDelegation(),
                Secret.of(code.get()),
                Secret.of(url.get()),
                row.progress().redemptions(),
                row.progress().answeredAt(),
                row.progress().doubted(),
                now));
    }

    /**
     * Nothing could be sent: claiming it is tried again at that time.
     *
     * @param claimedAt when the caller may have claimed it; what others have claimed stays theirs
     */
    public void claimLater(String id, Instant claimedAt, Instant when) {
        rows.ask(id)
                .filter(row -> row.code() != null)
                .ifPresent(row -> change(row, claim -> {
                    if (claim.of(claimedAt)) {
                        claim.settle(when);
                    } else {
                        claim.rest(when);
                    }
                }));
    }

    /** The claim stays the caller's, who knows what came of the code and cannot write that yet. */
    public void hold(Answer claimed, Instant until) {
        claimedBy(claimed).ifPresent(row -> change(row, claim -> claim.keep(until)));
    }

    /** Nothing was sent: redemption may be claimed again at that time. */
    public void redeemLater(Answer claimed, Instant when) {
        claimedBy(claimed).ifPresent(row -> change(row, claim -> claim.settle(when)));
    }

    /** Nobody knows whether the code was used up by a try: whatever its age, it is to be sent once more. */
    public void doubt(Answer claimed) {
        claimedBy(claimed).ifPresent(row -> row.progress().doubt());
    }

    /** The code was tried in vain and keeps, also that of a right that has ended: it is tried again at that time. */
    public void redeemAgain(Answer claimed, Reason reason, Instant now, Instant when) {
        claimedBy(claimed).ifPresent(row -> {
            change(row, claim -> claim.settle(when));
            row.redeemAgain(reason, now, when);
        });
    }

    /** Whether the caller may send the code now; what somebody silent may have done with it before stays in doubt. */
    private static boolean takeToRedeem(AskRow row, Instant now, Instant until) {
        boolean tried = row.claim().unsettledSince() != null;
        boolean taken = row.claim().takeToSend(now, until);
        row.progress().rest(row.claim().until());
        if (taken && tried) {
            row.progress().doubt();
        }
        return taken;
    }

    /** With the claim of a code changes when somebody looks at the code again. */
    private static void change(AskRow row, Consumer<RowClaim> change) {
        change.accept(row.claim());
        row.progress().rest(row.claim().until());
    }

    private Optional<AskRow> claimedBy(Answer claimed) {
        return ofAsk(claimed.delegation())
                .filter(row -> row.code() != null && row.claim().of(claimed.claimedAt()));
    }

    /** The code came to nothing: if the ask still stands, another is sent by itself. */
    public void spent(Delegation asked, Reason reason, Instant now, Instant next) {
        Optional<AskRow> row = rows.same(asked);
        row.ifPresent(found -> found.postpone(reason, now, next));
        if (row.isEmpty()) {
            forget(asked);
        }
    }

    /** The answer to this ask has been dealt with, whatever has become of the row since. */
    public void forget(Delegation asked) {
        ofAsk(asked).ifPresent(AskRow::forgetAnswer);
    }

    /** How many codes of the application, by link, may still come or are still good. */
    public Map<LinkId, Integer> outstanding(String application, Instant now) {
        Map<LinkId, Integer> outstanding = new HashMap<>();
        List.of("DelegationEntity", "MoveEntity", "CalendarResourceEntity").forEach(table -> entities.createQuery(
                        "select d.realmId, d.linkName, count(d) from " + table
                                + " d where d.application = :application"
                                + " and d.progress.outstandingUntil > :now group by d.realmId, d.linkName",
                        Object[].class)
                .setParameter("application", application)
                .setParameter("now", now.toEpochMilli())
                .getResultList()
                .forEach(row -> outstanding.merge(
                        new LinkId((String) row[0], (String) row[1]), Math.toIntExact((Long) row[2]), Integer::sum)));
        return outstanding;
    }

    /**
     * The row, by its id, of somebody else of the realm, or of a resource, that is of this account, and that Cronofy still
     * honours. Who has the same person in two realms may have one account in both.
     */
    public Optional<String> heldByAnother(Delegation asked, String subject) {
        return holder("DelegationEntity", "d.userId <> :but", asked.userId(), asked, subject)
                .or(() -> holder("CalendarResourceEntity", "d.id <> :but", asked.id(), asked, subject));
    }

    private Optional<String> holder(String table, String another, String but, Delegation asked, String subject) {
        return entities
                .createQuery(
                        "select d.id from " + table + " d where d.application = :application"
                                + " and d.subject = :subject and d.live = true and d.realmId = :realm"
                                + " and " + another + " order by d.id",
                        String.class)
                .setParameter("application", asked.application())
                .setParameter("subject", subject)
                .setParameter("realm", asked.link().realm())
                .setParameter("but", but)
                .setMaxResults(1)
                .getResultList()
                .stream()
                .findFirst();
    }

    private Optional<AskRow> ofAsk(Delegation asked) {
        return rows.ask(asked.id())
                .filter(row -> asked.ask() != null
                        && asked.ask().equals(row.toDelegation().ask()));
    }
}
