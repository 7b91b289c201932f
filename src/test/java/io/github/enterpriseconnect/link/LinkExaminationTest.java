package io.github.enterpriseconnect.link;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.enterpriseconnect.core.Behaviour;
import io.github.enterpriseconnect.core.Credential;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.Policy;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.SignIn;
import io.github.enterpriseconnect.credential.CredentialOwner;
import io.github.enterpriseconnect.middle.Middle;
import io.github.enterpriseconnect.middle.ScriptedCronofy.Call;
import io.github.enterpriseconnect.middle.TestUser;
import io.github.enterpriseconnect.middle.Warnings;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a link lacks of its realm is said once, and is over by itself when it is there again. */
class LinkExaminationTest {
    private static final Duration ROUND = Duration.ofSeconds(10);

    private final Middle middle = new Middle();

    @BeforeEach
    void link_the_organization() {
        middle.linked();
        middle.start();
    }

    private void setPolicy(Set<String> requiredGroups, Set<String> deniedRoles) {
        middle.transactions.doInRealm(middle.realm.id(), work -> work.links()
                .setPolicy(
                        middle.link,
                        new Policy(
                                Policy.Proof.KEYCLOAK,
                                Behaviour.Stated.NOTHING,
                                requiredGroups,
                                Set.of(),
                                Set.of(),
                                deniedRoles,
                                Set.of())));
    }

    private Link.@Nullable Problem problem() {
        return middle.link().problem();
    }

    private List<String> unresolved() {
        return middle.transactions.inRealm(
                middle.realm.id(), work -> work.linkRecovery().unresolved(middle.realm.id()));
    }

    @Test
    void a_policy_that_names_a_deleted_group_or_role_shows_a_problem_until_it_is_saved_without() {
        setPolicy(Set.of("staff"), Set.of("board"));
        middle.worker.turn(ROUND);
        assertThat(problem()).isNull();

        middle.realm.lose("board");
        middle.worker.turn(ROUND);
        Instant since = middle.clock.instant();
        middle.worker.turn(ROUND.multipliedBy(5));
        assertThat(problem()).isEqualTo(new Link.Problem(Reason.RULE_UNRESOLVED, since));
        assertThat(unresolved()).containsExactly(middle.link.name());

        setPolicy(Set.of("staff"), Set.of());
        assertThat(problem()).isNull();
        middle.worker.turn(ROUND);
        assertThat(problem()).isNull();
        assertThat(unresolved()).isEmpty();
    }

    @Test
    void a_member_whose_key_was_lost_and_is_found_is_granted_again_without_another_ask() {
        TestUser kay = middle.granted("kay");
        Credential credential = middle.realm.credential(kay).orElseThrow();
        middle.realm.loseCredential(kay);
        CredentialOwner owner = new CredentialOwner.OfMember(
                middle.realm.id(), middle.delegation(kay).id(), kay.id());
        middle.transactions.doInRealm(
                middle.realm.id(), work -> owner.end(work, Reason.CREDENTIAL_UNREADABLE, middle.clock.instant()));
        middle.worker.turn(ROUND);
        assertThat(middle.delegation(kay).state()).isEqualTo(Delegation.State.REVOKED);

        middle.realm.putCredential(kay, credential);
        middle.worker.turn(Middle.RECONCILE_EVERY);
        assertThat(middle.delegation(kay).state()).isEqualTo(Delegation.State.GRANTED);
        assertThat(middle.realm.shownState(kay)).isEqualTo("granted");
        assertThat(middle.cronofy.received(Call.ASK)).hasSize(1);
        assertThat(middle.revocations()).isEmpty();
    }

