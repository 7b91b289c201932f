package io.github.enterpriseconnect.storage;

import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Mailbox;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Secret;
import io.github.enterpriseconnect.core.Verification;
import io.github.enterpriseconnect.core.Verification.Result;
import jakarta.persistence.EntityManager;
import jakarta.persistence.OptimisticLockException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How links were proven by a mailbox, in table {@code EC_VERIFICATION}, one row for each link; the code of an answer sealed
 * until it is redeemed. Belongs to one session and its transaction.
 */
public final class VerificationStore {
    private final EntityManager entities;
    private final Sealer sealer;

    VerificationStore(EntityManager entities, Sealer sealer) {
        this.entities = entities;
        this.sealer = sealer;
    }

    /** What has just begun. */
    public record Begun(String run, Verification verification) {}

    /** The latest verification through the link's present service account; empty if there was none. */
    public Optional<Verification> of(Link link) {
        return row(link.id()).map(VerificationEntity::toVerification).filter(found -> present(link, found));
    }

    /** The same, if it is this one. */
    public Optional<Verification> of(Link link, @Nullable String run) {
        return row(link.id())
                .filter(row -> run != null && row.of(run))
                .map(VerificationEntity::toVerification)
                .filter(found -> present(link, found));
    }

    /** The same of many links of a realm, by their names. */
    public Map<String, Verification> of(String realmId, Collection<Link> links) {
        Map<String, Verification> found = new HashMap<>();
        if (links.isEmpty()) {
            return found;
        }
        Map<String, Link> byName = new HashMap<>();
        links.forEach(link -> byName.put(link.id().name(), link));
        entities
                .createQuery(
                        "select v from VerificationEntity v where v.realmId = :realm and v.linkName in :names",
                        VerificationEntity.class)
                .setParameter("realm", realmId)
                .setParameter("names", byName.keySet())
                .getResultList()
                .stream()
                .map(VerificationEntity::toVerification)
                .filter(one -> present(byName.get(one.link().name()), one))
                .forEach(one -> found.put(one.link().name(), one));
        return found;
    }

    private static boolean present(@Nullable Link link, Verification found) {
        return link != null && found.serviceAccount().equals(link.serviceAccount());
    }

    /**
     * Has whoever begins another verification of the link wait until the transaction ends; before anything is decided by
     * what there is. Where there was none yet, {@link #begin} notices who was faster.
     */
    public void lock(LinkId link) {
        Optional<VerificationEntity> unused = locked(link);
    }

    /** Whether one is under way, through whichever service account. */
    public boolean pending(LinkId link) {
        return row(link).filter(row -> row.is(Result.PENDING)).isPresent();
    }

    /** When another may begin, of at most so many within that time; empty if one may now. */
    public Optional<Instant> full(LinkId link, int most, Duration within, Instant now) {
        return row(link).map(row -> row.full(most, within, now));
    }

    /**
     * Notes that a mailbox is about to be asked for, in place of what was before; to be committed before it is sent.
     *
     * @throws OptimisticLockException the first one ever has begun after all that was decided by: decide again
     */
    public Begun begin(LinkId link, VerificationAsk ask, Duration within, Instant now) {
        Optional<VerificationEntity> present = row(link);
        if (present.filter(row -> row.is(Result.PENDING)).isPresent()) {
            throw new OptimisticLockException("a verification of link " + link.name() + " has begun meanwhile");
        }
        VerificationEntity row = present.orElseGet(() -> new VerificationEntity(link));
        row.count(within, now);
        row.begin(ask, sealedUrl(row, ask.callbackUrl()), now);
        if (present.isEmpty()) {
            entities.persist(row);
        }
        return new Begun(row.run(), row.toVerification());
    }

    private String sealedUrl(VerificationEntity row, Secret callbackUrl) {
        return sealer.seal(Sealer.Purpose.CALLBACK_URL, row.id(), callbackUrl.reveal());
    }

    /** What the code has brought is lost: the same mailbox is to be asked for once more. */
    public void askAnew(VerificationClaim claimed, String ticketHash, Secret callbackUrl, Instant now) {
        change(claimed, row -> row.askAnew(ticketHash, sealedUrl(row, callbackUrl), now));
    }

    /**
     * Claims what is due for one caller across all nodes.
     *
     * @return empty if nothing is due, or what was sealed does not open any more, which ends it
     * @throws io.github.enterpriseconnect.core.Unreadable the key is away, and it may open later; roll back
     */
    public Optional<VerificationClaim> claim(LinkId link, Duration answerWithin, Instant now, Instant until) {
        VerificationEntity row = row(link).filter(found -> found.due(now)).orElse(null);
        if (row == null) {
            return Optional.empty();
        }
        if (!row.awaited()) {
            row.forget();
            return Optional.empty();
        }
        VerificationClaim.Step step = step(row, answerWithin, now);
        Optional<String> url = sealer.open(Sealer.Purpose.CALLBACK_URL, row.id(), row.callbackUrl());
        Optional<String> code = sealer.open(Sealer.Purpose.CODE, row.id(), row.code());
        Optional<Mailbox> mailbox = Mailbox.parse(row.mailbox());
        if (url.isEmpty() || mailbox.isEmpty() || (step == VerificationClaim.Step.REDEEM && code.isEmpty())) {
            row.end(Result.FAILED, Reason.CREDENTIAL_UNREADABLE, null, now);
            return Optional.empty();
        }
        String claim = row.claim(until);
        boolean doubtful = row.codeSent();
        row.sendCode(step == VerificationClaim.Step.REDEEM);
        return Optional.of(new VerificationClaim(
                link,
                row.run(),
                claim,
                step,
                row.application(),
                row.serviceAccount(),
                mailbox.get(),
                row.startedAt(),
                row.sent(),
                row.attempts(),
                Secret.of(url.get()),
                code.map(Secret::of).orElse(null),
                doubtful,
                row.askedAnew()));
    }

