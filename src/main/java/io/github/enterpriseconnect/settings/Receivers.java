package io.github.enterpriseconnect.settings;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.enterpriseconnect.core.Secret;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
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

    private Receivers() {}

    /**
     * The headers by client id, of the secret as it reads when it is opened; empty if it is nothing of the kind.
     */
    public static Optional<Map<String, String>> authorizations(Secret opened) {
        try {
            return Optional.of(JSON.readValue(opened.reveal(), new TypeReference<TreeMap<String, String>>() {}));
        } catch (JsonProcessingException somethingElse) {
            return Optional.empty();
        }
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
            Supplier<Optional<Map<String, String>>> before,
            String issuer)
            throws InvalidSettings {
        Map<String, URI> addresses = addresses(stored);
        Map<String, String> headers = new TreeMap<>();
        List<String> consumers = new ArrayList<>();
        boolean anew = false;
        for (ObjectNode consumer : new ConsumersForm(wanted.getOrDefault(ConsumersForm.KEY, List.of())).entries()) {
            ObjectNode copy = consumer.deepCopy();
            consumers.add(copy.toString());
            if (copy.get(ReceiverForm.KEY) instanceof ObjectNode notifications) {
                String client = copy.path(ConsumersForm.CLIENT_ID).asText();
                String written = written(notifications);
                if (written != null && written.equals(ComponentRepresentation.SECRET_VALUE)) {
                    requireSameServer(client, addresses.get(client), notifications);
                    String kept = readable(before).get(client);
                    if (kept != null) {
                        headers.put(client, kept);
                    }
                } else if (written != null) {
                    headers.put(client, ReceiverForm.authorization(written));
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

    private static Map<String, String> readable(Supplier<Optional<Map<String, String>>> before) throws InvalidSettings {
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
    private static void requireSameServer(String client, @Nullable URI before, ObjectNode notifications)
            throws InvalidSettings {
        String now = notifications.path(ReceiverForm.URL).asText();
        boolean same;
        try {
            URI uri = URI.create(now.strip());
            same = before != null
                    && String.valueOf(before.getAuthority()).equalsIgnoreCase(String.valueOf(uri.getAuthority()))
                    && String.valueOf(before.getScheme()).equalsIgnoreCase(String.valueOf(uri.getScheme()));
        } catch (IllegalArgumentException noAddress) {
            same = false;
        }
        if (!same) {
            throw new InvalidSettings("consumers: the notifications of " + client + " go to another server than before;"
                    + " write their authorization again, or leave it out if it needs none");
        }
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

    private static String text(Map<String, String> headers) {
        try {
            return JSON.writeValueAsString(headers);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("texts can be written", e);
        }
    }
}
