package io.github.enterpriseconnect.integration.harness;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Two loopback ports that were free a moment ago. They lie below the range from which operating systems take the ports
 * of outgoing connections, so that a server finds its ports still free when it comes back after a restart.
 */
record Ports(int http, int management) {

    private static final int LOWEST = 20_000;
    private static final int BEYOND = 32_000;

    static Ports choose() {
        int http = free();
        int management = free();
        while (management == http) {
            management = free();
        }
        return new Ports(http, management);
    }

    URI httpUri() {
        return URI.create("http://127.0.0.1:" + http);
    }

    URI managementUri() {
        return URI.create("http://127.0.0.1:" + management);
    }

    static int free() {
        while (true) {
            int port = ThreadLocalRandom.current().nextInt(LOWEST, BEYOND);
            try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                return socket.getLocalPort();
            } catch (IOException e) {
                // Taken: another one, then.
            }
        }
    }
}
