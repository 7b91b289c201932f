package io.github.enterpriseconnect.delegation;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.enterpriseconnect.core.Behaviour;
import io.github.enterpriseconnect.core.Credential;
import io.github.enterpriseconnect.core.CronofyException;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Mailbox;
import io.github.enterpriseconnect.core.Policy;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Revocation;
import io.github.enterpriseconnect.core.SignIn;
import io.github.enterpriseconnect.core.Ticket;
import io.github.enterpriseconnect.core.Unreadable;
import io.github.enterpriseconnect.middle.Middle;
import io.github.enterpriseconnect.middle.ScriptedCronofy.Call;
import io.github.enterpriseconnect.middle.ScriptedCronofy.Received;
import io.github.enterpriseconnect.middle.TestUser;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whom the background asks for once it has looked again, and what it writes about those whom it does not ask for. */
class AskPreparationTest {
    private static final SignIn BROKERED = new SignIn("acme-idp", null);
    private static final Duration WHILE_REVOKING = Duration.ofSeconds(30);

    private final Middle middle = new Middle();
    private TestUser maria;

    @BeforeEach
    void link_the_organization() {
        middle.linked();
        maria = middle.member("maria");
    }

    @Test
    void a_new_member_is_asked_for_and_the_row_says_when_an_answer_is_given_up() {
        middle.queue.add(middle.link, maria.id(), BROKERED);
        middle.worker.turn(Middle.COALESCE);

        Delegation row = middle.delegation(maria);
        assertThat(row.state()).isEqualTo(Delegation.State.ASKED);
        assertThat(row.link()).isEqualTo(middle.link);
        assertThat(row.userId()).isEqualTo(maria.id());
        assertThat(row.reason()).isNull();
        assertThat(row.attempts()).isEqualTo(1);
        assertThat(row.askedAt()).isEqualTo(middle.clock.instant());
        assertThat(row.nextAttemptAt()).isEqualTo(middle.retries.afterSilence(middle.clock.instant(), 1));
        assertThat(row.identityProvider()).isEqualTo("acme-idp");
        assertThat(row.subject()).isNull();
        assertThat(middle.realm.shownState(maria)).isEqualTo("asked");
        assertThat(asks()).containsExactly("maria@acme.example");
    }

    /** The table alone must not be enough to forge an answer. */
    @Test
    void the_row_keeps_the_hash_of_the_ticket_in_the_callback_s_url() {
        Delegation row = middle.asked(maria);

        String url = middle.cronofy.callbackOf("maria@acme.example");
        assertThat(row.ask()).isEqualTo(Ticket.hash(url.substring(url.lastIndexOf('/') + 1)));
        assertThat(url).doesNotContain(String.valueOf(row.ask()));
    }

    @Test
    void the_answer_is_to_come_to_the_base_that_the_link_was_made_with() {
        middle.asked(maria);

        assertThat(middle.cronofy.callbackOf("maria@acme.example"))
                .startsWith("https://id.example.com/realms/realm-1/enterprise-connect/callback/delegation/");
    }

    @Test
    void the_answer_is_to_come_to_the_public_base_where_the_settings_name_one() {
        middle.realm.setPublicUrl("https://cronofy.example.org/id");

        middle.asked(maria);

        assertThat(middle.cronofy.callbackOf("maria@acme.example"))
                .startsWith("https://cronofy.example.org/id/realms/realm-1/enterprise-connect/callback/delegation/");
    }

    @Test
    void a_granted_member_is_left_alone() {
        Delegation granted = middle.granted(maria);

        Delegation row = middle.asked(maria);

        assertThat(row).isEqualTo(granted);
        assertThat(asks()).hasSize(1);
    }

    @Test
    void a_granted_member_whose_credential_is_lost_is_asked_for_anew() {
        middle.granted(maria);
        middle.transactions.doInRealm(middle.realm.id(), work -> work.credentials()
                .remove(maria.id(), Delegation.State.GRANTED, middle.link.name()));

        Delegation row = middle.asked(maria);

        assertThat(asks()).hasSize(2);
        assertThat(row.state()).isEqualTo(Delegation.State.ASKED);
        assertThat(row.live()).as("Cronofy still holds what was granted").isTrue();
    }

    @Test
    void a_member_whose_answer_is_awaited_is_left_alone() {
        Delegation asked = middle.asked(maria);
        middle.clock.turn(Duration.ofMinutes(1));

        assertThat(middle.asked(maria)).isEqualTo(asked);
        assertThat(asks()).hasSize(1);
    }

