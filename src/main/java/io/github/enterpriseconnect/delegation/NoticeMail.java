package io.github.enterpriseconnect.delegation;

import io.github.enterpriseconnect.core.Behaviour;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Retries;
import io.github.enterpriseconnect.platform.KeycloakTransactions;
import io.github.enterpriseconnect.platform.KeycloakWork;
import io.github.enterpriseconnect.platform.Worker;
import io.github.enterpriseconnect.storage.NoticeStore;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jboss.logging.Logger;
import org.keycloak.email.EmailException;
import org.keycloak.email.EmailTemplateProvider;
import org.keycloak.models.Constants;
import org.keycloak.models.UserModel;

/**
 * Tells members by mail that their calendar was connected, where the link's policy asks for it: one mail after another,
 * in the realm's words and by its mail server, which may be down for as long as it likes. A crash right after sending
 * may send a mail twice; none is lost.
 */
public final class NoticeMail {
    private static final Logger LOG = Logger.getLogger(NoticeMail.class);
    private static final Duration BETWEEN_SWEEPS = Duration.ofSeconds(5);
    private static final Duration CLAIM = Duration.ofMinutes(2);
    private static final Duration WORTH_SENDING = Duration.ofDays(3);
    private static final int BATCH = 100;

    private final KeycloakTransactions transactions;
    private final Worker worker;
    private final Retries retries;
    private final InstantSource clock;

    public NoticeMail(KeycloakTransactions transactions, Worker worker, Retries retries, InstantSource clock) {
        this.transactions = transactions;
        this.worker = worker;
        this.retries = retries;
        this.clock = clock;
    }

    public void start() {
        worker.submitEvery(BETWEEN_SWEEPS, this::send);
    }

    private void send() {
        Set<String> unable = new HashSet<>();
        List<Delegation> due = transactions.inServer(work -> work.due().unannounced(clock.instant(), BATCH));
        for (Delegation delegation : due) {
            String realm = delegation.link().realm();
            if (!unable.contains(realm)) {
                worker.attempt(() -> {
                    if (!send(delegation)) {
                        unable.add(realm);
                    }
                });
            }
        }
    }

    /** Whether the realm's mail server did what it is there for. */
    private boolean send(Delegation delegation) {
        String realm = delegation.link().realm();
        Instant now = clock.instant();
        Optional<NoticeStore.Claimed> claimed =
                transactions.claimInRealm(realm, work -> work.notices().claim(delegation.id(), now, now.plus(CLAIM)));
        if (claimed.isEmpty()) {
            return true;
        }
        Optional<EmailException> failure = transactions.inKeycloakRealm(realm, work -> mail(work, delegation.id()));
        if (failure.isEmpty()) {
            close(delegation);
            return true;
        }
        failed(delegation, claimed.get(), failure.get());
        return false;
    }

    private void close(Delegation delegation) {
        transactions.doInRealm(delegation.link().realm(), work -> work.notices().close(delegation.id()));
    }

    private void failed(Delegation delegation, NoticeStore.Claimed claimed, EmailException failure) {
        Instant now = clock.instant();
        if (claimed.createdAt().plus(WORTH_SENDING).isBefore(now)) {
            LOG.errorf(failure, "the notice of delegation %s could not be sent and is given up", delegation.id());
            close(delegation);
            return;
        }
        if (claimed.attempts() == 1) {
            LOG.warnf(
                    "the notice of delegation %s could not be sent and is tried again: %s",
                    delegation.id(), failure.getMessage());
        }
        Instant next = retries.afterOutage(now, claimed.attempts(), Duration.ZERO);
        transactions.doInRealm(delegation.link().realm(), work -> work.notices().postpone(delegation.id(), next));
    }

    /**
     * Sends the mail to the mailbox that it is about, if it is still true and wanted. Reads only: Keycloak's mail
     * service needs a session, and nothing else is to wait for the mail server.
     */
    private static Optional<EmailException> mail(KeycloakWork work, String delegationId) {
        Optional<Delegation> granted = work.delegations()
                .byId(delegationId)
                .filter(delegation -> delegation.state() == Delegation.State.GRANTED);
        if (granted.isEmpty()) {
            return Optional.empty();
        }
        Delegation delegation = granted.get();
        Behaviour behaviour = work.behaviour(work.links().get(delegation.link()));
        UserModel user = work.session().users().getUserById(work.model(), delegation.userId());
        if (behaviour.notice() != Behaviour.Notice.EMAIL || user == null) {
            return Optional.empty();
        }
        Map<String, Object> content = new HashMap<>();
        content.put("organizationName", work.realm().displayName(delegation.link()));
        content.put("mailbox", delegation.mailbox().address());
        content.put("optOut", behaviour.optOut());
        content.put(Constants.IGNORE_ACCEPT_LANGUAGE_HEADER, true);
        try {
            work.session()
                    .getProvider(EmailTemplateProvider.class)
                    .setRealm(work.model())
                    .setUser(user)
                    .send(
                            "enterpriseConnectNoticeSubject",
                            "enterprise-connect-notice.ftl",
                            content,
                            delegation.mailbox().address());
            return Optional.empty();
        } catch (EmailException e) {
            return Optional.of(e);
        }
    }
}