    /** Members who are withheld for it, of two directories, and what an administrator hears of it. */
    @Test
    void a_directory_that_is_set_up_otherwise_is_told_of_once_of_each_link_and_directory_and_is_over_by_itself() {
        setPolicy(Set.of("staff"), Set.of());
        List<TestUser> members = List.of(staff("anna", "d-1"), staff("bert", "d-1"), staff("cleo", "d-2"));
        try (Warnings warnings = new Warnings()) {
            members.forEach(member -> withoutMapper(member, "staff"));
            middle.worker.turn(Middle.RECONCILE_EVERY.multipliedBy(10));

            assertThat(problem()).isNotNull().extracting(Link.Problem::reason).isEqualTo(Reason.DIRECTORY_CHANGED);
            assertThat(warnings.told())
                    .hasSize(2)
                    .anyMatch(line -> line.contains("d-1"))
                    .anyMatch(line -> line.contains("d-2"));

            members.forEach(member -> withMapper(member, "staff"));
            middle.worker.turn(Middle.RECONCILE_EVERY.multipliedBy(4));
            assertThat(problem()).isNull();
            assertThat(warnings.told()).hasSize(2);
            assertThat(middle.revocations()).isEmpty();
        }
    }

    @Test
    void who_was_denied_by_a_mapper_that_is_gone_is_told_of_too() {
        TestUser anna = staff("anna", "d-1");
        setPolicy(Set.of(), Set.of("contractor"));
        anna.roles().add("contractor");
        middle.worker.turn(Middle.RECONCILE_EVERY.multipliedBy(2));
        assertThat(middle.delegation(anna).reason()).isEqualTo(Reason.ROLE_DENIED);
        assertThat(problem()).isNull();

        withoutMapper(anna, "contractor");
        middle.reconciler.componentsChanged(middle.realm.id());
        middle.worker.run();
        assertThat(problem()).isNotNull().extracting(Link.Problem::reason).isEqualTo(Reason.DIRECTORY_CHANGED);

        withMapper(anna, "contractor");
        middle.worker.turn(Middle.RECONCILE_EVERY.multipliedBy(4));
        assertThat(problem()).isNull();
        assertThat(middle.delegation(anna).reason()).isEqualTo(Reason.ROLE_DENIED);
    }

    @Test
    void a_policy_that_is_saved_accepts_what_the_directory_says_now() {
        setPolicy(Set.of("staff"), Set.of());
        TestUser anna = staff("anna", "d-1");
        withoutMapper(anna, "staff");
        middle.worker.turn(Middle.RECONCILE_EVERY.multipliedBy(2));
        assertThat(problem()).isNotNull();

        middle.transactions.doInRealm(
                middle.realm.id(),
                work -> middle.links.setPolicy(work, middle.link, middle.link().policy()));
        assertThat(problem()).isNull();
        middle.worker.turn(Middle.RECONCILE_EVERY.multipliedBy(2));
        assertThat(middle.delegation(anna).reason()).isEqualTo(Reason.GROUP_MISSING);
        assertThat(problem()).isNull();
    }

    private TestUser staff(String name, String directory) {
        TestUser member = middle.member(name);
        member.comeFrom(directory + " with mapper");
        member.groups().add("staff");
        middle.granted(member);
        return member;
    }

    private static void withoutMapper(TestUser member, String groupOrRole) {
        member.comeFrom(member.source().orElseThrow().replace("with ", "without "));
        member.groups().remove(groupOrRole);
        member.roles().remove(groupOrRole);
    }

    private static void withMapper(TestUser member, String groupOrRole) {
        member.comeFrom(member.source().orElseThrow().replace("without ", "with "));
        member.groups().add(groupOrRole);
        member.roles().add(groupOrRole);
    }

    /** Nobody may ever authorize the link again, and of that nobody has to hear each time. */
    @Test
    void a_lost_key_is_looked_for_ever_more_rarely_and_without_a_word() {
        Middle idle = new Middle();
        loseKey(idle);
        idle.linkExamination.start();

        try (Warnings warnings = new Warnings()) {
            assertThat(looksForKey(idle, Duration.ofHours(6))).isBetween(30L, 120L);
            assertThat(warnings.told()).isEmpty();
        }
    }

