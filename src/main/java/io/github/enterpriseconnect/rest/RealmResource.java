package io.github.enterpriseconnect.rest;

import io.github.enterpriseconnect.EnterpriseConnect;
import io.github.enterpriseconnect.platform.StatelessFactory;
import jakarta.ws.rs.ForbiddenException;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.Path;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.services.resource.RealmResourceProvider;
import org.keycloak.services.resource.RealmResourceProviderFactory;

/** Root of {@code /realms/{realm}/enterprise-connect}; checks what Keycloak does not check for realm extensions. */
public final class RealmResource implements RealmResourceProvider {
    private final KeycloakSession session;

    private RealmResource(KeycloakSession session) {
        this.session = session;
    }

    /** Makes the resource for each request. */
    public static final class Factory implements RealmResourceProviderFactory, StatelessFactory<RealmResourceProvider> {
        @Override
        public String getId() {
            return EnterpriseConnect.ID;
        }

        @Override
        public RealmResourceProvider create(KeycloakSession session) {
            return new RealmResource(session);
        }
    }

    @Override
    public Object getResource() {
        RealmModel realm = session.getContext().getRealm();
        if (!realm.isEnabled()) {
            throw new NotFoundException();
        }
        boolean secure =
                "https".equals(session.getContext().getUri().getBaseUri().getScheme());
        if (!secure && realm.getSslRequired().isRequired(session.getContext().getConnection())) {
            throw new ForbiddenException("HTTPS required");
        }
        return this;
    }

    @Path("invitation/{ticket}")
    public InvitationPages invitation() {
        return new InvitationPages(session);
    }

    @Path("callback/link")
    public LinkCallback linkCallback() {
        return new LinkCallback(session);
    }

    @Path("callback/link/verification")
    public VerificationPages verification() {
        return new VerificationPages(session);
    }

    @Path("callback/delegation/{ticket}")
    public CronofyCallback delegationCallback() {
        return CronofyCallback.ofDelegations(session);
    }

    @Path("callback/notification/{ticket}")
    public CronofyCallback notificationCallback() {
        return CronofyCallback.ofNotifications(session);
    }

    @Path("console")
    public ConsolePage console() {
        return new ConsolePage(session);
    }

    @Path("account")
    public AccountPath account() {
        return new AccountPath(session);
    }

    @Path("openapi.yaml")
    public ApiDescription apiDescription() {
        return new ApiDescription();
    }

    @Path("token")
    public TokenEndpoint token() {
        return new TokenEndpoint(session);
    }

    @Path("members")
    public MembersEndpoint members() {
        return new MembersEndpoint(session);
    }

    @Override
    public void close() {}
}
