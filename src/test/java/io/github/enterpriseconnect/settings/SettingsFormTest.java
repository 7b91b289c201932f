package io.github.enterpriseconnect.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.enterpriseconnect.core.Consumer;
import io.github.enterpriseconnect.core.DataCenter;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.keycloak.common.util.MultivaluedHashMap;

class SettingsFormTest {
    private final MultivaluedHashMap<String, String> config = new MultivaluedHashMap<>();

    SettingsFormTest() {
        config.putSingle(SettingsForm.CLIENT_ID, "app");
        config.putSingle(SettingsForm.CLIENT_SECRET, "secret");
    }

    private Settings parse() throws InvalidSettings {
        return new SettingsForm(config).parse();
    }

    @Test
    void client_id_and_secret_are_enough() throws InvalidSettings {
        Settings settings = parse();

        assertThat(settings.dataCenter()).isEqualTo(DataCenter.US);
        assertThat(settings.scope()).isEqualTo("service_account/accounts/manage");
        assertThat(settings.delegatedScope()).isEqualTo("read_write");
        assertThat(settings.publicUrl()).isNull();
        assertThat(settings.signatureRequired()).isFalse();
        assertThat(settings.consumers()).isEmpty();
    }

    @Test
    void consumers_may_be_one_object_a_value_or_a_whole_list() throws InvalidSettings {
        config.add(SettingsForm.CONSUMERS, "{\"clientId\": \"a\", \"rights\": [\"member\"]}");
        config.add(
                SettingsForm.CONSUMERS,
                "[{\"clientId\": \"b\", \"rights\": [\"member\", \"offline\"], \"links\": [\"realm\"]}]");

        assertThat(parse().consumer("a")).contains(new Consumer("a", Set.of(Consumer.Right.MEMBER), null));
        assertThat(parse().consumer("b"))
                .contains(new Consumer("b", Set.of(Consumer.Right.MEMBER, Consumer.Right.OFFLINE), Set.of("realm")));
        assertThat(parse().consumer("c")).isEmpty();
    }

