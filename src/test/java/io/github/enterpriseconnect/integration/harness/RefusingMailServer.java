package io.github.enterpriseconnect.integration.harness;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** A mail server that takes no mail, and says more about that than outsiders should read. */
public final class RefusingMailServer implements AutoCloseable {
    /** Stands in every refusal, besides the receiver's address. */
    public static final String INTERNAL = "relay-7.internal";

    private final ServerSocket socket;

    private RefusingMailServer(ServerSocket socket) {
        this.socket = socket;
    }

    public static RefusingMailServer start() {
        try {
            RefusingMailServer server =
                    new RefusingMailServer(new ServerSocket(0, 5, InetAddress.getLoopbackAddress()));
            Thread thread = new Thread(server::serve, "refusing mail server");
            thread.setDaemon(true);
            thread.start();
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Has a realm send its mails here. */
    public void serve(AdminClient admin, String realm) {
        MailServer.useAs(admin, realm, socket.getLocalPort());
    }

    private void serve() {
        while (!socket.isClosed()) {
            try (Socket caller = socket.accept()) {
                refuse(caller);
            } catch (IOException callerLeft) {
                // The next one is served all the same.
            }
        }
    }

    private static void refuse(Socket caller) throws IOException {
        BufferedReader commands =
                new BufferedReader(new InputStreamReader(caller.getInputStream(), StandardCharsets.US_ASCII));
        Writer answers = new OutputStreamWriter(caller.getOutputStream(), StandardCharsets.US_ASCII);
        answer(answers, "220 " + INTERNAL);
        for (String command = commands.readLine(); command != null; command = commands.readLine()) {
            String receiver = command.toUpperCase(Locale.ROOT).startsWith("RCPT TO:") ? command.substring(8) : null;
            answer(answers, receiver == null ? "250 ok" : "550 5.1.1 " + receiver + " is unknown to " + INTERNAL);
        }
    }

    private static void answer(Writer answers, String line) throws IOException {
        answers.write(line + "\r\n");
        answers.flush();
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
