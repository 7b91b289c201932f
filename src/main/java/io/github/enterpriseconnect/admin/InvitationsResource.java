package io.github.enterpriseconnect.admin;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.github.enterpriseconnect.EnterpriseConnect;
import io.github.enterpriseconnect.core.Invitation;
import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.Mailbox;
import io.github.enterpriseconnect.link.InvitationMail;
import io.github.enterpriseconnect.link.Invitations;
import io.github.enterpriseconnect.platform.Endpoints;
import io.github.enterpriseconnect.settings.Settings;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.keycloak.events.admin.OperationType;
import org.keycloak.models.UserModel;
import org.keycloak.urls.UrlType;

/** {@code links/{id}/invitations}: for those alone who may manage the link. */
public final class InvitationsResource {
    private final AdminRequest request;
    private final VisibleLinks.VisibleLink link;

    InvitationsResource(AdminRequest request, VisibleLinks.VisibleLink link) {
        this.request = request;
        this.link = link;
    }

    /**
     * A new invitation. Its URL is a secret and is shown this once.
     *
     * @param sent whether the mail server took the mail; null if none was asked for
     * @param problem why not
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Invited(
            String id,
            String url,
            String expiresAt,
            @Nullable Boolean sent,
            @Nullable String problem) {}

    /**
     * An invitation in the list, without its URL.
     *
     * @param replacement absent unless another service account may take the place of the link's
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record InvitationRepresentation(
            String id,
            String state,
            String createdBy,
            String createdAt,
            String expiresAt,
            @Nullable Boolean replacement,
            @Nullable String usedAt) {

        static InvitationRepresentation of(Invitation invitation, Instant now) {
            String state = invitation.withdrawn()
                    ? "withdrawn"
                    : invitation.usedAt() != null
                            ? "used"
                            : invitation.expiresAt().isAfter(now) ? "open" : "expired";
            return new InvitationRepresentation(
                    invitation.id(),
                    state,
                    invitation.createdBy(),
                    invitation.createdAt().toString(),
                    invitation.expiresAt().toString(),
                    invitation.replacement() ? true : null,
                    Optional.ofNullable(invitation.usedAt())
                            .map(Instant::toString)
                            .orElse(null));
        }
    }

    @POST
    @Path("")
    @Produces(MediaType.APPLICATION_JSON)
    public Response invite(@Nullable String body) {
        NewInvitation wanted = NewInvitation.of(JsonBody.object(body), request.realm());
        Settings settings = request.work()
                .realm()
                .settings()
                .orElseThrow(() -> RequestRefused.because(
                        "The realm has no Enterprise Connect settings yet; PUT settings first.",
                        Response.Status.CONFLICT));
        if (settings.clientSecret().isEmpty()) {
            throw RequestRefused.because(
                    "The realm's settings have no client secret, only a mask; PUT settings with it first.",
                    Response.Status.CONFLICT);
        }
        if (wanted.replacement()) {
            requireReplaceable();
        }
        Invitations.Invited invited = request.parts()
                .invitations()
                .invite(
                        request.work(),
                        settings,
                        new Invitations.Wish(
                                link.id(),
                                request.auth().adminAuth().getUser().getId(),
                                wanted.replacement(),
                                wanted.lifetime()),
                        Endpoints.base(request.session()
                                .getContext()
                                .getUri(UrlType.FRONTEND)
                                .getBaseUri()));
        record(OperationType.CREATE, invited.invitation().id());
        Optional<Mailbox> receiver = wanted.receiver();
        Optional<String> problem = receiver.flatMap(to -> send(to, wanted.language(), invited));
        // Without an address of its own, which nobody could read, and which kcadm would show in place of the secret.
        return Response.status(Response.Status.CREATED)
                .entity(new Invited(
                        invited.invitation().id(),
                        invited.ticketUrl().reveal(),
                        invited.invitation().expiresAt().toString(),
                        receiver.map(to -> problem.isEmpty()).orElse(null),
                        problem.orElse(null)))
                .header("Cache-Control", "no-store")
                .build();
    }

    private void requireReplaceable() {
        Link present = request.work().links().get(link.id());
        String why =
                switch (present.state()) {
                    case UNLINKED ->
                        "There is no service account to replace; leave out \"replacement\" to link the organization.";
                    case AWAITING_APPROVAL ->
                        "The service account waits for a domain to be approved; approve it, or unlink the organization, before"
                                + " it is replaced.";
                    case UNKNOWN ->
                        "A newer version has written the state of the link; replace its service account there.";
                    case ACTIVE, NEEDS_AUTHORIZATION ->
                        request.work().replacements().mayBegin(link.id())
                                ? null
                                : "The service account is being replaced already; let that end, or cancel it, before another"
                                        + " replacement.";
                };
        if (why != null) {
            throw RequestRefused.because(why, Response.Status.CONFLICT);
        }
    }

    private Optional<String> send(Mailbox to, String language, Invitations.Invited invited) {
        UserModel administrator = request.auth().adminAuth().getUser();
        String sender = Stream.of(administrator.getFirstName(), administrator.getLastName())
                .filter(name -> name != null && !name.isBlank())
                .collect(Collectors.joining(" "));
        String organization =
                link.organization() == null ? null : link.organization().getName();
        InvitationMail.Letter letter = new InvitationMail.Letter(organization, to, language, sender, invited);
        InvitationMail mail = request.parts().invitationMail();
        request.session().getTransactionManager().commit();
        return mail.send(letter);
    }

    /** Newest first, whatever became of them. */
    @GET
    @Path("")
    @Produces(MediaType.APPLICATION_JSON)
    public List<InvitationRepresentation> list() {
        Instant now = request.parts().now();
        return request.work().invitations().list(link.id()).stream()
                .map(invitation -> InvitationRepresentation.of(invitation, now))
                .toList();
    }

    /** Makes an invitation worthless. */
    @DELETE
    @Path("{invitation}")
    public Response withdraw(@PathParam("invitation") String invitation) {
        if (!request.work().invitations().withdraw(link.id(), invitation)) {
            throw new NotFoundException();
        }
        record(OperationType.DELETE, invitation);
        return Response.noContent().build();
    }

    private void record(OperationType operation, String invitation) {
        request.event()
                .resource("ENTERPRISE_CONNECT_LINK")
                .operation(operation)
                .resourcePath(EnterpriseConnect.ID + "/links/" + link.id().name() + "/invitations/" + invitation)
                .success();
    }
}
