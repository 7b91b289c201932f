package io.github.enterpriseconnect.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.enterpriseconnect.integration.harness.AdminClient;
import io.github.enterpriseconnect.integration.harness.ConnectedRealm;
import io.github.enterpriseconnect.integration.harness.Database;
import io.github.enterpriseconnect.integration.harness.KeycloakServer;
import io.github.enterpriseconnect.integration.harness.RowCopy;
import io.github.enterpriseconnect.simulator.ReceivedRequest;
import io.github.enterpriseconnect.simulator.Simulator;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * A realm with one linked organization of very many members, all delegated. The first few are so by Keycloak and
 * Enterprise Connect themselves. As Cronofy's allowance would make everybody else take half an hour, the others are
 * copies of every row of the first one, each with an identity of its own also inside the sealed credential.
 */
record LargeOrganization(
        AdminClient admin,
        Simulator simulator,
        Database database,
        ConnectedRealm realm,
        String realmId,
        String id,
        Map<String, String> accessTokens) {
    private static final int GENUINE = 10;
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final String CREDENTIAL = "enterprise-connect.credential";

    /** Founds it in a realm of its own, with an application of its own at Cronofy. */
    static LargeOrganization of(
            int members, KeycloakServer server, AdminClient admin, Simulator simulator, Database database) {
        ConnectedRealm realm = ConnectedRealm.create(
                server, admin, simulator, AdminClient.newRealmName(LargeOrganizationTrial.class), true);
        simulator.addApplication(realm.name(), "secret");
        Map<String, Object> settings = new HashMap<>(realm.settings());
        settings.put("clientId", realm.name());
        settings.put("clientSecret", "secret");
        admin.put(realm.api("settings"), settings).expect(204);
        admin.put("/admin/realms/" + realm.name(), Map.of("accessTokenLifespan", 3600))
                .expect(204);
        String domain = realm.name() + ".test";
        String id = realm.organization("large", domain);
        realm.link(id, domain);
        LargeOrganization large = new LargeOrganization(
                admin,
                simulator,
                database,
                realm,
                admin.get("/admin/realms/" + realm.name())
                        .expect(200)
                        .json()
                        .get("id")
                        .asText(),
                id,
                new LinkedHashMap<>());
        for (int i = 0; i < GENUINE; i++) {
            large.delegate(i);
        }
        large.multiply(members);
        for (int i = members / GENUINE - 1; i < members; i += members / GENUINE) {
            large.accessTokens.put(name(i), large.signIn(i));
        }
        return large;
    }

    private static String name(int member) {
        return "member-" + member;
    }

    String domain() {
        return realm.name() + ".test";
    }

    private String signIn(int member) {
        return realm.consumer()
                .directGrant(name(member), ConnectedRealm.PASSWORD)
                .accessToken();
    }

    private void delegate(int member) {
        realm.member(id, name(member), name(member) + "@" + domain());
        String accessToken = signIn(member);
        await().atMost(PATIENCE)
                .untilAsserted(
                        () -> assertThat(realm.token(accessToken).status()).isEqualTo(200));
        accessTokens.put(name(member), accessToken);
    }

    private void multiply(int members) {
        String user = database.text("select ID from USER_ENTITY where REALM_ID = ? and USERNAME = ?", realmId, name(0));
        String copyOfId = "substring(t.ID, 1, 24) || lpad(n.X, 12, '0')";
        String copyOfUser = "'" + user.substring(0, 24) + "' || lpad(n.X, 12, '0')";
        String mailbox = "'member-' || n.X || '@" + domain() + "'";
        Map<String, Map<String, String>> tables = new LinkedHashMap<>();
        tables.put("CREDENTIAL", Map.of("ID", copyOfId, "USER_ID", copyOfUser));
        tables.put("USER_GROUP_MEMBERSHIP", Map.of("USER_ID", copyOfUser));
        tables.put("USER_ROLE_MAPPING", Map.of("USER_ID", copyOfUser));
        tables.put(
                "USER_ATTRIBUTE",
                Map.of(
                        "ID",
                        copyOfId,
                        "USER_ID",
                        copyOfUser,
                        "LONG_VALUE_HASH",
                        "null",
                        "LONG_VALUE_HASH_LOWER_CASE",
                        "null"));
        tables.put(
                "EC_DELEGATION",
                Map.of(
                        "ID",
                        copyOfId,
                        "USER_ID",
                        copyOfUser,
                        "MAILBOX",
                        mailbox,
                        "SUBJECT",
                        "t.SUBJECT || '-' || n.X",
                        "TICKET_HASH",
                        "null"));
        database.multiply(
                "USER_ENTITY",
                "ID",
                user,
                new RowCopy(
                        GENUINE,
                        members - 1,
                        Map.of(
                                "ID",
                                copyOfId,
                                "USERNAME",
                                "'member-' || n.X",
                                "EMAIL",
                                mailbox,
                                "EMAIL_CONSTRAINT",
                                mailbox)));
        tables.forEach((table, changed) ->
                database.multiply(table, "USER_ID", user, new RowCopy(GENUINE, members - 1, changed)));
        sealAnew(user);
    }

    /** Gives every copy the first member's credential as if it had been sealed for the copy. */
    private void sealAnew(String user) {
        Seal seal = new Seal(database.text(
                "select g.\"VALUE\" from COMPONENT c join COMPONENT_CONFIG g on g.COMPONENT_ID = c.ID"
                        + " where c.REALM_ID = ? and c.PROVIDER_ID = 'aes-generated' and g.NAME = 'secret'",
                realmId));
        String first = database.text(
                "select LONG_VALUE from USER_ATTRIBUTE where USER_ID = ? and NAME = '" + CREDENTIAL + "'", user);
        String subject = database.text("select SUBJECT from EC_DELEGATION where USER_ID = ?", user);
        String content = seal.open(first);
        try (PreparedStatement copies = database.prepare(
                        "select USER_ID, MAILBOX, SUBJECT from EC_DELEGATION where REALM_ID = ? and SUBJECT like ?",
                        realmId,
                        subject + "-%");
                ResultSet copy = copies.executeQuery();
                PreparedStatement update = database.prepare(
                        "update USER_ATTRIBUTE set LONG_VALUE = ? where USER_ID = ? and NAME = '" + CREDENTIAL + "'")) {
            while (copy.next()) {
                update.setString(
                        1,
                        seal.close(
                                first,
                                content.replace(user, copy.getString(1))
                                        .replace(name(0) + "@" + domain(), copy.getString(2))
                                        .replace(subject, copy.getString(3))));
                update.setString(2, copy.getString(1));
                update.addBatch();
            }
            update.executeBatch();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** How many members still carry a credential. */
    long credentials() {
        return database.count(
                "select count(*) from USER_ATTRIBUTE a join USER_ENTITY u on u.ID = a.USER_ID"
                        + " where u.REALM_ID = ? and a.NAME = '" + CREDENTIAL + "'",
                realmId);
    }

    long delegations() {
        return database.count(
                "select count(*) from EC_DELEGATION where APPLICATION = ? and (STATE <> 'REVOKED' or LIVE)",
                application());
    }

    long revocations(String state) {
        return database.count(
                "select count(*) from EC_REVOCATION where APPLICATION = ? and STATE = ?", application(), state);
    }

    /** Rows of a removed realm bear another realm id, but no other organization has this application. */
    private String application() {
        return "de:" + realm.name();
    }

    /** Nothing is left to do for anybody. */
    boolean forgotten() {
        return delegations() == 0 && revocations("PENDING") == 0 && credentials() == 0;
    }

    /** What was sent to Cronofy for this organization's application. */
    List<ReceivedRequest> sentRevocations() {
        return simulator.requests("POST", "/oauth/token/revoke").stream()
                .filter(request -> realm.name().equals(request.parameter("client_id")))
                .toList();
    }

    /** How many of the members who have signed in get a token. */
    long served() {
        return accessTokens.values().stream()
                .filter(accessToken -> realm.token(accessToken).status() == 200)
                .count();
    }

    /** Content encryption of a compact JWE under a known key; the header stays as it is. */
    private record Seal(SecretKeySpec key) {
        private static final int TAG = 16;

        Seal(String secret) {
            this(new SecretKeySpec(Base64.getUrlDecoder().decode(secret), "AES"));
        }

        String open(String jwe) {
            String[] part = jwe.split("\\.", -1);
            byte[] text = decode(part[3]);
            byte[] tag = decode(part[4]);
            byte[] sealed = new byte[text.length + tag.length];
            System.arraycopy(text, 0, sealed, 0, text.length);
            System.arraycopy(tag, 0, sealed, text.length, tag.length);
            return new String(run(Cipher.DECRYPT_MODE, part[0], decode(part[2]), sealed), StandardCharsets.UTF_8);
        }

        /** The vector is the other's, with the content's own hash in it, which is good enough for a test. */
        String close(String like, String content) {
            String[] part = like.split("\\.", -1);
            byte[] vector = decode(part[2]);
            int hash = content.hashCode();
            for (int i = 0; i < Integer.BYTES; i++) {
                vector[i] = (byte) (hash >>> (8 * i));
            }
            byte[] sealed = run(Cipher.ENCRYPT_MODE, part[0], vector, content.getBytes(StandardCharsets.UTF_8));
            byte[] text = new byte[sealed.length - TAG];
            byte[] tag = new byte[TAG];
            System.arraycopy(sealed, 0, text, 0, text.length);
            System.arraycopy(sealed, text.length, tag, 0, TAG);
            return part[0] + ".." + encode(vector) + "." + encode(text) + "." + encode(tag);
        }

        private byte[] run(int mode, String header, byte[] vector, byte[] input) {
            try {
                Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
                cipher.init(mode, key, new GCMParameterSpec(8 * TAG, vector));
                cipher.updateAAD(header.getBytes(StandardCharsets.US_ASCII));
                return cipher.doFinal(input);
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException(e);
            }
        }

        private static byte[] decode(String text) {
            return Base64.getUrlDecoder().decode(text);
        }

        private static String encode(byte[] bytes) {
            return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
        }
    }
}
