package io.github.enterpriseconnect.credential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.github.enterpriseconnect.core.Credential;
import io.github.enterpriseconnect.core.CronofyException;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Revocation;
import io.github.enterpriseconnect.middle.Middle;
import io.github.enterpriseconnect.middle.ScriptedCronofy.Call;
import io.github.enterpriseconnect.middle.ScriptedCronofy.Received;
import io.github.enterpriseconnect.middle.TestUser;
import io.github.enterpriseconnect.platform.Work;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What each outcome of a refresh leaves behind: at the link's service account, at a member, and at Cronofy. */
class CredentialOwnerTest {
    private static final Duration UNTIL_EXPIRED = Duration.ofHours(4);
    private static final Duration AFTER_FAILURE = Duration.ofSeconds(5);

    private final Middle middle = new Middle();
    private TestUser maria;

    /** Whose tokens are refreshed. */
    enum Who {
        SERVICE_ACCOUNT,
        MEMBER
    }

    /** All but {@link CronofyException.GrantGone}: none of them says that the authorization has ended. */
    static final List<CronofyException> PASSING = List.of(
            new CronofyException.Unavailable("status 503", Duration.ofSeconds(7)),
            CronofyException.Unavailable.notSent(Duration.ofSeconds(3)),
            new CronofyException.Refused("status 422", true),
            new CronofyException.TokenNotRecognised("status 401"),
            new CronofyException.Misconfigured("invalid_client"));

    @BeforeEach
    void link_the_organization_and_delegate_a_member() {
        middle.linked();
        maria = middle.granted("maria");
        middle.clock.turn(UNTIL_EXPIRED);
    }

    @ParameterizedTest(name = "{0}")
    @FieldSource("PASSING")
    void no_failure_but_the_end_of_the_authorization_costs_a_member_the_tokens(CronofyException failure) {
        Delegation before = middle.delegation(maria);
        Optional<Credential> stored = stored(Who.MEMBER);
        middle.cronofy.fails(Call.REFRESH, failure);

        assertThatThrownBy(() -> refresh(Who.MEMBER)).isSameAs(failure);

        assertThat(middle.delegation(maria)).isEqualTo(before);
        assertThat(stored(Who.MEMBER)).isEqualTo(stored);
        assertThat(middle.realm.shownState(maria)).isEqualTo("granted");
        assertUnclaimed(Who.MEMBER);
    }

    @ParameterizedTest(name = "{0}")
    @FieldSource("PASSING")
    void no_failure_but_the_end_of_the_authorization_unlinks_an_organization_though_the_link_tells_of_it(
            CronofyException failure) {
        Optional<Credential> stored = stored(Who.SERVICE_ACCOUNT);
        middle.cronofy.fails(Call.REFRESH, failure);

        assertThatThrownBy(() -> refresh(Who.SERVICE_ACCOUNT)).isSameAs(failure);

        assertThat(middle.link().state()).isEqualTo(Link.State.ACTIVE);
        boolean held = failure instanceof CronofyException.NotDone notDone && notDone.held();
        assertThat(middle.link().problem())
                .isEqualTo(held ? null : new Link.Problem(failure.reason(), middle.clock.instant()));
        assertThat(stored(Who.SERVICE_ACCOUNT)).isEqualTo(stored);
        assertUnclaimed(Who.SERVICE_ACCOUNT);
    }

    @Test
    void a_link_tells_since_when_its_tokens_cannot_be_renewed_until_they_can() throws CronofyException {
        Instant begin = middle.clock.instant();
        failOnce(new CronofyException.Unavailable("status 500", Duration.ZERO));
        failOnce(new CronofyException.Unavailable("status 502", Duration.ZERO));
        assertThat(middle.link().problem()).isEqualTo(new Link.Problem(Reason.UNAVAILABLE, begin));

        Instant other = middle.clock.instant();
        failOnce(new CronofyException.Misconfigured("invalid_client"));
        assertThat(middle.link().problem()).isEqualTo(new Link.Problem(Reason.MISCONFIGURED, other));

        refresh(Who.SERVICE_ACCOUNT);
        assertThat(middle.link().problem()).isNull();
    }

    private void failOnce(CronofyException failure) {
        middle.cronofy.fails(Call.REFRESH, failure);
        assertThatThrownBy(() -> refresh(Who.SERVICE_ACCOUNT)).isSameAs(failure);
        middle.clock.turn(AFTER_FAILURE);
    }

