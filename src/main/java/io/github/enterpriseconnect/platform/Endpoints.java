package io.github.enterpriseconnect.platform;

import io.github.enterpriseconnect.EnterpriseConnect;
import io.github.enterpriseconnect.core.Ticket;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/** The addresses of the realm resource as the world sees them. Bases come without a slash at the end. */
public final class Endpoints {
    public static final String INVITATION = "invitation";
    public static final String LINK_CALLBACK = "callback/link";
    public static final String DELEGATION_CALLBACK = "callback/delegation";
    public static final String NOTIFICATION_CALLBACK = "callback/notification";
    public static final String CONSOLE = "console/";
    public static final String ACCOUNT = "account";

    private Endpoints() {}

    /** A base address without the slash that it may end with. */
    public static String base(URI uri) {
        String text = uri.toString();
        return text.endsWith("/") ? text.substring(0, text.length() - 1) : text;
    }

    public static String invitation(String base, String realmName, Ticket ticket) {
        return under(base, realmName, INVITATION) + "/" + ticket.value().reveal();
    }

    /** Where Cronofy sends the administrator's browser back to. */
    public static String linkCallback(String base, String realmName) {
        return under(base, realmName, LINK_CALLBACK);
    }

    /** The administrators' console page. */
    public static String console(String base, String realmName) {
        return under(base, realmName, CONSOLE);
    }

    /** The way to the user's own page. */
    public static String account(String base, String realmName) {
        return under(base, realmName, ACCOUNT);
    }

    /** Where the user's own page ends. */
    public static String accountDone(String base, String realmName) {
        return account(base, realmName) + "/done";
    }

    public static String delegationCallback(String base, String realmName, Ticket ticket) {
        return under(base, realmName, DELEGATION_CALLBACK) + "/"
                + ticket.value().reveal();
    }

    /** Where Cronofy tells of what happens to a member's calendar. */
    public static String notificationCallback(String base, String realmName, Ticket ticket) {
        return under(base, realmName, NOTIFICATION_CALLBACK) + "/"
                + ticket.value().reveal();
    }

    /** Who issues the realm's tokens, as its own metadata say. */
    public static String issuer(String base, String realmName) {
        return base + "/realms/"
                + URLEncoder.encode(realmName, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private static String under(String base, String realmName, String path) {
        return issuer(base, realmName) + "/" + EnterpriseConnect.ID + "/" + path;
    }
}
