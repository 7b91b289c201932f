package io.github.enterpriseconnect.plans;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.List;

/**
 * Keycloak's tables as far as we read them, and rows of so many members who are at rest: nearly all of them delegated,
 * some refused, ended or waiting, and nothing of it due within a day, but for calendars that are to be looked at in two realms. However many they are, a session is seen every two
 * seconds. Nine of ten belong to one realm, and half of them to one link.
 */
final class Crowd {
    static final String USER = "user-";
    static final int REALMS = 11;

    /** The attribute that everybody has a calendar name in. */
    static final String NAMES = "userPrincipalName";

    /** With the keys and indexes that Keycloak's changelog gives them. */
    private static final List<String> KEYCLOAKS = List.of(
            "create table REALM (ID varchar(36) not null primary key)",
            "create table USER_ENTITY (ID varchar(36) not null primary key, EMAIL varchar(255),"
                    + " EMAIL_CONSTRAINT varchar(255), FEDERATION_LINK varchar(255), REALM_ID varchar(255),"
                    + " USERNAME varchar(255), SERVICE_ACCOUNT_CLIENT_LINK varchar(255),"
                    + " unique (REALM_ID, EMAIL_CONSTRAINT), unique (REALM_ID, USERNAME))",
            "create index IDX_USER_EMAIL on USER_ENTITY (EMAIL)",
            "create index IDX_USER_SERVICE_ACCOUNT on USER_ENTITY (REALM_ID, SERVICE_ACCOUNT_CLIENT_LINK)",
            "create table USER_GROUP_MEMBERSHIP (GROUP_ID varchar(36) not null, USER_ID varchar(36) not null,"
                    + " MEMBERSHIP_TYPE varchar(255), primary key (GROUP_ID, USER_ID))",
            "create index IDX_USER_GROUP_MAPPING on USER_GROUP_MEMBERSHIP (USER_ID)",
            "create table ORG (ID varchar(255) not null primary key, REALM_ID varchar(255), GROUP_ID varchar(255),"
                    + " NAME varchar(255), unique (REALM_ID, NAME), unique (GROUP_ID))",
            "create table FED_USER_GROUP_MEMBERSHIP (GROUP_ID varchar(36) not null, USER_ID varchar(255) not null,"
                    + " REALM_ID varchar(36), STORAGE_PROVIDER_ID varchar(36), primary key (GROUP_ID, USER_ID))",
            "create index IDX_FU_GROUP_MEMBERSHIP on FED_USER_GROUP_MEMBERSHIP (USER_ID, GROUP_ID)",
            "create index IDX_FU_GROUP_MEMBERSHIP_RU on FED_USER_GROUP_MEMBERSHIP (REALM_ID, USER_ID)",
            "create table USER_ATTRIBUTE (ID varchar(36) not null primary key, NAME varchar(255) not null,"
                    + " VALUE varchar(255), USER_ID varchar(36) not null, LONG_VALUE_HASH bytea,"
                    + " LONG_VALUE_HASH_LOWER_CASE bytea, LONG_VALUE text)",
            "create index IDX_USER_ATTRIBUTE on USER_ATTRIBUTE (USER_ID)",
            "create index IDX_USER_ATTRIBUTE_NAME on USER_ATTRIBUTE (NAME, VALUE)",
            "create table FED_USER_ATTRIBUTE (ID varchar(36) not null primary key, NAME varchar(255) not null,"
                    + " USER_ID varchar(255) not null, REALM_ID varchar(36), STORAGE_PROVIDER_ID varchar(36), VALUE varchar(2024))",
            "create index IDX_FU_ATTRIBUTE on FED_USER_ATTRIBUTE (USER_ID, REALM_ID, NAME)",
            "create table USER_REQUIRED_ACTION (USER_ID varchar(36) not null, REQUIRED_ACTION varchar(255) not null,"
                    + " primary key (REQUIRED_ACTION, USER_ID))",
            "create index IDX_USER_REQACTIONS on USER_REQUIRED_ACTION (USER_ID)",
            "create table FED_USER_REQUIRED_ACTION (REQUIRED_ACTION varchar(255) not null, USER_ID varchar(255) not null,"
                    + " REALM_ID varchar(36), STORAGE_PROVIDER_ID varchar(36), primary key (REQUIRED_ACTION, USER_ID))",
            "create table OFFLINE_USER_SESSION (USER_SESSION_ID varchar(36) not null, USER_ID varchar(255),"
                    + " REALM_ID varchar(36), CREATED_ON int, OFFLINE_FLAG varchar(4) not null, DATA text,"
                    + " LAST_SESSION_REFRESH int, primary key (USER_SESSION_ID, OFFLINE_FLAG))",
            "create index IDX_OFFLINE_USS_BY_USER on OFFLINE_USER_SESSION (USER_ID, REALM_ID, OFFLINE_FLAG)",
            "create index IDX_OFFLINE_USS_BY_LAST_SESSION_REFRESH on OFFLINE_USER_SESSION"
                    + " (REALM_ID, OFFLINE_FLAG, LAST_SESSION_REFRESH)");

