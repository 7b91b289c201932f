package io.github.enterpriseconnect.delegation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Unreadable;
import io.github.enterpriseconnect.delegation.DelegationAnswers.Receipt;
import io.github.enterpriseconnect.middle.Middle;
import io.github.enterpriseconnect.middle.ScriptedCronofy.Call;
import io.github.enterpriseconnect.middle.ScriptedCronofy.Received;
import io.github.enterpriseconnect.middle.TestUser;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which answers are taken, from whom, how often, and what is kept of them. */
class DelegationAnswersTest {
    private static final String CODE = "{\"authorization\": {\"code\": \"first\", \"state\": \"\"}}";
    private static final String ANOTHER_CODE = "{\"authorization\": {\"code\": \"second\"}}";
    private static final String REFUSAL = "{\"authorization\": {\"error\": \"access_denied\","
            + " \"error_key\": \"errors.no_access\", \"error_description\": \"No rights to this mailbox\"}}";

    private final Middle middle = new Middle();
    private TestUser maria;
    private Delegation asked;

    @BeforeEach
    void ask_for_a_member() {
        middle.linked();
        maria = middle.member("maria");
        middle.cronofy.opens(maria.email());
        asked = middle.asked(maria);
    }

    /** The sender is answered at once: whoever waited for Cronofy's token endpoint there might be called again. */
    @Test
    void a_code_is_kept_and_redeemed_only_afterwards() {
        assertThat(middle.answered(maria, CODE)).isEqualTo(Receipt.TAKEN);
        assertThat(codes()).isEmpty();
        assertThat(middle.delegation(maria)).isEqualTo(asked);

        middle.worker.run();
        assertThat(codes()).containsExactly("first");
        assertThat(middle.delegation(maria).state()).isEqualTo(Delegation.State.GRANTED);
    }

    @Test
    void a_code_and_its_url_lie_sealed_in_the_table() {
        String url = middle.cronofy.callbackOf("maria@acme.example");
        middle.answered(maria, CODE);

        Object[] row = middle.tables.inTransaction(
                entities -> (Object[]) entities.createNativeQuery("select CODE, CALLBACK_URL from EC_DELEGATION")
                        .getSingleResult());

        assertThat(String.valueOf(row[0])).isNotEqualTo("null").doesNotContain("first");
        assertThat(String.valueOf(row[1])).isNotEqualTo("null").doesNotContain(url.substring(url.lastIndexOf('/') + 1));
    }

    @Test
    void a_refusal_is_noted_in_cronofy_s_own_words() {
        assertThat(middle.answered(maria, REFUSAL)).isEqualTo(Receipt.TAKEN);
        middle.worker.run();

        Delegation row = middle.delegation(maria);
        assertThat(row.state()).isEqualTo(Delegation.State.REFUSED);
        assertThat(row.reason()).isEqualTo(Reason.REFUSED_BY_CRONOFY);
        assertThat(row.detail()).isEqualTo("access_denied errors.no_access No rights to this mailbox");
        assertThat(row.nextAttemptAt()).isEqualTo(middle.retries.afterRefusal(middle.clock.instant(), 1));
        assertThat(middle.realm.shownState(maria)).isEqualTo("refused");
        assertThat(codes()).isEmpty();
    }

    @Test
    void a_refusal_that_carries_a_code_all_the_same_is_a_refusal() {
        middle.answered(maria, "{\"authorization\": {\"code\": \"first\", \"error\": \"access_denied\"}}");
        middle.worker.run();

        assertThat(middle.delegation(maria).state()).isEqualTo(Delegation.State.REFUSED);
        assertThat(middle.delegation(maria).detail()).isEqualTo("access_denied");
        assertThat(codes()).isEmpty();
    }

    /** A text that is longer than its column would make the answer fail, and Cronofy send it again and again. */
    @Test
    void of_a_refusal_that_no_table_could_keep_the_rest_is_kept() {
        middle.answered(maria, "{\"authorization\": {\"error\": \"no\\u0000t\\ud800 \\ud83d\\ude00\\nnow\"}}");

        assertThat(middle.delegation(maria).detail()).isEqualTo("no t  \ud83d\ude00 now");
    }

    @Test
    void of_a_long_refusal_the_beginning_is_kept() {
        Receipt receipt = middle.answered(maria, "{\"authorization\": {\"error\": \"" + "x".repeat(1_000) + "\"}}");

        assertThat(receipt).isEqualTo(Receipt.TAKEN);
        assertThat(middle.delegation(maria).detail()).isEqualTo("x".repeat(255));
    }

