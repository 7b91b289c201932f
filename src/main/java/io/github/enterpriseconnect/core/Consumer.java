package io.github.enterpriseconnect.core;

import java.net.InetAddress;
import java.net.URI;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A Keycloak client that may fetch tokens.
 *
 * @param links names of the links it is limited to, of which an empty set has none; null for all
 * @param receiver where it is told what happens to calendars; null if it is not told
 * @param actors who may act for users whose tokens it shows: client ids, or else subjects, of agents; nobody else may
 */
public record Consumer(
        String clientId,
        Set<Right> rights,
        @Nullable Set<String> links,
        @Nullable Receiver receiver,
        Set<String> actors) {

    /**
     * Where an application receives notifications.
     *
     * @param authorized whether an {@code Authorization} header has been set, which is kept apart, sealed
     * @param issuer the realm's issuer as it was when the address was set; null if nobody has noted it
     */
    public record Receiver(
            URI address, boolean authorized, @Nullable String issuer) {
        /** By which AWS hands out an instance's secrets over IPv6; over IPv4 it is link-local everywhere. */
        private static final List<Integer> INSTANCE_METADATA =
                List.of(0xfd, 0x00, 0x0e, 0xc2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x02, 0x54);

        /** Whether nobody is ever sent anything there, whatever name leads there: no application has such an address. */
        public static boolean forbidden(InetAddress address) {
            byte[] bytes = address.getAddress();
            return address.isLinkLocalAddress()
                    || address.isAnyLocalAddress()
                    || address.isMulticastAddress()
                    || IntStream.range(0, bytes.length)
                            .map(i -> Byte.toUnsignedInt(bytes[i]))
                            .boxed()
                            .toList()
                            .equals(INSTANCE_METADATA);
        }
    }

    /** One that is served for users alone, and not told what happens. */
    public Consumer(String clientId, Set<Right> rights, @Nullable Set<String> links) {
        this(clientId, rights, links, null);
    }

    /** One that is served for users alone. */
    public Consumer(String clientId, Set<Right> rights, @Nullable Set<String> links, @Nullable Receiver receiver) {
        this(clientId, rights, links, receiver, Set.of());
    }

    /** What a consumer may fetch, and for whom. */
    public enum Right {
        /** For a member who is present: with that member's own access token. */
        MEMBER,
        /** For a room, equipment or shared mailbox. */
        RESOURCE,
        /** For a named member without their access token. */
        OFFLINE,
        /** Not tokens, but who of its links has a calendar. */
        DIRECTORY;

        public String id() {
            return name().toLowerCase(Locale.ROOT);
        }

        public static Optional<Right> byId(@Nullable String id) {
            return Arrays.stream(values())
                    .filter(right -> right.id().equals(id))
                    .findFirst();
        }
    }

    public Consumer {
        rights = Set.copyOf(rights);
        links = links == null ? null : Set.copyOf(links);
        actors = Set.copyOf(actors);
    }

    public boolean may(Right right) {
        return rights.contains(right);
    }

    /** Whether it may fetch tokens of anybody with these memberships, of whom a consumer without limits may of all. */
    public boolean coversAny(Collection<Candidate.Membership> memberships) {
        return links == null
                || memberships.stream()
                        .anyMatch(membership -> covers(membership.link().id().name()));
    }

    /** Whether it is limited to links of which there are none. */
    boolean coversNothing() {
        return links != null && links.isEmpty();
    }

    public boolean covers(String link) {
        return links == null || links.contains(link);
    }
}
