package io.github.enterpriseconnect.delegation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.enterpriseconnect.core.Behaviour;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Domain;
import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.LinkDomain;
import io.github.enterpriseconnect.core.Mailbox;
import io.github.enterpriseconnect.core.Policy;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Revocation;
import io.github.enterpriseconnect.core.SignIn;
import io.github.enterpriseconnect.middle.Middle;
import io.github.enterpriseconnect.middle.ScriptedCronofy.Call;
import io.github.enterpriseconnect.middle.TestRealm;
import io.github.enterpriseconnect.middle.TestUser;
import io.github.enterpriseconnect.platform.DirectorySilent;
import io.github.enterpriseconnect.revocation.UserChanges;
import io.github.enterpriseconnect.token.AccessTokenRefused;
import io.github.enterpriseconnect.token.AccessTokenRequest;
import io.github.enterpriseconnect.token.IssuedToken;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What cannot be read is no fact: no token, no ask, no revocation while nobody can tell, and everybody is as before by
 * themselves once it can be read again.
 */
class WithheldMembersTest {
    private static final Policy RULES = policy(Set.of("staff"), Set.of("guests"), Set.of("employee"), Map.of());

    private final Middle middle = new Middle();

    @BeforeEach
    void link_the_organization_with_rules() {
        middle.linked();
        setPolicy(RULES);
        middle.start();
    }

    private static Policy policy(
            Set<String> requiredGroups,
            Set<String> deniedGroups,
            Set<String> requiredRoles,
            Map<String, String> unknown) {
        return new Policy(
                Policy.Proof.KEYCLOAK,
                Behaviour.Stated.NOTHING,
                requiredGroups,
                deniedGroups,
                requiredRoles,
                Set.of(),
                Set.of(),
                Policy.Backfill.NONE,
                unknown);
    }

    private void setPolicy(Policy policy) {
        middle.transactions.doInRealm(middle.realm.id(), work -> work.links().setPolicy(middle.link, policy));
    }

    private TestUser staff(String name) {
        TestUser member = middle.member(name);
        member.groups().add("staff");
        member.roles().add("employee");
        return member;
    }

    /** Something that the gate asks about and that cannot be read for a while. */
    @SuppressWarnings("ImmutableEnumChecker") // The functions capture nothing.
    enum Away {
        LOCAL_ROW_STANDS_IN((test, user) -> user.loseDirectory(), (test, user) -> user.findDirectory()),
        NOBODY_CAN_BE_LOOKED_UP(
                (test, user) -> test.middle.realm.silence(
                        user, new DirectorySilent(new IllegalStateException("the directory does not answer"))),
                (test, user) -> test.middle.realm.answerAgain(user)),
        DIRECTORY_OFF(
                (test, user) -> test.middle.realm.switchDirectoryOff(user),
                (test, user) -> test.middle.realm.answerAgain(user)),
        REQUIRED_GROUP_DELETED((test, user) -> user.lose("staff"), (test, user) -> user.find("staff")),
        DENIED_GROUP_DELETED((test, user) -> user.lose("guests"), (test, user) -> user.find("guests")),
        REQUIRED_ROLE_DELETED((test, user) -> user.lose("employee"), (test, user) -> user.find("employee"));

        private final BiConsumer<WithheldMembersTest, TestUser> begin;
        private final BiConsumer<WithheldMembersTest, TestUser> end;

        Away(BiConsumer<WithheldMembersTest, TestUser> begin, BiConsumer<WithheldMembersTest, TestUser> end) {
            this.begin = begin;
            this.end = end;
        }
    }

    @ParameterizedTest
    @EnumSource(Away.class)
    void a_granted_member_is_withheld_and_served_again_by_itself(Away away) throws AccessTokenRefused {
        TestUser maria = staff("maria");
        middle.granted(maria);
        String token = token(maria).accessToken().reveal();

        away.begin.accept(this, maria);
        middle.worker.turn(Middle.RECONCILE_EVERY.multipliedBy(3));
        judge(maria);
        AccessTokenRefused refused = refused(maria);
        middle.queue.add(middle.link, maria.id(), SignIn.DIRECT);
        middle.worker.turn(Duration.ofMinutes(2));

        assertThat(refused.code()).isEqualTo(AccessTokenRefused.Code.TEMPORARILY_UNAVAILABLE);
        assertThat(refused.retryAfter()).isPositive();
        assertThat(row(maria).state()).isEqualTo(Delegation.State.GRANTED);
        assertThat(middle.revocations()).isEmpty();

        away.end.accept(this, maria);
        middle.worker.turn(Duration.ofMinutes(2));
        assertThat(token(maria).accessToken().reveal()).isEqualTo(token);
        assertThat(middle.cronofy.received(Call.ASK)).hasSize(1);
    }

