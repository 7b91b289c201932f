package io.github.enterpriseconnect.plans;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.github.enterpriseconnect.EnterpriseConnect;
import io.github.enterpriseconnect.core.Consumer;
import io.github.enterpriseconnect.core.CronofyException;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Mailbox;
import io.github.enterpriseconnect.core.Replacement;
import io.github.enterpriseconnect.core.Secret;
import io.github.enterpriseconnect.core.SignIn;
import io.github.enterpriseconnect.delegation.NoticeMail;
import io.github.enterpriseconnect.delegation.Replacements;
import io.github.enterpriseconnect.integration.harness.PostgresServer;
import io.github.enterpriseconnect.link.Invitations;
import io.github.enterpriseconnect.link.LinkAuthorization;
import io.github.enterpriseconnect.member.Roster;
import io.github.enterpriseconnect.member.RosterPosition;
import io.github.enterpriseconnect.middle.Middle;
import io.github.enterpriseconnect.middle.ScriptedCronofy.Call;
import io.github.enterpriseconnect.middle.TestRealm;
import io.github.enterpriseconnect.middle.TestUser;
import io.github.enterpriseconnect.platform.Worker;
import io.github.enterpriseconnect.realm.StrayActions;
import io.github.enterpriseconnect.settings.Settings;
import io.github.enterpriseconnect.storage.ActionOnUsers;
import io.github.enterpriseconnect.storage.Change;
import io.github.enterpriseconnect.storage.MemberDirectory;
import io.github.enterpriseconnect.storage.SessionDirectory;
import io.github.enterpriseconnect.storage.TestDatabase;
import io.github.enterpriseconnect.storage.TestTables;
import io.github.enterpriseconnect.storage.UserDirectory;
import io.github.enterpriseconnect.storage.WaitingMember;
import io.github.enterpriseconnect.token.AccessTokenRefused;
import io.github.enterpriseconnect.token.AccessTokenRequest;
import jakarta.persistence.Entity;
import jakarta.persistence.EntityManager;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.keycloak.connections.jpa.JpaConnectionProvider;
import org.keycloak.models.KeycloakSession;

/**
 * However many members there are, whatever goes on by itself, a sign-in and a fresh token read a few rows by an index. With
 * {@code -Dplans.rows=1000000} for as many. What was looked at is in {@code target/plans.txt}: each statement, whose it is,
 * and how many rows of tables that grow it read.
 */
class PlansIT {
    /** Up to this one, realms have calendars that are to be looked at once they are switched on again. */
    private static final int SWITCHED_OFF = 3;

    private static final int MEMBERS = Integer.getInteger("plans.rows", 10_000);

    /** Sweeps of what memory holds, and one that {@link #keycloaksTables} does. */
    private static final Set<String> ELSEWHERE =
            Set.of("Directories", "RenewedCredentials", "UnwrittenOutcomes", StrayActions.class.getSimpleName());

    private static PostgresServer server;
    private static Plans plans;
    private static Middle middle;

    @BeforeAll
    static void a_crowd_at_rest() throws SQLException {
        server = PostgresServer.start();
        plans = new Plans();
        try (Connection connection = server.connect()) {
            Crowd.createTablesOfKeycloak(connection);
        }
        TestDatabase database = TestDatabase.of(
                server.connect(),
                entitiesOfKeycloak(),
                Map.of("hibernate.connection.provider_class", new WatchedConnections(server::connect, plans)));
        middle = new Middle(new TestTables(database));
        try (Connection connection = server.connect()) {
            new Crowd(MEMBERS, middle.applicationKey(), middle.clock.instant()).settle(connection);
        }
        people(middle.realm);
        for (int number = 2; number <= Crowd.REALMS; number++) {
            TestRealm realm = middle.anotherRealm(Crowd.realm(number));
            people(realm);
            if (number <= SWITCHED_OFF) {
                realm.switchOff();
            }
        }
        middle.realm.consumers(new Consumer(
                TestRealm.CONSUMER.clientId(),
                TestRealm.CONSUMER.rights(),
                null,
                new Consumer.Receiver(URI.create("https://calendar.example.com/events"), true, null)));
        plans.watch(true);
    }