    @Test
    void an_authorization_that_is_gone_ends_the_delegation() {
        CronofyException gone = new CronofyException.GrantGone("invalid_grant");
        middle.cronofy.fails(Call.REFRESH, gone);

        assertThatThrownBy(() -> refresh(Who.MEMBER)).isSameAs(gone);

        assertEnded(Reason.AUTHORIZATION_GONE, false);
        assertThat(middle.revocations()).as("there is nothing left to revoke").isEmpty();
    }

    @Test
    void an_authorization_that_is_gone_makes_the_link_wait_for_a_new_one() {
        CronofyException gone = new CronofyException.GrantGone("invalid_grant");
        middle.cronofy.fails(Call.REFRESH, gone);

        assertThatThrownBy(() -> refresh(Who.SERVICE_ACCOUNT)).isSameAs(gone);

        assertThat(middle.link().state()).isEqualTo(Link.State.NEEDS_AUTHORIZATION);
        assertThat(middle.link().problem())
                .isEqualTo(new Link.Problem(Reason.AUTHORIZATION_GONE, middle.clock.instant()));
        assertUnclaimed(Who.SERVICE_ACCOUNT);
    }

    /**
     * Cronofy still honours what nobody here can use any more: the row goes on saying so, for it has to be revoked one
     * day.
     */
    @Test
    void a_member_s_tokens_that_no_longer_open_end_the_delegation_without_a_call() {
        middle.realm.loseCredential(maria);

        assertThatThrownBy(() -> refresh(Who.MEMBER)).isInstanceOf(CronofyException.GrantGone.class);

        assertEnded(Reason.CREDENTIAL_UNREADABLE, true);
        assertThat(refreshes()).isEmpty();
    }

    @Test
    void a_service_account_s_tokens_that_no_longer_open_make_the_link_wait_for_a_new_authorization() {
        middle.tables.keys(middle.realm.id()).lose();

        assertThatThrownBy(() -> refresh(Who.SERVICE_ACCOUNT)).isInstanceOf(CronofyException.GrantGone.class);

        assertThat(middle.link().state()).isEqualTo(Link.State.NEEDS_AUTHORIZATION);
        assertThat(middle.link().problem())
                .isEqualTo(new Link.Problem(Reason.CREDENTIAL_UNREADABLE, middle.clock.instant()));
        assertThat(refreshes()).isEmpty();
    }

    @Test
    void an_active_key_that_was_replaced_still_opens_what_it_sealed() throws CronofyException {
        middle.tables.keys(middle.realm.id()).rotate();

        Credential renewed = refresh(Who.SERVICE_ACCOUNT);

        assertThat(stored(Who.SERVICE_ACCOUNT)).contains(renewed);
    }

    /** Whoever was about to ask for members of a link that has just been unlinked must not bring it back. */
    @Test
    void a_link_that_has_been_unlinked_stays_so() {
        unlink();

        assertThatThrownBy(() -> refresh(Who.SERVICE_ACCOUNT)).isInstanceOf(CronofyException.GrantGone.class);

        assertThat(middle.link().state()).isEqualTo(Link.State.UNLINKED);
        assertThat(middle.link().problem()).isNull();
        assertThat(refreshes()).isEmpty();
    }

    @Test
    void a_delegation_that_has_ended_keeps_the_reason_for_which_it_ended() {
        end(Reason.ENDED_BY_ADMINISTRATOR);

        assertThatThrownBy(() -> refresh(Who.MEMBER)).isInstanceOf(CronofyException.GrantGone.class);

        assertEnded(Reason.ENDED_BY_ADMINISTRATOR, false);
        assertThat(refreshes()).isEmpty();
    }

    /**
     * A node that was slow for longer than its claim may be told that a token is used up which another has replaced.
     */
    @ParameterizedTest
    @EnumSource(Who.class)
    void an_answer_about_tokens_that_another_node_has_replaced_ends_nothing(Who who) throws CronofyException {
        Credential renewed = stored(who).orElseThrow().with(middle.cronofy.tokens(Duration.ofHours(3)));
        middle.cronofy.script(Call.REFRESH, () -> {
            renew(who, renewed);
            throw new CronofyException.GrantGone("invalid_grant");
        });

        assertThat(refresh(who)).isEqualTo(renewed);

        assertThat(stored(who)).contains(renewed);
        assertThat(middle.link().state()).isEqualTo(Link.State.ACTIVE);
        assertThat(middle.delegation(maria).state()).isEqualTo(Delegation.State.GRANTED);
        assertUnclaimed(who);
    }

