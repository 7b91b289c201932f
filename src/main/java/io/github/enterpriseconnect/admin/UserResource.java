package io.github.enterpriseconnect.admin;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.github.enterpriseconnect.EnterpriseConnect;
import io.github.enterpriseconnect.Members;
import io.github.enterpriseconnect.RealmOrganizations;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.LinkId;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.OrganizationModel;
import org.keycloak.models.RealmModel;
import org.keycloak.models.UserModel;
import org.keycloak.services.resources.admin.fgap.AdminPermissionEvaluator;

/** {@code users/{id}}: where one user stands. */
public final class UserResource {
    private final KeycloakSession session;
    private final RealmModel realm;
    private final AdminPermissionEvaluator auth;

    UserResource(KeycloakSession session, RealmModel realm, AdminPermissionEvaluator auth) {
        this.session = session;
        this.realm = realm;
        this.auth = auth;
    }

    /**
     * A member as the API shows them; times in ISO 8601.
     *
     * @param detail Cronofy's own words for a refusal
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Member(
            String state,
            @Nullable String reason,
            @Nullable String detail,
            @Nullable String mailbox,
            @Nullable String link,
            int attempts,
            @Nullable String askedAt,
            @Nullable String grantedAt,
            @Nullable String nextAttemptAt) {}

    @GET
    @Path("")
    @Produces(MediaType.APPLICATION_JSON)
    public Member get(@PathParam("user") String userId) {
        UserModel user = session.users().getUserById(realm, userId);
        if (user == null || !auth.users().canView(user)) {
            throw new NotFoundException();
        }
        Members.Standing standing =
                session.getProvider(EnterpriseConnect.class).members().standing(session, realm, user);
        Optional<Delegation> delegation = standing.delegation();
        return new Member(
                standing.state().id(),
                standing.reason() == null ? null : standing.reason().id(),
                delegation.map(Delegation::detail).orElse(null),
                standing.mailbox(),
                visible(standing.link()),
                delegation.map(Delegation::attempts).orElse(0),
                time(delegation, Delegation::askedAt),
                time(delegation, Delegation::grantedAt),
                time(delegation, Delegation::nextAttemptAt));
    }

    /** Who may see a user need not know of the user's organizations. */
    private @Nullable String visible(@Nullable String link) {
        if (link == null || LinkId.REALM.equals(link)) {
            return link;
        }
        OrganizationModel organization = RealmOrganizations.byId(session, link);
        return organization == null || auth.orgs().canView(organization) ? link : null;
    }

    private static @Nullable String time(
            Optional<Delegation> delegation, Function<Delegation, @Nullable Instant> property) {
        return delegation.map(property).map(Instant::toString).orElse(null);
    }
}
