package io.github.enterpriseconnect.integration;

import io.github.enterpriseconnect.integration.AdminCall.Target;
import io.github.enterpriseconnect.integration.Tenants.Tenant;
import io.github.enterpriseconnect.integration.harness.AdminClient;
import io.github.enterpriseconnect.integration.harness.ConnectedRealm;
import io.github.enterpriseconnect.integration.harness.FineGrainedAdministrators;
import io.github.enterpriseconnect.integration.harness.KeycloakExtension;
import io.github.enterpriseconnect.integration.harness.KeycloakServer;
import io.github.enterpriseconnect.integration.harness.OidcClient;
import io.github.enterpriseconnect.integration.harness.RealmAdministrators;
import io.github.enterpriseconnect.simulator.Simulator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/** Two organizations and two realms side by side, and administrators of every kind. */
@ExtendWith(KeycloakExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class TenantsScenario {
    final KeycloakServer server;
    final AdminClient admin;
    final Simulator simulator;
    final Tenants tenants;
    final Tenant acme;
    final Tenant beta;
    final Tenant changing;
    final Tenant whole;
    final String unseen;
    final String twin;
    final Map<String, AdminClient> callers;
    final Map<String, AdminClient> callersOfWhole;

    TenantsScenario(KeycloakServer server, AdminClient admin, Simulator simulator) {
        this.server = server;
        this.admin = admin;
        this.simulator = simulator;
        this.tenants = Tenants.create(server, admin, simulator, getClass());
        this.acme = tenants.acme();
        this.beta = tenants.beta();
        this.changing =
                new Tenant(acme.realm(), acme.link(), acme.domain(), "changing", tenants.colleague(acme, "changing"));
        this.unseen = tenants.colleague(acme, "hidden");
        tenants.grant(tenants.realm(), "hidden", unseen);
        this.twin = tenants.colleague(acme, "twin");
        admin.addMember(tenants.realm().name(), beta.link(), twin);
        tenants.grant(tenants.realm(), "twin", twin);
        this.whole = whole();
        AdminClient elsewhere =
                new RealmAdministrators(server, admin, tenants.elsewhere().name()).create("elsewhere", "realm-admin");
        this.callers = callers(changing, elsewhere);
        this.callersOfWhole = callers(whole, elsewhere);
        addFineGrained();
    }

    /** A realm that is linked as a whole. */
    Tenant whole() {
        ConnectedRealm realm = Tenants.realm(server, admin, simulator, getClass(), false);
        String domain = "whole." + tenants.domain();
        realm.link("realm", domain);
        return new Tenant(
                realm,
                "realm",
                domain,
                "wanda",
                realm.user("wanda", "wanda@" + domain).id());
    }

    Map<String, AdminClient> callers(Tenant tenant, AdminClient elsewhere) {
        String realm = tenant.realm().name();
        RealmAdministrators administrators = new RealmAdministrators(server, admin, realm);
        OidcClient cli = OidcClient.withoutBrowser(server.realm(realm), "admin-cli");
        Map<String, AdminClient> created = new LinkedHashMap<>();
        created.put("server", admin);
        created.put("realm", administrators.create("realm", "realm-admin"));
        created.put("viewer", administrators.create("viewer", "view-realm", "view-organizations", "view-users"));
        created.put("organizations", administrators.create("organizations", "manage-organizations"));
        created.put("helpdesk", administrators.create("helpdesk", "view-users", "manage-users"));
        created.put(
                "server-elsewhere",
                RealmAdministrators.inMaster(server, admin, tenants.elsewhere().name())
                        .create(
                                "administers-other-than-" + realm,
                                "manage-realm",
                                "view-realm",
                                "manage-organizations",
                                "view-organizations",
                                "query-organizations",
                                "manage-users",
                                "view-users"));
        created.put("elsewhere", elsewhere);
        created.put("member", AdminClient.as(server, () -> cli.directGrant(tenant.member(), ConnectedRealm.PASSWORD)));
        created.put("nobody", AdminClient.nobody(server));
        return created;
    }

    void addFineGrained() {
        String realm = tenants.realm().name();
        FineGrainedAdministrators administrators = new FineGrainedAdministrators(server, admin, realm);
        for (String name : List.of("acme-manager", "acme-viewer", "acme-alone", "beta-manager")) {
            callers.put(name, administrators.create(name, "query-organizations", "query-users"));
        }
        callers.put("acme-and-users", administrators.create("acme-and-users", "query-organizations", "view-users"));
        administrators.permitOrganization(
                "view", acme.link(), "acme-manager", "acme-viewer", "acme-and-users", "acme-alone");
        administrators.permitOrganization("manage", acme.link(), "acme-manager", "acme-and-users", "acme-alone");
        administrators.permitUser("view", acme.user(), "acme-manager", "acme-viewer");
        administrators.permitUser("view", changing.user(), "acme-manager", "acme-viewer");
        administrators.permitUser("manage", changing.user(), "acme-manager");
        administrators.permitUser("view", twin, "acme-manager", "beta-manager");
        administrators.permitOrganization("view", beta.link(), "beta-manager");
        administrators.permitOrganization("manage", beta.link(), "beta-manager");
        administrators.permitUser("view", beta.user(), "beta-manager");
        administrators.permitUser("manage", beta.user(), "beta-manager");
    }

    AdminClient caller(String name) {
        return Objects.requireNonNull(callers.get(name), name);
    }

    static Target target(Tenant tenant) {
        return new Target(tenant.link(), tenant.user(), "", "calendar-app");
    }

    static Map<String, Object> policy(String member, Object value) {
        return Map.of("policy", Map.of(member, value));
    }
}
