package io.github.enterpriseconnect.integration.harness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.enterpriseconnect.simulator.Simulator;
import java.time.Duration;
import java.util.Map;

/**
 * A realm with very many linked organizations, each with as many members. One is made by Keycloak and Enterprise
 * Connect themselves; the others are copies of its rows. Their tokens do not open, so they are good for looking at
 * only.
 *
 * @param first id of the organization that is no copy
 */
public record ManyOrganizations(ConnectedRealm realm, String first) {
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    /** Founds them in a realm of their own. */
    public static ManyOrganizations of(
            int organizations,
            int members,
            KeycloakServer server,
            AdminClient admin,
            Simulator simulator,
            Database database) {
        ConnectedRealm realm = ConnectedRealm.create(
                server, admin, simulator, AdminClient.newRealmName(ManyOrganizations.class), true);
        String first = realm.organization("company-0", "company-0.test");
        realm.link(first, "company-0.test");
        String user = realm.member(first, "member-0", "member-0@company-0.test").id();
        realm.consumer().directGrant("member-0", ConnectedRealm.PASSWORD);
        await().atMost(PATIENCE)
                .untilAsserted(() ->
                        assertThat(realm.member(user).get("state").asText()).isEqualTo("granted"));

        String group = database.text("select GROUP_ID from ORG where ID = ?", first);
        String organization = copy(first, "n.X");
        String domain = "'company-' || n.X || '.test'";
        database.multiply(
                "ORG",
                "ID",
                first,
                copies(
                        organizations,
                        Map.of(
                                "ID",
                                organization,
                                "GROUP_ID",
                                copy(group, "n.X"),
                                "NAME",
                                "'company-' || n.X",
                                "ALIAS",
                                "'company-' || n.X")));
        database.multiply(
                "KEYCLOAK_GROUP",
                "ID",
                group,
                copies(organizations, Map.of("ID", copy(group, "n.X"), "NAME", organization, "ORG_ID", organization)));
        database.multiply(
                "ORG_DOMAIN",
                "ORG_ID",
                first,
                copies(
                        organizations,
                        Map.of(
                                "ID",
                                "substring(t.ID, 1, 24) || lpad(n.X, 12, '0')",
                                "NAME",
                                domain,
                                "ORG_ID",
                                organization)));
        String link = database.text("select ID from EC_LINK where NAME = ?", first);
        database.multiply(
                "EC_LINK",
                "ID",
                link,
                copies(
                        organizations,
                        Map.of(
                                "ID",
                                copy(link, "n.X"),
                                "NAME",
                                organization,
                                "SERVICE_ACCOUNT",
                                "t.SERVICE_ACCOUNT || n.X",
                                "ACCOUNT_DOMAIN",
                                domain)));
        database.multiply(
                "EC_LINK_DOMAIN",
                "LINK_ID",
                link,
                copies(organizations, Map.of("LINK_ID", copy(link, "n.X"), "NAME", domain)));

        String ofItsOrganization = "mod(n.X, " + organizations + ")";
        String mailbox = "'member-' || n.X || '@company-' || " + ofItsOrganization + " || '.test'";
        database.multiply(
                "USER_ENTITY",
                "ID",
                user,
                copies(
                        members,
                        Map.of(
                                "ID",
                                copy(user, "n.X"),
                                "USERNAME",
                                "'member-' || n.X",
                                "EMAIL",
                                mailbox,
                                "EMAIL_CONSTRAINT",
                                mailbox)));
        database.multiply(
                "USER_GROUP_MEMBERSHIP",
                "USER_ID",
                user,
                copies(
                        members,
                        Map.of("USER_ID", copy(user, "n.X"), "GROUP_ID", orTheFirst(ofItsOrganization, group))));
        database.multiply(
                "EC_DELEGATION",
                "USER_ID",
                user,
                copies(
                        members,
                        Map.of(
                                "ID",
                                "substring(t.ID, 1, 24) || lpad(n.X, 12, '0')",
                                "USER_ID",
                                copy(user, "n.X"),
                                "MAILBOX",
                                mailbox,
                                "LINK_NAME",
                                orTheFirst(ofItsOrganization, first),
                                "SUBJECT",
                                "t.SUBJECT || '-' || n.X",
                                "TICKET_HASH",
                                "null")));
        return new ManyOrganizations(realm, first);
    }

    private static RowCopy copies(int rows, Map<String, String> changed) {
        return new RowCopy(1, rows - 1, changed);
    }

    /** The id of the copy with this number. */
    private static String copy(String id, String number) {
        return "'" + id.substring(0, 24) + "' || lpad(" + number + ", 12, '0')";
    }

    private static String orTheFirst(String number, String id) {
        return "case " + number + " when 0 then '" + id + "' else " + copy(id, number) + " end";
    }
}