    @Test
    void a_member_whose_answer_was_awaited_for_long_is_asked_for_under_another_ticket() {
        Delegation first = middle.asked(maria);
        String former = middle.cronofy.callbackOf("maria@acme.example");
        turnTo(first);

        Delegation second = middle.asked(maria);

        assertThat(asks()).hasSize(2);
        assertThat(second.id()).isEqualTo(first.id());
        assertThat(second.attempts()).isEqualTo(2);
        assertThat(second.nextAttemptAt()).isEqualTo(middle.retries.afterSilence(middle.clock.instant(), 2));
        assertThat(middle.cronofy.callbackOf("maria@acme.example")).isNotEqualTo(former);
        assertThat(second.ask()).isNotEqualTo(first.ask());
    }

    @Test
    void a_refused_member_is_asked_for_again_only_after_the_cooldown() {
        middle.cronofy.fails(Call.ASK, new CronofyException.Refused("422", true));
        Delegation refused = middle.asked(maria);

        assertThat(middle.asked(maria)).isEqualTo(refused);
        assertThat(asks()).hasSize(1);

        turnTo(refused);
        Delegation again = middle.asked(maria);
        assertThat(asks()).hasSize(2);
        assertThat(again.state()).isEqualTo(Delegation.State.ASKED);
        assertThat(again.attempts()).isEqualTo(2);
    }

    /** Nobody is given up: the callbacks may have been lost by a fault that is over one day. */
    @Test
    void a_member_whose_callback_never_comes_is_asked_for_again_and_again_at_last_once_a_day() {
        Delegation row = middle.asked(maria);
        for (int silence = 1; silence < 20; silence++) {
            turnTo(row);
            row = middle.asked(maria);
        }

        assertThat(asks()).hasSize(20);
        assertThat(row.state()).isEqualTo(Delegation.State.ASKED);
        assertThat(row.reason()).isEqualTo(Reason.NO_ANSWER);
        assertThat(row.nextAttemptAt())
                .isBefore(middle.clock.instant().plus(Duration.ofHours(24)).plusSeconds(1));
        assertThat(dueAt(row.nextAttemptAt())).extracting(Delegation::id).containsExactly(row.id());
        middle.cronofy.opens(maria.email());
        middle.answered(maria);
        middle.worker.run();
        assertThat(middle.delegation(maria).state()).isEqualTo(Delegation.State.GRANTED);
    }

    @Test
    void without_an_application_nobody_is_asked_for_and_whoever_was_due_is_refused() {
        turnTo(middle.asked(maria));
        TestUser john = middle.member("john");
        middle.realm.loseSettings();
        middle.realm.switchOff();

        middle.queue.add(middle.link, john.id(), SignIn.DIRECT);
        Delegation row = middle.asked(maria);

        assertThat(asks()).hasSize(1);
        assertThat(row.state()).isEqualTo(Delegation.State.REFUSED);
        assertThat(row.reason()).isEqualTo(Reason.NOT_ENABLED);
        assertThat(row.nextAttemptAt()).isEqualTo(middle.clock.instant());
        assertThat(rowsOf(john)).isEmpty();
    }

    /** A vault that cannot be read says nothing about members. */
    @Test
    void without_the_secret_nobody_is_asked_for_and_everybody_is_once_it_is_back() {
        middle.queue.start();
        turnTo(middle.asked(maria));
        TestUser john = middle.member("john");
        middle.realm.loseSecret();

        middle.queue.add(middle.link, john.id(), SignIn.DIRECT);
        Delegation row = middle.asked(maria);
        assertThat(asks()).hasSize(1);
        assertThat(row.state()).isEqualTo(Delegation.State.ASKED);
        assertThat(row.reason()).isEqualTo(Reason.MISCONFIGURED);

        middle.realm.changeSecret("found again");
        middle.worker.turn(Duration.ofMinutes(2));
        assertThat(middle.delegation(maria).attempts()).isEqualTo(2);
        assertThat(middle.delegation(john).state()).isEqualTo(Delegation.State.ASKED);
    }

    @Test
    void while_the_secret_cannot_be_read_everybody_waits() {
        middle.queue.start();
        turnTo(middle.asked(maria));
        TestUser john = middle.member("john");
        middle.realm.failSecret(Unreadable.key("1"));

        middle.queue.add(middle.link, john.id(), SignIn.DIRECT);
        assertThat(middle.asked(maria).reason()).isEqualTo(Reason.KEY_AWAY);
        assertThat(asks()).hasSize(1);

        middle.realm.giveSecretBack();
        middle.worker.turn(Duration.ofMinutes(2));
        assertThat(middle.delegation(maria).attempts()).isEqualTo(2);
        assertThat(middle.delegation(john).state()).isEqualTo(Delegation.State.ASKED);
    }

