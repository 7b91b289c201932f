package io.github.enterpriseconnect;

import io.github.enterpriseconnect.Transactions.Work;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Mailbox;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.keycloak.email.EmailException;
import org.keycloak.email.EmailTemplateProvider;
import org.keycloak.models.Constants;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.OrganizationModel;
import org.keycloak.models.RealmModel;
import org.keycloak.models.UserModel;
import org.keycloak.storage.adapter.InMemoryUserAdapter;

/**
 * Sends invitations by the realm's mail server, in the words of its e-mail theme and in the receiver's language. Names go
 * into subject and text as one harmless line, whatever is in them.
 */
public final class InvitationMail {
    private static final Logger LOG = Logger.getLogger(InvitationMail.class);
    private static final Pattern NOT_OF_A_LINE =
            Pattern.compile("[\\p{Cc}\\p{Zl}\\p{Zp}\\u200E\\u200F\\u202A-\\u202E\\u2066-\\u2069\\s]+");
    private static final int LONGEST_NAME = 100;

    private final Transactions transactions;

    InvitationMail(Transactions transactions) {
        this.transactions = transactions;
    }

    /**
     * What is written, and to whom.
     *
     * @param language one that the realm speaks; null for its default
     * @param sender name of the administrator who invites; blank if there is none
     */
    public record Letter(
            LinkId link, Mailbox to, @Nullable String language, String sender, Invitations.Invited invited) {}

    /**
     * Sends the letter once, and waits for the mail server. The invitation must have been committed: the letter is of no
     * use without it, and nothing else is to wait for the mail server.
     *
     * @return what went wrong, in words for an administrator; empty if the mail server took the letter
     */
    public Optional<String> send(Letter letter) {
        Optional<EmailException> failure = transactions.inRealm(letter.link().realm(), work -> attempt(work, letter));
        failure.ifPresent(problem -> LOG.warnf(
                "invitation %s could not be sent: %s",
                letter.invited().invitation().id(), reason(problem)));
        return failure.map(problem -> "The mail could not be sent; check the realm's mail server under Realm settings ›"
                + " Email, or hand over the link yourself. The mail server says: " + reason(problem));
    }

    private static Optional<EmailException> attempt(Work work, Letter letter) {
        UserModel receiver = new InMemoryUserAdapter(work.session(), work.realm(), null);
        receiver.setEmail(letter.to().address());
        if (letter.language() != null) {
            receiver.setSingleAttribute(UserModel.LOCALE, letter.language());
        }
        Locale locale = work.session().getContext().resolveLocale(receiver, true);
        String organization = name(work.session(), work.realm(), letter.link());
        Map<String, Object> content = new HashMap<>();
        content.put("organizationName", organization);
        content.put("applicationName", application(work.realm()));
        content.put("sender", line(letter.sender()));
        content.put("link", letter.invited().ticketUrl().reveal());
        content.put("expires", Invitations.expiry(letter.invited().invitation(), locale));
        content.put(Constants.IGNORE_ACCEPT_LANGUAGE_HEADER, true);
        try {
            work.session()
                    .getProvider(EmailTemplateProvider.class)
                    .setRealm(work.realm())
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

    private static String name(KeycloakSession session, RealmModel realm, LinkId link) {
        OrganizationModel organization = link.ofRealm() ? null : RealmOrganizations.byId(session, link.name());
        return organization == null ? application(realm) : line(organization.getName());
    }

    private static String application(RealmModel realm) {
        String displayName = line(realm.getDisplayName());
        return displayName.isEmpty() ? line(realm.getName()) : displayName;
    }

    /** Also the text that a mail server sends is somebody else's. */
    private static String reason(EmailException failure) {
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        String message = line(cause.getMessage());
        return message.isEmpty() ? cause.getClass().getSimpleName() : message;
    }

    private static String line(@Nullable String text) {
        if (text == null) {
            return "";
        }
        String line = NOT_OF_A_LINE.matcher(text).replaceAll(" ").strip();
        return line.codePointCount(0, line.length()) <= LONGEST_NAME
                ? line
                : line.substring(0, line.offsetByCodePoints(0, LONGEST_NAME - 1)) + "…";
    }
}
