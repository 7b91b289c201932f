package io.github.enterpriseconnect.rest;

import io.github.enterpriseconnect.EnterpriseConnect;
import io.github.enterpriseconnect.core.Consumer;
import io.github.enterpriseconnect.core.Mailbox;
import io.github.enterpriseconnect.core.Secret;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.core.Response;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import org.keycloak.OAuth2Constants;
import org.keycloak.events.Details;
import org.keycloak.events.EventBuilder;
import org.keycloak.models.ClientModel;
import org.keycloak.models.KeycloakSession;

/**
 * {@code POST token}: an application authenticates as its Keycloak client, shows the user's own access token ({@code
 * token}), names the user ({@code user}) or a resource ({@code resource}), and gets an access token for that calendar. Shaped after Keycloak's
 * Identity Brokering API V2 ({@code IdentityBrokerService#retrieveTokenV2}).
 */
public final class TokenEndpoint {
    private static final String TOKEN = "token";
    private static final String USER = "user";
    private static final String RESOURCE = "resource";
    static final String REJECTED = "rejected_token";
    private static final String ONE_OF_THEM =
            "Send either the user's access token as the form parameter token or the user's id as user, once.";

    private final KeycloakSession session;

    TokenEndpoint(KeycloakSession session) {
        this.session = session;
    }

    @POST
    @Path("")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    @Produces(MediaType.APPLICATION_JSON)
    public Response issue() {
        EventBuilder event = new EventBuilder(
                        session.getContext().getRealm(),
                        session,
                        session.getContext().getConnection())
                .event(TokenEntryPoint.OWN.event())
                .detail(Details.IDENTITY_PROVIDER, EnterpriseConnect.ID);
        ClientModel client;
        try {
            client = ConsumerClient.authenticate(session, event).model();
        } catch (TokenRefused refused) {
            return refused.response(TokenEntryPoint.OWN, session);
        }
        MultivaluedMap<String, String> form =
                session.getContext().getHttpRequest().getDecodedFormParameters();
        Optional<String> user = once(form, USER);
        Consumer.Right right = form.containsKey(RESOURCE)
                ? Consumer.Right.RESOURCE
                : form.containsKey(USER) ? Consumer.Right.OFFLINE : Consumer.Right.MEMBER;
        TokenRequest request = new TokenRequest(session, TokenEntryPoint.OWN, event, client, right);
        if (form.getOrDefault(OAuth2Constants.SCOPE, List.of()).size() > 1) {
            return request.refuse("Send the form parameter scope once, with spaces between the scopes.");
        }
        if (form.containsKey(REJECTED)) {
            Optional<String> rejected = once(form, REJECTED);
            if (rejected.isEmpty()) {
                return request.refuse("Send the calendar token that Cronofy answered 401 to as the form parameter"
                        + " rejected_token, once, or leave it out.");
            }
            request.report(Secret.of(rejected.get()));
        }
        if (form.containsKey(RESOURCE)) {
            return ofResource(request, form);
        }
        if (form.containsKey(TOKEN) && form.containsKey(USER)) {
            return request.refuse(ONE_OF_THEM);
        }
        return user.map(request::absent)
                .or(() -> once(form, TOKEN).map(request::present))
                .orElseGet(() -> request.refuse(ONE_OF_THEM));
    }

    private static Response ofResource(TokenRequest request, MultivaluedMap<String, String> form) {
        if (form.containsKey(TOKEN) || form.containsKey(USER)) {
            return request.refuse("A resource is nobody's: leave out token and user, or leave out resource.");
        }
        return once(form, RESOURCE)
                .flatMap(TokenEndpoint::address)
                .map(request::ofResource)
                .orElseGet(() ->
                        request.refuse("Send the resource's address once, as resource=mailto:room@customer.example."));
    }

    /** Of a URI by RFC 6068 that names one address and nothing else. */
    private static Optional<Mailbox> address(String resource) {
        try {
            URI uri = URI.create(resource);
            return "mailto".equalsIgnoreCase(uri.getScheme())
                    ? Mailbox.parse(uri.getSchemeSpecificPart())
                    : Optional.empty();
        } catch (IllegalArgumentException none) {
            return Optional.empty();
        }
    }

    private static Optional<String> once(MultivaluedMap<String, String> form, String name) {
        List<String> values = form.getOrDefault(name, List.of());
        return values.size() == 1 && !values.get(0).isBlank() ? Optional.of(values.get(0)) : Optional.empty();
    }
}
