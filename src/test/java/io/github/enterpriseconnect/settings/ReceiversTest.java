package io.github.enterpriseconnect.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.enterpriseconnect.core.Consumer;
import io.github.enterpriseconnect.core.Secret;
import java.net.URI;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.keycloak.common.util.MultivaluedHashMap;

/** Where consumers are told what happens, and with which header. */
class ReceiversTest {
    private static final String MASK = "**********";
    private static final String ISSUER = "https://id.example.com/realms/acme";

    private final MultivaluedHashMap<String, String> stored = new MultivaluedHashMap<>();

    private static MultivaluedHashMap<String, String> consumer(String notifications) {
        MultivaluedHashMap<String, String> config = new MultivaluedHashMap<>();
        config.putSingle("clientId", "cronofy-client");
        config.putSingle("clientSecret", "secret");
        config.putSingle(
                SettingsForm.CONSUMERS,
                "{\"clientId\": \"calendar\", \"rights\": [\"member\"], \"notifications\": " + notifications + "}");
        return config;
    }

    /** What is stored afterwards; the headers stay in clear here. */
    private MultivaluedHashMap<String, String> write(String notifications) throws InvalidSettings {
        MultivaluedHashMap<String, String> wanted = consumer(notifications);
        Receivers.takeOut(wanted, stored, () -> Optional.of(headers()), ISSUER);
        stored.putAll(wanted);
        if (!wanted.containsKey(SettingsForm.CONSUMER_AUTHORIZATIONS)) {
            stored.remove(SettingsForm.CONSUMER_AUTHORIZATIONS);
        }
        return wanted;
    }

    private Map<String, String> headers() {
        String text = stored.getFirst(SettingsForm.CONSUMER_AUTHORIZATIONS);
        return text == null
                ? Map.of()
                : Receivers.authorizations(Secret.of(text)).orElseThrow();
    }

    private static Consumer.@Nullable Receiver receiver(MultivaluedHashMap<String, String> config)
            throws InvalidSettings {
        return new SettingsForm(config).parse().consumers().get(0).receiver();
    }

    @Test
    void a_header_is_taken_out_of_the_consumer_and_a_mask_stands_in_its_place() throws InvalidSettings {
        MultivaluedHashMap<String, String> written =
                write("{\"url\": \"https://calendar.example.com/events\", \"authorization\": \"Bearer canary\"}");

        assertThat(written.getFirst(SettingsForm.CONSUMERS)).contains(MASK).doesNotContain("canary");
        assertThat(headers()).containsExactly(Map.entry("calendar", "Bearer canary"));
        assertThat(receiver(written))
                .isEqualTo(new Consumer.Receiver(URI.create("https://calendar.example.com/events"), true, ISSUER));
    }

    @Test
    void a_mask_keeps_what_is_set_and_changes_nothing() throws InvalidSettings {
        write("{\"url\": \"https://calendar.example.com/events\", \"authorization\": \"Bearer canary\"}");
        String before = stored.getFirst(SettingsForm.CONSUMER_AUTHORIZATIONS);
        write("{\"url\": \"https://calendar.example.com/other\", \"authorization\": \"" + MASK + "\"}");

        assertThat(stored.getFirst(SettingsForm.CONSUMER_AUTHORIZATIONS)).isEqualTo(before);
    }

    @Test
    void a_mask_does_not_lead_what_is_set_to_another_server() throws InvalidSettings {
        write("{\"url\": \"https://calendar.example.com/events\", \"authorization\": \"Bearer canary\"}");

        assertThatThrownBy(() -> write(
                        "{\"url\": \"https://elsewhere.example.com/events\", \"authorization\": \"" + MASK + "\"}"))
                .isInstanceOf(InvalidSettings.class)
                .hasMessageContaining("write their authorization again");
    }

    @Test
    void without_a_header_there_is_none_any_more() throws InvalidSettings {
        write("{\"url\": \"https://calendar.example.com/events\", \"authorization\": \"Bearer canary\"}");
        MultivaluedHashMap<String, String> written = write("{\"url\": \"https://calendar.example.com/events\"}");

        assertThat(headers()).isEmpty();
        assertThat(Objects.requireNonNull(receiver(written)).authorized()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"Bearer a\\r\\nX-Other: b", "Bäume"})
    void a_header_is_one_line_of_ascii(String header) {
        assertThatThrownBy(() -> write(
                        "{\"url\": \"https://calendar.example.com/events\", \"authorization\": \"" + header + "\"}"))
                .isInstanceOf(InvalidSettings.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://calendar.example.com/events?tenant=1",
                "https://10.0.0.5:8443/events",
                "http://localhost:8081/events",
                "http://127.0.0.1/events",
                "http://[::1]:8081/events"
            })
    void an_address_may_be_of_another_server_or_of_this_machine(String url) throws InvalidSettings {
        assertThat(receiver(consumer("{\"url\": \"" + url + "\"}")))
                .isEqualTo(new Consumer.Receiver(URI.create(url), false, null));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://calendar.example.com/events",
                "http://127.0.0.1.example.com/events",
                "http://10.0.0.5/events",
                "https://user:password@calendar.example.com/events",
                "https://calendar.example.com/events#there",
                "https://169.254.169.254/latest/meta-data",
                "https://[fe80::1]/events",
                "https://[fd00:ec2::254]/latest",
                "https://0.0.0.0/events",
                "ftp://calendar.example.com/events",
                "file:///etc/passwd",
                "calendar.example.com",
                "/events",
                ""
            })
    void any_other_address_is_refused_with_what_to_write_instead(String url) {
        assertThatThrownBy(() -> receiver(consumer("{\"url\": \"" + url + "\"}")))
                .isInstanceOf(InvalidSettings.class)
                .hasMessageContaining("https://calendar.example.com/events");
    }

    @Test
    void in_the_component_s_configuration_a_header_in_clear_is_refused() {
        assertThatThrownBy(() -> receiver(consumer(
                        "{\"url\": \"https://calendar.example.com/events\", \"authorization\": \"Bearer canary\"}")))
                .isInstanceOf(InvalidSettings.class)
                .hasMessageContaining("consumerAuthorizations")
                .hasMessageNotContaining("canary");
    }

    @Test
    void a_slip_in_a_name_is_told() throws InvalidSettings {
        assertThat(new SettingsForm(
                                consumer("{\"url\": \"https://calendar.example.com/events\", \"autorization\": \"x\"}"))
                        .unknown())
                .extracting(UnknownName::where)
                .containsExactly("consumers[calendar].notifications.autorization");
    }
}
