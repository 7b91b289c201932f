package io.github.enterpriseconnect.rest;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BeginningSiteTest {
    @ParameterizedTest(name = "Sec-Fetch-Site {0}, Origin {1}: foreign {2}")
    @CsvSource(
            nullValues = "-",
            value = {
                "-, -, false",
                "same-origin, null, false",
                "none, -, false",
                "cross-site, -, true",
                "cross-site, https://id.example.com, true",
                "same-site, https://other.example.com, true",
                "-, https://id.example.com, false",
                "-, https://tunnel.example:8443, false",
                "-, null, false",
                "-, https://id.example.com:8443, true",
                "-, http://id.example.com, true",
                "-, https://evil.example, true"
            })
    void a_form_of_another_site_is_told_from_our_own(
            @Nullable String fetchSite, @Nullable String origin, boolean foreign) {
        assertThat(BeginningSite.isForeign(
                        fetchSite,
                        origin,
                        Stream.of(
                                URI.create("https://id.example.com/auth/"),
                                URI.create("https://id.example.com:443"),
                                URI.create("https://tunnel.example:8443"))))
                .isEqualTo(foreign);
    }
}
