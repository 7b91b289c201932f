package io.github.enterpriseconnect.integration.harness;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Loopback ports that were free a moment ago. They lie outside the range from which operating systems take the ports of
 * outgoing connections, so that a server finds its ports still free when it comes back after a restart.
 *
 * @param cluster where the other nodes of a cluster reach this one; it listens {@value #FAILURE_DETECTION} above, too
 */
public record Ports(int http, int management, int cluster) {

    private static final int LOWEST = 20_000;
    private static final int BEYOND = 32_000;

    private static final int LOWEST_OF_CLUSTER = 11_000;
    private static final int BEYOND_OF_CLUSTER = 15_000;
    private static final int FAILURE_DETECTION = 50_000;

    static Ports choose() {
        int http = free();
        int management = free();
        while (management == http) {
            management = free();
        }
        int cluster = free(LOWEST_OF_CLUSTER, BEYOND_OF_CLUSTER);
        while (!isFree(cluster + FAILURE_DETECTION)) {
            cluster = free(LOWEST_OF_CLUSTER, BEYOND_OF_CLUSTER);
        }
        return new Ports(http, management, cluster);
    }

    URI httpUri() {
        return URI.create("http://127.0.0.1:" + http);
    }

    URI managementUri() {
        return URI.create("http://127.0.0.1:" + management);
    }

    /** One such port. */
    public static int free() {
        return free(LOWEST, BEYOND);
    }

    private static int free(int lowest, int beyond) {
        while (true) {
            int port = ThreadLocalRandom.current().nextInt(lowest, beyond);
            if (isFree(port)) {
                return port;
            }
        }
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return socket.isBound();
        } catch (IOException e) {
            return false;
        }
    }
}
