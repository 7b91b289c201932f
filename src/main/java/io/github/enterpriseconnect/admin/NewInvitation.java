package io.github.enterpriseconnect.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.enterpriseconnect.core.Mailbox;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.keycloak.models.RealmModel;
import org.keycloak.services.ErrorResponseException;

/**
 * What an administrator wants of an invitation.
 *
 * @param email whom it is sent to; null if the administrator hands it over
 * @param language of the mail, one that the realm speaks
 * @param replacement whether another service account may take the place of the link's
 */
record NewInvitation(Duration lifetime, @Nullable Mailbox email, String language, boolean replacement) {
    private static final Duration SHORTEST = Duration.ofMinutes(1);
    private static final Duration LONGEST = Duration.ofDays(7);
    private static final Duration USED_AT_ONCE = Duration.ofMinutes(60);
    private static final Set<String> MEMBERS = Set.of("expiresIn", "email", "language", "replacement");

    /** Reads what may be wanted of this realm; otherwise the answer says what to write or to set up. */
    static NewInvitation of(ObjectNode body, RealmModel realm) {
        if (!body.properties().stream().map(Map.Entry::getKey).allMatch(MEMBERS::contains)) {
            throw refused("Write {\"expiresIn\": seconds, \"email\": \"it@customer.example\", \"language\": \"de\","
                    + " \"replacement\": true}; each of them may be left out.");
        }
        Mailbox email = body.has("email") ? email(body.get("email")) : null;
        RealmLanguages languages = RealmLanguages.of(realm);
        String language =
                body.has("language") ? language(body.get("language"), email, languages.all()) : languages.preset();
        Duration lifetime = body.has("expiresIn") ? lifetime(body.get("expiresIn")) : preset(email);
        if (email != null && realm.getSmtpConfig().isEmpty()) {
            throw RequestRefused.because(
                    "The realm has no mail server; set it up under Realm settings › Email, or leave out \"email\" and"
                            + " hand over the link yourself.",
                    Response.Status.CONFLICT);
        }
        return new NewInvitation(lifetime, email, language, body.has("replacement") && flag(body.get("replacement")));
    }

    Optional<Mailbox> receiver() {
        return Optional.ofNullable(email);
    }

    private static boolean flag(JsonNode replacement) {
        if (!replacement.isBoolean()) {
            throw refused(
                    "Write {\"replacement\": true} to have another service account take the place of the present one.");
        }
        return replacement.booleanValue();
    }

    /** Who invites by mail does not sit next to the reader. */
    private static Duration preset(@Nullable Mailbox email) {
        return email == null ? USED_AT_ONCE : LONGEST;
    }

    private static Duration lifetime(JsonNode seconds) {
        boolean valid = seconds.isIntegralNumber()
                && seconds.canConvertToLong()
                && seconds.longValue() >= SHORTEST.toSeconds()
                && seconds.longValue() <= LONGEST.toSeconds();
        if (!valid) {
            throw refused("Write {\"expiresIn\": seconds} with " + SHORTEST.toSeconds() + " to " + LONGEST.toSeconds()
                    + ", or nothing for an hour, or for a week if it is sent by mail.");
        }
        return Duration.ofSeconds(seconds.longValue());
    }

    private static Mailbox email(JsonNode address) {
        return Mailbox.parse(address.textValue())
                .orElseThrow(() -> refused("Write \"email\" as one plain address, like it@customer.example."));
    }

    private static String language(JsonNode tag, @Nullable Mailbox email, List<String> spoken) {
        if (email == null) {
            throw refused("\"language\" is that of the mail; write \"email\" too.");
        }
        String language = tag.textValue();
        if (language == null || !spoken.contains(language)) {
            throw refused("Write as \"language\" one that the realm speaks: " + String.join(", ", spoken) + ".");
        }
        return language;
    }

    private static ErrorResponseException refused(String what) {
        return RequestRefused.because(what, Response.Status.BAD_REQUEST);
    }
}