    @ParameterizedTest
    @EnumSource(Away.class)
    void who_signs_in_meanwhile_is_asked_for_once_it_can_be_read_without_another_sign_in(Away away) {
        TestUser maria = staff("maria");

        away.begin.accept(this, maria);
        middle.queue.add(middle.link, maria.id(), new SignIn("corporate", null));
        middle.worker.turn(Duration.ofMinutes(5));
        assertThat(middle.cronofy.received(Call.ASK)).isEmpty();

        away.end.accept(this, maria);
        middle.worker.turn(Duration.ofMinutes(2));
        assertThat(middle.cronofy.received(Call.ASK)).hasSize(1);
        assertThat(row(maria).state()).isEqualTo(Delegation.State.ASKED);
        assertThat(row(maria).identityProvider()).isEqualTo("corporate");
    }

    @ParameterizedTest
    @EnumSource(Away.class)
    void an_answer_that_comes_meanwhile_is_neither_dropped_nor_revoked(Away away) throws AccessTokenRefused {
        TestUser maria = staff("maria");
        middle.cronofy.grants("acc_maria");
        middle.cronofy.opens("maria@" + Middle.DOMAIN);
        middle.asked(maria);

        away.begin.accept(this, maria);
        middle.answered(maria);
        middle.worker.turn(Duration.ofSeconds(10));
        assertThat(refused(maria).code()).isEqualTo(AccessTokenRefused.Code.TEMPORARILY_UNAVAILABLE);

        away.end.accept(this, maria);
        middle.worker.turn(Duration.ofMinutes(2));
        assertThat(row(maria).state()).isEqualTo(Delegation.State.GRANTED);
        token(maria);
        assertThat(middle.revocations()).isEmpty();
        assertThat(middle.cronofy.received(Call.ASK)).hasSize(1);
    }

    @Test
    void a_group_that_goes_with_its_mapper_ends_nobody_until_the_policy_is_saved() {
        TestUser maria = staff("maria");
        maria.comeFrom("with mapper");
        middle.granted(maria);
        middle.worker.turn(Middle.RECONCILE_EVERY.multipliedBy(2));

        maria.comeFrom("without mapper");
        maria.groups().clear();
        middle.worker.turn(Middle.RECONCILE_EVERY.multipliedBy(3));
        judge(maria);
        assertThat(refused(maria).code()).isEqualTo(AccessTokenRefused.Code.ACCESS_DENIED);
        assertThat(row(maria).state()).isEqualTo(Delegation.State.GRANTED);

        middle.transactions.doInRealm(middle.realm.id(), work -> middle.links.setPolicy(work, middle.link, RULES));
        middle.worker.turn(Middle.RECONCILE_EVERY.multipliedBy(2));
        assertThat(row(maria).reason()).isEqualTo(Reason.GROUP_MISSING);
    }

    /** Whoever is granted and not looked at before somebody switches the mapper off. */
    @Test
    void the_directory_s_set_up_is_known_from_the_grant_on() {
        TestUser maria = staff("maria");
        maria.comeFrom("with mapper");
        middle.granted(maria);
        assertThat(row(maria).source()).isEqualTo("with mapper");

        maria.comeFrom("without mapper");
        maria.groups().clear();
        judge(maria);
        middle.worker.turn(Middle.RECONCILE_EVERY.multipliedBy(3));
        assertThat(row(maria).state()).isEqualTo(Delegation.State.GRANTED);
        assertThat(middle.revocations()).isEmpty();
    }

    @Test
    void what_cannot_be_read_at_the_grant_is_no_set_up_by_which_the_right_stands() {
        TestUser maria = staff("maria");
        maria.comeFrom("with mapper");
        middle.cronofy.grants("acc_maria");
        middle.cronofy.opens(maria.email());
        middle.asked(maria);
        maria.loseDirectory();
        middle.answered(maria);
        middle.worker.run();
        assertThat(row(maria).state()).isEqualTo(Delegation.State.GRANTED);
        assertThat(row(maria).source()).isNull();

        maria.findDirectory();
        middle.worker.turn(Middle.RECONCILE_EVERY.multipliedBy(2));
        assertThat(row(maria).source()).isEqualTo("with mapper");
    }