    @Test
    void a_key_that_is_back_is_found_within_half_an_hour_or_at_once_if_the_keys_were_changed() {
        for (boolean told : List.of(true, false)) {
            Middle idle = new Middle();
            loseKey(idle);
            idle.linkExamination.start();
            idle.worker.turn(Duration.ofHours(6));

            idle.tables.keys(idle.realm.id()).bringBack();
            if (told) {
                idle.linkExamination.keysChanged(idle.realm.id());
            }
            idle.worker.turn(told ? ROUND : Duration.ofMinutes(30).plus(ROUND));

            assertThat(idle.link().state()).isEqualTo(Link.State.ACTIVE);
        }
    }

    /** The one that fails is on another page than most, which there is nothing to look at of. */
    @Test
    void a_link_that_cannot_be_looked_at_is_told_of_once_among_more_than_a_page_of_others() {
        setPolicy(Set.of("staff"), Set.of());
        middle.tables.inTransaction(entities -> {
            entities.createNativeQuery("delete from EC_LINK_DOMAIN").executeUpdate();
            entities.createNativeQuery("update EC_LINK set ID = 'z'").executeUpdate();
            entities.createNativeQuery(
                            "insert into EC_LINK_DOMAIN (LINK_ID, NAME, APPROVED) values ('z', 'no domain', true)")
                    .executeUpdate();
            for (int i = 0; i < 501; i++) {
                entities.createNativeQuery("insert into EC_LINK (ID, VERSION, REALM_ID, NAME, STATE, LEASE_UNTIL)"
                                + " values ('a-%03d', 0, 'realm-1', 'a-%03d', 'UNLINKED', 0)".formatted(i, i))
                        .executeUpdate();
            }
            return true;
        });

        try (Warnings warnings = new Warnings()) {
            middle.worker.turn(ROUND.multipliedBy(8));
            assertThat(warnings.told().stream().filter(told -> told.contains("cannot be looked at")))
                    .hasSize(1);
        }
    }

    private static void loseKey(Middle middle) {
        middle.linked();
        middle.tables.keys(middle.realm.id()).forget();
        middle.transactions.doInRealm(middle.realm.id(), work -> work.links()
                .needAuthorization(middle.link, Reason.CREDENTIAL_UNREADABLE, middle.clock.instant()));
    }

    private static long looksForKey(Middle middle, Duration time) {
        return middle.tables.statements(() -> middle.worker.turn(time)).stream()
                .filter(statement -> statement.contains("CREDENTIAL") && statement.contains("from EC_LINK"))
                .count();
    }

    @Test
    void a_group_that_is_back_takes_the_problem_away() {
        setPolicy(Set.of("staff"), Set.of());
        middle.realm.lose("staff");
        middle.worker.turn(ROUND);
        assertThat(problem()).isNotNull();

        middle.realm.find("staff");
        middle.worker.turn(ROUND);
        assertThat(problem()).isNull();
    }

    @Test
    void a_key_that_was_lost_and_is_found_makes_the_link_active_again() {
        TestUser kim = middle.member("kim");
        middle.tables.keys(middle.realm.id()).forget();
        middle.queue.add(middle.link, kim.id(), SignIn.DIRECT);
        middle.worker.turn(Duration.ofMinutes(1));
        assertThat(middle.link().state()).isEqualTo(Link.State.NEEDS_AUTHORIZATION);
        assertThat(problem()).isNotNull().extracting(Link.Problem::reason).isEqualTo(Reason.CREDENTIAL_UNREADABLE);

        middle.tables.keys(middle.realm.id()).bringBack();
        middle.worker.turn(Duration.ofMinutes(2));
        assertThat(middle.link().state()).isEqualTo(Link.State.ACTIVE);
        assertThat(problem()).isNull();
        assertThat(middle.cronofy.received(Call.ASK)).hasSize(1);
    }
}
