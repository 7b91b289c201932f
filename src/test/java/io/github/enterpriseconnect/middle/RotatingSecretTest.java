package io.github.enterpriseconnect.middle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.enterpriseconnect.core.CronofyException;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Purpose;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Revocation;
import io.github.enterpriseconnect.core.Secret;
import io.github.enterpriseconnect.core.Tokens;
import io.github.enterpriseconnect.core.Unreadable;
import io.github.enterpriseconnect.credential.CredentialOwner;
import io.github.enterpriseconnect.delegation.DelegationAnswers.Receipt;
import io.github.enterpriseconnect.middle.ScriptedCronofy.Call;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;

/** The client secret is replaced while everything goes on. */
class RotatingSecretTest {
    private static final String OLD = "client secret";
    private static final String NEW = "next secret";
    private static final String BODY = "{\"authorization\": {\"code\": \"code-of-maria\"}}";

    private final Middle middle = new Middle();

    private Tokens refresh() throws CronofyException {
        return middle.paced.refresh(
                middle.application(), middle.cronofy.tokens(Duration.ofHours(1)), Purpose.AWAITED_REFRESH);
    }

    private List<String> secretsSent() {
        return middle.cronofy.received(Call.REFRESH).stream()
                .map(call -> call.application().clientSecret().reveal())
                .toList();
    }

    @Test
    void while_cronofy_accepts_the_present_secret_nobody_tries_the_next() throws CronofyException {
        middle.realm.rotate(NEW);
        middle.cronofy.accepts(OLD, NEW);

        refresh();

        assertThat(secretsSent()).containsExactly(OLD);
    }

    @Test
    void what_is_refused_with_one_secret_is_sent_once_with_the_other_which_comes_first_then() throws CronofyException {
        middle.realm.rotate(NEW);
        middle.cronofy.accepts(NEW);
        try (Warnings warnings = new Warnings()) {
            refresh();
            refresh();

            assertThat(secretsSent()).containsExactly(OLD, NEW, NEW);
            assertThat(warnings.told()).hasSize(1).first().asString().doesNotContain(OLD + "'", NEW + "'");
        }
        middle.cronofy.accepts(OLD);
        refresh();
        assertThat(secretsSent()).containsExactly(OLD, NEW, NEW, NEW, OLD);
    }

    @Test
    void if_both_are_refused_the_settings_have_to_be_looked_at() {
        middle.realm.rotate(NEW);
        middle.cronofy.accepts("a third one");

        CronofyException failure = catchThrowableOfType(CronofyException.class, this::refresh);

        assertThat(failure).isInstanceOf(CronofyException.Misconfigured.class);
        assertThat(secretsSent()).containsExactly(OLD, NEW);
    }

    @Test
    void what_fails_otherwise_is_not_sent_twice() {
        middle.realm.rotate(NEW);
        middle.cronofy.fails(Call.REFRESH, new CronofyException.Misconfigured("402"));
        middle.cronofy.fails(Call.REFRESH, new CronofyException.Unavailable("500", Duration.ZERO));
        middle.cronofy.fails(Call.REFRESH, new CronofyException.GrantGone("invalid_grant"));

        for (int i = 1; i <= 3; i++) {
            assertThat(catchThrowableOfType(CronofyException.class, this::refresh))
                    .isNotNull();
            assertThat(secretsSent()).hasSize(i);
        }
    }

    @Test
    void both_secrets_spend_one_budget() throws CronofyException {
        middle.linked();
        middle.realm.rotate(NEW);
        middle.cronofy.accepts(NEW);

        for (int i = 0; i < 40; i++) {
            refresh();
        }

        assertThat(secretsSent()).hasSize(41);
        assertThat(middle.tables.rows("EC_BUDGET")).hasSize(1);
    }

    @Test
    void no_right_ends_by_a_rotation_and_members_are_asked_for_and_granted_all_the_while() throws CronofyException {
        middle.linked();
        TestUser maria = middle.granted("maria");
        middle.realm.rotate(NEW);
        middle.cronofy.accepts(OLD, NEW);
        TestUser john = middle.granted("john");
        middle.cronofy.accepts(NEW);
        middle.clock.turn(Duration.ofHours(4));
        TestUser jane = middle.granted("jane");
        for (TestUser member : List.of(maria, john, jane)) {
            middle.credentials.forWork(new CredentialOwner.OfMember(
                    middle.realm.id(), middle.delegation(member).id(), member.id()));
        }
        middle.realm.changeSecret(NEW);
        middle.realm.rotate(null);
        middle.clock.turn(Duration.ofHours(4));
        TestUser jack = middle.granted("jack");

        assertThat(List.of(maria, john, jane, jack))
                .allSatisfy(
                        member -> assertThat(middle.delegation(member).state()).isEqualTo(Delegation.State.GRANTED));
        assertThat(middle.link().state()).isEqualTo(Link.State.ACTIVE);
        assertThat(middle.link().problem()).isNull();
        assertThat(middle.revocations()).isEmpty();
    }