    /** A mapper that is switched off takes its members out of the denied group as well. */
    @Test
    void who_was_ended_for_a_denied_group_is_not_delegated_because_its_mapper_is_gone() throws AccessTokenRefused {
        TestUser maria = staff("maria");
        maria.comeFrom("directory-1 with mapper");
        middle.granted(maria);
        maria.groups().add("guests");
        judge(maria);
        assertThat(row(maria).reason()).isEqualTo(Reason.GROUP_DENIED);

        maria.comeFrom("directory-1 without mapper");
        maria.groups().remove("guests");
        assertWithheldAndNotAskedFor(maria, 1);

        maria.comeFrom("directory-1 with mapper");
        maria.groups().add("guests");
        signIn(maria);
        assertThat(refused(maria).code()).isEqualTo(AccessTokenRefused.Code.ACCESS_DENIED);
        assertThat(middle.cronofy.received(Call.ASK)).hasSize(1);
    }

    @Test
    void who_was_refused_for_a_denied_group_is_asked_for_once_the_policy_is_saved_without_its_mapper() {
        TestUser maria = staff("maria");
        maria.comeFrom("directory-1 with mapper");
        middle.asked(maria);
        maria.groups().add("guests");
        middle.cronofy.grants("acc_maria");
        middle.cronofy.opens(maria.email());
        middle.answered(maria);
        middle.worker.run();
        assertThat(row(maria).state()).isEqualTo(Delegation.State.REFUSED);
        assertThat(row(maria).reason()).isEqualTo(Reason.GROUP_DENIED);

        maria.comeFrom("directory-1 without mapper");
        maria.groups().remove("guests");
        assertWithheldAndNotAskedFor(maria, 1);

        middle.transactions.doInRealm(middle.realm.id(), work -> middle.links.setPolicy(work, middle.link, RULES));
        middle.worker.turn(Duration.ofMinutes(10));
        assertThat(middle.cronofy.received(Call.ASK)).hasSize(2);
    }

    @Test
    void who_really_leaves_the_denied_group_is_asked_for() {
        TestUser maria = staff("maria");
        maria.comeFrom("directory-1 with mapper");
        middle.granted(maria);
        maria.groups().add("guests");
        judge(maria);

        maria.groups().remove("guests");
        signIn(maria);
        assertThat(middle.cronofy.received(Call.ASK)).hasSize(2);
    }

    /** What they were denied for earlier is over: a change of mappers does not bring it back. */
    @Test
    void who_was_granted_after_a_denial_is_served_whatever_becomes_of_the_mappers() throws AccessTokenRefused {
        TestUser maria = staff("maria");
        maria.comeFrom("directory-1 with mapper");
        middle.granted(maria);
        maria.groups().add("guests");
        judge(maria);
        maria.groups().remove("guests");
        middle.granted(maria);

        maria.comeFrom("directory-1 with another mapper");
        token(maria);
        middle.worker.turn(Middle.RECONCILE_EVERY.multipliedBy(2));
        token(maria);
    }

    /** Nobody was ever asked for them, so that there is no row to tell. */
    @Test
    void who_was_denied_at_the_first_sign_in_is_not_asked_for_because_the_mapper_is_gone() {
        TestUser carl = contractor("carl");
        signIn(carl);

        withoutMapper(carl);
        assertWithheldAndNotAskedFor(carl, 0);
        assertThat(middle.link().problem())
                .isNotNull()
                .extracting(Link.Problem::reason)
                .isEqualTo(Reason.DIRECTORY_CHANGED);

        save(RULES);
        middle.worker.turn(Duration.ofMinutes(6));
        assertThat(middle.cronofy.received(Call.ASK)).hasSize(1);
    }

    @Test
    void who_was_denied_at_the_first_sign_in_and_really_leaves_the_group_is_asked_for() throws AccessTokenRefused {
        TestUser carl = contractor("carl");
        signIn(carl);
        carl.groups().remove("guests");
        middle.granted(carl);

        withoutMapper(carl);
        token(carl);
        end(carl, Reason.ENDED_BY_ADMINISTRATOR);
        signIn(carl);
        assertThat(middle.cronofy.received(Call.ASK)).hasSize(2);
    }

