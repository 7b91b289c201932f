package io.github.enterpriseconnect.simulator;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What Cronofy knows: the applications, and who authorized them. */
final class Registry {
    private final Application first;
    private final Switches switches;
    private final Credentials credentials;
    private final Map<String, Application> applications = new LinkedHashMap<>();
    private final Map<String, Account> accounts = new LinkedHashMap<>();
    private int generation;

    Registry(Application first, Switches switches, Credentials credentials) {
        this.first = first;
        this.switches = switches;
        this.credentials = credentials;
        applications.put(first.clientId(), first);
    }

    synchronized Optional<Application> application(@Nullable String clientId) {
        return Optional.ofNullable(clientId == null ? null : applications.get(clientId));
    }

    /** The application whose secret this is; the old one of the switches counts too. */
    synchronized Optional<Application> application(@Nullable String clientId, @Nullable String secret) {
        return application(clientId).filter(found -> secret != null && !secret.isEmpty() && accepts(found, secret));
    }

    private boolean accepts(Application application, String secret) {
        Choice.Secrets accepted = switches.get(Switch.ACCEPTED_SECRETS);
        return (accepted != Choice.Secrets.OLD && secret.equals(application.secret()))
                || (accepted != Choice.Secrets.NEW && secret.equals(switches.get(Switch.OLD_SECRET)));
    }

    /** The application that uses its secret as bearer (contract 0, 1). */
    synchronized Optional<Application> applicationBySecret(@Nullable String secret) {
        return applications.values().stream()
                .filter(one -> one.secret().equals(secret))
                .findFirst();
    }

    synchronized void register(Application application) {
        applications.put(application.clientId(), application);
    }

    /** A code for the administrator's consent of contract 1; the authorization comes about when it is redeemed. */
    String serviceAccountCode(Application application, String redirectUri, Consent consent) {
        return credentials.code(application.clientId(), redirectUri, null, () -> authorize(application, consent));
    }

    /**
     * A code for one mailbox, void when the service account goes before it is redeemed. By the switch the mailbox is
     * authorized at once.
     */
    String mailboxCode(ServiceAccount by, String callbackUrl, String address, Scopes scope) {
        Supplier<Account> consent = () -> authorize(by.application(), address, scope, by.sub());
        if (switches.get(Switch.CODES_AUTHORIZE)) {
            Account unused = consent.get();
        }
        return credentials.code(by.application().clientId(), callbackUrl, by.sub(), consent);
    }

    /** Tokens for a code; empty when it is no good. */
    synchronized Optional<Credentials.Refreshed> redeem(String code, Application application, String url) {
        return credentials.redeem(code, application.clientId(), url).map(this::issue);
    }

    /** Tokens at once, without a page (a verb for tests). */
    synchronized Credentials.Refreshed grant(Application application, Consent consent) {
        return issue(() -> authorize(application, consent));
    }

    /** Tokens of a mailbox whose owner authorized the application himself, without Enterprise Connect. */
    synchronized Credentials.Refreshed grantPersonally(Application application, String address, Scopes scope) {
        return issue(() -> authorize(application, address, scope, null));
    }

    /** The application that the simulator was started with, with the secret that it has now. */
    Application first() {
        return present(first);
    }

    /** The same application with the secret that it has now: it may have been replaced since. */
    synchronized Application present(Application application) {
        return applications.getOrDefault(application.clientId(), application);
    }

    synchronized Optional<Account> account(String sub) {
        return Optional.ofNullable(accounts.get(sub));
    }

    synchronized List<Account> accounts() {
        return List.copyOf(accounts.values());
    }

    /** Ends the whole authorization, and with a service account all that came through it (contract 4.1). */
    synchronized void revoke(Account account) {
        account.revoked();
        credentials.forget(account);
        if (account instanceof ServiceAccount && switches.get(Switch.REVOKE_CASCADES)) {
            accounts.values().stream()
                    .filter(one -> one instanceof Mailbox mailbox && goesWith(mailbox, account.sub()))
                    .forEach(member -> {
                        member.revoked();
                        credentials.forget(member);
                    });
        }
    }

    /** By the switch also where another service account has authorized it since. */
    private boolean goesWith(Mailbox mailbox, String serviceAccount) {
        return mailbox.wasAuthorizedBy(serviceAccount)
                && (serviceAccount.equals(mailbox.parent()) || switches.get(Switch.REVOKE_TAKES_MOVED));
    }

    synchronized void clear() {
        accounts.clear();
        applications.clear();
        applications.put(first.clientId(), first);
        generation = 0;
        credentials.clear();
    }

    /** For the control API: who there is, without secrets. */
    synchronized List<ObjectNode> state() {
        List<ObjectNode> state = new ArrayList<>();
        for (Account account : accounts.values()) {
            ObjectNode json = Json.object()
                    .put("sub", account.sub())
                    .put("kind", account.kind())
                    .put("clientId", account.application().clientId())
                    .put(account instanceof ServiceAccount ? "domain" : "mailbox", account.address())
                    .put("live", account.live())
                    .put("scope", account.scope().text());
            state.add(account instanceof Mailbox mailbox ? json.put("parent", mailbox.parent()) : json);
        }
        return state;
    }

    private Credentials.Refreshed issue(Supplier<Account> consent) {
        Account account = consent.get();
        return new Credentials.Refreshed(account, credentials.authorize(account));
    }

    private synchronized Account authorize(Application application, Consent consent) {
        String domain = consent.domain.toLowerCase(Locale.ROOT);
        boolean keeps = switches.get(Switch.REAUTHORIZATION_KEEPS_SERVICE_ACCOUNT);
        String thing = keeps ? domain : domain + '\n' + ++generation;
        String sub = application.identifier("ser", thing);
        if (accounts.computeIfAbsent(sub, key -> new ServiceAccount(application, key, domain))
                instanceof ServiceAccount account) {
            account.authorized(consent.scope, consent.delegatedScope, consent.email);
            return account;
        }
        throw new IllegalStateException(sub + " is no service account");
    }

    private synchronized Account authorize(Application application, String address, Scopes scope, @Nullable String by) {
        boolean apart = by == null && !switches.get(Switch.PERSONAL_LINK_SHARES_SUB);
        String thing = address.toLowerCase(Locale.ROOT) + (apart ? "\npersonal" : "");
        if (by != null && ofAnother(application.identifier("acc", thing), by)) {
            thing += '\n' + by;
        }
        String sub = application.identifier("acc", thing);
        if (accounts.computeIfAbsent(sub, key -> new Mailbox(application, key, address)) instanceof Mailbox account) {
            account.authorized(scope, by);
            return account;
        }
        throw new IllegalStateException(sub + " is no mailbox");
    }

    /** By the switch an account belongs to the service account that authorized it first. */
    private boolean ofAnother(String sub, String serviceAccount) {
        return !switches.get(Switch.SERVICE_ACCOUNTS_SHARE_SUB)
                && accounts.get(sub) instanceof Mailbox mailbox
                && mailbox.parent() != null
                && !mailbox.wasAuthorizedBy(serviceAccount);
    }

    /** What an administrator agreed to. */
    record Consent(String domain, String email, Scopes scope, Scopes delegatedScope) {}
}