    /** The directory is switched off, and says nothing about its users. */
    @Test
    void a_user_whose_directory_is_switched_off_is_not_taken_for_one_who_is_gone() {
        turnTo(middle.asked(maria));
        middle.realm.switchDirectoryOff(maria);

        assertThat(middle.asked(maria).state()).isEqualTo(Delegation.State.ASKED);
        assertThat(asks()).hasSize(1);
    }

    @Test
    void a_link_of_another_application_asks_for_nobody() {
        turnTo(middle.asked(maria));
        authorizedFor("de:another");

        Delegation row = middle.asked(maria);

        assertThat(asks()).hasSize(1);
        assertThat(row.state()).isEqualTo(Delegation.State.REFUSED);
        assertThat(row.reason()).isEqualTo(Reason.LINK_NOT_ACTIVE);
    }

    @Test
    void a_user_who_is_gone_is_asked_for_no_more() {
        Delegation asked = middle.asked(maria);
        turnTo(asked);
        middle.realm.remove(maria);

        middle.queue.add(middle.link, maria.id());
        middle.worker.turn(Middle.COALESCE);

        assertThat(asks()).hasSize(1);
        assertThat(middle.delegation(maria).state()).isEqualTo(Delegation.State.REFUSED);
        assertThat(middle.delegation(maria).reason()).isEqualTo(Reason.USER_REMOVED);
    }

    /** With the reason of the gate, and at the next sign-in, since whatever it was may have been put right by then. */
    @Test
    void a_due_member_whom_the_gate_no_longer_lets_through_is_refused_until_the_next_sign_in() {
        turnTo(middle.asked(maria));
        maria.unverify();

        Delegation row = middle.asked(maria);

        assertThat(asks()).hasSize(1);
        assertThat(row.state()).isEqualTo(Delegation.State.REFUSED);
        assertThat(row.reason()).isEqualTo(Reason.EMAIL_NOT_VERIFIED);
        assertThat(row.nextAttemptAt()).isEqualTo(middle.clock.instant());
        assertThat(middle.realm.shownState(maria)).isEqualTo("refused");
    }

    @Test
    void where_an_answer_is_still_awaited_the_answer_decides() {
        Delegation asked = middle.asked(maria);
        maria.unverify();

        assertThat(middle.asked(maria)).isEqualTo(asked);
        assertThat(middle.realm.shownState(maria)).isEqualTo("asked");
    }

    @Test
    void nothing_is_written_about_somebody_whom_the_gate_never_let_through() {
        maria.unverify();

        middle.queue.add(middle.link, maria.id(), SignIn.DIRECT);
        middle.worker.turn(Middle.COALESCE);

        assertThat(rowsOf(maria)).isEmpty();
        assertThat(middle.realm.shownState(maria)).isNull();
        assertThat(asks()).isEmpty();
    }

    /** Asked for at once, the new right would be ended by the revocation of the old one. */
    @Test
    void a_mailbox_whose_revocation_is_pending_is_asked_for_half_a_minute_later() {
        middle.queue.start();
        ended(middle.granted(maria));

        Delegation waiting = middle.asked(maria);
        assertThat(asks()).hasSize(1);
        assertThat(waiting.state()).isEqualTo(Delegation.State.ASKED);
        assertThat(waiting.reason()).isEqualTo(Reason.UNAVAILABLE);
        assertThat(waiting.attempts()).isZero();
        assertThat(waiting.nextAttemptAt()).isEqualTo(middle.clock.instant().plus(WHILE_REVOKING));

        middle.dispatcher.deliverSoon();
        middle.worker.turn(WHILE_REVOKING.minusSeconds(1));
        assertThat(middle.revocations()).extracting(Revocation::state).containsExactly(Revocation.State.DELIVERED);
        assertThat(asks()).hasSize(1);

        middle.worker.turn(Duration.ofSeconds(7));
        assertThat(asks()).hasSize(2);
        assertThat(middle.delegation(maria).reason()).isNull();
    }

    @Test
    void a_mailbox_whose_revocation_stays_pending_is_put_off_again() {
        middle.queue.start();
        ended(middle.granted(maria));
        Delegation waiting = middle.asked(maria);

        middle.worker.turn(WHILE_REVOKING.plusSeconds(6));

        assertThat(asks()).hasSize(1);
        assertThat(middle.delegation(maria).nextAttemptAt()).isAfter(waiting.nextAttemptAt());
    }