    /** Nobody can do what is due of it now; others have their turn. */
    public void putOff(LinkId link, Instant now, Instant next) {
        row(link).filter(row -> row.due(now)).ifPresent(row -> row.wait(next));
    }

    /** Keeps others from sending the code while what came of it cannot be written. */
    public void hold(VerificationClaim claimed, Instant until) {
        change(claimed, row -> row.wait(until));
    }

    private static VerificationClaim.Step step(VerificationEntity row, Duration answerWithin, Instant now) {
        if (row.code() != null) {
            return VerificationClaim.Step.REDEEM;
        }
        if (!row.is(Result.PENDING)) {
            return VerificationClaim.Step.FORGET;
        }
        boolean inTime = now.isBefore(row.startedAt().plus(answerWithin));
        return inTime && !row.sent() ? VerificationClaim.Step.ASK : VerificationClaim.Step.EXPIRE;
    }

    /** Cronofy has taken the ask. */
    public void sent(VerificationClaim claimed, Instant answerBy) {
        byRun(claimed).filter(VerificationEntity::awaited).ifPresent(row -> row.sent(answerBy));
    }

    /** The step was tried in vain, and is to be tried again. */
    public void again(VerificationClaim claimed, Reason reason, Instant next) {
        change(claimed, row -> row.again(reason, next));
    }

    /** The step was not tried, and is to be. */
    public void wait(VerificationClaim claimed, Instant next) {
        change(claimed, row -> {
            row.sendCode(claimed.doubtful());
            row.wait(next);
        });
    }

    /** No answer has come in time; one that comes until then counts all the same. */
    public void expire(VerificationClaim claimed, Reason reason, Instant now, Instant forgetAt) {
        change(claimed, row -> row.expire(reason, now, forgetAt));
    }

    /** An answer is awaited no longer. */
    public void forget(VerificationClaim claimed) {
        change(claimed, VerificationEntity::forget);
    }

    /** It has come to nothing, unless somebody else knows better, or the link has another one by now. */
    public void fail(VerificationClaim claimed, Reason reason, Instant now) {
        change(claimed, row -> row.end(Result.FAILED, reason, null, now));
    }

    /** Cronofy has opened a mailbox, which counts whoever has given up since; unless the link has another one by now. */
    public void opened(VerificationClaim claimed, Result result, @Nullable Reason reason, Instant now) {
        byRun(claimed).filter(row -> !row.is(Result.PROVEN)).ifPresent(row -> row.end(result, reason, null, now));
    }

    private void change(VerificationClaim claimed, Consumer<VerificationEntity> change) {
        byRun(claimed).filter(row -> row.claimedBy(claimed.claim())).ifPresent(change);
    }

    private Optional<VerificationEntity> byRun(VerificationClaim claimed) {
        return row(claimed.link()).filter(row -> row.of(claimed.run()));
    }

    /** The link whose mailbox was asked for under this ticket in this realm, whether or not the answer has come. */
    public Optional<LinkId> underTicket(String realmId, String ticketHash) {
        return byTicket(realmId, ticketHash).map(VerificationEntity::linkId);
    }

    /** Keeps the code of a callback to be redeemed; false if no answer is awaited any more. */
    public boolean answer(String realmId, String ticketHash, Secret code, Instant now) {
        Optional<VerificationEntity> row = awaiting(realmId, ticketHash);
        row.ifPresent(found -> found.answer(sealer.seal(Sealer.Purpose.CODE, found.id(), code.reveal()), now));
        return row.isPresent();
    }

    /** Cronofy has refused the mailbox, in these words; false if no answer is awaited any more. */
    public boolean refuse(String realmId, String ticketHash, Reason reason, String detail, Instant now) {
        Optional<VerificationEntity> row = awaiting(realmId, ticketHash);
        row.ifPresent(found -> found.end(Result.FAILED, reason, detail, now));
        return row.isPresent();
    }

    private Optional<VerificationEntity> awaiting(String realmId, String ticketHash) {
        return byTicket(realmId, ticketHash).filter(row -> row.awaited() && row.code() == null);
    }

    /** The link is gone. In one statement, past the version: whoever is at the row waits or finds none. */
    public void remove(LinkId link) {
        entities.createQuery("delete from VerificationEntity v where v.realmId = :realm and v.linkName = :link")
                .setParameter("realm", link.realm())
                .setParameter("link", link.name())
                .executeUpdate();
    }

    private Optional<VerificationEntity> byTicket(String realmId, String ticketHash) {
        return entities
                .createQuery(
                        "select v from VerificationEntity v where v.ticketHash = :ticket and v.realmId = :realm",
                        VerificationEntity.class)
                .setParameter("ticket", ticketHash)
                .setParameter("realm", realmId)
                .setMaxResults(1)
                .getResultList()
                .stream()
                .findFirst();
    }

    private Optional<VerificationEntity> row(LinkId link) {
        return entities
                .createQuery(
                        "select v from VerificationEntity v where v.realmId = :realm and v.linkName = :link",
                        VerificationEntity.class)
                .setParameter("realm", link.realm())
                .setParameter("link", link.name())
                .getResultList()
                .stream()
                .findFirst();
    }

    private Optional<VerificationEntity> locked(LinkId link) {
        return row(link).flatMap(row -> Locked.row(entities, VerificationEntity.class, row.id()));
    }
}