    @Test
    void another_refusal_rests_the_member_for_longer() {
        middle.answered(maria, REFUSAL);
        Delegation first = middle.delegation(maria);
        middle.clock.turn(Duration.between(middle.clock.instant(), first.nextAttemptAt()));
        middle.asked(maria);

        middle.answered(maria, REFUSAL);

        assertThat(middle.delegation(maria).nextAttemptAt())
                .isEqualTo(middle.retries.afterRefusal(middle.clock.instant(), 2));
    }

    @Test
    void a_duplicate_is_taken_and_the_first_code_is_redeemed_once() {
        middle.answered(maria, CODE);
        assertThat(middle.answered(maria, CODE)).isEqualTo(Receipt.TAKEN);
        assertThat(middle.answered(maria, ANOTHER_CODE)).isEqualTo(Receipt.TAKEN);
        middle.worker.run();

        assertThat(codes()).containsExactly("first");
    }

    @ParameterizedTest
    @ValueSource(strings = {CODE, ANOTHER_CODE, REFUSAL})
    void a_duplicate_that_comes_after_the_grant_is_taken_and_changes_nothing(String duplicate) {
        middle.answered(maria, CODE);
        middle.worker.run();
        Delegation granted = middle.delegation(maria);

        assertThat(middle.answered(maria, duplicate)).isEqualTo(Receipt.TAKEN);
        middle.worker.run();

        assertThat(middle.delegation(maria)).isEqualTo(granted);
        assertThat(codes()).containsExactly("first");
        assertThat(middle.realm.shownState(maria)).isEqualTo("granted");
    }

    @Test
    void a_refusal_that_follows_a_code_does_not_take_it_back() {
        middle.answered(maria, CODE);
        assertThat(middle.answered(maria, REFUSAL)).isEqualTo(Receipt.TAKEN);
        middle.worker.run();

        assertThat(middle.delegation(maria).state()).isEqualTo(Delegation.State.GRANTED);
    }

    @Test
    void a_code_that_follows_a_refusal_is_not_redeemed() {
        middle.answered(maria, REFUSAL);
        assertThat(middle.answered(maria, CODE)).isEqualTo(Receipt.TAKEN);
        middle.worker.run();

        assertThat(middle.delegation(maria).state()).isEqualTo(Delegation.State.REFUSED);
        assertThat(codes()).isEmpty();
    }

    /** Of two nodes that get the same answer at once one wins; the other finds it kept. */
    @Test
    void of_two_answers_at_once_one_is_kept() {
        middle.transactions.meanwhile(
                () -> assertThat(middle.answered(maria, ANOTHER_CODE)).isEqualTo(Receipt.TAKEN));

        assertThat(middle.answered(maria, CODE)).isEqualTo(Receipt.TAKEN);
        middle.worker.run();

        assertThat(codes()).containsExactly("second");
    }

    @Test
    void an_answer_under_a_ticket_that_was_never_issued_is_unknown() {
        assertThat(receive("never-issued", Optional.empty(), CODE)).isEqualTo(Receipt.UNKNOWN);
        middle.worker.run();

        assertThat(middle.delegation(maria)).isEqualTo(asked);
        assertThat(codes()).isEmpty();
    }

    /** The row holds the hash; whoever has read the table must not be able to answer with it. */
    @Test
    void the_hash_of_a_ticket_is_no_ticket() {
        assertThat(receive(String.valueOf(asked.ask()), Optional.empty(), CODE)).isEqualTo(Receipt.UNKNOWN);
    }

    @Test
    void an_answer_to_an_ask_before_the_last_is_unknown() {
        String former = ticket();
        middle.clock.turn(Duration.between(middle.clock.instant(), asked.nextAttemptAt()));
        middle.asked(maria);

        assertThat(receive(former, Optional.empty(), CODE)).isEqualTo(Receipt.UNKNOWN);
        assertThat(middle.answered(maria, ANOTHER_CODE)).isEqualTo(Receipt.TAKEN);
        middle.worker.run();

        assertThat(codes()).containsExactly("second");
    }