    @Test
    void a_delegation_that_ends_while_its_tokens_are_refreshed_is_revoked_by_the_newest() {
        middle.cronofy.during(Call.REFRESH, () -> end(Reason.ENDED_BY_ADMINISTRATOR));

        assertThatThrownBy(() -> refresh(Who.MEMBER)).isInstanceOf(CronofyException.GrantGone.class);

        assertEnded(Reason.ENDED_BY_ADMINISTRATOR, false);
        assertRevoked("acc_maria", Reason.ENDED_BY_ADMINISTRATOR);
    }

    @Test
    void a_link_that_is_unlinked_while_its_tokens_are_refreshed_is_revoked_by_the_newest() {
        middle.cronofy.during(Call.REFRESH, this::unlink);

        assertThatThrownBy(() -> refresh(Who.SERVICE_ACCOUNT)).isInstanceOf(CronofyException.GrantGone.class);

        assertThat(middle.link().state()).isEqualTo(Link.State.UNLINKED);
        assertThat(stored(Who.SERVICE_ACCOUNT)).isEmpty();
        assertRevoked(Middle.SERVICE_ACCOUNT, Reason.UNLINKED);
    }

    @Test
    void a_user_who_is_removed_while_the_tokens_are_refreshed_leaves_nothing_alive_at_cronofy() {
        middle.cronofy.during(Call.REFRESH, () -> {
            end(Reason.USER_REMOVED);
            middle.realm.remove(maria);
        });

        assertThatThrownBy(() -> refresh(Who.MEMBER)).isInstanceOf(CronofyException.GrantGone.class);

        assertThat(middle.delegation(maria).state()).isEqualTo(Delegation.State.REVOKED);
        assertRevoked("acc_maria", Reason.USER_REMOVED);
    }

    /** As between the removal of the user from a directory and the moment in which we hear of it. */
    @Test
    void a_user_who_is_gone_before_anybody_has_ended_the_delegation_leaves_nothing_stored() {
        middle.cronofy.during(Call.REFRESH, () -> middle.realm.remove(maria));

        assertThatThrownBy(() -> refresh(Who.MEMBER)).isInstanceOf(CronofyException.GrantGone.class);

        assertThat(stored(Who.MEMBER)).isEmpty();
        assertThat(middle.revocations())
                .extracting(Revocation::subject, Revocation::state)
                .containsExactly(tuple("acc_maria", Revocation.State.PENDING));
    }

    @Test
    void a_delegation_whose_row_is_gone_is_revoked_all_the_same() {
        String id = middle.delegation(maria).id();
        middle.cronofy.during(
                Call.REFRESH,
                () -> middle.transactions.doInRealm(
                        middle.realm.id(), work -> work.delegations().remove(id)));

        assertThatThrownBy(() -> refresh(new CredentialOwner.OfMember(middle.realm.id(), id, maria.id())))
                .isInstanceOf(CronofyException.GrantGone.class);

        assertRevoked("acc_maria", Reason.USER_REMOVED);
        assertThat(middle.revocations())
                .extracting(Revocation::cause)
                .containsExactly(new Revocation.Cause(middle.realm.id(), null, maria.id(), null, Reason.USER_REMOVED));
    }

    @Test
    void another_service_account_that_is_authorized_meanwhile_stays_and_the_former_one_s_tokens_are_revoked()
            throws CronofyException {
        middle.cronofy.during(
                Call.REFRESH, () -> middle.linked(middle.link, "ser_2", middle.cronofy.tokens(Duration.ofHours(3))));

        Credential used = refresh(Who.SERVICE_ACCOUNT);

        assertThat(stored(Who.SERVICE_ACCOUNT)).contains(used);

        assertThat(middle.link().state()).isEqualTo(Link.State.ACTIVE);
        assertThat(middle.link().serviceAccount()).isEqualTo("ser_2");
        assertThat(stored(Who.SERVICE_ACCOUNT).map(Credential::subject)).contains("ser_2");
        assertRevoked(Middle.SERVICE_ACCOUNT, Reason.UNLINKED);
    }