    @Test
    void who_was_denied_stays_so_though_the_right_ends_for_another_reason_since() {
        TestUser carl = contractor("carl");
        carl.groups().remove("guests");
        middle.cronofy.grants("acc_carl");
        middle.cronofy.opens(carl.email());
        middle.asked(carl);
        carl.groups().add("guests");
        middle.answered(carl);
        middle.worker.run();
        assertThat(row(carl).reason()).isEqualTo(Reason.GROUP_DENIED);
        end(carl, Reason.ENDED_BY_ADMINISTRATOR);
        assertThat(row(carl).reason()).isEqualTo(Reason.ENDED_BY_ADMINISTRATOR);

        withoutMapper(carl);
        assertWithheldAndNotAskedFor(carl, 1);
    }

    /** Saving accepts what the directory says now, which is that they are denied. */
    @Test
    void who_is_denied_while_the_policy_is_saved_is_not_asked_for_because_the_mapper_goes_afterwards() {
        TestUser ended = contractor("ended");
        ended.groups().remove("guests");
        middle.granted(ended);
        ended.groups().add("guests");
        judge(ended);
        assertThat(row(ended).reason()).isEqualTo(Reason.GROUP_DENIED);
        TestUser never = contractor("never");
        signIn(never);

        save(RULES);
        middle.worker.turn(Middle.RECONCILE_EVERY.multipliedBy(2));
        withoutMapper(ended);
        withoutMapper(never);

        assertWithheldAndNotAskedFor(ended, 1);
        assertWithheldAndNotAskedFor(never, 1);
    }

    @Test
    void what_was_accepted_before_somebody_was_denied_is_not_accepted_for_them() {
        TestUser carl = staff("carl");
        carl.comeFrom("directory-1 without mapper");
        save(RULES);
        carl.comeFrom("directory-1 with mapper");
        carl.groups().add("guests");
        signIn(carl);

        withoutMapper(carl);
        assertWithheldAndNotAskedFor(carl, 0);
    }

    @Test
    void who_is_denied_under_the_new_set_up_too_is_so_until_that_is_accepted_or_they_leave() {
        TestUser carl = contractor("carl");
        signIn(carl);
        carl.comeFrom("directory-1 with another mapper");
        signIn(carl);
        withoutMapper(carl);
        assertWithheldAndNotAskedFor(carl, 0);

        carl.comeFrom("directory-1 with another mapper");
        signIn(carl);
        assertThat(middle.cronofy.received(Call.ASK)).hasSize(1);
    }

    @Test
    void who_has_left_the_directory_since_is_asked_for_once_the_policy_is_saved() {
        TestUser carl = contractor("carl");
        signIn(carl);
        carl.comeFrom(null);
        carl.groups().remove("guests");
        assertWithheldAndNotAskedFor(carl, 0);

        save(RULES);
        middle.worker.turn(Duration.ofMinutes(6));
        assertThat(middle.cronofy.received(Call.ASK)).hasSize(1);
    }

    private TestUser contractor(String name) {
        TestUser member = staff(name);
        member.comeFrom("directory-1 with mapper");
        member.groups().add("guests");
        return member;
    }

    private static void withoutMapper(TestUser member) {
        member.comeFrom("directory-1 without mapper");
        member.groups().remove("guests");
    }

    private void save(Policy policy) {
        middle.transactions.doInRealm(middle.realm.id(), work -> middle.links.setPolicy(work, middle.link, policy));
        middle.links.changed(middle.link);
    }

    private void end(TestUser user, Reason reason) {
        Delegation present = row(user);
        middle.transactions.doInRealm(middle.realm.id(), work -> middle.termination.end(work, present, reason));
        middle.worker.run();
    }

    private void signIn(TestUser user) {
        middle.queue.add(middle.link, user.id(), SignIn.DIRECT);
        middle.worker.turn(Duration.ofMinutes(5));
    }

    private void assertWithheldAndNotAskedFor(TestUser user, int asked) {
        signIn(user);
        AccessTokenRefused refused = refused(user);
        assertThat(refused.code()).isEqualTo(AccessTokenRefused.Code.TEMPORARILY_UNAVAILABLE);
        assertThat(refused.getMessage()).contains(Reason.DIRECTORY_CHANGED.id());
        middle.worker.turn(Duration.ofHours(1));
        assertThat(middle.cronofy.received(Call.ASK)).hasSize(asked);
    }