    /** Whatever Cronofy has granted has to be given back, and only the code can do that. */
    @Test
    void an_answer_that_comes_after_the_right_has_ended_is_taken_and_given_back() {
        middle.transactions.doInRealm(
                middle.realm.id(), work -> middle.termination.end(work, asked, Reason.ENDED_BY_ADMINISTRATOR));

        assertThat(middle.answered(maria, CODE)).isEqualTo(Receipt.TAKEN);
        middle.worker.run();

        assertThat(codes()).containsExactly("first");
        assertThat(middle.cronofy.received(Call.REVOKE)).hasSize(1);
        assertThat(middle.delegation(maria).state()).isEqualTo(Delegation.State.REVOKED);
        assertThat(middle.delegation(maria).reason()).isEqualTo(Reason.ENDED_BY_ADMINISTRATOR);
        assertThat(middle.realm.credential(maria)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "null",
                "[]",
                "{}",
                "{\"code\": \"first\"}",
                "{\"authorization\": null}",
                "{\"authorization\": {}}",
                "{\"authorization\": \"first\"}",
                "{\"authorization\": {\"code\": null}}",
                "{\"authorization\": {\"code\": \"\"}}",
                "{\"authorization\": {\"code\": \"  \"}}",
                "{\"authorization\": {\"code\": {\"x\": 1}}}",
                "{\"authorization\": {\"code\": \"fi\\u0000rst\"}}",
                "{\"authorization\": {\"code\": \"\\ud800\"}}",
                "{\"authorization\": {\"code\": \"first\"}",
                "authorization[code]=first"
            })
    void nonsense_is_unknown_and_the_answer_is_still_awaited(String body) {
        assertThat(middle.answered(maria, body)).isEqualTo(Receipt.UNKNOWN);
        middle.worker.run();
        assertThat(middle.delegation(maria)).isEqualTo(asked);
        assertThat(codes()).isEmpty();

        assertThat(middle.answered(maria, CODE)).isEqualTo(Receipt.TAKEN);
    }

    @ParameterizedTest(name = "required {0}, {1}: {2}")
    @CsvSource({
        "false, none, TAKEN",
        "false, right, TAKEN",
        "false, right and another, TAKEN",
        "false, of another secret, UNKNOWN",
        "false, of another body, UNKNOWN",
        "false, nonsense, UNKNOWN",
        "false, empty, UNKNOWN",
        "true, none, UNKNOWN",
        "true, right, TAKEN",
        "true, of another secret, UNKNOWN",
        "true, of another body, UNKNOWN"
    })
    void a_signature_counts_where_there_is_one_and_is_missed_where_it_is_required(
            boolean required, String signature, Receipt receipt) {
        if (required) {
            middle.realm.requireSignatures();
        }
        Optional<String> header =
                switch (signature) {
                    case "none" -> Optional.empty();
                    case "right" -> Optional.of(signature(CODE, "client secret"));
                    case "right and another" -> Optional.of("bm9uZQ==, " + signature(CODE, "client secret"));
                    case "of another secret" -> Optional.of(signature(CODE, "another secret"));
                    case "of another body" -> Optional.of(signature(ANOTHER_CODE, "client secret"));
                    case "empty" -> Optional.of("");
                    default -> Optional.of(signature);
                };

        assertThat(receive(ticket(), header, CODE)).isEqualTo(receipt);
        middle.worker.run();

        assertThat(codes()).hasSize(receipt == Receipt.TAKEN ? 1 : 0);
        assertThat(middle.delegation(maria).state())
                .isEqualTo(receipt == Receipt.TAKEN ? Delegation.State.GRANTED : Delegation.State.ASKED);
    }

    @Test
    void the_secret_of_now_is_what_signatures_are_checked_with() {
        middle.realm.changeSecret("new secret");

        assertThat(receive(ticket(), Optional.of(signature(CODE, "client secret")), CODE))
                .isEqualTo(Receipt.UNKNOWN);
        assertThat(receive(ticket(), Optional.of(signature(CODE, "new secret")), CODE))
                .isEqualTo(Receipt.TAKEN);
    }

    @Test
    void without_a_secret_no_signature_is_right() {
        middle.realm.loseSecret();

        assertThat(receive(ticket(), Optional.of(signature(CODE, "client secret")), CODE))
                .isEqualTo(Receipt.UNKNOWN);
    }

    /** Refused, Cronofy would not come again. */
    @Test
    void while_the_secret_cannot_be_read_the_answer_is_put_off_and_taken_afterwards() {
        Optional<String> signature = Optional.of(signature(CODE, "client secret"));
        middle.realm.failSecret(Unreadable.key("1"));

        assertThatThrownBy(() -> receive(ticket(), signature, CODE)).isInstanceOf(Unreadable.class);

        middle.realm.giveSecretBack();
        assertThat(receive(ticket(), signature, CODE)).isEqualTo(Receipt.TAKEN);
    }

    private Receipt receive(String ticket, Optional<String> signature, String body) {
        return middle.answers.receive(middle.realm.id(), ticket, signature, body.getBytes(StandardCharsets.UTF_8));
    }

    private String ticket() {
        String url = middle.cronofy.callbackOf("maria@acme.example");
        return url.substring(url.lastIndexOf('/') + 1);
    }

    private List<String> codes() {
        return middle.cronofy.received(Call.EXCHANGE).stream()
                .map(Received::what)
                .toList();
    }

    /** As Cronofy's documentation of push notifications has it. */
    private static String signature(String body, String secret) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            return Base64.getEncoder().encodeToString(mac.doFinal(body.getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