    /**
     * Cronofy revokes by account: tokens of an authorization that was given anew must not be sent, whoever holds them.
     */
    @Test
    void the_same_service_account_that_is_authorized_anew_meanwhile_is_not_revoked() throws CronofyException {
        middle.cronofy.during(Call.REFRESH, middle::linked);

        Credential used = refresh(Who.SERVICE_ACCOUNT);

        assertThat(stored(Who.SERVICE_ACCOUNT)).contains(used);

        assertKept(Middle.SERVICE_ACCOUNT);
        assertThat(middle.link().state()).isEqualTo(Link.State.ACTIVE);
        assertThat(stored(Who.SERVICE_ACCOUNT).map(Credential::tokens))
                .isPresent()
                .isNotEqualTo(Optional.of(middle.cronofy.lastIssued()));
    }

    @Test
    void a_mailbox_that_is_granted_anew_meanwhile_is_not_revoked() throws CronofyException {
        middle.cronofy.during(Call.REFRESH, () -> {
            middle.realm.loseCredential(maria);
            middle.granted(maria);
        });

        Credential used = refresh(Who.MEMBER);

        assertThat(stored(Who.MEMBER)).contains(used);
        assertThat(stored(Who.MEMBER).map(Credential::tokens))
                .isPresent()
                .isNotEqualTo(Optional.of(middle.cronofy.lastIssued()));

        assertKept("acc_maria");
        assertThat(middle.delegation(maria).state()).isEqualTo(Delegation.State.GRANTED);
        assertThat(stored(Who.MEMBER).map(Credential::tokens))
                .as("renewed, for the second authorization of the account may have ended them")
                .contains(middle.cronofy.lastIssued());
    }

    @Test
    void a_member_whose_address_changes_meanwhile_keeps_the_new_mailbox_and_the_old_one_s_tokens_are_revoked() {
        middle.cronofy.during(Call.REFRESH, () -> {
            maria.changeEmail("m.new@" + Middle.DOMAIN);
            middle.cronofy.grants("acc_new");
            middle.cronofy.opens(maria.email());
            middle.asked(maria);
            middle.answered(maria);
            middle.worker.run();
        });

        assertThatThrownBy(() -> refresh(Who.MEMBER)).isInstanceOf(CronofyException.GrantGone.class);

        assertThat(middle.delegation(maria).state()).isEqualTo(Delegation.State.GRANTED);
        assertThat(stored(Who.MEMBER)).hasValueSatisfying(credential -> {
            assertThat(credential.subject()).isEqualTo("acc_new");
            assertThat(credential.mailbox()).isEqualTo("m.new@" + Middle.DOMAIN);
        });
        assertRevoked("acc_maria", Reason.MAILBOX_CHANGED);
    }

    /**
     * An attribute that holds another mailbox's tokens is not this delegation's: they must not be refreshed in its
     * name.
     */
    @Test
    void tokens_of_another_mailbox_in_the_attribute_are_not_refreshed_for_this_delegation() {
        Credential own = stored(Who.MEMBER).orElseThrow();
        middle.realm.putCredential(
                maria,
                new Credential(own.application(), own.subject(), own.link(), "else@" + Middle.DOMAIN, own.tokens()));

        assertThatThrownBy(() -> refresh(Who.MEMBER)).isInstanceOf(CronofyException.GrantGone.class);

        assertThat(refreshes()).isEmpty();
    }

    /** The order that lies ready for the end of a link would hold a token that is dead since the refresh. */
    @ParameterizedTest(name = "rotating: {0}")
    @ValueSource(booleans = {true, false})
    void a_link_that_ends_later_is_revoked_by_the_token_of_its_last_refresh(boolean rotating) throws CronofyException {
        if (!rotating) {
            middle.cronofy.keepRefreshTokens();
        }
        Credential renewed = refresh(Who.SERVICE_ACCOUNT);
        unlink();

        middle.dispatcher.deliverSoon();
        middle.worker.run();

        assertThat(revocationsSent()).containsExactly(Middle.SERVICE_ACCOUNT + " by " + refreshToken(renewed));
    }

