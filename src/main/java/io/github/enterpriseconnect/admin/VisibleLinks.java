package io.github.enterpriseconnect.admin;

import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Suspensions;
import io.github.enterpriseconnect.core.Verification;
import io.github.enterpriseconnect.platform.KeycloakWork;
import io.github.enterpriseconnect.platform.RealmOrganizations;
import io.github.enterpriseconnect.settings.RealmSettings;
import io.github.enterpriseconnect.settings.Settings;
import jakarta.ws.rs.NotFoundException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.keycloak.models.OrganizationModel;

/** Links as the administrator who asks may see them. */
record VisibleLinks(AdminRequest request) {
    /**
     * One that may be seen.
     *
     * @param organization null for the link {@code realm}
     */
    record VisibleLink(LinkId id, String name, @Nullable OrganizationModel organization) {}

    /** Unknown, foreign and hidden organizations are one and the same 404. */
    VisibleLink byId(String id) {
        String realmId = request.realm().getId();
        if (LinkId.REALM.equals(id)) {
            if (RealmOrganizations.of(request.session()).isPresent()
                    || !request.auth().realm().canViewRealm()) {
                throw new NotFoundException();
            }
            return ofRealm();
        }
        OrganizationModel organization = RealmOrganizations.byId(request.session(), id);
        if (organization == null || !request.auth().orgs().canView(organization)) {
            throw new NotFoundException();
        }
        return new VisibleLink(new LinkId(realmId, organization.getId()), organization.getName(), organization);
    }

    /** The one link of a realm without organizations. */
    VisibleLink ofRealm() {
        return new VisibleLink(
                new LinkId(request.realm().getId(), LinkId.REALM),
                request.realm().getName(),
                null);
    }

    boolean manageable(VisibleLink link) {
        return link.organization() == null
                ? request.auth().realm().canManageRealm()
                : request.auth().orgs().canManage(link.organization());
    }

    /** Answers 403 to those who may only see it. */
    void requireManage(VisibleLink link) {
        if (link.organization() == null) {
            request.auth().realm().requireManageRealm();
        } else {
            request.auth().orgs().requireManage(link.organization());
        }
    }

    /** A link by itself as it is within this transaction, with its last use. */
    LinkRepresentation represent(KeycloakWork work, VisibleLink visible) {
        Link link = work.links().get(visible.id());
        TokenUseRepresentation lastUse = request.parts()
                .members()
                .latestUse(work, link)
                .map(TokenUseRepresentation::of)
                .orElse(null);
        LinkRepresentation shown = represent(
                link, visible, work.suspensions().all(), work.verifications().of(link), lastUse);
        return request.seesAllUsers() ? shown.with(request.parts().members().foundNames(work, visible.id())) : shown;
    }

    LinkRepresentation represent(
            Link link,
            VisibleLink visible,
            Suspensions suspensions,
            Optional<Verification> verification,
            @Nullable TokenUseRepresentation lastUse) {
        return LinkRepresentation.of(
                link,
                visible.name(),
                suspensions.link(link.id().name()),
                new PolicyJson(request.session(), request.realm())
                        .write(link.policy(), request.auth().realm().canViewRealm()),
                manageable(visible),
                RealmSettings.of(request.realm()).map(Settings::delegatedScope),
                verification,
                lastUse);
    }

    /** All kill switches of the realm that are active. */
    Suspensions suspensions() {
        return request.work().suspensions().all();
    }
}
