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
import org.junit.jupiter.params.provider.CsvSource;
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

    private Map<String, Receivers.Header> headers() {
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
        assertThat(headers())
                .containsExactly(Map.entry(
                        "calendar",
                        new Receivers.Header(Secret.of("Bearer canary"), "https://calendar.example.com:443")));
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
    void a_mask_does_not_lead_it_there_after_the_address_was_changed_by_another_door() throws InvalidSettings {
        write("{\"url\": \"https://calendar.example.com/events\", \"authorization\": \"Bearer canary\"}");
        String elsewhere = "{\"url\": \"https://elsewhere.example.com/events\", \"authorization\": \"" + MASK + "\"}";
        stored.put(SettingsForm.CONSUMERS, consumer(elsewhere).get(SettingsForm.CONSUMERS));

        assertThatThrownBy(() -> write(elsewhere))
                .isInstanceOf(InvalidSettings.class)
                .hasMessageContaining("write their authorization again");
    }

    @ParameterizedTest
    @CsvSource({
        "https://calendar.example.com/events, https://calendar.example.com/other?tenant=1, true",
        "https://calendar.example.com/events, HTTPS://Calendar.example.COM:443/, true",
        "https://calendar.example.com/events, https://calendar.example.com:8443/events, false",
        "https://calendar.example.com/events, https://calendar.example.com.evil.example/events, false",
        "https://localhost/events, http://localhost:443/events, false",
        "http://localhost/events, http://localhost:80/other, true"
    })
    void a_header_goes_only_to_the_server_that_it_was_written_for(String written, String address, boolean goes)
            throws InvalidSettings {
        write("{\"url\": \"" + written + "\", \"authorization\": \"Bearer canary\"}");

        Optional<Secret> sent =
                Objects.requireNonNull(headers().get("calendar")).to(URI.create(address));

        assertThat(sent).isEqualTo(goes ? Optional.of(Secret.of("Bearer canary")) : Optional.empty());
    }

    @Test
    void headers_in_clear_are_for_the_servers_that_stand_beside_them_and_others_go_nowhere() throws InvalidSettings {
        Secret clear = Secret.of("{\"calendar\": \"Bearer canary\", \"other\": \"Bearer of nobody\"}");
        Secret bound = Receivers.bound(
                clear,
                new SettingsForm(consumer("{\"url\": \"https://calendar.example.com/events\"}"))
                        .parse()
                        .consumers());

        assertThat(Receivers.authorizations(bound).orElseThrow())
                .containsExactly(
                        Map.entry(
                                "calendar",
                                new Receivers.Header(Secret.of("Bearer canary"), "https://calendar.example.com:443")),
                        Map.entry("other", new Receivers.Header(Secret.of("Bearer of nobody"), null)));
        assertThat(Receivers.bound(
                        bound,
                        new SettingsForm(consumer("{\"url\": \"https://elsewhere.example.com/events\"}"))
                                .parse()
                                .consumers()))
                .isEqualTo(bound);
    }

    @Test
    void a_header_without_a_server_goes_nowhere() {
        Receivers.Header unbound =
                Objects.requireNonNull(Receivers.authorizations(Secret.of("{\"calendar\": \"Bearer canary\"}"))
                        .orElseThrow()
                        .get("calendar"));

        assertThat(unbound.to(URI.create("https://calendar.example.com/events")))
                .isEmpty();
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
