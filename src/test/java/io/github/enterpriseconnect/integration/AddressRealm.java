package io.github.enterpriseconnect.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.enterpriseconnect.integration.harness.AdminClient;
import io.github.enterpriseconnect.integration.harness.Answer;
import io.github.enterpriseconnect.integration.harness.Browser;
import io.github.enterpriseconnect.integration.harness.ConnectedRealm;
import io.github.enterpriseconnect.integration.harness.KeycloakServer;
import io.github.enterpriseconnect.integration.harness.MailServer;
import io.github.enterpriseconnect.integration.harness.Page;
import io.github.enterpriseconnect.integration.harness.Tokens;
import io.github.enterpriseconnect.simulator.Fault;
import io.github.enterpriseconnect.simulator.ReceivedRequest;
import io.github.enterpriseconnect.simulator.Simulator;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * A realm whose one link asks for one kind of proof, with mail and with an application of its own at the simulator. It
 * remembers for which mailboxes an ask was right and how many revocations were, so that in the end everything else that
 * the simulator received stands out.
 */
final class AddressRealm {
    private static final Duration LONG = Duration.ofMinutes(3);
    private static final String SECRET = "address-secret";
    private static final String REVOKE = "/oauth/token/revoke";
    private static final String REALM = "realm";
    private static final String ORGANIZATION = "customer";

    private final Proof proof;
    private final KeycloakServer server;
    private final AdminClient admin;
    private final MailServer mail;
    private final AtCronofy cronofy;
    private final ConnectedRealm realm;
    private final String link;
    private final Set<String> rightlyAsked = new TreeSet<>();
    private int rightlyRevoked;

    private AddressRealm(
            Proof proof,
            KeycloakServer server,
            AdminClient admin,
            MailServer mail,
            AtCronofy cronofy,
            ConnectedRealm realm,
            boolean organizations) {
        this.proof = proof;
        this.server = server;
        this.admin = admin;
        this.mail = mail;
        this.cronofy = cronofy;
        this.realm = realm;
        this.link = organizations ? realm.organization(ORGANIZATION, domain()) : REALM;
    }

    /** What there is for an address that somebody has just written into a user. */
    enum Evidence {
        /** Nothing: Keycloak itself no longer calls the address verified. */
        NONE,
        /** Keycloak's flag, which an administrator has set or has left as it was. */
        FLAG,
        /** The owner of the address has clicked. */
        OWNER
    }

    /**
     * Somebody who was delegated for this mailbox.
     *
     * @param tokens of a sign-in of the time before
     * @param served the calendar token that an application got for them
     */
    record Delegated(String id, String username, String mailbox, Tokens tokens, String served, int revocationsBefore) {}

    /** A realm without Organizations, whose users are all the link's. */
    static AddressRealm create(
            KeycloakServer server,
            AdminClient admin,
            Simulator simulator,
            MailServer mail,
            Class<?> test,
            Proof proof,
            Map<String, ?> settings) {
        return create(server, admin, simulator, mail, test, proof, settings, false);
    }

    /** A realm whose link is that of its one organization. */
    static AddressRealm withOrganization(
            KeycloakServer server,
            AdminClient admin,
            Simulator simulator,
            MailServer mail,
            Class<?> test,
            Proof proof,
            Map<String, ?> settings) {
        return create(server, admin, simulator, mail, test, proof, settings, true);
    }

    private static AddressRealm create(
            KeycloakServer server,
            AdminClient admin,
            Simulator simulator,
            MailServer mail,
            Class<?> test,
            Proof proof,
            Map<String, ?> settings,
            boolean organizations) {
        ConnectedRealm realm =
                ConnectedRealm.create(server, admin, simulator, AdminClient.newRealmName(test), organizations);
        AddressRealm created =
                new AddressRealm(proof, server, admin, mail, new AtCronofy(simulator), realm, organizations);
        if (!settings.isEmpty()) {
            created.change(settings);
        }
        mail.serve(admin, realm.name());
        simulator.addApplication(realm.name(), SECRET);
        Map<String, Object> application = new HashMap<>(realm.settings());
        application.put("clientId", realm.name());
        application.put("clientSecret", SECRET);
        admin.put(realm.api("settings"), application).expect(204);
        realm.link(created.link, created.domain());
        if (proof != Proof.KEYCLOAK) {
            created.policy(Map.of("proof", proof.written()));
        }
        return created;
    }