    private static List<Class<?>> entitiesOfKeycloak() {
        return new ClassFileImporter()
                .importPackages("org.keycloak.models.jpa", "org.keycloak.storage.jpa").stream()
                        .filter(type -> type.isAnnotatedWith(Entity.class))
                        .<Class<?>>map(JavaClass::reflect)
                        .toList();
    }

    /** All those of whom the tables tell. */
    private static void people(TestRealm realm) {
        realm.crowd(Crowd.USER);
        realm.watches(new Settings.Watching(true, true));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void nothing_that_grows_is_read_as_a_whole() throws AccessTokenRefused, IOException {
        NoticeMail notices = new NoticeMail(
                middle.transactions, (realm, delegation) -> {}, middle.worker, middle.retries, middle.clock);
        middle.start();
        middle.judgement.start();
        middle.credentials.start();
        notices.start();

        keycloaksTables();
        later(Duration.ofHours(1));
        TestUser maria = signIn();
        token(maria);
        notification(maria);
        roster();
        leftBehind();
        changes();
        backfill();
        verification();
        replacement(maria);
        end();

        Files.writeString(
                Files.createDirectories(Path.of("target")).resolve("plans.txt"), plans.table(), StandardCharsets.UTF_8);
        assertThat(plans.faults()).isEmpty();
        assertThat(middle.worker.failures()).isEmpty();
        everySweepIsLookedAt();
    }

    /** So much later; whatever goes on by itself has its turn once, and what is frequent some more. */
    private static void later(Duration pause) {
        middle.clock.turn(pause);
        middle.worker.turn(Duration.ofMinutes(1));
    }

    /** One who is delegated by it, with a notice, and one for whom there is nothing to do. */
    private static TestUser signIn() {
        middle.linked();
        TestUser maria = middle.granted("maria");
        middle.transactions.doInServer(work -> work.serviceAccountLooks().later(middle.link, middle.clock.instant()));
        middle.transactions.doInRealm(middle.realm.id(), work -> {
            middle.signInDecision.course(work, maria, SignIn.DIRECT, true);
            work.notices().order(middle.delegation(maria).id(), middle.clock.instant());
        });
        middle.worker.turn(Duration.ofMinutes(2));
        return maria;
    }

    /** A fresh one, of somebody present and absent, and one that has to be refreshed. */
    private static void token(TestUser maria) throws AccessTokenRefused {
        for (int i = 0; i < 2; i++) {
            middle.accessTokens.issue(
                    AccessTokenRequest.present(middle.realm.id(), maria.id(), TestRealm.CONSUMER, SignIn.DIRECT));
            middle.accessTokens.issue(AccessTokenRequest.absent(middle.realm.id(), maria.id(), TestRealm.CONSUMER));
            middle.clock.turn(Duration.ofHours(4));
        }
        middle.worker.turn(Duration.ofMinutes(1));
    }

    /** Somebody's calendar, of which Cronofy tells that something has happened to it. */
    private static void notification(TestUser maria) {
        String url = middle.cronofy.received(Call.WATCH).stream()
                .reduce((first, last) -> last)
                .orElseThrow()
                .what();
        middle.notifications.receive(
                middle.realm.id(),
                url.substring(url.lastIndexOf('/') + 1),
                Optional.empty(),
                "{\"notification\": {\"type\": \"profile_disconnected\"}}".getBytes(StandardCharsets.UTF_8));
        middle.worker.turn(Duration.ofMinutes(1));
        middle.transactions.doInRealm(middle.realm.id(), work -> work.watches()
                .putOff(middle.delegation(maria).id(), middle.clock.instant()));
        later(Duration.ofMinutes(1));
    }

    /** All of a realm, of one link and of several, from the beginning and from lately on, some pages of each. */
    private static void roster() {
        Roster roster = new Roster(middle.clock);
        Set<Consumer.Right> right = Set.of(Consumer.Right.DIRECTORY);
        for (Consumer consumer : List.of(
                new Consumer("all", right, null),
                new Consumer("large", right, Set.of("large")),
                new Consumer("several", right, Set.of("large", "org-1", "org-3", "org-5")))) {
            for (Duration lately : List.of(Duration.ZERO, Duration.ofHours(2), Roster.OLDEST)) {
                Instant since = lately.isZero() ? null : middle.clock.instant().minus(lately);
                RosterPosition position = middle.transactions.inRealm(
                        middle.realm.id(), work -> roster.beginning(work, consumer, since, null));
                for (int pages = 0; pages < 12 && position != null; pages++) {
                    RosterPosition from = position;
                    position = middle.transactions
                            .inRealm(middle.realm.id(), work -> roster.page(work, consumer, from, 500))
                            .next();
                }
            }
        }
    }

    /** By memory that is lost: somebody with a session alone, one who waits, and a code. */
    private static void leftBehind() {
        TestUser john = middle.member("john");
        middle.realm.sessions().begin(john, SignIn.DIRECT, middle.clock.instant());
        TestUser nina = middle.member("nina");
        middle.transactions.doInRealm(middle.realm.id(), work -> work.waiting()
                .put(
                        new WaitingMember(middle.link, nina.id(), Optional.of(SignIn.DIRECT)),
                        middle.clock.instant(),
                        middle.clock.instant()));
        TestUser zoe = middle.member("zoe");
        middle.asked(zoe);
        middle.transactions.doInRealm(middle.realm.id(), work -> work.answers()
                .keep(middle.delegation(zoe).id(), Secret.of("code"), middle.clock.instant()));
        middle.worker.turn(Duration.ofMinutes(5));
    }

    /** Somebody is gone, of whom we hear, and of whom we do not; an order that fails, and one that is covered. */
    private static void changes() {
        TestUser lea = middle.granted("lea");
        middle.realm.remove(lea);
        middle.transactions.doInRealm(middle.realm.id(), work -> work.changes()
                .add(new Change.UserRemoved(lea.id(), List.of()), middle.clock.instant(), middle.clock.instant()));
        middle.cronofy.fails(Call.REVOKE, new CronofyException.Unavailable("away", Duration.ZERO));
        middle.worker.turn(Duration.ofMinutes(1));
        TestUser max = middle.granted("max");
        middle.realm.remove(max);
        later(Duration.ofMinutes(10));
        later(Duration.ofMinutes(10));
    }

    private static void backfill() {
        IntStream.range(0, 3).forEach(number -> middle.member("backfilled-" + number));
        middle.backfills.begin(middle.link);
        middle.worker.turn(Duration.ofMinutes(2));
    }

    private static void verification() {
        Mailbox probe = new Mailbox("probe@" + Middle.DOMAIN);
        middle.verifications.begin(middle.link, probe);
        middle.worker.turn(Duration.ofMinutes(1));
        String url = middle.cronofy.callbackOf(probe.address());
        middle.answers.receive(
                middle.realm.id(),
                url.substring(url.lastIndexOf('/') + 1),
                Optional.empty(),
                "{\"authorization\": {\"code\": \"code-of-probe\"}}".getBytes(StandardCharsets.UTF_8));
        middle.worker.turn(Duration.ofMinutes(3));
    }

    /** Somebody moves to another service account and back, others do not; it is counted, kept and decided. */
    private static void replacement(TestUser maria) {
        middle.cronofy.authorizes("ser_2", Middle.DOMAIN);
        String url = middle.transactions.inRealm(middle.realm.id(), work -> middle.invitations
                .invite(
                        work,
                        work.realm().settings().orElseThrow(),
                        new Invitations.Wish(middle.link, "admin", true, Duration.ofHours(1)),
                        "https://id.example.com")
                .ticketUrl()
                .reveal());
        Invitations.Departure departure = middle.invitations
                .depart(middle.realm.id(), url.substring(url.lastIndexOf('/') + 1), "https://id.example.com")
                .orElseThrow();
        String to = departure.authorizationUrl().toString();
        assertThat(middle.authorization.complete(
                        middle.realm.id(),
                        to.substring(to.indexOf("state=") + 6),
                        departure.cookie().reveal(),
                        "code",
                        null))
                .isEqualTo(LinkAuthorization.Outcome.LINKED);
        middle.cronofy.grants("acc_" + maria.id());
        middle.cronofy.opens(maria.email());
        middle.worker.turn(Duration.ofMinutes(20));
        middle.answered(maria);
        middle.worker.turn(Duration.ofMinutes(3));
        middle.replacements.progress(middle.link, true);
        middle.replacements.cancel(middle.link);
        middle.worker.turn(Duration.ofMinutes(3));
        middle.answered(maria);
        middle.worker.turn(Duration.ofMinutes(62));
        Replacement.Counts counts = Objects.requireNonNull(
                middle.replacements.progress(middle.link, true).orElseThrow().counts());
        assertThat(middle.replacements.revokeFormer(middle.link, counts.concerned()))
                .isEqualTo(Replacements.Answer.DONE);
        middle.worker.turn(Duration.ofMinutes(3));
    }

    /** Of a link, of an organization with its link, and of a realm. */
    private static void end() {
        middle.transactions.doInRealm(middle.realm.id(), work -> middle.links.unlink(work, middle.link));
        middle.worker.turn(Duration.ofMinutes(2));
        LinkId removed = new LinkId(middle.realm.id(), "removed");
        middle.linked(removed, "ser_removed", middle.cronofy.tokens(Duration.ofHours(3)));
        middle.transactions.doInRealm(middle.realm.id(), work -> work.changes()
                .add(new Change.OrganizationRemoved(removed), middle.clock.instant(), middle.clock.instant()));
        TestRealm former = middle.anotherRealm("former");
        middle.linked(new LinkId(former.id(), "acme"), "ser_former", middle.cronofy.tokens(Duration.ofHours(3)));
        middle.transactions.doInRealm(former.id(), middle.removedRealms::removed);
        middle.transactions.remove(former);
        middle.worker.turn(Duration.ofMinutes(2));
        later(Middle.REALM_REMOVAL_GRACE);
        later(Duration.ofMinutes(10));
    }

    /** What is read there by sweeps; of users and organizations Keycloak itself finds out. */
    private static void keycloaksTables() {
        String realm = Crowd.realm(1);
        middle.tables.inTransaction(entities -> {
            KeycloakSession session = session(entities);
            MemberDirectory members = new MemberDirectory(session, realm);
            members.users("", 50);
            members.users("user-5", 50);
            String large = String.valueOf(
                    entities.createNativeQuery("select ID from ORG where REALM_ID = '" + realm + "' and NAME = 'large'")
                            .getSingleResult());
            members.members(large, "user-5", 50);
            members.membersElsewhere(large, "f:ldap:5", 50);
            SessionDirectory.unaccounted(session, realm, middle.clock.instant().minusSeconds(120), "", 200);
            SessionDirectory.unaccounted(session, realm, middle.clock.instant().minus(Duration.ofMinutes(10)), "", 200);
            UserDirectory.known(session, realm, List.of("user-1", "user-2"));
            List<String> fifty = IntStream.range(1, 51)
                    .mapToObj(number -> Crowd.USER + number)
                    .toList();
            Set<String> names = UserDirectory.names(session, Crowd.NAMES, fifty);
            assertThat(names).hasSize(50);
            Set<String> spellings = UserDirectory.spellings(session, Crowd.NAMES, names);
            assertThat(spellings).hasSize(50);
            assertThat(UserDirectory.anybodyElse(session, realm, Crowd.NAMES, spellings, "user-1"))
                    .isTrue();
            assertThat(UserDirectory.anybodyElsewhere(session, realm, Crowd.NAMES, "nobody@acme.example", "user-1"))
                    .isFalse();
            ActionOnUsers action = new ActionOnUsers(session, EnterpriseConnect.ID);
            action.bearers("", 500);
            action.bearersElsewhere("", 500);
            return true;
        });
    }

    private static KeycloakSession session(EntityManager entities) {
        JpaConnectionProvider connection = new JpaConnectionProvider() {
            @Override
            public EntityManager getEntityManager() {
                return entities;
            }

            @Override
            public void close() {}
        };
        return (KeycloakSession) Proxy.newProxyInstance(
                PlansIT.class.getClassLoader(),
                new Class<?>[] {KeycloakSession.class},
                (self, method, arguments) -> connection);
    }

    /** A sweep that this does not start, or that has nothing to do here, is one that nobody has looked at. */
    private static void everySweepIsLookedAt() {
        Set<String> sweeps = new ClassFileImporter()
                        .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                        .importPackages("io.github.enterpriseconnect")
                        .stream()
                        .flatMap(type -> type.getMethodCallsFromSelf().stream())
                        .filter(call -> call.getName().equals("submitEvery")
                                && call.getTargetOwner().isEquivalentTo(Worker.class))
                        .map(call -> call.getOriginOwner().getSimpleName())
                        .collect(Collectors.toSet());
        sweeps.removeAll(ELSEWHERE);
        assertThat(plans.askers().stream().map(Class::getSimpleName)).containsAll(sweeps);
    }
}
