package io.github.enterpriseconnect.link;

import io.github.enterpriseconnect.core.Invitation;
import io.github.enterpriseconnect.core.Mailbox;
import io.github.enterpriseconnect.platform.KeycloakTransactions;
import io.github.enterpriseconnect.platform.KeycloakWork;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.keycloak.email.EmailException;
import org.keycloak.email.EmailTemplateProvider;
import org.keycloak.models.Constants;
import org.keycloak.models.RealmModel;
import org.keycloak.models.UserModel;
import org.keycloak.storage.adapter.InMemoryUserAdapter;
import org.keycloak.theme.FreeMarkerException;

/**
 * Sends invitations by the realm's mail server, in the words of its e-mail theme and in the receiver's language. Names
 * go into subject and text as one harmless line, whatever is in them.
 */
public final class InvitationMail {
    private static final Logger LOG = Logger.getLogger(InvitationMail.class);
    private static final Pattern NOT_OF_A_LINE =
            Pattern.compile("[\\p{Cc}\\p{Zl}\\p{Zp}\\u061C\\u200E\\u200F\\u202A-\\u202E\\u2066-\\u2069\\s]+");
    private static final int LONGEST_NAME = 100;

    private final KeycloakTransactions transactions;

    public InvitationMail(KeycloakTransactions transactions) {
        this.transactions = transactions;
    }

    /**
     * What is written, and to whom.
     *
     * @param organization whose calendars are to be connected; null for those of the whole realm
     * @param language one that the realm speaks
     * @param sender name of the administrator who invites; blank if there is none
     */
    public record Letter(
            @Nullable String organization, Mailbox to, String language, String sender, Invitations.Invited invited) {}

    /**
     * Sends the letter once, and waits for the mail server. The invitation must have been committed: the letter is of
     * no use without it, and nothing else is to wait for the mail server.
     *
     * @return what went wrong, in words for an administrator; empty if the mail server took the letter
     */
    public Optional<String> send(Letter letter) {
        Invitation invitation = letter.invited().invitation();
        Optional<String> problem = transactions
                .inKeycloakRealm(invitation.link().realm(), work -> attempt(work, letter))
                .map(InvitationMail::problem);
        problem.ifPresent(what -> LOG.warnf("invitation %s could not be sent: %s", invitation.id(), what));
        return problem.map(
                what -> what + " Hand over the link yourself, or invite again once the realm's mail server is"
                        + " set right under Realm settings › Email; the server's log says more.");
    }

    /**
     * Reads the realm and its texts alone: whatever else the letter says was read before, so that no query is made
     * here.
     */
    private static Optional<EmailException> attempt(KeycloakWork work, Letter letter) {
        UserModel receiver = new InMemoryUserAdapter(work.session(), work.model(), null);
        receiver.setEmail(letter.to().address());
        receiver.setSingleAttribute(UserModel.LOCALE, letter.language());
        Locale locale = work.session().getContext().resolveLocale(receiver, true);
        String application = application(work.model());
        String organization = letter.organization() == null ? application : line(letter.organization());
        Map<String, Object> content = new HashMap<>();
        content.put("organizationName", organization);
        content.put("applicationName", application);
        content.put("sender", line(letter.sender()));
        content.put("link", letter.invited().ticketUrl().reveal());
        content.put("expires", Invitations.expiry(letter.invited().invitation(), locale));
        content.put(Constants.IGNORE_ACCEPT_LANGUAGE_HEADER, true);
        try {
            work.session()
                    .getProvider(EmailTemplateProvider.class)
                    .setRealm(work.model())
                    .setUser(receiver)
                    .send(
                            "enterpriseConnectInvitationMailSubject",
                            List.of(organization),
                            "enterprise-connect-invitation.ftl",
                            content,
                            letter.to().address());
            return Optional.empty();
        } catch (EmailException e) {
            return Optional.of(e);
        }
    }

    private static String application(RealmModel realm) {
        String displayName = line(realm.getDisplayName());
        return displayName.isEmpty() ? line(realm.getName()) : displayName;
    }

    /**
     * In words of our own: what a mail server answers tells of addresses, hosts and accounts. Keycloak has logged it.
     */
    private static String problem(EmailException failure) {
        if (caused(failure, FreeMarkerException.class)) {
            return "The realm's e-mail theme could not write the mail.";
        }
        if (caused(failure, SSLException.class)) {
            return "No secure connection to the realm's mail server came about.";
        }
        if (caused(failure, SocketException.class)
                || caused(failure, SocketTimeoutException.class)
                || caused(failure, UnknownHostException.class)) {
            return "The realm's mail server could not be reached.";
        }
        return "The realm's mail server did not take the mail: it may refuse the realm's user and password, the sender or"
                + " the receiver.";
    }

    private static boolean caused(Throwable failure, Class<? extends Exception> type) {
        return Stream.iterate(failure, Objects::nonNull, Throwable::getCause).anyMatch(type::isInstance);
    }

    private static String line(@Nullable String text) {
        if (text == null) {
            return "";
        }
        // Keycloak would take what follows a dollar and a brace for the key of a text.
        String line =
                NOT_OF_A_LINE.matcher(text).replaceAll(" ").replace("${", "$ {").strip();
        return line.codePointCount(0, line.length()) <= LONGEST_NAME
                ? line
                : line.substring(0, line.offsetByCodePoints(0, LONGEST_NAME - 1)) + "…";
    }
}
