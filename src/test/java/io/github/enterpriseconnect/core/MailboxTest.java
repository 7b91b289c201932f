package io.github.enterpriseconnect.core;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MailboxTest {

    @Test
    void case_does_not_make_another_mailbox() {
        assertThat(Mailbox.parse("Maria.Vega@Customer.EXAMPLE")).contains(new Mailbox("maria.vega@customer.example"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "maria@customer.example",
                "maria+calendar@customer.example",
                "o'hara@sub.customer.example",
                "m@xn--mnchen-3ya.example"
            })
    void plain_addresses_are_mailboxes(String address) {
        assertThat(Mailbox.parse(address)).isPresent();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "maria",
                "@customer.example",
                "maria@",
                "maria@customer",
                "maria@customer..example",
                "maria@-customer.example",
                "maria@customer.example.",
                " maria@customer.example",
                "maria@customer.example ",
                "maria@customer.example\n",
                "maria@evil.example\u0000@customer.example",
                "a@b@customer.example",
                "\"a b\"@customer.example",
                "maria(comment)@customer.example",
                "maria@[127.0.0.1]",
                "maria@127.0.0.1",
                "maría@customer.example",
                "maria@сustomer.example",
                "maria@customer。example",
                "mi\u212Ae@customer.example",
                "mike@\u212Aunde.example",
                "MAR\u0130A@customer.example",
                ".maria@customer.example",
                "maria.@customer.example",
                "ma..ria@customer.example",
                "maria,ceo@customer.example",
                "<maria@customer.example>",
                "Maria <maria@customer.example>",
                "mailto:maria@customer.example",
                "maria%ceo@evil@customer.example"
            })
    void whatever_two_systems_could_read_differently_is_none(String address) {
        assertThat(Mailbox.parse(address)).isEmpty();
    }

    @Test
    void an_overlong_address_is_none() {
        assertThat(Mailbox.parse("a".repeat(65) + "@customer.example")).isEmpty();
        assertThat(Mailbox.parse("a@" + "b".repeat(60) + ".c".repeat(100) + ".example"))
                .isEmpty();
    }

    @Test
    void a_mailbox_does_not_print_its_address() {
        assertThat(new Mailbox("maria@customer.example")).asString().doesNotContain("maria");
    }

    @Test
    void no_character_beyond_ascii_becomes_part_of_a_mailbox() {
        for (int character = 0x80; character <= Character.MAX_VALUE; character++) {
            assertThat(Mailbox.parse("maria" + (char) character + "@customer.example"))
                    .as("U+%04X in the local part", character)
                    .isEmpty();
            assertThat(Mailbox.parse("maria@customer" + (char) character + ".example"))
                    .as("U+%04X in the domain", character)
                    .isEmpty();
        }
    }
}
