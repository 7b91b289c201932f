package io.github.enterpriseconnect.example;

import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.time.format.FormatStyle;
import java.util.List;
import java.util.Locale;

/**
 * An HTML page. Whatever comes from elsewhere is escaped.
 *
 * @param retryAfter seconds after which a program may ask again; 0 for no such advice
 */
record Page(int status, String html, int retryAfter) {
    private static final DateTimeFormatter DAY =
            DateTimeFormatter.ofLocalizedDate(FormatStyle.FULL).withLocale(Locale.UK);
    private static final String SIGN_IN = "<p><a href=\"/sign-in\">Sign in</a></p>\n";

    static Page welcome() {
        return of(200, "Your day", "<p>See what is in your calendar today.</p>\n" + SIGN_IN);
    }

    static Page day(String name, LocalDate day, String mailbox, List<Calendar.Event> events) {
        StringBuilder rows = new StringBuilder();
        for (Calendar.Event event : events) {
            rows.append("<tr><td>")
                    .append(escaped(event.when()))
                    .append("</td><th scope=\"row\">")
                    .append(escaped(event.summary()))
                    .append("</th><td>")
                    .append(escaped(event.location()))
                    .append("</td></tr>\n");
        }
        String table = events.isEmpty()
                ? "<p>There is nothing in your calendar today.</p>\n"
                : "<table>\n<caption>" + DAY.format(day) + "</caption>\n<thead><tr><th scope=\"col\">When</th>"
                        + "<th scope=\"col\">What</th><th scope=\"col\">Where</th></tr></thead>\n<tbody>\n" + rows
                        + "</tbody>\n</table>\n";
        return of(
                200,
                "Your day",
                "<p>" + escaped(name) + ", this is the calendar of " + escaped(mailbox) + ".</p>\n" + table
                        + signOut());
    }

    /** @param signedIn whether there is a session to end */
    static Page apology(Apology apology, boolean signedIn) {
        String remedy =
                switch (apology.remedy()) {
                    case SIGN_IN -> SIGN_IN;
                    case TRY_AGAIN -> "<p><a href=\"/\">Try again</a> in " + apology.seconds() + " seconds.</p>\n";
                    case NONE -> "";
                };
        boolean leave = signedIn && apology.remedy() != Apology.Remedy.SIGN_IN;
        return new Page(
                apology.remedy().status(),
                document(
                        "Your day",
                        "<p role=\"alert\">" + escaped(String.valueOf(apology.getMessage())) + "</p>\n" + remedy
                                + (leave ? signOut() : "")),
                apology.remedy() == Apology.Remedy.TRY_AGAIN ? apology.seconds() : 0);
    }

    static Page notFound() {
        return of(404, "Not found", "<p>There is no such page. <a href=\"/\">Your day</a></p>\n");
    }

    static Page failed() {
        return of(500, "Something went wrong", "<p>It has been logged. <a href=\"/\">Try again</a></p>\n");
    }

    private static String signOut() {
        return "<form method=\"post\" action=\"/sign-out\"><button>Sign out</button></form>\n";
    }

    private static Page of(int status, String title, String content) {
        return new Page(status, document(title, content), 0);
    }

    private static String document(String title, String content) {
        return "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                + "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>" + escaped(title)
                + "</title>\n</head>\n<body>\n<main>\n<h1>" + escaped(title) + "</h1>\n" + content
                + "</main>\n</body>\n</html>\n";
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }
}
