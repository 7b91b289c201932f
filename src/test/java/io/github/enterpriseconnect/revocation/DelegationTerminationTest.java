package io.github.enterpriseconnect.revocation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.enterpriseconnect.core.Consumer;
import io.github.enterpriseconnect.core.Credential;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Mailbox;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Revocation;
import io.github.enterpriseconnect.core.SignIn;
import io.github.enterpriseconnect.core.TokenUse;
import io.github.enterpriseconnect.core.Unreadable;
import io.github.enterpriseconnect.middle.Middle;
import io.github.enterpriseconnect.middle.ScriptedCronofy.Call;
import io.github.enterpriseconnect.middle.ScriptedCronofy.Received;
import io.github.enterpriseconnect.middle.TestUser;
import io.github.enterpriseconnect.platform.Work;
import io.github.enterpriseconnect.storage.RevocationOrder;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is left of a delegation that ends: its row, the member's attribute, and what is to be sent to Cronofy. */
class DelegationTerminationTest {
    private final Middle middle = new Middle();
    private TestUser maria;

    @BeforeEach
    void link_the_organization_and_delegate_a_member() {
        middle.linked();
        maria = middle.granted("maria");
    }

    @Test
    void a_granted_delegation_is_gone_here_and_its_revocation_is_ordered_by_its_own_refresh_token() {
        String refreshToken = credential().tokens().refreshToken().reveal();

        assertThat(end(maria, Reason.USER_DISABLED)).isTrue();

        Delegation ended = middle.delegation(maria);
        assertThat(ended.state()).isEqualTo(Delegation.State.REVOKED);
        assertThat(ended.reason()).isEqualTo(Reason.USER_DISABLED);
        assertThat(ended.live()).isFalse();
        assertThat(middle.realm.credential(maria)).isEmpty();
        assertThat(middle.realm.shownState(maria)).isEqualTo("revoked");
        assertThat(middle.revocations()).singleElement().satisfies(revocation -> {
            assertThat(revocation.state()).isEqualTo(Revocation.State.PENDING);
            assertThat(revocation.subject()).isEqualTo("acc_maria");
            assertThat(revocation.nextAttemptAt()).isEqualTo(middle.clock.instant());
            assertThat(revocation.cause())
                    .isEqualTo(new Revocation.Cause(
                            middle.realm.id(),
                            "acme",
                            "maria",
                            Mailbox.parse("maria@acme.example").orElseThrow(),
                            Reason.USER_DISABLED));
        });
        deliver();
        assertThat(revoked()).containsExactly("acc_maria by " + refreshToken);
    }

    @Test
    void without_a_credential_the_account_is_revoked_by_its_name() {
        middle.realm.remove(maria);

        assertThat(end(maria, Reason.USER_REMOVED)).isTrue();

        deliver();
        assertThat(revoked()).containsExactly("acc_maria");
    }

    @Test
    void what_was_only_asked_for_ends_without_a_revocation() {
        TestUser jonas = middle.member("jonas");
        middle.asked(jonas);

        assertThat(end(jonas, Reason.LEFT_ORGANIZATION)).isTrue();

        assertThat(middle.delegation(jonas).state()).isEqualTo(Delegation.State.REVOKED);
        assertThat(middle.delegation(jonas).reason()).isEqualTo(Reason.LEFT_ORGANIZATION);
        assertThat(middle.delegation(jonas).nextAttemptAt()).isNull();
        assertThat(middle.realm.shownState(jonas)).isEqualTo("revoked");
        assertThat(middle.revocations()).isEmpty();
    }

    @Test
    void what_has_ended_already_is_left_as_it_is() {
        end(maria, Reason.USER_DISABLED);
        Delegation ended = middle.delegation(maria);
        List<Revocation> ordered = middle.revocations();

        assertThat(end(maria, Reason.LEFT_ORGANIZATION)).isFalse();

        assertThat(middle.delegation(maria)).isEqualTo(ended);
        assertThat(middle.revocations()).isEqualTo(ordered);
    }

    @Test
    void what_cronofy_has_ended_by_itself_is_not_revoked_once_more() {
        inRealm(work -> {
            work.delegations().revoke(delegation(work, maria).id(), Reason.AUTHORIZATION_GONE, middle.clock.instant());
            return true;
        });

        assertThat(end(maria, Reason.USER_DISABLED)).isFalse();

        assertThat(middle.delegation(maria).reason()).isEqualTo(Reason.AUTHORIZATION_GONE);
        assertThat(middle.revocations()).isEmpty();
    }

