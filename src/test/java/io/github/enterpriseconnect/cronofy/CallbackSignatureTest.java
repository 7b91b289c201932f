package io.github.enterpriseconnect.cronofy;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.enterpriseconnect.core.Application;
import io.github.enterpriseconnect.core.DataCenter;
import io.github.enterpriseconnect.core.Secret;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CallbackSignatureTest {
    private static final byte[] BODY = "{\"example\":\"well-known\"}".getBytes(StandardCharsets.UTF_8);
    private static final Application APPLICATION = application("pDY0Oi7TJSP2hfNmZNkm5");
    private static final String SIGNATURE = "6r2/HjBkqymGegX0wOfifieeUXbbHwtV/LohHS+jv6c=";

    private static Application application(String secret) {
        return new Application(DataCenter.DE, "client-id", Secret.of(secret));
    }

    @Test
    void during_a_rotation_either_secret_signs() {
        Secret other = Secret.of("CRN_NggYusqPGLxwjw5FHOJYOqSrTPNXy8WQf14OID");

        assertThat(CallbackSignature.valid(
                        SIGNATURE,
                        BODY,
                        new Application(DataCenter.DE, "client-id", other, Optional.of(APPLICATION.clientSecret()))))
                .isTrue();
        assertThat(CallbackSignature.valid(
                        SIGNATURE,
                        BODY,
                        new Application(DataCenter.DE, "client-id", APPLICATION.clientSecret(), Optional.of(other))))
                .isTrue();
        assertThat(CallbackSignature.valid(SIGNATURE, BODY, APPLICATION.by(other)))
                .isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "pDY0Oi7TJSP2hfNmZNkm5, 6r2/HjBkqymGegX0wOfifieeUXbbHwtV/LohHS+jv6c=",
        "CRN_NggYusqPGLxwjw5FHOJYOqSrTPNXy8WQf14OID, 5DxentQi5YSXODEzTVv06sRwJ3pULIz1KrYv20qxEK0=",
        "CRN_nGlYDFXwfSXgB9rvGNBJyfE454GGPtWIbNuPwr, BmQmWVuZ70ILWjr1CAt5oC7YOolgnku4WZtlrKfx/6k="
    })
    void cronofy_s_own_vectors_are_valid(String secret, String signature) {
        assertThat(CallbackSignature.valid(signature, BODY, application(secret)))
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"x," + SIGNATURE, SIGNATURE + ",x", " x , " + SIGNATURE + " "})
    void one_valid_value_of_several_is_enough(String header) {
        assertThat(CallbackSignature.valid(header, BODY, APPLICATION)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ",", "x", "6R2/HJBKQYMGEGX0WOFIFIEEUXBBHWTV/LOHHS+JV6C="})
    void anything_else_is_not(String header) {
        assertThat(CallbackSignature.valid(header, BODY, APPLICATION)).isFalse();
    }

    @Test
    void another_body_is_not() {
        assertThat(CallbackSignature.valid(
                        SIGNATURE, "{ \"example\":\"well-known\"}".getBytes(StandardCharsets.UTF_8), APPLICATION))
                .isFalse();
    }
}
