package io.github.enterpriseconnect.integration.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A loopback port that leads to another one, and can be shut: whoever comes then is refused, and whoever is inside is
 * thrown out. It keeps its port.
 */
public final class Passage implements AutoCloseable {
    private static final int WAITING = 200;

    private final int port;
    private final int target;
    private final Set<Socket> inside = ConcurrentHashMap.newKeySet();
    private @Nullable ServerSocket door;

    private Passage(int port, int target) {
        this.port = port;
        this.target = target;
    }

    /** An open one. */
    public static Passage to(int target) {
        Passage passage = new Passage(Ports.free(), target);
        passage.open();
        return passage;
    }

    public int port() {
        return port;
    }

    /** Lets everybody through again. */
    public synchronized void open() {
        try {
            ServerSocket opened = new ServerSocket();
            opened.setReuseAddress(true);
            opened.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), WAITING);
            door = opened;
            start(() -> letIn(opened));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Refuses whoever comes, and throws out whoever is inside. */
    public synchronized void shut() {
        try {
            if (door != null) {
                door.close();
                door = null;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        inside.forEach(Passage::end);
        inside.clear();
    }

    private void letIn(ServerSocket from) {
        while (!from.isClosed()) {
            try {
                Socket comer = from.accept();
                lead(from, comer);
            } catch (IOException e) {
                // Shut meanwhile, or what it leads to is away: the comer learns of it by the end of the connection.
            }
        }
    }

    private void lead(ServerSocket from, Socket comer) throws IOException {
        inside.add(comer);
        try {
            Socket led = new Socket(InetAddress.getLoopbackAddress(), target);
            inside.add(led);
            start(() -> pass(comer, led));
            start(() -> pass(led, comer));
        } catch (IOException e) {
            end(comer);
            throw e;
        }
        if (from.isClosed()) {
            inside.forEach(Passage::end);
        }
    }

    private void pass(Socket from, Socket to) {
        try {
            from.getInputStream().transferTo(to.getOutputStream());
        } catch (IOException e) {
            // One of the two has gone; so does the other.
        } finally {
            end(from);
            end(to);
            inside.remove(from);
            inside.remove(to);
        }
    }

    private static void end(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void start(Runnable work) {
        Thread thread = new Thread(work, "passage");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() {
        shut();
    }
}