    Proof proof() {
        return proof;
    }

    ConnectedRealm connected() {
        return realm;
    }

    MailServer mail() {
        return mail;
    }

    private String domain() {
        return realm.name() + ".test";
    }

    /** An address in the linked domain. */
    String address(String name) {
        return name + "@" + domain();
    }

    private String path(String path) {
        return "/admin/realms/" + realm.name() + path;
    }

    void change(Map<String, ?> settings) {
        admin.put(path(""), settings).expect(204);
    }

    /** Does something while the realm has this setting, which is off otherwise. */
    void whileOn(String setting, Runnable what) {
        change(Map.of(setting, true));
        try {
            what.run();
        } finally {
            change(Map.of(setting, false));
        }
    }

    /** Does something while this required action can be used, which is off otherwise. */
    void whileActionIsOn(String action, Runnable what) {
        String path = path("/authentication/required-actions/" + action);
        Map<String, Object> configuration = fields(admin.get(path).expect(200).json());
        configuration.put("enabled", true);
        admin.put(path, configuration).expect(204);
        try {
            what.run();
        } finally {
            configuration.put("enabled", false);
            admin.put(path, configuration).expect(204);
        }
    }

    private static Map<String, Object> fields(JsonNode json) {
        Map<String, Object> fields = new HashMap<>();
        json.properties().forEach(field -> fields.put(field.getKey(), field.getValue()));
        return fields;
    }

    void policy(Map<String, ?> policy) {
        admin.put(realm.api("links/" + link), Map.of("policy", policy)).expect(200);
    }

    /** Creates somebody of the link's as an administrator does, who may say that the address is verified. */
    String user(String username, String email, boolean verified) {
        String user = admin.createUser(realm.name(), username, email, verified, ConnectedRealm.PASSWORD);
        if (!link.equals(REALM)) {
            join(user);
        }
        return user;
    }

    /** Makes a user a member of the organization. */
    void join(String user) {
        admin.addMember(realm.name(), link, user);
    }

    /** Has a mail sent that asks somebody to become a member of the organization. */
    void invite(String email) {
        admin.postForm(path("/organizations/" + link + "/members/invite-user"), Map.of("email", email))
                .expect(204);
    }

    /** Changes a user as an administrator does; what is not named stays. */
    void update(String user, Map<String, ?> changes) {
        admin.put(path("/users/" + user), changes).expect(204);
    }

    /** Gives a user a password who came without one. */
    void setPassword(String user) {
        admin.put(
                        path("/users/" + user + "/reset-password"),
                        Map.of("type", "password", "value", ConnectedRealm.PASSWORD, "temporary", false))
                .expect(204);
    }

    /** Changes the address of somebody who is signed in, as the account console does. */
    void changeAccount(Delegated member, String email) {
        AdminClient.as(server, member::tokens)
                .post(
                        "/realms/" + realm.name() + "/account",
                        Map.of(
                                "username",
                                member.username(),
                                "email",
                                email,
                                "firstName",
                                member.username(),
                                "lastName",
                                "Test"))
                .expect(204);
    }

    void remove(String user) {
        admin.delete(path("/users/" + user)).expect(204);
    }

    /** Has mail sent to the user's address that asks for these actions, as an administrator does. */
    void requestActions(String user, String... actions) {
        admin.put(path("/users/" + user + "/execute-actions-email"), actions).expect(204);
    }

