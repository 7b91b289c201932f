package io.github.enterpriseconnect.settings;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.enterpriseconnect.core.Consumer;
import io.github.enterpriseconnect.core.Secret;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.keycloak.common.util.MultivaluedHashMap;
import org.keycloak.representations.idm.ComponentRepresentation;

/**
 * The {@code Authorization} headers that notifications are sent with, by client id. They stand together in one secret of
 * the settings, and in the consumers' place for them stands a mask.
 */
public final class Receivers {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int HTTP = 80;
    private static final int HTTPS = 443;

    private static final String SERVER = "server";

    private Receivers() {}

    /**
     * A header, and the server that it was written for. Kept together, so that whoever changes the address, by whatever
     * door, does not lead the header to another server.
     *
     * @param server scheme, host and port; null if nobody has said, and then it goes nowhere
     */
    public record Header(Secret value, @Nullable String server) {

        /** Empty for any other server than that for which it was written. */
        public Optional<Secret> to(URI address) {
            return Receivers.server(address).equals(server) ? Optional.of(value) : Optional.empty();
        }
    }

    /**
     * The headers by client id, of the secret as it reads when it is opened; empty if it is nothing of the kind.
     */
    public static Optional<Map<String, Header>> authorizations(Secret opened) {
        try {
            if (!(JSON.readTree(opened.reveal()) instanceof ObjectNode object)) {
                return Optional.empty();
            }
            Map<String, Header> headers = new TreeMap<>();
            object.properties().forEach(entry -> {
                JsonNode header = entry.getValue();
                String value = header.isTextual()
                        ? header.textValue()
                        : header.path(ReceiverForm.AUTHORIZATION).textValue();
                if (value != null && !value.isBlank()) {
                    headers.put(
                            entry.getKey(),
                            new Header(Secret.of(value), header.path(SERVER).textValue()));
                }
            });
            return Optional.of(headers);
        } catch (JsonProcessingException somethingElse) {
            return Optional.empty();
        }
    }

    /**
     * The secret as somebody has written it in clear, with the server beside each header that has none: that of the address
     * which the settings have with it.
     */
    public static Secret bound(Secret clear, List<Consumer> consumers) {
        Optional<Map<String, Header>> written = authorizations(clear);
        if (written.isEmpty()) {
            return clear;
        }
        Map<String, Header> headers = new TreeMap<>(written.get());
        for (Consumer consumer : consumers) {
            Consumer.Receiver receiver = consumer.receiver();
            if (receiver != null) {
                headers.computeIfPresent(
                        consumer.clientId(),
                        (client, header) -> header.server() != null
                                ? header
                                : new Header(header.value(), server(receiver.address())));
            }
        }
        return Secret.of(text(headers));
    }

    private static String server(URI address) {
        boolean secure = "https".equalsIgnoreCase(address.getScheme());
        int port = address.getPort() >= 0 ? address.getPort() : secure ? HTTPS : HTTP;
        return (secure ? "https://" : "http://")
                + String.valueOf(address.getHost()).toLowerCase(Locale.ROOT) + ":" + port;
    }

