package io.github.enterpriseconnect.delegation;

import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Mailbox;
import io.github.enterpriseconnect.core.Policy;
import io.github.enterpriseconnect.core.SignIn;
import io.github.enterpriseconnect.middle.Middle;
import io.github.enterpriseconnect.middle.ScriptedCronofy.Call;
import io.github.enterpriseconnect.middle.ScriptedCronofy.Received;
import io.github.enterpriseconnect.middle.TestRealm;
import io.github.enterpriseconnect.middle.TestUser;
import io.github.enterpriseconnect.token.AccessTokenRefused;
import io.github.enterpriseconnect.token.AccessTokenRequest;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A link that has members named by an attribute, and how they sign in, are asked for and answered. */
final class NamedMembers {
    static final String UPN = "userPrincipalName";
    static final Policy NAMED = Policy.DEFAULT.withCalendarName(UPN);
    static final Policy OWNER = new Policy(
                    Policy.Proof.OWNER, NAMED.behaviour(), Set.of(), Set.of(), Set.of(), Set.of(), Set.of())
            .withCalendarName(UPN);

    final Middle middle = new Middle();

    NamedMembers() {
        middle.linked();
        setPolicy(NAMED);
    }

    void setPolicy(Policy policy) {
        middle.transactions.doInRealm(middle.realm.id(), work -> middle.links.setPolicy(work, middle.link, policy));
        middle.links.changed(middle.link);
    }

    TestUser named(String name, String calendarName) {
        return middle.member(name).says(UPN, calendarName);
    }

    /** Their owner has proved the address. */
    TestUser proven(TestUser member) {
        middle.transactions.doInRealm(middle.realm.id(), work -> work.members()
                .prove(member.id(), new Mailbox(member.address()), "VERIFY_EMAIL", middle.clock.instant()));
        return member;
    }

    void signIn(TestUser member) {
        signIn(member, SignIn.DIRECT);
    }

    void signIn(TestUser member, SignIn signIn) {
        middle.recentSignIns.forget(member.id());
        middle.queue.add(middle.link, member.id(), signIn);
        middle.worker.turn(Middle.COALESCE);
    }

    List<String> asked() {
        return middle.cronofy.received(Call.ASK).stream().map(Received::what).toList();
    }

    /** The answer to the ask for this mailbox comes, for an account of the member's own. */
    void answer(TestUser member, String mailbox, @Nullable String profile) {
        middle.cronofy.opens(profile);
        middle.cronofy.grants("acc_" + member.id());
        callBack(member, mailbox);
        middle.worker.run();
    }

    void callBack(TestUser member, String mailbox) {
        String url = middle.cronofy.callbackOf(mailbox);
        middle.answers.receive(
                middle.realm.id(),
                url.substring(url.lastIndexOf('/') + 1),
                Optional.empty(),
                ("{\"authorization\": {\"code\": \"code-of-" + member.id() + "\"}}").getBytes(StandardCharsets.UTF_8));
    }

    /** Signed in, asked for and granted by this name. */
    TestUser granted(String name, String calendarName) {
        TestUser member = named(name, calendarName);
        signIn(member);
        answer(member, calendarName, calendarName);
        return member;
    }

    Delegation row(String mailbox) {
        return middle.transactions
                .inRealm(middle.realm.id(), work -> work.delegations()
                        .byMailbox(middle.realm.id(), middle.applicationKey(), new Mailbox(mailbox)))
                .orElseThrow();
    }

    /** "served" and the mailbox, or why not. */
    String token(TestUser member) {
        return token(AccessTokenRequest.present(middle.realm.id(), member.id(), TestRealm.CONSUMER, SignIn.DIRECT));
    }

    /** As {@link #token}, of somebody who is not there. */
    String tokenWhileAbsent(TestUser member) {
        return token(AccessTokenRequest.absent(middle.realm.id(), member.id(), TestRealm.CONSUMER));
    }

    private String token(AccessTokenRequest request) {
        try {
            return "served " + middle.accessTokens.issue(request).mailbox();
        } catch (AccessTokenRefused refused) {
            return String.valueOf(refused.getMessage());
        }
    }

    /** Whether the sign-in has the background look at the member. */
    boolean due(TestUser member, SignIn signIn) {
        middle.recentSignIns.forget(member.id());
        middle.cache.learn(middle.link());
        return middle.transactions.inRealm(middle.realm.id(), work -> middle.signInDecision
                .course(work, member, signIn, false)
                .isPresent());
    }
}