    JsonNode found(String username) {
        JsonNode users = admin.get(path("/users?exact=true&username=" + username))
                .expect(200)
                .json();
        assertThat(users).hasSize(1);
        return users.get(0);
    }

    String id(String username) {
        return found(username).get("id").asText();
    }

    void assertVerified(String user, boolean verified) {
        assertThat(admin.get(path("/users/" + user))
                        .expect(200)
                        .json()
                        .get("emailVerified")
                        .asBoolean())
                .isEqualTo(verified);
    }

    Tokens signIn(String username) {
        return realm.consumer().directGrant(username, ConnectedRealm.PASSWORD);
    }

    /** The owner of the user's address clicks the link in a mail that asks for nothing but that. */
    void prove(String user, String address) {
        admin.put(path("/users/" + user + "/send-verify-email"), null).expect(204);
        Page page = mail.follow(new Browser(), address);
        assertThat(page.status()).as("%s", page).isEqualTo(200);
        assertVerified(user, true);
    }

    /** Creates a user whose address suffices as far as this realm's link is concerned. */
    String proven(String name) {
        String user = user(name, address(name), proof == Proof.KEYCLOAK);
        if (proof == Proof.OWNER) {
            prove(user, address(name));
        }
        return user;
    }

    Delegated delegated(String name) {
        String user = proven(name);
        return delegated(user, name, signIn(name));
    }

    /** Waits until a user who signed in with an address of this name is delegated. */
    Delegated delegated(String user, String name, Tokens tokens) {
        assertAsked(user, address(name));
        String served = assertServed(tokens, address(name));
        return new Delegated(
                user, name, address(name), tokens, served, revocations().size());
    }

    Answer token(Tokens tokens) {
        return realm.token(tokens.accessToken());
    }

    /** The application gets a token for this mailbox. */
    String assertServed(Tokens tokens, String mailbox) {
        JsonNode served = token(tokens).expect(200).json();
        assertThat(served.get("mailbox").asText()).isEqualTo(mailbox);
        return served.get("access_token").asText();
    }

    /** The application is told that somebody has to act, or that the new mailbox is on its way, and gets nothing. */
    void assertNotServed(Tokens tokens) {
        Answer answer = token(tokens);
        assertThat(answer.status()).as(answer.text()).isIn(401, 403, 409);
        assertThat(answer.json().has("access_token")).isFalse();
    }

    /** Whatever the application gets, it is not for this mailbox. */
    void assertNotServed(Tokens tokens, String mailbox) {
        assertThat(token(tokens).json().path("mailbox").asText()).isNotEqualTo(mailbox);
    }

    void assertDenied(Tokens tokens, String reason) {
        JsonNode denied = token(tokens).expect(403).json();
        assertThat(denied.get("error").asText()).isEqualTo("access_denied");
        assertThat(denied.get("error_description").asText()).isEqualTo(reason);
    }

    /** The member's own token is worth nothing any more. */
    void assertSignedOut(Tokens tokens) {
        assertThat(token(tokens).expect(401).json().get("error").asText()).isEqualTo("invalid_token");
    }

    /** One ask has come for the mailbox, and was right. */
    void assertAsked(String user, String mailbox) {
        assertGranted(user, mailbox);
        assertAsks(mailbox, 1);
    }

    /** A second ask has come for the mailbox, and was right. */
    void assertAskedAgain(String user, String mailbox) {
        assertGranted(user, mailbox);
        assertAsks(mailbox, 2);
    }

    void assertAsks(String mailbox, int asks) {
        assertThat(cronofy.asks(mailbox)).hasSize(asks);
    }

    private void assertGranted(String user, String mailbox) {
        await().atMost(LONG).untilAsserted(() -> {
            JsonNode member = realm.member(user);
            assertThat(member.get("state").asText()).as("%s", member).isEqualTo("granted");
            assertThat(member.get("mailbox").asText()).isEqualTo(mailbox);
        });
        assertThat(cronofy.live(mailbox)).isTrue();
        rightlyAsked.add(mailbox);
    }