    @Test
    void a_changed_address_ends_what_was_granted_for_the_one_before_and_asks_for_the_new_one() {
        Delegation granted = middle.granted(maria);
        String refreshToken = credential(maria).tokens().refreshToken().reveal();
        maria.changeEmail("maria.curie@acme.example");

        Delegation row = middle.asked(maria);

        assertThat(asks()).containsExactly("maria@acme.example", "maria.curie@acme.example");
        assertThat(row.id()).isNotEqualTo(granted.id());
        assertThat(row.state()).isEqualTo(Delegation.State.ASKED);
        Delegation before = byId(granted);
        assertThat(before.state()).isEqualTo(Delegation.State.REVOKED);
        assertThat(before.reason()).isEqualTo(Reason.MAILBOX_CHANGED);
        assertThat(before.live()).isFalse();
        assertThat(middle.realm.credential(maria)).isEmpty();
        assertThat(middle.realm.shownState(maria)).isEqualTo("asked");
        assertThat(middle.revocations()).singleElement().satisfies(revocation -> {
            assertThat(revocation.subject()).isEqualTo("acc_maria");
            assertThat(revocation.cause().reason()).isEqualTo(Reason.MAILBOX_CHANGED);
        });
        middle.dispatcher.deliverSoon();
        middle.worker.run();
        assertThat(middle.cronofy.received(Call.REVOKE))
                .extracting(Received::what)
                .containsExactly("acc_maria by " + refreshToken);
    }

    @Test
    void a_user_who_has_no_address_any_more_keeps_no_right_to_the_one_before() {
        Delegation granted = middle.granted(maria);
        maria.changeEmail(null);

        middle.queue.add(middle.link, maria.id(), SignIn.DIRECT);
        middle.worker.turn(Middle.COALESCE);

        assertThat(byId(granted).reason()).isEqualTo(Reason.MAILBOX_CHANGED);
        assertThat(middle.realm.credential(maria)).isEmpty();
        assertThat(asks()).hasSize(1);
    }

    @Test
    void a_mailbox_that_passes_to_another_user_carries_nothing_over_and_waits_for_the_revocation() {
        TestUser john = middle.member("john");
        Delegation johns = middle.granted(john);
        john.changeEmail("john.doe@acme.example");
        maria.changeEmail("john@acme.example");

        Delegation row = middle.asked(maria);

        assertThat(asks()).containsExactly("john@acme.example");
        assertThat(row.id()).isEqualTo(johns.id());
        assertThat(row.userId()).isEqualTo(maria.id());
        assertThat(row.state()).isEqualTo(Delegation.State.ASKED);
        assertThat(row.nextAttemptAt()).isEqualTo(middle.clock.instant().plus(WHILE_REVOKING));
        assertThat(row.subject()).isNull();
        assertThat(row.live()).isFalse();
        assertThat(row.grantedAt()).isNull();
        assertThat(row.history()).hasSize(1);
        assertThat(middle.realm.credential(john)).isEmpty();
        assertThat(middle.revocations()).singleElement().satisfies(revocation -> {
            assertThat(revocation.subject()).isEqualTo("acc_john");
            assertThat(revocation.cause().user()).isEqualTo(john.id());
            assertThat(revocation.cause().reason()).isEqualTo(Reason.MAILBOX_CHANGED);
        });
    }

    @Test
    void a_mailbox_that_was_only_asked_for_another_user_is_asked_for_at_once() {
        TestUser john = middle.member("john");
        Delegation johns = middle.asked(john);
        john.changeEmail("john.doe@acme.example");
        maria.changeEmail("john@acme.example");

        Delegation row = middle.asked(maria);

        assertThat(asks()).containsExactly("john@acme.example", "john@acme.example");
        assertThat(row.userId()).isEqualTo(maria.id());
        assertThat(row.attempts()).isEqualTo(1);
        assertThat(row.ask()).isNotEqualTo(johns.ask());
        assertThat(middle.revocations()).isEmpty();
    }

    @Test
    void a_member_whom_another_link_lets_through_is_asked_for_by_that_one_for_the_same_sign_in() {
        LinkId globex = new LinkId(middle.realm.id(), "globex");
        middle.linked(globex, "ser_2", middle.cronofy.tokens(Duration.ofHours(3)));
        TestUser john = middle.realm.user("john@acme.example").in("globex", Middle.DOMAIN);

        middle.queue.add(middle.link, john.id(), BROKERED);
        middle.worker.turn(Middle.COALESCE.multipliedBy(2));

        assertThat(asks()).containsExactly("john@acme.example");
        assertThat(middle.delegation(john).link()).isEqualTo(globex);
        assertThat(middle.delegation(john).identityProvider()).isEqualTo("acme-idp");
    }