    @Test
    void while_another_secret_cannot_be_read_one_that_is_refused_is_waited_with_and_nothing_is_misconfigured() {
        middle.linked();
        TestUser maria = middle.granted("maria");
        middle.realm.leaveSecretUnread();
        middle.cronofy.accepts(NEW);
        middle.clock.turn(Duration.ofHours(4));

        try (Warnings warnings = new Warnings()) {
            CronofyException failure = catchThrowableOfType(CronofyException.class, this::refresh);
            assertThat(failure).isInstanceOf(CronofyException.NotDone.class);
            assertThat(failure.held()).isFalse();
            middle.asked(middle.member("john"));
            assertThat(Objects.requireNonNull(middle.link().problem()).reason()).isEqualTo(Reason.UNAVAILABLE);
            assertThat(warnings.told()).noneMatch(text -> text.contains("misconfigured"));
        }
        assertThat(middle.link().state()).isEqualTo(Link.State.ACTIVE);
        assertThat(middle.delegation(maria).state()).isEqualTo(Delegation.State.GRANTED);
    }

    @Test
    void while_another_secret_cannot_be_read_a_revocation_waits_for_it_or_for_one_of_another_link() {
        middle.linked();
        middle.dispatcher.start();
        TestUser maria = middle.granted("maria");
        TestUser john = middle.granted("john");
        middle.realm.leaveSecretUnread();
        middle.cronofy.accepts(NEW);

        end(maria);
        middle.worker.turn(Duration.ofMinutes(1));
        assertThat(middle.revocations()).singleElement().satisfies(order -> {
            assertThat(order.state()).isEqualTo(Revocation.State.PENDING);
            assertThat(order.problem()).isEqualTo(Reason.UNAVAILABLE);
        });

        LinkId other = new LinkId(middle.realm.id(), "other");
        middle.realm.changeSecret(NEW);
        middle.linked(other, "ser_9", middle.cronofy.tokens(Duration.ofHours(3)));
        middle.realm.changeSecret(OLD);
        end(john);
        middle.worker.turn(Duration.ofMinutes(10));
        assertThat(middle.revocations()).extracting(Revocation::state).containsOnly(Revocation.State.DELIVERED);
    }

    private void end(TestUser member) {
        middle.transactions.doInRealm(
                middle.realm.id(),
                work -> middle.termination.end(work, middle.delegation(member), Reason.ENDED_BY_ADMINISTRATOR));
    }

    @Test
    void a_revocation_is_delivered_with_the_secret_that_cronofy_accepts() {
        middle.linked();
        middle.dispatcher.start();
        TestUser maria = middle.granted("maria");
        middle.realm.rotate(NEW);
        middle.cronofy.accepts(NEW);

        end(maria);
        middle.worker.turn(Duration.ofMinutes(1));

        assertThat(middle.revocations())
                .singleElement()
                .extracting(Revocation::state)
                .isEqualTo(Revocation.State.DELIVERED);
    }

    @Test
    void the_order_of_a_link_has_both_secrets_when_its_realm_is_gone() {
        middle.realm.rotate(NEW);
        middle.linked();
        middle.dispatcher.start();
        middle.transactions.doInServer(
                work -> work.removedRealm(middle.realm.id()).removeRealm(middle.clock.instant()));
        middle.transactions.remove(middle.realm);
        middle.cronofy.accepts(NEW);

        middle.worker.turn(Duration.ofMinutes(1));

        assertThat(middle.cronofy.received(Call.REVOKE))
                .extracting(call -> call.application().clientSecret().reveal())
                .containsExactly(OLD, NEW);
        assertThat(middle.revocations())
                .singleElement()
                .extracting(Revocation::state)
                .isEqualTo(Revocation.State.DELIVERED);
    }

    @Test
    void a_callback_counts_that_either_secret_has_signed_and_not_that_of_one_that_is_gone() {
        middle.linked();
        middle.realm.rotate(NEW);
        assertThat(signed("maria", NEW)).isEqualTo(Receipt.TAKEN);
        assertThat(signed("john", OLD)).isEqualTo(Receipt.TAKEN);
        assertThat(signed("jane", "a third one")).isEqualTo(Receipt.UNKNOWN);

        middle.realm.changeSecret(NEW);
        middle.realm.rotate(null);

        assertThat(signed("jack", OLD)).isEqualTo(Receipt.UNKNOWN);
        assertThat(signed("judy", NEW)).isEqualTo(Receipt.TAKEN);
    }

    @Test
    void while_another_secret_cannot_be_read_a_callback_that_it_may_have_signed_is_to_come_again() {
        middle.linked();
        middle.realm.leaveSecretUnread();

        assertThat(signed("maria", OLD)).isEqualTo(Receipt.TAKEN);
        assertThatThrownBy(() -> signed("john", NEW)).isInstanceOf(Unreadable.class);
    }

    private Receipt signed(String name, String secret) {
        TestUser member = middle.member(name);
        middle.asked(member);
        String url = middle.cronofy.callbackOf(member.address());
        String ticket = url.substring(url.lastIndexOf('/') + 1);
        byte[] body = BODY.getBytes(StandardCharsets.UTF_8);
        return middle.answers.receive(middle.realm.id(), ticket, Optional.of(signature(body, secret)), body);
    }

    private static String signature(byte[] body, String secret) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(Secret.of(secret).reveal().getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            return Base64.getEncoder().encodeToString(mac.doFinal(body));
        } catch (java.security.GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }
}