    /** Nothing was asked so far; {@link #assertNothingElse()} makes sure that nothing came later. */
    void assertNotAsked(String user, String mailbox, String reason) {
        JsonNode member = realm.member(user);
        assertThat(member.path("reason").asText()).as("%s", member).isEqualTo(reason);
        assertThat(cronofy.asks(mailbox)).isEmpty();
    }

    /** The gate lets a user with a verified address through, or not, as the proof is asked for; he has signed in. */
    void assertAskedWhereFlagSuffices(String user, String mailbox) {
        if (proof == Proof.KEYCLOAK) {
            assertAsked(user, mailbox);
        } else {
            assertNotAsked(user, mailbox, "address_not_proven");
        }
    }

    /**
     * The change of a member's address ends the delegation at once, whatever Cronofy does, and the new address counts
     * for as much as there is for it.
     */
    void assertStartsAnew(Delegated member, String next, Evidence evidence, Runnable change) {
        assertEnds(member, change);
        Tokens tokens = signIn(member.username());
        switch (evidence) {
            case NONE -> {
                assertNotAsked(member.id(), next, "email_not_verified");
                prove(member.id(), next);
                tokens = signIn(member.username());
                assertAsked(member.id(), next);
                assertServed(tokens, next);
            }
            case FLAG -> {
                assertAskedWhereFlagSuffices(member.id(), next);
                if (proof == Proof.KEYCLOAK) {
                    assertServed(tokens, next);
                } else {
                    assertDenied(tokens, "address_not_proven");
                }
            }
            case OWNER -> {
                assertAsked(member.id(), next);
                assertServed(tokens, next);
            }
        }
    }

    /**
     * What happens has the delegation refused at once and ended before Cronofy has done anything, and has it revoked once.
     */
    void assertEnds(Delegated member, Runnable what) {
        cronofy.simulator()
                .addFault(
                        Fault.on("POST", REVOKE).containing(realm.name()).hang().build());
        try {
            what.run();
            assertNotServed(member.tokens());
            await().atMost(LONG).untilAsserted(() -> assertThat(orders()).isEqualTo(member.revocationsBefore() + 1));
            assertThat(cronofy.live(member.mailbox())).isTrue();
        } finally {
            cronofy.simulator().clearFaults();
        }
        assertRevoked(member);
    }

    /** One revocation has come for the member's mailbox. */
    void assertRevoked(Delegated member) {
        await().atMost(LONG).untilAsserted(() -> assertThat(cronofy.live(member.mailbox()))
                .as(member.mailbox())
                .isFalse());
        assertThat(revocations()).hasSize(member.revocationsBefore() + 1);
        rightlyRevoked++;
    }

    void assertNotRevoked(Delegated member) {
        assertThat(cronofy.live(member.mailbox())).isTrue();
        assertThat(revocations()).hasSize(member.revocationsBefore());
    }

    /** How many orders to revoke there have been, carried out or not. */
    private int orders() {
        return admin.get(realm.api("revocations"))
                .expect(200)
                .json()
                .get("total")
                .asInt();
    }

    private List<ReceivedRequest> revocations() {
        return cronofy.simulator().requests("POST", REVOKE).stream()
                .filter(request -> realm.name().equals(request.parameter("client_id")))
                .toList();
    }

    /** Besides what was right nothing came to the simulator, not even while somebody who signed in last was served. */
    void assertNothingElse() {
        String witness = proven("witness");
        signIn("witness");
        assertAsked(witness, address("witness"));
        assertThat(cronofy.asksNaming("@" + domain()).stream()
                        .flatMap(ask -> AtCronofy.mailboxes(ask).stream())
                        .distinct())
                .containsExactlyInAnyOrderElementsOf(rightlyAsked);
        assertThat(revocations()).hasSize(rightlyRevoked);
    }
}