    @Test
    void nobody_acts_for_users_of_a_consumer_that_names_nobody() throws InvalidSettings {
        config.add(
                SettingsForm.CONSUMERS,
                "[{\"clientId\": \"none\", \"rights\": [\"member\"]},"
                        + " {\"clientId\": \"null\", \"rights\": [\"directory\"], \"actors\": null},"
                        + " {\"clientId\": \"some\", \"rights\": [\"member\"], \"actors\": [\"agent\", \"agent\"]}]");

        assertThat(parse().consumer("none").orElseThrow().actors()).isEmpty();
        assertThat(parse().consumer("null").orElseThrow().actors()).isEmpty();
        assertThat(parse().consumer("some").orElseThrow().actors()).containsExactly("agent");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"serve\"", "true", "[1]", "[\"\"]", "{}"})
    void what_is_no_list_of_actors_is_told_with_what_to_write(String actors) {
        config.add(
                SettingsForm.CONSUMERS, "{\"clientId\": \"a\", \"rights\": [\"member\"], \"actors\": " + actors + "}");

        assertThatExceptionOfType(InvalidSettings.class)
                .isThrownBy(this::parse)
                .withMessageContaining("\"actors\": [client ids of agents");
    }

    @Test
    void a_consumer_with_an_empty_list_of_links_covers_none_and_without_a_list_all() throws InvalidSettings {
        config.add(
                SettingsForm.CONSUMERS,
                "[{\"clientId\": \"none\", \"rights\": [\"member\"], \"links\": []},"
                        + " {\"clientId\": \"all\", \"rights\": [\"member\"]}]");

        assertThat(parse().consumer("none").orElseThrow().covers("realm")).isFalse();
        assertThat(parse().consumer("all").orElseThrow().covers("realm")).isTrue();
    }

    @Test
    void a_public_url_loses_its_last_slash() throws InvalidSettings {
        config.putSingle(SettingsForm.PUBLIC_URL, "https://tunnel.example/auth/");

        assertThat(parse().publicUrl()).isEqualTo("https://tunnel.example/auth");
    }

    @ParameterizedTest(name = "{0} = {1} is answered with {2}")
    @CsvSource(
            delimiter = '|',
            value = {
                "dataCenter | mars | us, uk, de, au, ca, sg",
                "dataCenter | DE | us, uk, de, au, ca, sg",
                "clientId | '' | developer dashboard",
                "clientId | a b | without spaces",
                "clientSecret | '' | ${vault.cronofy}",
                "scope | read_write | service_account/accounts/manage",
                "delegatedScope | read_write;free_busy | separated by single spaces",
                "publicUrl | id.example.com | https://id.example.com",
                "publicUrl | ftp://id.example.com | https://id.example.com",
                "publicUrl | https://id.example.com?x=y | without query",
                "publicUrl | https://me@id.example.com | without query, fragment or user",
                "publicUrl | https:// | https://id.example.com",
                "signatureRequired | yes | true or false",
                "consumers | calendar | list of objects like",
                "consumers | {\"clientId\": \"a\"} | list of objects like",
                "consumers | {\"clientId\": \"a\", \"rights\": []} | list of objects like",
                "consumers | {\"clientId\": \"a\", \"rights\": \"member\"} | member, resource, offline",
                "consumers | {\"clientId\": \"a\", \"rights\": [\"member\"], \"links\": \"x\"} | \"links\"",
                "consumers | [{\"clientId\": \"a\", \"rights\": [\"member\"]}, {\"clientId\": \"a\", \"rights\": [\"member\"]}] | twice"
            })
    void a_wrong_value_is_answered_with_what_to_write(String key, String value, String advice) {
        config.putSingle(key, value);

        assertThatExceptionOfType(InvalidSettings.class)
                .isThrownBy(this::parse)
                .withMessageContaining(key)
                .withMessageContaining(advice);
    }

    @Test
    void what_a_newer_version_wrote_counts_for_nothing_and_is_named_with_the_nearest_known_name()
            throws InvalidSettings {
        config.putSingle("signatureRequred", "true");
        config.add(
                SettingsForm.CONSUMERS,
                "{\"clientId\": \"a\", \"rights\": [\"member\", \"offlien\"], \"link\": [\"x\"]}");

        assertThat(parse().signatureRequired()).isFalse();
        assertThat(parse().consumer("a")).contains(new Consumer("a", Set.of(Consumer.Right.MEMBER), null));
        assertThat(new SettingsForm(config).unknown())
                .containsExactly(
                        new UnknownName("signatureRequred", "signatureRequred", "signatureRequired"),
                        new UnknownName("consumers[a].link", "link", "links"),
                        new UnknownName("consumers[a].rights.offlien", "offlien", "offline"));
    }

    @Test
    void what_a_newer_version_wrote_stays_when_the_settings_are_written() throws InvalidSettings {
        MultivaluedHashMap<String, String> stored = new MultivaluedHashMap<>();
        stored.putSingle("colour", "blue");
        stored.add(SettingsForm.CONSUMERS, "{\"clientId\": \"a\", \"rights\": [\"member\"], \"mood\": {\"x\": 1}}");
        config.add(SettingsForm.CONSUMERS, "[{\"clientId\": \"a\", \"rights\": [\"offline\"]}]");

        MultivaluedHashMap<String, String> kept = new SettingsForm(config).keeping(stored);

        assertThat(kept.getFirst("colour")).isEqualTo("blue");
        assertThat(kept.get(SettingsForm.CONSUMERS))
                .containsExactly("{\"clientId\":\"a\",\"rights\":[\"offline\"],\"mood\":{\"x\":1}}");
        assertThat(kept.getFirst(SettingsForm.CLIENT_ID)).isEqualTo("app");
    }

    @Test
    void a_mask_in_place_of_the_secret_is_no_secret() throws InvalidSettings {
        config.putSingle(SettingsForm.CLIENT_SECRET, "**********");

        assertThat(parse().clientSecret()).isEmpty();
    }

    @Test
    void the_message_about_a_wrong_secret_does_not_repeat_it() throws InvalidSettings {
        config.putSingle(SettingsForm.CONSUMERS, "{\"clientId\": \"a\", \"secret\": \"hush\"}");

        assertThatExceptionOfType(InvalidSettings.class).isThrownBy(this::parse).withMessageNotContaining("hush");
    }
}