    /** Cronofy still holds what we only can no longer read. */
    @Test
    void what_could_not_be_read_any_more_is_revoked_when_it_ends() {
        inRealm(work -> {
            work.delegations()
                    .revoke(delegation(work, maria).id(), Reason.CREDENTIAL_UNREADABLE, middle.clock.instant());
            return true;
        });

        assertThat(end(maria, Reason.USER_DISABLED)).isTrue();

        assertThat(middle.revocations()).extracting(Revocation::subject).containsExactly("acc_maria");
    }

    /**
     * The address changed, and the new mailbox has been granted before the old one is found: its tokens must not be
     * lost.
     */
    @Test
    void the_credential_of_another_delegation_stays_and_is_not_what_is_revoked() {
        Delegation former = middle.delegation(maria);
        maria.changeEmail("maria.new@acme.example");
        Credential present = new Credential(
                middle.applicationKey(),
                "acc_new",
                "acme",
                "maria.new@acme.example",
                middle.cronofy.tokens(Duration.ofHours(3)));
        inRealm(work -> work.credentials().store(maria.id(), present));

        inRealm(work -> middle.termination.end(work, former, Reason.MAILBOX_CHANGED));

        assertThat(middle.realm.credential(maria)).contains(present);
        assertThat(middle.realm.shownState(maria)).isEqualTo("granted");
        deliver();
        assertThat(revoked()).containsExactly("acc_maria");
    }

    @Test
    void with_the_user_everything_that_is_remembered_of_them_goes() {
        Mailbox mailbox = middle.delegation(maria).mailbox();
        inRealm(work -> {
            work.members().optOut(maria.id(), middle.clock.instant());
            work.members().prove(maria.id(), mailbox, "VERIFY_EMAIL", middle.clock.instant());
            work.uses().note(maria.id(), "acme", use());
            return true;
        });

        end(maria, Reason.USER_REMOVED);

        inRealm(work -> {
            assertThat(work.members().optedOut(maria.id())).isEmpty();
            assertThat(work.members().proven(maria.id(), mailbox)).isFalse();
            assertThat(work.uses().ofUser(maria.id())).isEmpty();
            return true;
        });
        assertThat(middle.realm.shownState(maria)).isNull();
    }

    @Test
    void a_user_who_stays_keeps_the_way_out_and_the_record_of_uses() {
        inRealm(work -> {
            work.members().optOut(maria.id(), middle.clock.instant());
            work.uses().note(maria.id(), "acme", use());
            return true;
        });

        end(maria, Reason.OPTED_OUT);

        inRealm(work -> {
            assertThat(work.members().optedOut(maria.id())).contains(middle.clock.instant());
            assertThat(work.uses().ofUser(maria.id())).hasSize(1);
            return true;
        });
    }

    /** A mail about access that has ended meanwhile would be wrong; one about the next grant would not. */
    @Test
    void a_member_who_was_still_to_be_told_is_not_told_any_more() {
        String delegation = middle.delegation(maria).id();
        for (Function<Work, Boolean> end : List.<Function<Work, Boolean>>of(
                work -> middle.termination.end(work, delegation(work, maria), Reason.USER_DISABLED), work -> {
                    middle.termination.endWithLink(work, delegation(work, maria));
                    return true;
                })) {
            inRealm(work -> {
                work.notices().order(delegation, middle.clock.instant());
                return true;
            });
            assertThat(due()).isEqualTo(1);

            inRealm(end);

            assertThat(due()).isZero();
        }
    }

    /** How many members are to be told of their delegation now. */
    private long due() {
        return middle.transactions.inServer(work ->
                (long) work.due().unannounced(middle.clock.instant(), 10).size());
    }

    @Test
    void the_next_sign_in_counts_at_once() {
        middle.recentSignIns.remember(maria.id(), SignIn.DIRECT, middle.link);

        end(maria, Reason.ENDED_BY_ADMINISTRATOR);

        assertThat(middle.recentSignIns.known(maria.id(), SignIn.DIRECT)).isFalse();
    }

    /** The realm's settings may be gone by then; every link keeps the secret for its own revocation. */
    @Test
    void the_links_secret_serves_where_the_realm_has_none() {
        middle.realm.loseSecret();

        end(maria, Reason.USER_DISABLED);
        deliver();

        assertThat(sent()).singleElement().satisfies(call -> {
            assertThat(call.application().clientSecret().reveal()).isEqualTo("client secret");
            assertThat(call.what()).startsWith("acc_maria by ");
        });
    }

