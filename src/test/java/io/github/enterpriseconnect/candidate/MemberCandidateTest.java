package io.github.enterpriseconnect.candidate;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.enterpriseconnect.core.Check;
import io.github.enterpriseconnect.core.Gate;
import io.github.enterpriseconnect.core.SignIn;
import io.github.enterpriseconnect.core.User;
import io.github.enterpriseconnect.middle.Middle;
import io.github.enterpriseconnect.middle.TestUser;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is asked of a user who stands before the gate; an answer may come from far away. */
class MemberCandidateTest {
    private final Middle middle = new Middle();
    private final Map<String, Integer> asked = new HashMap<>();
    private TestUser maria;

    @BeforeEach
    void make_somebody_a_member_of_several_organizations() {
        middle.linked();
        maria = middle.member("maria").in("globex", "globex.example").in("initech", "initech.example");
    }

    @Test
    void each_question_is_asked_once_however_many_checks_and_links_want_to_know() {
        assertThat(decide().allowed()).isTrue();

        assertThat(asked)
                .containsKeys("email", "emailVerified", "emailShared", "enabled", "person", "organizations")
                .allSatisfy((question, times) -> assertThat(times).as(question).isOne());
    }

    @Test
    void a_question_that_nobody_can_answer_is_not_asked_again() {
        maria.loseDirectory();

        assertThat(decide().withheld()).isTrue();
        assertThat(decide().unreadable()).containsKeys(Check.EMAIL_PRESENT, Check.DOMAIN_OF_LINK);
        assertThat(asked).containsEntry("email", 2);
    }

    private Gate.Decision decide() {
        return middle.transactions.inRealm(
                middle.realm.id(),
                work -> Gate.decide(
                        MemberCandidate.of(work, counted(), SignIn.DIRECT, middle.clock.instant()), Gate.Question.ASK));
    }

    private User counted() {
        return (User) Proxy.newProxyInstance(
                User.class.getClassLoader(), new Class<?>[] {User.class}, (proxy, method, arguments) -> {
                    if (!method.getName().equals("id")) {
                        asked.merge(method.getName(), 1, Integer::sum);
                    }
                    try {
                        return method.invoke(maria, arguments);
                    } catch (InvocationTargetException thrown) {
                        throw thrown.getCause();
                    }
                });
    }
}