    @Test
    void what_an_identity_provider_vouches_for_counts_as_proof_from_then_on() {
        setPolicy(Policy.Proof.OWNER, Behaviour.Stated.NOTHING);
        SignIn vouched = new SignIn("acme-idp", Mailbox.parse(maria.email()).orElseThrow());

        middle.queue.add(middle.link, maria.id(), SignIn.DIRECT);
        middle.worker.turn(Middle.COALESCE);
        assertThat(asks()).isEmpty();

        middle.queue.add(middle.link, maria.id(), vouched);
        middle.worker.turn(Middle.COALESCE);
        assertThat(asks()).containsExactly("maria@acme.example");
        assertThat(proven(maria, "maria@acme.example")).isTrue();
    }

    @Test
    void a_proof_is_forgotten_once_the_address_is_another() {
        middle.queue.add(
                middle.link,
                maria.id(),
                new SignIn("acme-idp", Mailbox.parse(maria.email()).orElseThrow()));
        middle.worker.turn(Middle.COALESCE);
        maria.changeEmail("maria.curie@acme.example");
        middle.asked(maria);
        maria.changeEmail("maria@acme.example");
        middle.asked(maria);

        assertThat(proven(maria, "maria@acme.example")).isFalse();
    }

    /** Sign-ins know of links and of pages only what the background has learnt for them. */
    @Test
    void the_next_sign_in_knows_the_link_and_that_it_asks_for_a_page() {
        setPolicy(Policy.Proof.KEYCLOAK, new Behaviour.Stated(null, Behaviour.Notice.PAGE, null));
        assertThat(middle.realm.mayAskForPage()).isFalse();
        assertThat(middle.cache.known(middle.link)).isEmpty();

        middle.queue.add(middle.link, maria.id(), SignIn.DIRECT);
        middle.worker.turn(Middle.COALESCE);

        assertThat(middle.realm.mayAskForPage()).isTrue();
        assertThat(middle.cache.known(middle.link)).contains(middle.link());
        assertThat(asks()).isEmpty();
    }

    private void setPolicy(Policy.Proof proof, Behaviour.Stated behaviour) {
        middle.transactions.doInRealm(middle.realm.id(), work -> work.links()
                .setPolicy(
                        middle.link, new Policy(proof, behaviour, Set.of(), Set.of(), Set.of(), Set.of(), Set.of())));
    }

    private void authorizedFor(String application) {
        Link link = middle.link();
        Credential credential = middle.linkCredential().orElseThrow();
        middle.transactions.doInRealm(middle.realm.id(), work -> work.links()
                .authorize(
                        new Link(
                                link.id(),
                                link.state(),
                                application,
                                link.serviceAccount(),
                                link.accountDomain(),
                                link.scope(),
                                link.delegatedScope(),
                                link.baseUrl(),
                                link.linkedAt(),
                                link.domains(),
                                link.policy(),
                                null),
                        credential,
                        middle.application()));
    }

    private void ended(Delegation delegation) {
        middle.transactions.doInRealm(
                middle.realm.id(), work -> middle.termination.end(work, delegation, Reason.ENDED_BY_ADMINISTRATOR));
    }

    private List<Delegation> dueAt(@Nullable Instant time) {
        return middle.transactions.inServer(work -> work.due().asks().due(Objects.requireNonNull(time), 10));
    }

    private void turnTo(Delegation due) {
        middle.clock.turn(Duration.between(middle.clock.instant(), due.nextAttemptAt()));
    }

    private Credential credential(TestUser user) {
        return middle.realm.credential(user).orElseThrow();
    }

    private Delegation byId(Delegation delegation) {
        return middle.transactions.inRealm(
                middle.realm.id(),
                work -> work.delegations().byId(delegation.id()).orElseThrow());
    }

    private List<Delegation> rowsOf(TestUser user) {
        return middle.transactions.inRealm(
                middle.realm.id(), work -> work.delegations().ofUser(middle.realm.id(), user.id()));
    }

    private boolean proven(TestUser user, String address) {
        return middle.transactions.inRealm(middle.realm.id(), work -> work.members()
                .proven(user.id(), Mailbox.parse(address).orElseThrow()));
    }

    private List<String> asks() {
        return middle.cronofy.received(Call.ASK).stream().map(Received::what).toList();
    }
}
