package io.github.enterpriseconnect.login;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.enterpriseconnect.core.Reason;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The user's own page has words for whatever it has to tell. */
class AccountPageTextsTest {
    private static final String STATE = "enterpriseConnectAccountState.";
    private static final String WHY = "enterpriseConnectAccountWhy.";

    @Test
    void each_state_and_each_reason_is_told_and_no_other() throws IOException {
        Properties texts = new Properties();
        try (Reader reader = new InputStreamReader(
                Objects.requireNonNull(
                        AccountPage.class.getResourceAsStream("/theme-resources/messages/messages_en.properties")),
                StandardCharsets.UTF_8)) {
            texts.load(reader);
        }
        Set<String> told = texts.stringPropertyNames().stream()
                .filter(key -> key.startsWith(STATE) || key.startsWith(WHY))
                .collect(Collectors.toSet());

        assertThat(told)
                .isEqualTo(Stream.concat(
                                Arrays.stream(AccountPage.State.values()).map(state -> STATE + state),
                                Arrays.stream(Reason.values()).map(reason -> WHY + WhyNot.of(reason)))
                        .collect(Collectors.toSet()));
    }
}
