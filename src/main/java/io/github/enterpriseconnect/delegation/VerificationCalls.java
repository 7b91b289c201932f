package io.github.enterpriseconnect.delegation;

import io.github.enterpriseconnect.core.Application;
import io.github.enterpriseconnect.core.Credential;
import io.github.enterpriseconnect.core.Cronofy;
import io.github.enterpriseconnect.core.CronofyException;
import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.Purpose;
import io.github.enterpriseconnect.core.Secret;
import io.github.enterpriseconnect.core.Ticket;
import io.github.enterpriseconnect.credential.CredentialOwner;
import io.github.enterpriseconnect.credential.CredentialRefresher;
import io.github.enterpriseconnect.platform.Endpoints;
import io.github.enterpriseconnect.platform.Tickets;
import io.github.enterpriseconnect.platform.Work;
import io.github.enterpriseconnect.settings.Settings;
import io.github.enterpriseconnect.storage.VerificationClaim;
import java.util.List;

/** What is asked of Cronofy for a verification, and where it answers. */
public final class VerificationCalls {
    private final CredentialRefresher credentials;
    private final Cronofy cronofy;
    private final Tickets tickets;

    public VerificationCalls(CredentialRefresher credentials, Cronofy cronofy, Tickets tickets) {
        this.credentials = credentials;
        this.cronofy = cronofy;
        this.tickets = tickets;
    }

    /** Where Cronofy answers, and by which ticket's hash the answer is known. */
    record Callback(String ticketHash, Secret url) {}

    /** For a mailbox that is about to be asked for. */
    Callback callback(Work work, Link link) {
        Ticket ticket = tickets.issue(Ticket.Door.DELEGATION_CALLBACK, link.id().realm());
        String base = work.realm().settings().map(Settings::publicUrl).orElseGet(() -> String.valueOf(link.baseUrl()));
        return new Callback(
                ticket.hash(),
                Secret.of(Endpoints.delegationCallback(base, work.realm().name(), ticket)));
    }

    void ask(VerificationClaim claimed, Application application, String scope) throws CronofyException {
        CredentialOwner.OfLink serviceAccount = new CredentialOwner.OfLink(claimed.link());
        List<Cronofy.Ask> asks = List.of(new Cronofy.Ask(claimed.mailbox(), claimed.callbackUrl(), scope));
        Credential credential = credentials.forWork(serviceAccount);
        try {
            cronofy.askDelegations(application, credential.tokens().accessToken(), asks, Purpose.ASK);
        } catch (CronofyException.TokenNotRecognised rejected) {
            Secret renewed = credentials
                    .afterRejection(serviceAccount, credential)
                    .tokens()
                    .accessToken();
            cronofy.askDelegations(application, renewed, asks, Purpose.ASK);
        }
    }

    Cronofy.Grant exchange(VerificationClaim claimed, Application application) throws CronofyException {
        Secret code = claimed.code();
        if (code == null) {
            throw new CronofyException.GrantGone("there is no code");
        }
        return cronofy.exchange(
                application,
                Cronofy.CodeKind.DELEGATION,
                code,
                claimed.callbackUrl().reveal());
    }
}
