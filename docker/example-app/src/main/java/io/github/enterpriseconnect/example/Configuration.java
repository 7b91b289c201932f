package io.github.enterpriseconnect.example;

import com.nimbusds.oauth2.sdk.auth.Secret;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.ZoneId;
import java.util.Map;
import java.util.Optional;

/**
 * What the operator decides.
 *
 * @param baseUrl where users' browsers find this application, without a slash at the end
 * @param address where it listens
 * @param issuer address of the Keycloak realm
 * @param zone where a day begins and ends
 */
public record Configuration(
        URI baseUrl, InetSocketAddress address, URI issuer, String clientId, Secret clientSecret, ZoneId zone) {

    /** Reads environment variables. */
    static Configuration of(Map<String, String> environment) {
        String port = environment.getOrDefault("PORT", "8090");
        return new Configuration(
                URI.create(environment.getOrDefault("BASE_URL", "http://localhost:" + port)),
                new InetSocketAddress(environment.getOrDefault("HOST", "localhost"), Integer.parseInt(port)),
                URI.create(required(environment, "ISSUER")),
                required(environment, "CLIENT_ID"),
                new Secret(required(environment, "CLIENT_SECRET")),
                Optional.ofNullable(environment.get("TIME_ZONE"))
                        .map(ZoneId::of)
                        .orElseGet(ZoneId::systemDefault));
    }

    private static String required(Map<String, String> environment, String name) {
        return Optional.ofNullable(environment.get(name))
                .orElseThrow(() -> new IllegalArgumentException("Set the environment variable " + name));
    }

    URI callback() {
        return URI.create(baseUrl + "/callback");
    }

    boolean secure() {
        return "https".equals(baseUrl.getScheme());
    }

    /** Without the secret. */
    @Override
    public String toString() {
        return "client " + clientId + " of " + issuer + " at " + baseUrl;
    }
}