    private final int members;
    private final String application;
    private final Instant now;

    /** @param application key of the one that all links are of */
    Crowd(int members, String application, Instant now) {
        this.members = members;
        this.application = application;
        this.now = now;
    }

    static void createTablesOfKeycloak(Connection connection) throws SQLException {
        execute(connection, KEYCLOAKS);
    }

    private static void execute(Connection connection, List<String> statements) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String one : statements) {
                statement.execute(one);
            }
        }
    }

    static String realm(int number) {
        return "realm-" + number;
    }

    /** Writes the rows, and has PostgreSQL learn what there is. */
    void settle(Connection connection) throws SQLException {
        execute(
                connection,
                List.of(
                        """
                        create view CROWD as select i, md5('member ' || i)::uuid::text as id,
                          'user-' || i as member, 'user-' || i || '@acme.example' as mailbox,
                          case when i %% 10 < 9 then 'realm-1' else 'realm-' || (2 + (i / 10) %% 10) end as realm,
                          case when i %% 2 = 0 then 'large' else 'org-' || i end as link,
                          i %% 100 as kind, '%2$s'::text as application, %3$d::bigint as now, 86400000::bigint as day
                          from generate_series(1, %1$d) as i
                        """.formatted(members, application, now.toEpochMilli()),
                        """
                        insert into EC_DELEGATION (ID, VERSION, REALM_ID, APPLICATION, MAILBOX, LINK_NAME, USER_ID, STATE,
                            REASON, NEXT_ATTEMPT_AT, ASKED_AT, GRANTED_AT, SUBJECT, TICKET_HASH, LIVE, SERVICE_ACCOUNT,
                            HISTORY, EXAMINED_AT, LOOK_AT, CHANGED_AT)
                          select id, 3, realm, application, mailbox, link, member,
                            case when kind < 90 then 'GRANTED' when kind < 94 then 'REVOKED' when kind < 98 then 'REFUSED'
                              else 'ASKED' end,
                            case when kind < 90 then null when kind < 94 then 'LEFT_ORGANIZATION' else 'NO_ANSWER' end,
                            case when kind < 94 then null else now + day + i end,
                            now - 40 * day, case when kind < 94 then now - 40 * day end,
                            case when kind < 94 then 'acc_' || i end, md5('ticket ' || i), kind < 90,
                            case when kind < 94 then 'ser_' || link end, repeat((now - 41 * day) || ' ASKED' || chr(10), 4) || (now - 40 * day) || ' GRANTED',
                            case when kind < 90 then now + day + i when kind < 94 then now - (i % 29) * day else 0 end,
                            case when kind < 90 then now + day + i end,
                            case when i % 4 = 0 then 0 else now - i % 40 * day end
                          from CROWD
                        """,
                        """
                        insert into EC_DEPARTURE (ID, VERSION, REALM_ID, LINK_NAME, USER_ID, DELEGATION_ID, REASON, CHANGED_AT)
                          select id, 0, realm, link, 'user-d' || i, md5('departed ' || i)::uuid::text, 'USER_REMOVED',
                            now - i % 29 * day
                          from CROWD
                        """,
                        """
                        insert into EC_WATCH (ID, VERSION, REALM_ID, SUBJECT, TICKET_HASH, CALLBACK_URL, BASE_HASH, CHANNEL,
                            OPENED_AT, CALLED, NEXT_AT)
                          select id, 2, realm, 'acc_' || i, md5('watch ' || i), repeat('u', 300), base, 'chn_' || i,
                            now - day, false, case when realm in ('realm-2', 'realm-3') then now - i else now + day + i end
                          from CROWD, (select realm as place,
                            encode(sha256(('https://id.example.com' || chr(10) || realm)::bytea), 'hex') as base
                            from CROWD group by realm) as BASES
                          where kind < 90 and place = realm
                        """,
                        """
                        insert into EC_LINK (ID, VERSION, REALM_ID, NAME, STATE, APPLICATION, SERVICE_ACCOUNT,
                            ACCOUNT_DOMAIN, SCOPE, DELEGATED_SCOPE, BASE_URL, LINKED_AT, CREDENTIAL, REVOCATION_ORDER, POLICY,
                            ACCOUNT_ASKED_AT, ACCOUNT_LOOK_AT)
                          select md5('link ' || realm || link)::uuid::text, 2, realm, link, 'ACTIVE', application,
                            'ser_' || link, 'acme.example', 'service_account/accounts/manage', 'read_write',
                            'https://id.example.com', min(now - i * 1000), repeat('c', 1200), repeat('o', 900),
                            case when min(i) % 50 = 0 then '{}' end, min(now), case when realm = 'realm-2' then min(now) - 1 end
                          from CROWD group by realm, link, application
                        """,
                        """
                        insert into EC_LINK_DOMAIN (LINK_ID, NAME, APPROVED)
                          select ID, 'acme.example', true from EC_LINK
                        """,
                        """
                        insert into EC_MEMBER (ID, VERSION, REALM_ID, USER_ID, PROVEN_MAILBOX, PROVEN_BY, PROVEN_AT)
                          select id, 0, realm, member, mailbox, 'VERIFY_EMAIL', now - day from CROWD
                        """,
                        """
                        insert into EC_NOTICE (ID, VERSION, REALM_ID, CREATED_AT, ATTEMPTS)
                          select id, 1, realm, now - i % 400 * day, 1 from CROWD where kind < 90
                        """,
                        """
                        insert into EC_TOKEN_USE (ID, VERSION, REALM_ID, USER_ID, CLIENT_ID, USED_RIGHT, LINK_NAME, LAST_AT)
                          select id, 9, realm, member, 'another-app', 'MEMBER', link, now - i % 80 * day from CROWD
                        """,
                        """
                        insert into EC_REVOCATION (ID, VERSION, REALM_ID, APPLICATION, SUBJECT, MAILBOX, REVOCATION_ORDER,
                            STATE, ATTEMPTS, CREATED_AT, NEXT_ATTEMPT_AT, ENDED_AT, LINK_NAME, USER_ID, REASON, COVER_ID, PROBLEM)
                          select id, 2, realm, application, 'former_' || i, 'former-' || mailbox, repeat('o', 900),
                            case when kind < 97 then 'DELIVERED' when kind < 99 then 'PENDING' else 'KEPT' end, 1,
                            now - i % 80 * day, case when kind < 97 then now - i % 80 * day else now + day end,
                            case when kind < 97 or kind = 99 then now - i % 80 * day end, link, member, 'LEFT_ORGANIZATION',
                            case when kind = 97 then md5('member ' || (i + 1))::uuid::text end,
                            case when kind = 98 and i % 1000 < 100 then 'UNAVAILABLE' end
                          from CROWD
                        """,
                        """
                        insert into EC_NOTIFICATION (ID, VERSION, REALM_ID, CLIENT_ID, LINE, TURN, TXN, KIND, SUBJECT_TYPE,
                            SUBJECT_ID, LINK_NAME, REASON, HAPPENED_AT, CREATED_AT, STATE, ATTEMPTS, NEXT_AT)
                          select id, 2, realm, 'calendar-app', md5('line ' || i), 1, id, 'ENDED', 'MEMBER', member, link,
                            'LEFT_ORGANIZATION', now - i % 29 * day, now - i % 29 * day,
                            case when kind < 50 then 'UNDELIVERABLE' else 'PENDING' end, 3,
                            case when kind < 50 then null else now + day + i end
                          from CROWD
                        """,
                        """
                        insert into EC_INVITATION (ID, VERSION, REALM_ID, LINK_NAME, TICKET_HASH, CREATED_BY, CREATED_AT,
                            EXPIRES_AT, USED_AT)
                          select id, 1, realm, link, md5('invitation ' || i), 'admin', now - 30 * day, now - i % 29 * day,
                            now - 29 * day
                          from CROWD
                        """,
                        """
                        insert into EC_WAITING (ID, VERSION, REALM_ID, LINK_NAME, USER_ID, SIGNED_IN, SINCE, ATTEMPTS,
                            NEXT_ATTEMPT_AT)
                          select id, 0, realm, link, 'user-w' || i, true, now - i, 1, now + day from CROWD
                        """,
                        """
                        insert into EC_CHANGE (ID, VERSION, REALM_ID, KIND, USER_ID, CREATED_AT, ATTEMPTS, NEXT_ATTEMPT_AT)
                          select id, 0, realm, 'user_changed', 'user-c' || i, now - i, 1, now + day from CROWD
                        """,
                        """
                        insert into EC_BACKFILL (ID, VERSION, REALM_ID, LINK_NAME, RUN, STATE, STARTED_AT, ENDED_AT, TOTAL)
                          select ID, 9, REALM_ID, NAME, md5('run ' || ID)::uuid::text, 'FINISHED', 0, 1, 10 from EC_LINK
                        """,
                        """
                        insert into EC_VERIFICATION (ID, VERSION, REALM_ID, LINK_NAME, RUN, APPLICATION, SERVICE_ACCOUNT, MAILBOX,
                            OUTCOME, STARTED_AT, ENDED_AT, NEXT_AT, TICKET_HASH)
                          select ID, 4, REALM_ID, NAME, md5('verification ' || ID)::uuid::text, APPLICATION, SERVICE_ACCOUNT,
                            'p@acme.example', 'PROVEN', 0, 1, null, md5('verified ' || ID) from EC_LINK
                        """,
                        """
                        insert into EC_REPLACEMENT (ID, VERSION, REALM_ID, LINK_NAME, STATE, SUCCESSOR, STARTED_AT, STARTED_BY,
                            ENDED_AT, APPLICATION, SERVICE_ACCOUNT)
                          select ID, 9, REALM_ID, NAME, 'FINISHED', SERVICE_ACCOUNT, 0, 'admin', 1, APPLICATION,
                            'former_' || SERVICE_ACCOUNT from EC_LINK
                        """,
                        """
                        insert into EC_MOVE (ID, VERSION, REALM_ID, DELEGATION_ID, LINK_NAME, USER_ID, APPLICATION, MAILBOX,
                            STATE, TOUCHED_AT, FORMER_SUBJECT, ASKED_THROUGH, TICKET_HASH)
                          select md5('move ' || i)::uuid::text, 4, realm, id, link, member, application, mailbox, 'MOVED',
                            now - i % 6 * day, 'before_' || i, 'ser_' || link, md5('moved ' || i)
                          from CROWD where kind < 90
                        """,
                        """
                        insert into EC_RESOURCE (ID, VERSION, REALM_ID, LINK_NAME, APPLICATION, MAILBOX, NAME, CAPACITY, NAMED,
                            WANTED, LISTED_AT, CHANGED_AT, STATE, REASON, ATTEMPTS, NEXT_ATTEMPT_AT, ASKED_AT, GRANTED_AT,
                            SUBJECT, LIVE, SERVICE_ACCOUNT, CREDENTIAL, ASKED_THROUGH, TICKET_HASH)
                          select md5('room ' || i)::uuid::text, 3, realm, link, application, 'room-' || i || '@acme.example',
                            'Room ' || i, 8, kind = 99, kind < 90, now - day + i, now - i % 40 * day,
                            case when kind < 80 then 'GRANTED' when kind < 90 then 'REFUSED' else 'NONE' end,
                            case when kind between 80 and 89 then 'NO_ANSWER' end, 1,
                            case when kind between 80 and 89 then now + 2 * day + i end,
                            case when kind < 90 then now - 40 * day end, case when kind < 80 then now - 40 * day end,
                            case when kind < 80 then 'acc_room_' || i end, kind < 80,
                            case when kind < 80 then 'ser_' || link end, case when kind < 80 then repeat('c', 1200) end,
                            case when kind < 90 then 'ser_' || link end, case when kind < 90 then md5('asked ' || i) end
                          from CROWD
                        """,
                        """
                        insert into EC_RESOURCE_LIST (ID, VERSION, REALM_ID, LINK_NAME, DELEGATE_ALL, NEXT_AT, LISTED_AT)
                          select ID, 1, REALM_ID, NAME, false, now + 3 * 86400000::bigint, now from EC_LINK,
                            (select max(now) as now from CROWD) as MOMENT
                        """,
                        "insert into USER_ENTITY (ID, REALM_ID, EMAIL, EMAIL_CONSTRAINT, USERNAME)"
                                + " select member, realm, mailbox, mailbox, mailbox from CROWD",
                        "insert into USER_ATTRIBUTE (ID, NAME, VALUE, USER_ID)" + " select 'upn-' || i, '" + NAMES
                                + "', 'User.' || i || '@acme.example', member from CROWD",
                        "insert into USER_ATTRIBUTE (ID, NAME, VALUE, USER_ID)"
                                + " select name || i, name, 'any', member from CROWD, unnest(array['locale', 'department',"
                                + " 'enterprise-connect.state', 'enterprise-connect.link', 'enterprise-connect.mark']) as name",
                        "insert into USER_ATTRIBUTE (ID, NAME, LONG_VALUE, USER_ID)"
                                + " select 'credential-' || i, 'enterprise-connect.credential', repeat('c', 1200), member from CROWD",
                        "insert into ORG (ID, REALM_ID, NAME, GROUP_ID)"
                                + " select md5(REALM_ID || NAME), REALM_ID, NAME, ID from EC_LINK",
                        "insert into USER_GROUP_MEMBERSHIP (GROUP_ID, USER_ID)"
                                + " select md5('link ' || realm || link)::uuid::text, member from CROWD",
                        "insert into FED_USER_GROUP_MEMBERSHIP (GROUP_ID, USER_ID, REALM_ID)"
                                + " select md5('link ' || realm || link)::uuid::text, 'f:ldap:' || i, realm from CROWD",
                        "insert into USER_REQUIRED_ACTION select member, 'UPDATE_PASSWORD' from CROWD",
                        "insert into FED_USER_REQUIRED_ACTION select 'UPDATE_PASSWORD', 'f:ldap:' || i, realm, 'ldap' from CROWD",
                        "insert into OFFLINE_USER_SESSION"
                                + " select id, member, realm, (now / 1000 - 4 * i)::int, '0', repeat('d', 400),"
                                + " (now / 1000 - 2 * i)::int from CROWD",
                        "vacuum analyze"));
    }
}
