package io.github.enterpriseconnect.storage;

import java.util.ArrayList;
import java.util.List;
import org.keycloak.Config;
import org.keycloak.connections.jpa.entityprovider.JpaEntityProvider;
import org.keycloak.connections.jpa.entityprovider.JpaEntityProviderFactory;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.KeycloakSessionFactory;

/** Tells Keycloak about our tables and the changelog that creates them. */
public final class Tables implements JpaEntityProvider, JpaEntityProviderFactory {
    private static final String ID = "enterprise-connect";

    /** Tables whose rows belong to a realm. */
    static List<Class<? extends VersionedRow>> ofRealms() {
        return List.of(
                LinkEntity.class,
                DelegationEntity.class,
                InvitationEntity.class,
                RevocationEntity.class,
                MemberEntity.class,
                SuspensionEntity.class,
                NoticeEntity.class,
                NotificationEntity.class,
                WatchEntity.class,
                TokenUseEntity.class,
                WaitingEntity.class,
                ChangeEntity.class,
                SweepEntity.class,
                BackfillEntity.class,
                VerificationEntity.class,
                ReplacementEntity.class,
                MoveEntity.class,
                DepartureEntity.class,
                CalendarResourceEntity.class,
                ResourceListEntity.class,
                WrittenAttributeEntity.class);
    }

    /** Those of them whose rows belong to a link, and to nobody else. */
    static List<Class<? extends VersionedRow>> ofLinks() {
        return List.of(
                BackfillEntity.class,
                VerificationEntity.class,
                ReplacementEntity.class,
                MoveEntity.class,
                CalendarResourceEntity.class,
                ResourceListEntity.class);
    }

    @Override
    public List<Class<?>> getEntities() {
        List<Class<?>> all = new ArrayList<>(List.of(
                VersionedRow.class,
                AskRow.class,
                LookedAtRow.class,
                RemovedRealmEntity.class,
                TicketKeyEntity.class,
                BudgetEntity.class,
                TurnEntity.class));
        all.addAll(ofRealms());
        return all;
    }

    @Override
    public String getChangelogLocation() {
        return "META-INF/enterprise-connect-changelog.xml";
    }

    @Override
    public String getFactoryId() {
        return ID;
    }

    @Override
    public String getId() {
        return ID;
    }

    @Override
    public JpaEntityProvider create(KeycloakSession session) {
        return this;
    }

    @Override
    public void init(Config.Scope config) {}

    @Override
    public void postInit(KeycloakSessionFactory factory) {}

    @Override
    public void close() {}
}
