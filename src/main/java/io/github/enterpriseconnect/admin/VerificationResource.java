package io.github.enterpriseconnect.admin;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.enterpriseconnect.core.Domain;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Mailbox;
import io.github.enterpriseconnect.core.Verification;
import io.github.enterpriseconnect.delegation.NotVerifiable;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.keycloak.events.admin.OperationType;
import org.keycloak.services.ErrorResponseException;

/**
 * {@code links/{id}/verification}: a link proven by one real mailbox. Whoever gets here may see the link; who may invite may
 * begin one.
 */
public final class VerificationResource {
    private final AdminRequest request;
    private final LinkId link;
    private final boolean manage;
    private final Runnable requireManage;

    VerificationResource(AdminRequest request, LinkId link, boolean manage, Runnable requireManage) {
        this.request = request;
        this.link = link;
        this.manage = manage;
        this.requireManage = requireManage;
    }

    /**
     * How it stands, as the API shows it; the time in ISO 8601.
     *
     * @param result {@code none}, {@code pending}, {@code proven} or {@code failed}
     * @param mailbox so much of the address as may be shown; for those who may manage the link
     * @param at when it began while it is pending, else when the result came
     * @param reason why it failed, or what it waits for; absent if there is nothing to explain
     * @param detail Cronofy's own words for a refusal; for those who may manage the link
     * @param advice what to do, in words; absent unless it failed
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record VerificationRepresentation(
            String result,
            @Nullable String mailbox,
            @Nullable String at,
            @Nullable String reason,
            @Nullable String detail,
            @Nullable String advice) {
        private static final VerificationRepresentation NONE =
                new VerificationRepresentation("none", null, null, null, null, null);

        static VerificationRepresentation of(Optional<Verification> verification, boolean manage) {
            return verification.map(found -> of(found, manage)).orElse(NONE);
        }

        private static VerificationRepresentation of(Verification verification, boolean manage) {
            return new VerificationRepresentation(
                    verification.resultWord(),
                    manage ? verification.mailbox() : null,
                    verification.at().toString(),
                    verification.reasonWord(),
                    manage ? verification.detail() : null,
                    verification.result() == Verification.Result.FAILED ? adviceOn(verification) : null);
        }
    }

    private static String adviceOn(Verification verification) {
        if (verification.reason() == null) {
            return "Verify it again.";
        }
        return switch (verification.reason()) {
            case REFUSED_BY_CRONOFY ->
                "Cronofy cannot open this mailbox. Check that it exists, and that the service account reaches it at the"
                        + " customer: with Google Workspace, the Cronofy app is on for its user, which may take up to 24"
                        + " hours to count; with Microsoft 365, the application access policy or RBAC for Applications"
                        + " includes it; with Exchange Server, the impersonation scope does. Then verify it again.";
            case WRONG_PROFILE ->
                "Cronofy opened another mailbox than was named, and it was given back. With Microsoft 365, name the mailbox"
                        + " by its user principal name; with Google Workspace, by its primary address, not an alias.";
            case NO_ANSWER ->
                "Cronofy has not answered in time. Check that it reaches this server by its public URL, and verify the link"
                        + " again later; an answer that still comes within a day counts.";
            case MISCONFIGURED -> "Cronofy does not accept the realm's application: check the settings, and test them.";
            case LINK_NOT_ACTIVE, AUTHORIZATION_GONE ->
                "The link is not active any more: authorize its service account, then verify it again.";
            case ACCOUNT_HELD ->
                "A member's calendar is open as this mailbox by now, which shows that the link works; to verify it, name"
                        + " another mailbox.";
            case SUSPENDED -> "The link, or the whole realm, is suspended: resume it, then verify the link again.";
            default -> "Verify it again in some minutes.";
        };
    }

    @GET
    @Path("")
    @Produces(MediaType.APPLICATION_JSON)
    public VerificationRepresentation get() {
        return VerificationRepresentation.of(
                request.work().verifications().of(request.work().links().get(link)), manage);
    }

    /** Begins one. The mailbox need not be a user's. */
    @POST
    @Path("")
    @Consumes(MediaType.APPLICATION_JSON)
    @Produces(MediaType.APPLICATION_JSON)
    public Response begin(@Nullable String body) {
        requireManage.run();
        Mailbox mailbox = mailbox(JsonBody.object(body));
        Verification begun;
        try {
            begun = request.parts().linkVerifications().begin(link, mailbox);
        } catch (NotVerifiable not) {
            throw answer(not);
        }
        request.record("ENTERPRISE_CONNECT_VERIFICATION", OperationType.ACTION);
        return Response.accepted(VerificationRepresentation.of(Optional.of(begun), true))
                .build();
    }

    private static Mailbox mailbox(ObjectNode json) {
        boolean known = json.size() == 1 && json.path("mailbox").isTextual();
        return Optional.of(json)
                .filter(object -> known)
                .flatMap(object -> Mailbox.parse(object.path("mailbox").textValue()))
                .orElseThrow(() -> RequestRefused.because(
                        "Write {\"mailbox\": \"name@customer.example\"}: one plain address in an approved domain of the"
                                + " link.",
                        Response.Status.BAD_REQUEST));
    }

    private ErrorResponseException answer(NotVerifiable not) {
        return switch (not.why()) {
            case ADDRESS -> RequestRefused.because(String.valueOf(not.getMessage()), Response.Status.BAD_REQUEST);
            case DOMAIN -> RequestRefused.because(not.getMessage() + approved(), Response.Status.BAD_REQUEST);
            case TOO_MANY ->
                new ErrorResponseException(Response.status(Response.Status.TOO_MANY_REQUESTS)
                        .entity(Map.of("errorMessage", String.valueOf(not.getMessage())))
                        .type(MediaType.APPLICATION_JSON_TYPE)
                        .header("Retry-After", Math.max(1, not.retryAfter().toSeconds()))
                        .build());
            default -> RequestRefused.because(String.valueOf(not.getMessage()), Response.Status.CONFLICT);
        };
    }

    private String approved() {
        String names = request.work().links().get(link).approvedDomains().stream()
                .map(Domain::name)
                .sorted()
                .collect(Collectors.joining(", "));
        return names.isEmpty() ? " None is." : " Approved: " + names + ".";
    }
}