    @Test
    void a_refresh_changes_nothing_of_the_member_s_row_but_gives_the_claim_back() throws CronofyException {
        Delegation before = middle.delegation(maria);

        Credential renewed = refresh(Who.MEMBER);

        assertThat(stored(Who.MEMBER)).contains(renewed);
        assertThat(middle.delegation(maria)).isEqualTo(before);
        assertThat(middle.realm.shownState(maria)).isEqualTo("granted");
        assertUnclaimed(Who.MEMBER);
    }

    private CredentialOwner owner(Who who) {
        return who == Who.SERVICE_ACCOUNT
                ? new CredentialOwner.OfLink(middle.link)
                : new CredentialOwner.OfMember(middle.realm.id(), row().id(), maria.id());
    }

    private Delegation row() {
        return middle.transactions.inRealm(middle.realm.id(), this::row);
    }

    /** The one row that is about the mailbox that the member had first. */
    private Delegation row(Work work) {
        return work.delegations().ofUser(middle.realm.id(), maria.id()).stream()
                .filter(row -> row.mailbox().address().equals("maria@" + Middle.DOMAIN))
                .findFirst()
                .orElseThrow();
    }

    private Credential refresh(Who who) throws CronofyException {
        return refresh(owner(who));
    }

    private Credential refresh(CredentialOwner owner) throws CronofyException {
        return middle.credentials.forWork(owner);
    }

    private Optional<Credential> stored(Who who) {
        return who == Who.SERVICE_ACCOUNT ? middle.linkCredential() : middle.realm.credential(maria);
    }

    private void renew(Who who, Credential renewed) {
        assertThat(middle.transactions.<Boolean>inRealm(
                        middle.realm.id(), work -> owner(who).renew(work, renewed, middle.application())))
                .isTrue();
    }

    private void end(Reason reason) {
        middle.transactions.doInRealm(middle.realm.id(), work -> middle.termination.end(work, row(work), reason));
    }

    private void unlink() {
        middle.transactions.doInRealm(middle.realm.id(), work -> middle.links.unlink(work, middle.link));
    }

    private void assertEnded(Reason reason, boolean live) {
        Delegation delegation = middle.delegation(maria);
        assertThat(delegation.state()).isEqualTo(Delegation.State.REVOKED);
        assertThat(delegation.reason()).isEqualTo(reason);
        assertThat(delegation.live()).isEqualTo(live);
        assertThat(middle.realm.credential(maria)).isEmpty();
        assertThat(middle.realm.shownState(maria)).isEqualTo("revoked");
    }

    /** Another may refresh at once. */
    private void assertUnclaimed(Who who) {
        CredentialOwner owner = owner(who);
        Instant now = middle.clock.instant();
        assertThat(middle.transactions.<Boolean>inRealm(
                        middle.realm.id(), work -> owner.claim(work).take(now, now)))
                .as("the claim is given back")
                .isTrue();
    }

    /** By one call, with the tokens that the refresh brought: the ones before may be dead since then. */
    private void assertRevoked(String subject, Reason reason) {
        String newest = middle.cronofy.lastIssued().refreshToken().reveal();
        middle.dispatcher.deliverSoon();
        middle.worker.run();

        assertThat(revocationsSent()).containsExactly(subject + " by " + newest);
        assertThat(middle.revocations()).singleElement().satisfies(revocation -> {
            assertThat(revocation.subject()).isEqualTo(subject);
            assertThat(revocation.state()).isEqualTo(Revocation.State.DELIVERED);
            assertThat(revocation.cause().reason()).isEqualTo(reason);
        });
    }

    private void assertKept(String subject) {
        middle.dispatcher.deliverSoon();
        middle.worker.run();

        assertThat(revocationsSent()).isEmpty();
        assertThat(middle.revocations()).singleElement().satisfies(revocation -> {
            assertThat(revocation.subject()).isEqualTo(subject);
            assertThat(revocation.state()).isEqualTo(Revocation.State.KEPT);
        });
    }

    private List<String> revocationsSent() {
        return middle.cronofy.received(Call.REVOKE).stream().map(Received::what).toList();
    }

    private List<Received> refreshes() {
        return middle.cronofy.received(Call.REFRESH);
    }

    private static String refreshToken(Credential credential) {
        return credential.tokens().refreshToken().reveal();
    }
}
