package io.github.enterpriseconnect.admin;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.github.enterpriseconnect.EnterpriseConnect;
import io.github.enterpriseconnect.core.Suspensions;
import io.github.enterpriseconnect.platform.RealmOrganizations;
import io.github.enterpriseconnect.server.EnterpriseConnectProvider;
import io.github.enterpriseconnect.settings.RealmSettings;
import jakarta.ws.rs.ForbiddenException;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.services.resources.admin.fgap.AdminPermissionEvaluator;

/** {@code status}: how Enterprise Connect stands in the realm, and what the administrator who asks may do with it. */
public final class StatusResource {
    private final KeycloakSession session;
    private final RealmModel realm;
    private final AdminPermissionEvaluator auth;

    StatusResource(KeycloakSession session, RealmModel realm, AdminPermissionEvaluator auth) {
        this.session = session;
        this.realm = realm;
        this.auth = auth;
    }

    /**
     * How it stands.
     *
     * @param enabled the realm's switch
     * @param configured whether the realm has settings that pass the check
     * @param suspended whether the realm's kill switch is thrown
     * @param organizations whether the realm has Organizations on; otherwise its one link is {@code realm}
     * @param version of this extension; null where it does not run from its JAR
     * @param mail whether the realm has a mail server
     * @param languages tags of the languages that the realm speaks
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Status(
            String realm,
            @Nullable String displayName,
            boolean enabled,
            boolean configured,
            boolean suspended,
            boolean organizations,
            @Nullable String version,
            boolean mail,
            List<String> languages,
            String defaultLanguage,
            Access access) {}

    /** What the administrator may do in the realm as a whole; single organizations and users may be permitted besides. */
    public record Access(
            boolean viewRealm,
            boolean manageRealm,
            boolean queryOrganizations,
            boolean queryUsers,
            boolean viewUsers,
            boolean manageUsers) {
        boolean any() {
            return viewRealm || manageRealm || queryOrganizations || queryUsers;
        }
    }

    @GET
    @Path("")
    @Produces(MediaType.APPLICATION_JSON)
    public Status get() {
        Access access = new Access(
                auth.realm().canViewRealm(),
                auth.realm().canManageRealm(),
                auth.orgs().canQuery(),
                auth.users().canQuery(),
                auth.users().canView(),
                auth.users().canManage());
        if (!access.any()) {
            throw new ForbiddenException();
        }
        RealmLanguages languages = RealmLanguages.of(realm);
        return new Status(
                realm.getName(),
                realm.getDisplayName(),
                RealmSettings.enabled(realm),
                RealmSettings.of(realm).isPresent(),
                session.getProvider(EnterpriseConnectProvider.class)
                        .killSwitches()
                        .thrown(session, realm, Suspensions.Subject.REALM)
                        .isPresent(),
                RealmOrganizations.of(session).isPresent(),
                EnterpriseConnect.class.getPackage().getImplementationVersion(),
                !realm.getSmtpConfig().isEmpty(),
                languages.all(),
                languages.preset(),
                access);
    }
}