    @Test
    void the_links_secret_serves_while_the_realms_cannot_be_read() {
        middle.realm.failSecret(Unreadable.key("1"));

        end(maria, Reason.USER_DISABLED);
        deliver();

        assertThat(sent()).singleElement().satisfies(call -> assertThat(call.what())
                .startsWith("acc_maria by "));
    }

    @Test
    void while_the_only_secret_cannot_be_read_nothing_ends() {
        middle.realm.failSecret(Unreadable.key("1"));
        inRealm(work -> {
            work.links().unlink(middle.link, Reason.UNLINKED, middle.clock.instant());
            return true;
        });

        // Whoever asks may go on in the same transaction.
        inRealm(work -> {
            Delegation granted = middle.delegation(maria);
            assertThatThrownBy(() -> middle.termination.end(work, granted, Reason.USER_DISABLED))
                    .isInstanceOf(Unreadable.class);
            return true;
        });

        assertThat(middle.delegation(maria).live()).isTrue();
        assertThat(middle.realm.credential(maria)).isPresent();
        middle.realm.giveSecretBack();
        end(maria, Reason.USER_DISABLED);
        assertThat(revocationOf("acc_maria").state()).isEqualTo(Revocation.State.PENDING);
    }

    @Test
    void where_no_secret_is_left_an_administrator_sees_what_could_not_be_revoked() {
        middle.realm.loseSecret();
        inRealm(work -> {
            work.links().unlink(middle.link, Reason.UNLINKED, middle.clock.instant());
            return true;
        });

        end(maria, Reason.USER_DISABLED);

        assertThat(revocationOf("acc_maria")).satisfies(revocation -> {
            assertThat(revocation.state()).isEqualTo(Revocation.State.UNDELIVERABLE);
            assertThat(revocation.endedAt()).isEqualTo(middle.clock.instant());
            assertThat(revocation.cause().user()).isEqualTo("maria");
        });
        assertThat(middle.realm.credential(maria)).isEmpty();
    }

    @Test
    void with_its_link_it_waits_for_the_service_accounts_pending_revocation() {
        inRealm(work -> {
            work.links().unlink(middle.link, Reason.UNLINKED, middle.clock.instant());
            middle.termination.endWithLink(work, delegation(work, maria));
            return true;
        });

        assertThat(middle.delegation(maria).reason()).isEqualTo(Reason.UNLINKED);
        assertThat(middle.realm.credential(maria)).isEmpty();
        assertThat(middle.realm.shownState(maria)).isEqualTo("revoked");
        assertThat(revocationOf("acc_maria").state()).isEqualTo(Revocation.State.PENDING);
        assertThat(revocationOf("acc_maria").nextAttemptAt()).isNull();
        deliver();
        assertThat(revoked()).singleElement().asString().startsWith("ser_1 by ");
        assertThat(revocationOf("acc_maria").state()).isEqualTo(Revocation.State.WITH_SERVICE_ACCOUNT);
    }

    @Test
    void with_its_link_nothing_is_left_to_send_once_the_service_account_was_revoked_after_the_grant() {
        middle.clock.turn(Duration.ofMinutes(1));
        unlinkAndDeliver();

        inRealm(work -> {
            middle.termination.endWithLink(work, delegation(work, maria));
            return true;
        });
        deliver();

        assertThat(revoked()).singleElement().asString().startsWith("ser_1 by ");
        assertThat(revocationOf("acc_maria").state()).isEqualTo(Revocation.State.WITH_SERVICE_ACCOUNT);
    }

    /** A revocation from before the grant took an earlier authorization along, not this one. */
    @Test
    void with_its_link_it_is_sent_by_itself_if_the_service_account_was_revoked_only_before_the_grant() {
        unlinkAndDeliver();
        middle.clock.turn(Duration.ofMinutes(1));
        middle.linked();
        TestUser jonas = middle.granted("jonas");

        inRealm(work -> {
            middle.termination.endWithLink(work, delegation(work, jonas));
            return true;
        });
        deliver();

        assertThat(revoked()).contains("acc_jonas");
        assertThat(revocationOf("acc_jonas").state()).isEqualTo(Revocation.State.DELIVERED);
    }

