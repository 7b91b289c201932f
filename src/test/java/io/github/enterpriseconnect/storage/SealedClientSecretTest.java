package io.github.enterpriseconnect.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.enterpriseconnect.core.Unreadable;
import jakarta.persistence.PersistenceException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.keycloak.common.crypto.CryptoIntegration;

class SealedClientSecretTest {
    private record Keys(String present, Map<String, SecretKey> all) implements SealingKeys {
        static Keys of(String active, String... others) {
            Map<String, SecretKey> all = new HashMap<>(Map.of(active, key(active)));
            for (String other : others) {
                all.put(other, key(other));
            }
            return new Keys(active, all);
        }

        private static SecretKey key(String id) {
            return new SecretKeySpec(
                    (id + "0123456789abcdef").substring(0, 16).getBytes(StandardCharsets.US_ASCII), "AES");
        }

        @Override
        public String owner() {
            return "realm";
        }

        @Override
        public Key active() {
            return new Key(present, key(present));
        }

        @Override
        public boolean mayHold(String id) {
            return id.equals("away");
        }

        @Override
        public Optional<SecretKey> byId(String id) {
            return Optional.ofNullable(all.get(id));
        }
    }

    @Test
    void what_cannot_be_opened_since_the_database_fails_is_not_taken_for_lost() {
        Keys keys = Keys.of("there");
        String sealed = new SealedClientSecret(keys, "realm").seal("hush");
        SealingKeys failing = new SealingKeys() {
            @Override
            public String owner() {
                return keys.owner();
            }

            @Override
            public Key active() {
                return keys.active();
            }

            @Override
            public boolean mayHold(String id) {
                return false;
            }

            @Override
            public Optional<SecretKey> byId(String id) {
                throw new PersistenceException("the database is away");
            }
        };

        assertThatExceptionOfType(PersistenceException.class)
                .isThrownBy(() -> new SealedClientSecret(failing, "realm").open(sealed));
    }

    @Test
    void what_a_key_that_is_away_has_sealed_is_not_taken_for_lost() {
        String sealed = new SealedClientSecret(Keys.of("away"), "realm").seal("hush");

        assertThatExceptionOfType(Unreadable.class)
                .isThrownBy(() -> new SealedClientSecret(Keys.of("other"), "realm").open(sealed));
    }

    @BeforeAll
    static void provideCryptography() {
        CryptoIntegration.init(SealedClientSecretTest.class.getClassLoader());
    }

    @Test
    void a_sealed_secret_opens_in_its_realm_also_under_a_key_that_is_passive_by_now() {
        String sealed = new SealedClientSecret(Keys.of("old"), "realm").seal("hush");

        assertThat(SealedClientSecret.is(sealed)).isTrue();
        assertThat(sealed).doesNotContain("hush");
        assertThat(new SealedClientSecret(Keys.of("new", "old"), "realm").open(sealed))
                .contains("hush");
    }

    @Test
    void it_opens_neither_in_another_realm_nor_without_its_key() {
        String sealed = new SealedClientSecret(Keys.of("key"), "realm").seal("hush");

        assertThat(new SealedClientSecret(Keys.of("key"), "other").open(sealed)).isEmpty();
        assertThat(new SealedClientSecret(Keys.of("other"), "realm").open(sealed))
                .isEmpty();
        assertThat(new SealedClientSecret(Keys.of("key"), "realm").open(sealed + "x"))
                .isEmpty();
    }

    @Test
    void a_secret_in_clear_is_not_taken_for_a_sealed_one() {
        assertThat(SealedClientSecret.is("hush")).isFalse();
        assertThat(SealedClientSecret.is("${vault.cronofy}")).isFalse();
    }
}
