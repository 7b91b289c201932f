package io.github.enterpriseconnect.budget;

import io.github.enterpriseconnect.core.Application;
import io.github.enterpriseconnect.core.Cronofy;
import io.github.enterpriseconnect.core.CronofyException;
import io.github.enterpriseconnect.core.ProfileState;
import io.github.enterpriseconnect.core.Purpose;
import io.github.enterpriseconnect.core.Resource;
import io.github.enterpriseconnect.core.Secret;
import io.github.enterpriseconnect.core.Tokens;
import io.github.enterpriseconnect.storage.BudgetStore;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Cronofy within the application's budget. What there is no room for is not sent: the caller is told to come again, after
 * a wait if somebody waits for the answer. An answer 429, or a Retry-After, has all nodes pause.
 */
public final class PacedCronofy implements Cronofy {
    /** With the call itself, it is less than a claim to refresh lasts. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private static final Duration A_MOMENT = Duration.ofMillis(1);

    private final Cronofy wire;
    private final RequestBudget budget;
    private final LongSupplier millis;
    private final Consumer<Duration> pause;
    private final Circuit circuit = new Circuit();
    private final TooMany busy = new TooMany();

    /**
     * Cronofy by these means.
     *
     * @param millis how much time has passed since some moment; never goes back
     * @param pause how a thread waits
     */
    public PacedCronofy(Cronofy wire, RequestBudget budget, LongSupplier millis, Consumer<Duration> pause) {
        this.wire = wire;
        this.budget = budget;
        this.millis = millis;
        this.pause = pause;
    }

    /** A request, and what comes of it. */
    private interface Call<T> {
        T make() throws CronofyException;
    }

    @Override
    public URI authorizationUrl(
            Application application, String scope, String delegatedScope, String redirectUri, Secret state) {
        return wire.authorizationUrl(application, scope, delegatedScope, redirectUri, state);
    }

    @Override
    public Grant exchange(Application application, CodeKind kind, Secret code, String redirectUri)
            throws CronofyException {
        Purpose purpose = kind == CodeKind.SERVICE_ACCOUNT ? Purpose.SIGN_IN : Purpose.REDEMPTION;
        return withSecret(application, purpose, known -> wire.exchange(known, kind, code, redirectUri));
    }

    @Override
    public Tokens refresh(Application application, Tokens tokens, Purpose urgency) throws CronofyException {
        Duration broken = circuit.pass(application.key(), millis.getAsLong());
        if (!broken.isZero()) {
            throw CronofyException.NotDone.held("Cronofy does not answer", broken);
        }
        return withSecret(
                application, urgency, known -> timed(application, () -> wire.refresh(known, tokens, urgency)));
    }

    @Override
    public ServiceAccount serviceAccount(Application application, Secret accessToken, Purpose urgency)
            throws CronofyException {
        return paced(application, urgency, () -> wire.serviceAccount(application, accessToken, urgency));
    }

    @Override
    public List<Resource.Listed> resources(
            Application application, Secret accessToken, boolean details, Purpose urgency) throws CronofyException {
        return paced(application, urgency, () -> wire.resources(application, accessToken, details, urgency));
    }

    @Override
    public ProfileState profile(Application application, Secret accessToken, ProfileOf which, Purpose urgency)
            throws CronofyException {
        return paced(application, urgency, () -> wire.profile(application, accessToken, which, urgency));
    }

    @Override
    public String watch(Application application, Secret accessToken, Secret callbackUrl, Purpose urgency)
            throws CronofyException {
        return paced(application, urgency, () -> wire.watch(application, accessToken, callbackUrl, urgency));
    }

    @Override
    public void unwatch(Application application, Secret accessToken, String channel, Purpose urgency)
            throws CronofyException {
        paced(application, urgency, () -> {
            wire.unwatch(application, accessToken, channel, urgency);
            return true;
        });
    }

    @Override
    public void askDelegations(Application application, Secret accessToken, List<Ask> asks, Purpose urgency)
            throws CronofyException {
        paced(application, urgency, () -> {
            wire.askDelegations(application, accessToken, asks, urgency);
            return true;
        });
    }

    @Override
    public void revoke(Application application, @Nullable Secret token, String subject) throws CronofyException {
        withSecret(application, Purpose.REVOCATION, known -> {
            wire.revoke(known, token, subject);
            return true;
        });
    }

    @Override
    public void proveCredentials(Application application) throws CronofyException {
        withSecret(application, Purpose.SIGN_IN, known -> {
            wire.proveCredentials(known);
            return true;
        });
    }

    /** A request that shows a secret of the application. */
    private interface SecretCall<T> {
        T make(Application known) throws CronofyException;
    }

