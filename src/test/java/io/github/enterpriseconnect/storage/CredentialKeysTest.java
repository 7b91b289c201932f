package io.github.enterpriseconnect.storage;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is seen of a sealed credential without opening it. */
class CredentialKeysTest {
    private final TestTables.RealmKeys keys = new TestTables().keys("realm");
    private final Sealer sealer = new Sealer(keys);
    private String sealed = "";

    @BeforeEach
    void seal() {
        sealed = sealer.seal(Sealer.Purpose.CREDENTIAL, "owner", "value");
    }

    @Test
    void it_may_open_while_the_realm_has_its_key_or_may_have_it_again() {
        assertThat(sealer.mayOpen(sealed)).isTrue();

        keys.rotate();
        assertThat(sealer.mayOpen(sealed)).isTrue();

        keys.takeAway();
        assertThat(sealer.mayOpen(sealed)).isTrue();
    }

    /** So that a sign-in finds whoever has to be asked for anew. */
    @Test
    void it_does_not_once_the_key_is_lost() {
        keys.lose();

        assertThat(sealer.mayOpen(sealed)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "planted", "a.b.c.d.e", "eyJhbGciOiJkaXIifQ....", "eyJhbGciOiJkaXIifQ"})
    void what_names_no_key_does_not(String value) {
        assertThat(sealer.mayOpen(value)).isFalse();
    }
}
