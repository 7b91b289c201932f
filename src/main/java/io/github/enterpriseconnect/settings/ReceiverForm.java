package io.github.enterpriseconnect.settings;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.enterpriseconnect.core.Consumer;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.keycloak.representations.idm.ComponentRepresentation;

/** Where a consumer is told what happens to calendars, as the settings have it: an address, and a mask for its secret. */
final class ReceiverForm {
    static final String KEY = "notifications";
    static final String URL = "url";
    static final String AUTHORIZATION = "authorization";
    static final String ISSUER = "issuer";
    static final Set<String> MEMBERS = Set.of(URL, AUTHORIZATION, ISSUER);

    private static final int LONGEST = 1024;
    private static final Pattern PRINTABLE = Pattern.compile("[\\x20-\\x7e]{1,2000}");
    private static final Pattern IP_LITERAL = Pattern.compile("[0-9.]+|\\[[0-9a-fA-F:.]+]");

    private ReceiverForm() {}

    /** Null if it is not told anything. */
    static Consumer.@Nullable Receiver parse(@Nullable JsonNode notifications) throws InvalidSettings {
        if (notifications == null || notifications.isNull()) {
            return null;
        }
        JsonNode url = notifications.path(URL);
        if (!notifications.isObject() || !url.isTextual()) {
            throw new InvalidSettings("consumers: notifications must be an object like {\"url\":"
                    + " \"https://calendar.example.com/events\", \"authorization\": \"Bearer …\"}, or left out");
        }
        JsonNode authorization = notifications.path(AUTHORIZATION);
        boolean authorized = ComponentRepresentation.SECRET_VALUE.equals(authorization.textValue());
        if (!authorized && !authorization.isMissingNode() && !authorization.isNull()) {
            throw new InvalidSettings("consumers: notifications.authorization is set by PUT settings alone; elsewhere"
                    + " write it into " + SettingsForm.CONSUMER_AUTHORIZATIONS + ", and "
                    + ComponentRepresentation.SECRET_VALUE + " in its place here");
        }
        return new Consumer.Receiver(
                address(url.textValue()), authorized, notifications.path(ISSUER).textValue());
    }

    /** @throws InvalidSettings with what to write instead */
    private static URI address(String text) throws InvalidSettings {
        try {
            URI uri = new URI(text.strip());
            String host = uri.getHost();
            boolean usable = host != null
                    && text.length() <= LONGEST
                    && uri.getRawUserInfo() == null
                    && uri.getRawFragment() == null
                    && ("https".equalsIgnoreCase(uri.getScheme())
                            || ("http".equalsIgnoreCase(uri.getScheme()) && loopback(host)));
            if (usable && !leadsAstray(host)) {
                return uri;
            }
        } catch (URISyntaxException notAUrl) {
            // Answered below, like every other wrong value.
        }
        throw new InvalidSettings("consumers: notifications.url must be an address like"
                + " https://calendar.example.com/events, without user or fragment, of no link-local address; http only"
                + " for this machine, such as http://127.0.0.1:8081/events");
    }

    private static boolean loopback(String host) {
        return host.equalsIgnoreCase("localhost")
                || (IP_LITERAL.matcher(host).matches() && literal(host).isLoopbackAddress());
    }

    /** Addresses of which no application has one, but clouds have their instances' secrets. */
    private static boolean leadsAstray(String host) {
        return IP_LITERAL.matcher(host).matches() && Consumer.Receiver.forbidden(literal(host));
    }

    /** Of digits alone, so that no name is looked up. */
    private static InetAddress literal(String host) {
        try {
            return InetAddress.getByName(host);
        } catch (UnknownHostException noAddress) {
            return InetAddress.getLoopbackAddress();
        }
    }

    /** @throws InvalidSettings it cannot stand in a header */
    static String authorization(String written) throws InvalidSettings {
        String header = written.strip();
        if (!PRINTABLE.matcher(header).matches()) {
            throw new InvalidSettings("consumers: notifications.authorization must be the value of an Authorization"
                    + " header, such as \"Bearer …\", of up to 2000 ASCII characters in one line");
        }
        return header;
    }
}