    /**
     * As {@link #paced}; whoever gets what they want has shown that Cronofy knows the application by its secret. During a
     * rotation what is refused with one secret is sent once more with the other: a refused secret has no effect at Cronofy.
     */
    private <T> T withSecret(Application application, Purpose purpose, SecretCall<T> call) throws CronofyException {
        long deadline = millis.getAsLong() + patience(purpose).toMillis();
        Application first = budget.secrets().first(application);
        Optional<Application> second = budget.secrets().second(application);
        try {
            return proven(first, purpose, deadline, call);
        } catch (CronofyException.Misconfigured refused) {
            if (!refused.secretRefused() || second.isEmpty()) {
                throw refused.secretRefused() && application.partly()
                        ? CronofyException.NotDone.secretWithheld(refused)
                        : refused;
            }
            if (millis.getAsLong() > deadline + PATIENCE.toMillis()) {
                throw CronofyException.NotDone.held("another secret is to be tried, and it is late", A_MOMENT);
            }
        }
        try {
            T result = proven(second.get(), purpose, deadline, call);
            budget.secrets().accepted(application, second.get());
            return result;
        } catch (CronofyException.GrantGone known) {
            // Only of an application that it knows does Cronofy look at what it brings.
            budget.secrets().accepted(application, second.get());
            throw known;
        }
    }

    private <T> T proven(Application known, Purpose purpose, long deadline, SecretCall<T> call)
            throws CronofyException {
        T result = paced(known, purpose, deadline, () -> call.make(known));
        budget.prove(known);
        return result;
    }

    private <T> T paced(Application application, Purpose purpose, Call<T> call) throws CronofyException {
        return paced(
                application, purpose, millis.getAsLong() + patience(purpose).toMillis(), call);
    }

    private <T> T paced(Application application, Purpose purpose, long deadline, Call<T> call) throws CronofyException {
        BudgetStore.Unused permit = await(application, purpose, deadline);
        try {
            T result = call.make();
            busy.ends(application.key());
            return result;
        } catch (CronofyException.NotDone notDone) {
            if (!notDone.tooMany()) {
                budget.putBack(permit);
                throw notDone;
            }
            throw tooMany(application, notDone);
        } catch (CronofyException.Unavailable unavailable) {
            if (!unavailable.retryAfter().isZero()) {
                budget.pause(application, unavailable.retryAfter());
            }
            throw unavailable;
        }
    }

    /** It is nobody's failure, but a matter of pace: all pause, and then go on as if nothing had been sent. */
    private CronofyException.NotDone tooMany(Application application, CronofyException.NotDone told) {
        Duration pause = busy.begins(application.key(), told.retryAfter(), millis.getAsLong());
        if (!pause.isZero()) {
            budget.pause(application, pause);
        }
        return CronofyException.NotDone.held(
                String.valueOf(told.getMessage()), budget.spread(pause.isZero() ? told.retryAfter() : pause));
    }

    private <T> T timed(Application application, Call<T> call) throws CronofyException {
        long start = millis.getAsLong();
        try {
            T result = call.make();
            circuit.answered(application.key());
            return result;
        } catch (CronofyException.Unavailable unavailable) {
            circuit.failed(application.key(), start, millis.getAsLong());
            throw unavailable;
        } catch (CronofyException answer) {
            circuit.answered(application.key());
            throw answer;
        }
    }

    /** Waits for room, if anybody waits for the answer, and not for longer than is of use. */
    private BudgetStore.Unused await(Application application, Purpose purpose, long deadline)
            throws CronofyException.NotDone {
        while (true) {
            RequestBudget.Turn turn = budget.take(application, purpose);
            if (turn.permit().isPresent()) {
                return turn.permit().get();
            }
            Duration wait = turn.expected();
            Duration next = budget.untilNextSecond().plus(A_MOMENT);
            if (millis.getAsLong() + Math.max(next.toMillis(), wait.toMillis()) > deadline
                    || Thread.currentThread().isInterrupted()) {
                throw CronofyException.Unavailable.notSent(budget.spread(wait));
            }
            pause.accept(next);
        }
    }

    /** What stands in a table does not wait here; whoever asks has been let in before, and their row says that it was. */
    private static Duration patience(Purpose purpose) {
        return switch (purpose) {
            case AWAITED_REFRESH, SIGN_IN, ASK, BACKFILL -> PATIENCE;
            case REDEMPTION, CROWD, REPORTED_REFRESH, REVOCATION, REFRESH, BACKFILL_CODE, LOOK -> Duration.ZERO;
        };
    }
}