    /** Another organization of the same customer holds the service account, so nothing takes the member along. */
    @Test
    void with_its_link_it_is_sent_by_itself_if_the_service_account_is_kept() {
        middle.linked(
                new LinkId(middle.realm.id(), "other"),
                Middle.SERVICE_ACCOUNT,
                middle.cronofy.tokens(Duration.ofHours(3)));
        middle.clock.turn(Duration.ofMinutes(1));
        unlinkAndDeliver();
        assertThat(revocationOf("ser_1").state()).isEqualTo(Revocation.State.KEPT);

        inRealm(work -> {
            middle.termination.endWithLink(work, delegation(work, maria));
            return true;
        });
        assertThat(revocationOf("acc_maria").nextAttemptAt()).isEqualTo(middle.clock.instant());
        deliver();

        assertThat(revoked()).containsExactly("acc_maria");
    }

    @Test
    void with_its_link_what_was_only_asked_for_ends_without_a_revocation() {
        TestUser jonas = middle.member("jonas");
        middle.asked(jonas);

        inRealm(work -> {
            middle.termination.endWithLink(work, delegation(work, jonas));
            return true;
        });

        assertThat(middle.delegation(jonas).reason()).isEqualTo(Reason.UNLINKED);
        assertThat(middle.revocations()).isEmpty();
    }

    /** The keys and users of the realm are gone, so what is written must not need them. */
    @Test
    void with_its_realm_it_is_forgotten_and_goes_with_the_service_account() {
        Delegation delegation = middle.delegation(maria);
        middle.transactions.remove(middle.realm);
        middle.transactions.doInServer(work -> work.removedRealm("realm-1").removeRealm(middle.clock.instant()));

        middle.transactions.doInServer(
                work -> middle.termination.endWithRealm(work.removedRealm("realm-1"), delegation));

        assertThat(left(delegation)).isEmpty();
        assertThat(revocationOf("acc_maria").cause().reason()).isEqualTo(Reason.REALM_REMOVED);
        deliver();
        assertThat(revocationOf("acc_maria").state()).isEqualTo(Revocation.State.WITH_SERVICE_ACCOUNT);
        assertThat(revoked()).singleElement().asString().startsWith("ser_1 by ");
    }

    /** The newer order has what opens now; a second row would have the same account revoked twice. */
    @Test
    void a_revocation_of_the_same_account_that_is_pending_already_gets_the_newer_order() {
        inRealm(work -> {
            work.revocations()
                    .add(
                            new RevocationOrder(middle.application(), "acc_maria", null),
                            Revocation.Cause.of(delegation(work, maria), Reason.WRONG_PROFILE),
                            middle.clock.instant());
            return true;
        });
        String refreshToken = credential().tokens().refreshToken().reveal();

        end(maria, Reason.USER_DISABLED);
        deliver();

        assertThat(middle.revocations()).hasSize(1);
        assertThat(revoked()).containsExactly("acc_maria by " + refreshToken);
    }

    private boolean end(TestUser member, Reason reason) {
        Delegation delegation = middle.delegation(member);
        return inRealm(work -> middle.termination.end(work, delegation, reason));
    }

    private void unlinkAndDeliver() {
        inRealm(work -> {
            work.links().unlink(middle.link, Reason.UNLINKED, middle.clock.instant());
            return true;
        });
        deliver();
    }

    private void deliver() {
        middle.dispatcher.deliverSoon();
        middle.worker.run();
        assertThat(middle.worker.failures()).isEmpty();
    }

    private Credential credential() {
        return middle.realm.credential(maria).orElseThrow();
    }

    private Delegation delegation(Work work, TestUser member) {
        return work.delegations()
                .byMailbox(
                        middle.realm.id(),
                        middle.applicationKey(),
                        Mailbox.parse(member.email()).orElseThrow())
                .orElseThrow();
    }

    private Optional<Delegation> left(Delegation delegation) {
        return middle.transactions.inServer(
                work -> work.removedRealm("realm-1").delegations().byId(delegation.id()));
    }

    private Revocation revocationOf(String subject) {
        return middle.revocations().stream()
                .filter(revocation -> revocation.subject().equals(subject))
                .findFirst()
                .orElseThrow();
    }

    private List<Received> sent() {
        return middle.cronofy.received(Call.REVOKE);
    }

    private List<String> revoked() {
        return sent().stream().map(Received::what).toList();
    }

    private TokenUse use() {
        return new TokenUse("calendar-app", Consumer.Right.MEMBER, middle.clock.instant());
    }

    private <T> T inRealm(Function<Work, T> work) {
        return middle.transactions.inRealm(middle.realm.id(), work);
    }
}