    @Test
    void who_really_leaves_the_group_ends_also_after_the_directory_was_set_up_otherwise() {
        TestUser maria = staff("maria");
        maria.comeFrom("with mapper");
        middle.granted(maria);
        middle.worker.turn(Middle.RECONCILE_EVERY.multipliedBy(2));
        maria.comeFrom("with another mapper");
        middle.worker.turn(Middle.RECONCILE_EVERY.multipliedBy(2));

        maria.groups().clear();
        middle.worker.turn(Middle.RECONCILE_EVERY.multipliedBy(2));
        assertThat(row(maria).reason()).isEqualTo(Reason.GROUP_MISSING);
    }

    /** Such as after "Unlink users". */
    @Test
    void who_really_leaves_the_group_ends_also_after_the_user_has_left_the_directory() {
        TestUser maria = staff("maria");
        maria.comeFrom("with mapper");
        middle.granted(maria);
        middle.worker.turn(Middle.RECONCILE_EVERY.multipliedBy(2));
        maria.comeFrom(null);
        middle.worker.turn(Middle.RECONCILE_EVERY.multipliedBy(2));
        assertThat(row(maria).state()).isEqualTo(Delegation.State.GRANTED);

        maria.groups().clear();
        middle.worker.turn(Middle.RECONCILE_EVERY.multipliedBy(2));
        assertThat(row(maria).reason()).isEqualTo(Reason.GROUP_MISSING);
    }

    @Test
    void a_key_that_is_away_leaves_the_link_as_it_is_and_who_was_asked_for_is_granted_when_it_is_back() {
        TestUser kim = staff("kim");
        middle.cronofy.grants("acc_kim");
        middle.cronofy.opens(kim.email());

        middle.tables.keys(middle.realm.id()).takeAway();
        middle.queue.add(middle.link, kim.id(), SignIn.DIRECT);
        middle.worker.turn(Duration.ofSeconds(6));
        assertThat(middle.link().state()).isEqualTo(Link.State.ACTIVE);
        assertThat(middle.cronofy.received(Call.ASK)).isEmpty();

        middle.tables.keys(middle.realm.id()).bringBack();
        middle.worker.turn(Duration.ofMinutes(2));
        assertThat(middle.link().problem()).isNull();
        middle.answered(kim);
        middle.worker.run();
        assertThat(row(kim).state()).isEqualTo(Delegation.State.GRANTED);
        assertThat(middle.cronofy.received(Call.ASK)).hasSize(1);
    }

    @Test
    void a_member_whose_credential_s_key_is_away_is_withheld_and_served_again() throws AccessTokenRefused {
        TestUser kay = staff("kay");
        middle.granted(kay);
        String token = token(kay).accessToken().reveal();

        middle.realm.takeKeyAway();
        AccessTokenRefused refused = refused(kay);
        middle.queue.add(middle.link, kay.id(), SignIn.DIRECT);
        middle.worker.turn(Duration.ofMinutes(1));

        assertThat(refused.code()).isEqualTo(AccessTokenRefused.Code.TEMPORARILY_UNAVAILABLE);
        assertThat(refused.getMessage()).contains(Reason.KEY_AWAY.id());
        middle.realm.bringKeyBack();
        assertThat(token(kay).accessToken().reveal()).isEqualTo(token);
        middle.worker.turn(Duration.ofMinutes(2));
        assertThat(row(kay).state()).isEqualTo(Delegation.State.GRANTED);
        assertThat(middle.cronofy.received(Call.ASK)).hasSize(1);
    }

    @Test
    void a_right_that_ends_while_the_key_is_away_ends_and_is_revoked_by_the_account_s_id() {
        TestUser kay = staff("kay");
        middle.granted(kay);
        middle.realm.takeKeyAway();
        kay.disable();

        judge(kay);
        assertThat(row(kay).reason()).isEqualTo(Reason.USER_DISABLED);
        assertThat(middle.revocations()).hasSize(1);
    }

    @Test
    void an_answer_whose_key_is_away_is_kept_and_redeemed_when_it_is_back() {
        TestUser kim = staff("kim");
        middle.cronofy.grants("acc_kim");
        middle.cronofy.opens(kim.email());
        middle.asked(kim);
        middle.tables.keys(middle.realm.id()).takeAway();
        middle.answered(kim);
        middle.worker.turn(Duration.ofSeconds(10));
        assertThat(middle.cronofy.received(Call.EXCHANGE)).isEmpty();

        middle.tables.keys(middle.realm.id()).bringBack();
        middle.worker.turn(Duration.ofMinutes(2));
        assertThat(row(kim).state()).isEqualTo(Delegation.State.GRANTED);
        assertThat(middle.cronofy.received(Call.ASK)).hasSize(1);
    }

