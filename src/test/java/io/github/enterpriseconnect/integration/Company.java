package io.github.enterpriseconnect.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.enterpriseconnect.integration.harness.AdminClient;
import io.github.enterpriseconnect.integration.harness.Answer;
import io.github.enterpriseconnect.integration.harness.ConnectedRealm;
import io.github.enterpriseconnect.integration.harness.KeycloakServer;
import io.github.enterpriseconnect.integration.harness.LdapDirectory;
import io.github.enterpriseconnect.integration.harness.Tokens;
import io.github.enterpriseconnect.integration.harness.UserFederation;
import io.github.enterpriseconnect.integration.harness.UserFederation.Mode;
import io.github.enterpriseconnect.simulator.Simulator;
import java.time.Duration;
import java.util.Map;

/** A realm whose people come from a directory of their own, with one mail domain. */
record Company(Mode mode, ConnectedRealm realm, LdapDirectory directory, UserFederation federation, String domain)
        implements AutoCloseable {
    static final Duration PATIENCE = Duration.ofMinutes(3);

    static Company found(
            KeycloakServer server,
            AdminClient admin,
            Simulator simulator,
            Class<?> test,
            Mode mode,
            boolean organizations,
            Map<String, String> options) {
        ConnectedRealm realm =
                ConnectedRealm.create(server, admin, simulator, AdminClient.newRealmName(test), organizations);
        LdapDirectory directory = LdapDirectory.start();
        UserFederation federation = UserFederation.add(admin, realm.name(), directory, mode, options);
        return new Company(mode, realm, directory, federation, realm.name() + ".test");
    }

    /** Without Organizations, and linked. */
    static Company linked(KeycloakServer server, AdminClient admin, Simulator simulator, Class<?> test, Mode mode) {
        Company company = found(server, admin, simulator, test, mode, false, Map.of());
        company.realm.link("realm", company.domain);
        return company;
    }

    String address(String name) {
        return name + "@" + domain;
    }

    /** Adds a person to the directory, and gives the entry. */
    String hire(String name) {
        directory.add(name, address(name));
        return directory.entry(name).orElseThrow();
    }

    Tokens signIn(String name) {
        return realm.consumer().directGrant(name, LdapDirectory.PASSWORD);
    }

    /** Somebody who has signed in at this company. */
    record Person(Company company, String name, String id, Tokens tokens) {
        String address() {
            return company.address(name);
        }

        /** The application asks for this person's token. */
        Answer ask() {
            return company.realm.token(tokens.accessToken());
        }

        String token() {
            return ask().expect(200).json().get("access_token").asText();
        }

        JsonNode standing() {
            return company.realm.member(id);
        }

        void awaitGranted() {
            company.awaitGranted(id);
        }
    }

    /** Signs somebody in who is in the directory. */
    Person person(String name) {
        Tokens tokens = signIn(name);
        return new Person(this, name, tokens.claims().get("sub").asText(), tokens);
    }

    /** Adds a person who signs in and is delegated. */
    Person delegated(String name) {
        hire(name);
        Person person = person(name);
        person.awaitGranted();
        return person;
    }

    void awaitGranted(String id) {
        await().atMost(PATIENCE).untilAsserted(() -> {
            JsonNode member = realm.member(id);
            assertThat(member.get("state").asText()).as("%s", member).isEqualTo("granted");
        });
    }

    /** Keycloak gets to know what has changed in the directory. */
    void notice() {
        if (mode.imports()) {
            federation.syncChanged();
        } else {
            federation.forgetCached();
        }
    }

    /** Nothing has been written to the person's entry, nor to any other. */
    void assertUntouched(String name, String entry) {
        assertThat(directory.entry(name)).contains(entry);
        assertThat(directory.changesByOthers()).isEmpty();
    }

    @Override
    public void close() {
        directory.close();
    }
}
