package io.github.enterpriseconnect.rest;

import io.github.enterpriseconnect.delegation.DelegationAnswers;
import io.github.enterpriseconnect.server.EnterpriseConnectProvider;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.keycloak.models.KeycloakSession;
import org.keycloak.services.ErrorResponseException;

/**
 * Where Cronofy delivers what became of an ask, or what has happened to a calendar. Answers 204 once it is kept, a
 * duplicate too; one and the same 404 to whatever nobody awaits; 503 while our database is down, so that Cronofy sends it again.
 */
public final class CronofyCallback {
    private static final Logger LOG = Logger.getLogger(CronofyCallback.class);
    private static final int LARGEST = 16 * 1024;

    private final KeycloakSession session;
    private final Receiver receiver;

    /** Keeps what has come. */
    interface Receiver {
        DelegationAnswers.Receipt receive(String realmId, String ticket, Optional<String> signature, byte[] body);
    }

    private CronofyCallback(KeycloakSession session, Receiver receiver) {
        this.session = session;
        this.receiver = receiver;
    }

    static CronofyCallback ofDelegations(KeycloakSession session) {
        return new CronofyCallback(
                session, session.getProvider(EnterpriseConnectProvider.class).delegationAnswers()::receive);
    }

    static CronofyCallback ofNotifications(KeycloakSession session) {
        return new CronofyCallback(
                session, session.getProvider(EnterpriseConnectProvider.class).notifications()::receive);
    }

    @POST
    @Path("")
    @Consumes(MediaType.WILDCARD)
    @Produces(MediaType.APPLICATION_JSON)
    public Response receive(@PathParam("ticket") String ticket, InputStream stream) throws IOException {
        byte[] body = stream.readNBytes(LARGEST + 1);
        if (body.length > LARGEST) {
            throw new ErrorResponseException(
                    "invalid_request", "The body is too large.", Response.Status.REQUEST_ENTITY_TOO_LARGE);
        }
        String realmId = session.getContext().getRealm().getId();
        Optional<String> signature = Optional.ofNullable(session.getContext()
                .getHttpRequest()
                .getHttpHeaders()
                .getHeaderString(DelegationAnswers.SIGNATURE_HEADER));
        session.getTransactionManager().commit();
        DelegationAnswers.Receipt receipt;
        try {
            receipt = receiver.receive(realmId, ticket, signature, body);
        } catch (RuntimeException e) {
            // Whatever keeps us from keeping the answer: Cronofy has it still and is asked to come back with it.
            LOG.warn("a callback could not be kept", e);
            throw new ErrorResponseException(
                    "temporarily_unavailable", "Try again later.", Response.Status.SERVICE_UNAVAILABLE);
        }
        if (receipt == DelegationAnswers.Receipt.UNKNOWN) {
            throw new ErrorResponseException("not_found", "Nobody awaits this callback.", Response.Status.NOT_FOUND);
        }
        return Response.noContent().build();
    }
}
