package io.github.enterpriseconnect.admin;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.github.enterpriseconnect.EnterpriseConnect;
import io.github.enterpriseconnect.core.Suspensions;
import io.github.enterpriseconnect.platform.ClientSecret;
import io.github.enterpriseconnect.platform.RealmOrganizations;
import io.github.enterpriseconnect.settings.RealmSettings;
import io.github.enterpriseconnect.settings.SettingsForm;
import jakarta.ws.rs.ForbiddenException;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** {@code status}: how Enterprise Connect stands in the realm, and what the administrator who asks may do with it. */
public final class StatusResource {
    private static final Set<ClientSecret.Standing> USABLE =
            Set.of(ClientSecret.Standing.READABLE, ClientSecret.Standing.WITHHELD);

    private final AdminRequest request;

    StatusResource(AdminRequest request) {
        this.request = request;
    }

    /**
     * How it stands.
     *
     * @param enabled the realm's switch
     * @param configured whether the realm has settings that pass the check, and a client secret that nobody has to enter
     * @param suspended whether the realm's kill switch is active
     * @param organizations whether the realm has Organizations on; otherwise its one link is {@code realm}
     * @param version of this extension; null where it does not run from its JAR
     * @param mail whether the realm has a mail server
     * @param languages tags of the languages that the realm speaks
     * @param warnings what an administrator of the realm should know or do; for those who see the realm's settings
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
            List<Warning> warnings,
            Access access) {}

    /**
     * What the administrator may do in the realm as a whole; single organizations and users may be permitted besides.
     */
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
                request.auth().realm().canViewRealm(),
                request.auth().realm().canManageRealm(),
                request.auth().orgs().canQuery(),
                request.auth().users().canQuery(),
                request.seesAllUsers(),
                request.auth().users().canManage());
        if (!access.any()) {
            throw new ForbiddenException();
        }
        RealmLanguages languages = RealmLanguages.of(request.realm());
        return new Status(
                request.realm().getName(),
                request.realm().getDisplayName(),
                RealmSettings.enabled(request.realm()),
                secrets().anyMatch(secret -> USABLE.contains(secret.standing())),
                request.work().suspensions().all().of(Suspensions.Subject.REALM).isPresent(),
                RealmOrganizations.of(request.session()).isPresent(),
                EnterpriseConnect.class.getPackage().getImplementationVersion(),
                !request.realm().getSmtpConfig().isEmpty(),
                languages.all(),
                languages.preset(),
                access.viewRealm() ? warnings() : List.of(),
                access);
    }

    /** None while the realm has no settings that pass the check. */
    private Stream<ClientSecret> secrets() {
        return RealmSettings.of(request.realm()).stream()
                .flatMap(settings -> ClientSecret.all(request.session(), request.realm(), settings).stream());
    }

    private static Optional<Warning.Code> code(ClientSecret.Standing standing) {
        return switch (standing) {
            case READABLE -> Optional.empty();
            case MISSING -> Optional.of(Warning.Code.CLIENT_SECRET_MISSING);
            case WITHHELD -> Optional.of(Warning.Code.CLIENT_SECRET_WITHHELD);
            case LOST -> Optional.of(Warning.Code.CLIENT_SECRET_LOST);
        };
    }

    private List<Warning> warnings() {
        List<Warning> warnings = new ArrayList<>();
        secrets().forEach(secret -> {
            boolean next = secret.key().equals(SettingsForm.NEXT_CLIENT_SECRET);
            if (next) {
                warnings.add(Warning.Code.CLIENT_SECRET_ROTATING.warning(List.of()));
            }
            code(secret.standing())
                    .ifPresent(code -> warnings.add(code.warning(next ? List.of(secret.key()) : List.of())));
        });
        List<String> unknown = RealmSettings.unknown(request.realm());
        if (!unknown.isEmpty()) {
            warnings.add(Warning.Code.UNKNOWN_SETTINGS.warning(unknown));
        }
        if (RealmSettings.enabled(request.realm())
                && new MapperChoice(request.session(), request.realm()).isStrangers()) {
            warnings.add(Warning.Code.STRANGERS_CHOOSE_MAPPERS.warning(List.of()));
        }
        List<String> unresolved =
                request.work().linkRecovery().unresolved(request.realm().getId());
        if (!unresolved.isEmpty()) {
            warnings.add(Warning.Code.POLICIES_UNRESOLVED.warning(unresolved));
        }
        return warnings;
    }
}
