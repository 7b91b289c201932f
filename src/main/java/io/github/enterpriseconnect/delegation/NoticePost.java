package io.github.enterpriseconnect.delegation;

import io.github.enterpriseconnect.core.Behaviour;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.platform.KeycloakTransactions;
import io.github.enterpriseconnect.platform.KeycloakWork;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.keycloak.email.EmailException;
import org.keycloak.email.EmailTemplateProvider;
import org.keycloak.models.Constants;
import org.keycloak.models.UserModel;

/** Sends notices in the realm's words and by its mail server. */
public final class NoticePost implements NoticeMail.Post {
    private final KeycloakTransactions transactions;

    public NoticePost(KeycloakTransactions transactions) {
        this.transactions = transactions;
    }

    @Override
    public void send(String realm, String delegation) throws NoticeMail.NotSent {
        Optional<EmailException> failure = transactions.inKeycloakRealm(realm, work -> mail(work, delegation));
        if (failure.isPresent()) {
            throw new NoticeMail.NotSent(failure.get());
        }
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
        UserModel user = work.addressee(delegation.userId());
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
