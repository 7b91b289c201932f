package io.github.enterpriseconnect.integration.harness;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import jakarta.mail.Header;
import jakarta.mail.Message;
import jakarta.mail.MessagingException;
import jakarta.mail.Multipart;
import jakarta.mail.Part;
import jakarta.mail.internet.MimeMessage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;

/** Takes the mails that realms send, on a loopback port of its own, and is what people read them from. */
public final class MailServer implements AutoCloseable {
    static final String HOST = "127.0.0.1";

    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final GreenMail server;

    private MailServer(GreenMail server) {
        this.server = server;
    }

    public static MailServer start() {
        ServerSetup setup = new ServerSetup(0, HOST, ServerSetup.PROTOCOL_SMTP);
        setup.setServerStartupTimeout(PATIENCE.toMillis());
        GreenMail server = new GreenMail(setup);
        server.start();
        return new MailServer(server);
    }

    /** Has a realm send its mails here. */
    public void serve(AdminClient admin, String realm) {
        useAs(admin, realm, server.getSmtp().getPort());
    }

    /** Makes what listens on this loopback port a realm's mail server. */
    static void useAs(AdminClient admin, String realm, int port) {
        Map<String, String> settings = Map.of(
                "host",
                HOST,
                "port",
                String.valueOf(port),
                "from",
                "keycloak@keycloak.test",
                "auth",
                "false",
                "ssl",
                "false",
                "starttls",
                "false");
        admin.put("/admin/realms/" + realm, Map.of("smtpServer", settings)).expect(204);
    }

    /** How many mails came to this address. */
    public int mails(String address) {
        return to(address).size();
    }

    /** What somebody reads who opens the last mail to this address. */
    public String text(String address) {
        return Jsoup.parse(html(last(address))).text();
    }

    /** What somebody reads in a program that shows no HTML. */
    public String plainText(String address) {
        try {
            return ((Multipart) last(address).getContent())
                    .getBodyPart(0)
                    .getContent()
                    .toString();
        } catch (MessagingException e) {
            throw new IllegalStateException(e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The HTML of the last mail to this address. */
    public Document document(String address) {
        return Jsoup.parse(html(last(address)));
    }

    /** The names of the last mail's header lines, one for each line. */
    public List<String> headers(String address) {
        try {
            return Collections.list(last(address).getAllHeaders()).stream()
                    .map(Header::getName)
                    .toList();
        } catch (MessagingException e) {
            throw new IllegalStateException(e);
        }
    }

    public String subject(String address) {
        try {
            return last(address).getSubject();
        } catch (MessagingException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The link in the last mail to this address. Keycloak answers a request only after it has sent the mail. */
    public URI link(String address) {
        String html = html(last(address));
        Element link = Jsoup.parse(html).selectFirst("a[href]");
        if (link == null) {
            throw new AssertionError("There is no link in the mail to " + address + ": " + html);
        }
        return URI.create(link.attr("href"));
    }

    /**
     * Does what the reader of the last mail to this address does: opens its link, says on the page that comes up in a
     * browser without the sender's session that it was meant, and gives the page after that.
     */
    public Page follow(Browser browser, String address) {
        Page page = browser.open(link(address));
        return page.document().select("a[href*=/login-actions/action-token]").stream()
                .findFirst()
                .map(confirmation -> browser.open(URI.create(confirmation.absUrl("href"))))
                .orElse(page);
    }

    private MimeMessage last(String address) {
        List<MimeMessage> mails = to(address);
        if (mails.isEmpty()) {
            throw new AssertionError("No mail came to " + address);
        }
        return mails.get(mails.size() - 1);
    }

    private List<MimeMessage> to(String address) {
        return Stream.of(server.getReceivedMessages())
                .filter(mail -> isTo(mail, address))
                .toList();
    }

    private static boolean isTo(MimeMessage mail, String address) {
        try {
            return Arrays.stream(mail.getRecipients(Message.RecipientType.TO))
                    .anyMatch(recipient ->
                            recipient.toString().toLowerCase(Locale.ROOT).contains(address.toLowerCase(Locale.ROOT)));
        } catch (MessagingException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Keycloak writes the HTML last, after the plain text. */
    private static String html(Part part) {
        try {
            Object content = part.getContent();
            return content instanceof Multipart parts
                    ? html(parts.getBodyPart(parts.getCount() - 1))
                    : content.toString();
        } catch (MessagingException e) {
            throw new IllegalStateException(e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        server.stop();
    }
}