    /**
     * Takes the headers out of the consumers that somebody has written, leaves masks in their places, and puts them into
     * the secret of all of them. A mask stands for what was set before, as long as the address is of the same server.
     *
     * @param wanted changed in place
     * @param stored the settings as they are
     * @param before the headers that are set, by client id; empty if they cannot be read now
     * @param issuer the realm's, to be noted with each address
     */
    public static void takeOut(
            MultivaluedHashMap<String, String> wanted,
            MultivaluedHashMap<String, String> stored,
            Supplier<Optional<Map<String, Header>>> before,
            String issuer)
            throws InvalidSettings {
        Map<String, URI> addresses = addresses(stored);
        Map<String, Header> headers = new TreeMap<>();
        List<String> consumers = new ArrayList<>();
        boolean anew = false;
        for (ObjectNode consumer : new ConsumersForm(wanted.getOrDefault(ConsumersForm.KEY, List.of())).entries()) {
            ObjectNode copy = consumer.deepCopy();
            consumers.add(copy.toString());
            if (copy.get(ReceiverForm.KEY) instanceof ObjectNode notifications) {
                String client = copy.path(ConsumersForm.CLIENT_ID).asText();
                String written = written(notifications);
                if (written != null && written.equals(ComponentRepresentation.SECRET_VALUE)) {
                    String server = server(notifications);
                    requireSame(client, server, serverOrNull(addresses.get(client)));
                    Header kept = readable(before).get(client);
                    if (kept != null) {
                        requireSame(client, server, kept.server());
                        headers.put(client, kept);
                    }
                } else if (written != null) {
                    headers.put(
                            client, new Header(Secret.of(ReceiverForm.authorization(written)), server(notifications)));
                    anew = true;
                }
                notifications.remove(ReceiverForm.AUTHORIZATION);
                if (headers.containsKey(client)) {
                    notifications.put(ReceiverForm.AUTHORIZATION, ComponentRepresentation.SECRET_VALUE);
                }
                notifications.put(ReceiverForm.ISSUER, issuer);
                consumers.set(consumers.size() - 1, copy.toString());
            }
        }
        if (wanted.containsKey(ConsumersForm.KEY)) {
            wanted.put(ConsumersForm.KEY, consumers);
        }
        String kept = stored.getFirst(SettingsForm.CONSUMER_AUTHORIZATIONS);
        wanted.remove(SettingsForm.CONSUMER_AUTHORIZATIONS);
        if (headers.isEmpty()) {
            return;
        }
        boolean same = !anew && kept != null && headers.equals(readable(before));
        wanted.putSingle(SettingsForm.CONSUMER_AUTHORIZATIONS, same ? kept : text(headers));
    }

    private static Map<String, Header> readable(Supplier<Optional<Map<String, Header>>> before) throws InvalidSettings {
        return before.get()
                .orElseThrow(() -> new InvalidSettings("the authorization of notifications cannot be read at present;"
                        + " write it again for every consumer, or bring the realm's AES key back"));
    }

    private static @Nullable String written(ObjectNode notifications) throws InvalidSettings {
        JsonNode authorization = notifications.path(ReceiverForm.AUTHORIZATION);
        if (authorization.isMissingNode()
                || authorization.isNull()
                || authorization.asText().isBlank()) {
            return null;
        }
        if (!authorization.isTextual()) {
            throw new InvalidSettings("consumers: notifications.authorization must be a text");
        }
        return authorization.textValue();
    }

    /** Whoever may change the address must not learn by it what nobody can read. */
    private static void requireSame(String client, @Nullable String now, @Nullable String before)
            throws InvalidSettings {
        if (now == null || !now.equals(before)) {
            throw new InvalidSettings("consumers: the notifications of " + client + " go to another server than before;"
                    + " write their authorization again, or leave it out if it needs none");
        }
    }

    /** Null if there is no address that could be used; that is said where the settings are read. */
    private static @Nullable String server(ObjectNode notifications) {
        try {
            return server(
                    URI.create(notifications.path(ReceiverForm.URL).asText().strip()));
        } catch (IllegalArgumentException noAddress) {
            return null;
        }
    }

    private static @Nullable String serverOrNull(@Nullable URI address) {
        return address == null ? null : server(address);
    }

    private static Map<String, URI> addresses(MultivaluedHashMap<String, String> stored) {
        Map<String, URI> addresses = new TreeMap<>();
        try {
            new ConsumersForm(stored.getOrDefault(ConsumersForm.KEY, List.of()))
                    .parse().stream()
                            .filter(consumer -> consumer.receiver() != null)
                            .forEach(consumer -> addresses.put(
                                    consumer.clientId(), consumer.receiver().address()));
        } catch (InvalidSettings unusable) {
            // Nothing of them counts then.
            addresses.clear();
        }
        return addresses;
    }

    private static String text(Map<String, Header> headers) {
        ObjectNode object = JSON.createObjectNode();
        headers.forEach((client, header) -> {
            ObjectNode entry = object.putObject(client)
                    .put(ReceiverForm.AUTHORIZATION, header.value().reveal());
            if (header.server() != null) {
                entry.put(SERVER, header.server());
            }
        });
        return object.toString();
    }
}