    @Test
    void an_order_whose_key_is_away_is_delivered_when_it_is_back() {
        TestUser kay = staff("kay");
        middle.granted(kay);
        Delegation granted = row(kay);
        middle.transactions.doInRealm(
                middle.realm.id(), work -> middle.termination.end(work, granted, Reason.ENDED_BY_ADMINISTRATOR));
        middle.tables.masterKeys().takeAway();
        middle.worker.turn(Duration.ofMinutes(1));
        assertThat(middle.revocations())
                .singleElement()
                .extracting(Revocation::state)
                .isEqualTo(Revocation.State.PENDING);

        middle.tables.masterKeys().bringBack();
        middle.worker.turn(Duration.ofMinutes(5));
        assertThat(middle.revocations())
                .singleElement()
                .extracting(Revocation::state)
                .isEqualTo(Revocation.State.DELIVERED);
    }

    @Test
    void whoever_passes_by_a_name_that_resolves_goes_on_and_a_no_that_was_read_decides() throws AccessTokenRefused {
        setPolicy(policy(Set.of("staff", "team"), Set.of("guests"), Set.of(), Map.of()));
        TestUser maria = staff("maria");
        middle.granted(maria);
        maria.lose("team");

        token(maria);
        maria.groups().add("guests");
        assertThat(refused(maria).code()).isEqualTo(AccessTokenRefused.Code.ACCESS_DENIED);
        middle.worker.turn(Middle.RECONCILE_EVERY.multipliedBy(2));
        assertThat(row(maria).reason()).isEqualTo(Reason.GROUP_DENIED);
    }

    @Test
    void who_needs_the_deleted_group_ends_as_always_once_the_policy_is_saved_without_it() {
        TestUser maria = staff("maria");
        middle.granted(maria);
        maria.lose("staff");
        middle.worker.turn(Middle.RECONCILE_EVERY.multipliedBy(2));
        assertThat(row(maria).state()).isEqualTo(Delegation.State.GRANTED);

        setPolicy(policy(Set.of("team"), Set.of(), Set.of(), Map.of()));
        middle.worker.turn(Middle.RECONCILE_EVERY.multipliedBy(2));
        assertThat(row(maria).reason()).isEqualTo(Reason.GROUP_MISSING);
    }

    @Test
    void a_domain_that_is_no_longer_approved_freezes_and_one_that_is_taken_away_ends() {
        TestUser maria = staff("maria");
        middle.granted(maria);

        approve(new LinkDomain(domain(), false));
        middle.worker.turn(Middle.RECONCILE_EVERY.multipliedBy(2));
        assertThat(refused(maria).code()).isEqualTo(AccessTokenRefused.Code.ACCESS_DENIED);
        assertThat(row(maria).state()).isEqualTo(Delegation.State.GRANTED);
        assertThat(middle.revocations()).isEmpty();

        approve();
        middle.worker.turn(Middle.RECONCILE_EVERY.multipliedBy(2));
        assertThat(row(maria).reason()).isEqualTo(Reason.DOMAIN_NOT_LINKED);
    }

    private static Domain domain() {
        return Domain.parse(Middle.DOMAIN).orElseThrow();
    }

    private void approve(LinkDomain... domains) {
        middle.transactions.doInRealm(middle.realm.id(), work -> work.links().approve(middle.link, List.of(domains)));
    }

    private void judge(TestUser user) {
        UserChanges.Noted noted = new UserChanges.Noted();
        middle.transactions.doInRealm(middle.realm.id(), work -> {
            noted.changed(user.id());
            middle.userChanges.write(work, noted);
        });
        middle.userChanges.committed(noted);
        middle.worker.run();
    }

    private Delegation row(TestUser user) {
        return middle.transactions.inRealm(middle.realm.id(), work -> work.delegations()
                .byMailbox(
                        middle.realm.id(),
                        middle.applicationKey(),
                        Mailbox.parse(user.id() + "@" + Middle.DOMAIN).orElseThrow())
                .orElseThrow());
    }

    private IssuedToken token(TestUser user) throws AccessTokenRefused {
        return middle.accessTokens.issue(
                AccessTokenRequest.present(middle.realm.id(), user.id(), TestRealm.CONSUMER, SignIn.DIRECT));
    }

    private AccessTokenRefused refused(TestUser user) {
        return Optional.ofNullable(catchThrowableOfType(AccessTokenRefused.class, () -> token(user)))
                .orElseThrow();
    }
}
