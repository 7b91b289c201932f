package io.github.enterpriseconnect.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DomainTest {

    @ParameterizedTest
    @ValueSource(strings = {"customer.example", "Customer.EXAMPLE", " customer.example ", "\tcustomer.example\n"})
    void case_and_white_space_around_do_not_make_another_domain(String text) {
        assertThat(Domain.parse(text)).contains(new Domain("customer.example"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "customer",
                "customer.example.",
                ".customer.example",
                "customer..example",
                "-customer.example",
                "customer-.example",
                "cust omer.example",
                "customer.example\u0000",
                "127.0.0.1",
                "[127.0.0.1]",
                "*.example",
                "customer_.example",
                "maria@customer.example",
                "münchen.example",
                "сustomer.example",
                "\u212Aunde.example",
                "\u0130.example",
                "customer\u3002example",
                "customer\uFF0Eexample",
                "\u3000customer.example",
                "customer.example\u2003"
            })
    void what_is_no_plain_name_is_no_domain(String text) {
        assertThat(Domain.parse(text)).isEmpty();
    }

    @Test
    void no_character_beyond_ascii_becomes_part_of_a_domain() {
        for (int character = 0x80; character <= Character.MAX_VALUE; character++) {
            assertThat(Domain.parse("customer" + (char) character + ".example"))
                    .as("U+%04X inside", character)
                    .isEmpty();
            assertThat(Domain.parse((char) character + "customer.example"))
                    .as("U+%04X in front", character)
                    .isEmpty();
        }
    }

    @Test
    void a_domain_that_is_none_says_what_to_write() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Domain("Customer"))
                .withMessageContaining("customer.example");
    }
}
