package io.github.enterpriseconnect.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.enterpriseconnect.integration.harness.AdminClient;
import io.github.enterpriseconnect.integration.harness.Browser;
import io.github.enterpriseconnect.integration.harness.ConnectedRealm;
import io.github.enterpriseconnect.integration.harness.KeycloakExtension;
import io.github.enterpriseconnect.integration.harness.KeycloakServer;
import io.github.enterpriseconnect.integration.harness.OidcClient;
import io.github.enterpriseconnect.integration.harness.Page;
import io.github.enterpriseconnect.integration.harness.SignIn;
import io.github.enterpriseconnect.integration.harness.Tokens;
import io.github.enterpriseconnect.simulator.Simulator;
import java.net.URI;
import java.nio.file.Files;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/** What all other integration tests rely on. */
@ExtendWith(KeycloakExtension.class)
class HarnessIT {

    private static final URI REDIRECT_URI = URI.create("http://127.0.0.1:9/callback");

    private final AdminClient admin;

    HarnessIT(AdminClient admin) {
        this.admin = admin;
    }

    @Test
    void the_server_runs_with_the_provider_jar(KeycloakServer server) {
        JsonNode info = admin.get("/admin/serverinfo").expect(200).json();

        assertThat(info.at("/systemInfo/version").asText()).isEqualTo("26.7.3");
        assertThat(server.log()).isRegularFile();
        assertThat(server.logText()).contains("Keycloak 26.7.3");
        assertThat(server.log().resolveSibling("providers"))
                .isDirectoryContaining(file -> file.endsWith("keycloak-enterprise-connect.jar"));
    }

    @Nested
    @TestInstance(TestInstance.Lifecycle.PER_CLASS)
    class WithoutOrganizations extends SigningIn {

        WithoutOrganizations() {
            super(false, 1);
        }
    }

    @Nested
    @TestInstance(TestInstance.Lifecycle.PER_CLASS)
    class WithOrganizations extends SigningIn {

        private String organization = "";

        WithOrganizations() {
            super(true, 2);
        }

        /** Without any organization the form still asks for name and password at once. */
        @BeforeAll
        void createOrganization() {
            organization = admin.createOrganization(realm, "acme", "acme.test");
        }

        @Test
        void a_user_becomes_a_member() {
            admin.addMember(realm, organization, alice);

            assertThat(admin.get("/admin/realms/" + realm + "/organizations/" + organization + "/members")
                            .expect(200)
                            .json()
                            .findValuesAsText("username"))
                    .containsExactly("alice");
        }
    }

    @TestInstance(TestInstance.Lifecycle.PER_CLASS)
    abstract class SigningIn {

        final String realm = AdminClient.newRealmName(HarnessIT.class);
        private final boolean organizations;
        private final int loginPages;
        String alice = "";
        OidcClient confidential = OidcClient.withoutBrowser(REDIRECT_URI, "");
        OidcClient publicClient = OidcClient.withoutBrowser(REDIRECT_URI, "");

        SigningIn(boolean organizations, int loginPages) {
            this.organizations = organizations;
            this.loginPages = loginPages;
        }

        @BeforeAll
        void createRealm() {
            admin.createRealm(realm, Map.of("organizationsEnabled", organizations));
            alice = admin.createUser(realm, "alice", "alice@acme.test", true, "secret");
            confidential = admin.createConfidentialClient(realm, "intranet", "s3cr&t=", REDIRECT_URI);
            publicClient = admin.createPublicClient(realm, "app", REDIRECT_URI);
        }

        @AfterAll
        void deleteRealm() {
            admin.deleteRealm(realm);
        }

        @Test
        void a_person_signs_in_by_the_form(Browser browser) {
            SignIn signIn = browser.signIn(confidential, "alice", "secret");

            assertThat(signIn.code()).isNotEmpty();
            assertThat(signIn.pages()).hasSize(loginPages);
            assertThat(signIn.tokens().claims().path("sub").asText()).isEqualTo(alice);
            assertThat(browser.history()).last().asString().startsWith(REDIRECT_URI.toString());
        }

        @Test
        void a_wrong_password_leaves_the_person_at_the_form(Browser browser) {
            assertThatThrownBy(() -> browser.signIn(confidential, "alice", "wrong"))
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("Invalid");
        }

        @Test
        void one_sign_in_is_good_for_the_clients_of_the_realm(Browser browser) {
            browser.signIn(confidential, "alice", "secret");

            SignIn again = browser.signInAgain(publicClient);

            assertThat(again.pages()).isEmpty();
            assertThat(again.tokens().claims().path("azp").asText()).isEqualTo("app");
        }

        @Test
        void a_silent_sign_in_needs_a_session(Browser browser) {
            assertThat(browser.silentSignIn(publicClient).error()).contains("login_required");

            browser.signIn(publicClient, "alice", "secret");

            assertThat(browser.silentSignIn(publicClient)
                            .tokens()
                            .claims()
                            .path("sub")
                            .asText())
                    .isEqualTo(alice);
        }

        @Test
        void signing_out_ends_the_session(Browser browser) {
            Tokens tokens = browser.signIn(confidential, "alice", "secret").tokens();

            Page farewell = browser.open(confidential.signOutUri(tokens));

            assertThat(farewell.status()).isEqualTo(200);
            assertThat(browser.silentSignIn(publicClient).error()).contains("login_required");
        }

        @Test
        void an_application_signs_in_without_a_browser() {
            Tokens tokens = confidential.directGrant("alice", "secret");

            assertThat(tokens.claims().path("sub").asText()).isEqualTo(alice);
            assertThat(confidential.refresh(tokens).accessToken()).isNotEmpty();
            assertThat(confidential.clientCredentials().accessToken()).isNotEmpty();
            confidential
                    .token(Map.of("grant_type", "password", "username", "alice", "password", "wrong"))
                    .expect(400);
        }
    }

    @Test
    void a_user_without_rights_is_no_administrator(KeycloakServer server) {
        String realm = AdminClient.newRealmName(HarnessIT.class);
        admin.createRealm(realm, Map.of());
        admin.createUser(realm, "bob", "bob@acme.test", false, "secret");
        OidcClient client = admin.createPublicClient(realm, "app", REDIRECT_URI);

        AdminClient bob = AdminClient.as(server, () -> client.directGrant("bob", "secret"));

        bob.get("/admin/realms/" + realm + "/components").expect(403);
        assertThat(admin.components(realm)).isNotEmpty();
        admin.deleteRealm(realm);
    }

    @Test
    void a_second_server_has_its_own_data_and_keeps_them_over_restarts(KeycloakServer first, Simulator simulator) {
        String realm = AdminClient.newRealmName(HarnessIT.class);
        String path = "/admin/realms/" + realm;
        KeycloakServer second = ConnectedRealm.extendedServer(simulator).start();
        try (second) {
            AdminClient.of(second).createRealm(realm, Map.of());
            assertThat(second.baseUri()).isNotEqualTo(first.baseUri());
            assertThat(AdminClient.of(first).get(path).status()).isEqualTo(404);

            second.restart();
            AdminClient.of(second).get(path).expect(200);
        }
        assertThat(second.log()).exists();
        assertThat(Files.exists(second.log().resolveSibling("data"))).isFalse();
    }

    @Test
    void a_server_that_cannot_start_says_why(Simulator simulator) {
        KeycloakServer.Builder hopeless =
                ConnectedRealm.extendedServer(simulator).options("--no-such-option=1");

        assertThatThrownBy(hopeless::start)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("no-such-option");
    }
}
