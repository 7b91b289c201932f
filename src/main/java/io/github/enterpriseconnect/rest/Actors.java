package io.github.enterpriseconnect.rest;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.enterpriseconnect.core.Consumer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.keycloak.models.ClientModel;
import org.keycloak.models.ImpersonationSessionNote;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.models.UserModel;
import org.keycloak.models.UserSessionModel;

/**
 * Who acts for the user whose token is shown: as a rule nobody, else an agent to whom the user's rights were delegated (claim
 * {@code act}, RFC 8693 section 4.1), or a client that impersonates the user. A consumer is served for those whom its entry in
 * the settings names, and for nobody else.
 *
 * @param acting everybody who acts now, each by the name that settings name them by; null for one of whom nobody can tell who
 *     that is, and who is never served
 * @param before who has acted before them, the latest first, as the token tells it; for the record alone, as the standard
 *     wants it
 */
record Actors(List<@Nullable String> acting, List<String> before) {
    /** The user alone. */
    static final Actors NOBODY = new Actors(List.of(), List.of());

    static final String CLAIM = "act";

    /** A client id or a subject, as it can be kept, compared and shown. */
    private static final Pattern NAME = Pattern.compile("[\\x21-\\x7e]{1,255}");

    /** Of no chain that anybody really has more is told. */
    private static final int LONGEST_CHAIN = 10;

    /**
     * As the claim tells it.
     *
     * @param act the claim; a missing node if there is none
     * @param issuer the realm's, by which names of its own clients and users are told from others'
     */
    static Actors claimed(JsonNode act, String issuer) {
        if (act.isMissingNode()) {
            return NOBODY;
        }
        List<@Nullable String> current = new ArrayList<>();
        current.add(name(act, issuer));
        List<String> before = new ArrayList<>();
        for (JsonNode prior = act.path(CLAIM);
                prior.isObject() && before.size() < LONGEST_CHAIN;
                prior = prior.path(CLAIM)) {
            before.add(Optional.ofNullable(name(prior, issuer)).orElse("unknown"));
        }
        return new Actors(current, before);
    }

    /** The client, where it is named, rather than the account that it has: administrators know it by that. */
    private static @Nullable String name(JsonNode act, String issuer) {
        JsonNode from = act.path("iss");
        if (!act.isObject() || !(from.isMissingNode() || issuer.equals(from.textValue()))) {
            return null;
        }
        JsonNode name = act.has("client_id") ? act.path("client_id") : act.path("sub");
        return name.isTextual() && NAME.matcher(name.textValue()).matches() ? name.textValue() : null;
    }

    /**
     * With whoever impersonates the user in the session that the token belongs to: a client, or a person. A client may have shown
     * a token of its own service account for that, which is the client again.
     */
    Actors in(UserSessionModel session, KeycloakSession keycloak) {
        String client = session.getNote(ImpersonationSessionNote.IMPERSONATOR_CLIENT.toString());
        String person = session.getNote(ImpersonationSessionNote.IMPERSONATOR_ID.toString());
        if (client == null && person == null) {
            return this;
        }
        RealmModel realm = keycloak.getContext().getRealm();
        ClientModel found = client == null ? null : realm.getClientById(client);
        String name = found != null
                        && (person == null
                                || found.getId()
                                        .equals(serviceAccountOf(
                                                keycloak.users().getUserById(realm, person))))
                ? found.getClientId()
                : null;
        List<@Nullable String> both = new ArrayList<>(acting);
        both.add(name);
        return new Actors(both, before);
    }

    /** Id of the client whose account it is; null if it is a person's, or nobody's any more. */
    private static @Nullable String serviceAccountOf(@Nullable UserModel user) {
        return user == null ? null : user.getServiceAccountClientLink();
    }

    boolean none() {
        return acting.isEmpty();
    }

    /** Whoever acts, as it is recorded. */
    String told() {
        return String.join(
                " ", acting.stream().map(one -> one == null ? "unknown" : one).toList());
    }

    /** Everybody of whom somebody can tell who that is, the one who is remembered first, and as a client where it has one. */
    List<String> names(KeycloakSession keycloak) {
        List<String> names =
                new ArrayList<>(acting.stream().flatMap(Stream::ofNullable).toList());
        clients(keycloak).map(ClientModel::getClientId).forEach(names::add);
        return names.stream().distinct().toList();
    }

    /** The clients among them, and those whose service accounts are. */
    private Stream<ClientModel> clients(KeycloakSession keycloak) {
        RealmModel realm = keycloak.getContext().getRealm();
        return acting.stream().flatMap(Stream::ofNullable).flatMap(name -> {
            ClientModel client = realm.getClientByClientId(name);
            if (client != null) {
                return Stream.of(client);
            }
            String ofAccount = serviceAccountOf(keycloak.users().getUserById(realm, name));
            return Stream.ofNullable(ofAccount == null ? null : realm.getClientById(ofAccount));
        });
    }

    /**
     * Goes on if no client acts that an administrator has disabled.
     *
     * @throws TokenRefused otherwise
     */
    void requireEnabled(KeycloakSession keycloak) throws TokenRefused {
        Optional<ClientModel> disabled =
                clients(keycloak).filter(client -> !client.isEnabled()).findFirst();
        if (disabled.isPresent()) {
            throw new TokenRefused(
                    TokenError.ACCESS_DENIED,
                    disabled.get().getClientId()
                            + " acts for the user, and is disabled; use a token from the user's own" + " sign-in.");
        }
    }

    /**
     * Goes on if nobody acts whom the consumer is not to be served for.
     *
     * @throws TokenRefused otherwise
     */
    void requireServedTo(Consumer consumer) throws TokenRefused {
        for (@Nullable String one : acting) {
            if (one == null) {
                throw new TokenRefused(
                        TokenError.ACCESS_DENIED,
                        "Somebody acts for the user, and is no client or agent that could be named in the settings;"
                                + " use a token from the user's own sign-in.");
            }
            if (!consumer.actors().contains(one)) {
                throw new TokenRefused(
                        TokenError.ACCESS_DENIED,
                        one + " acts for the user, and is not among the actors of this consumer in the settings;"
                                + " have an administrator add it, or use a token from the user's own sign-in.");
            }
        }
    }
}
