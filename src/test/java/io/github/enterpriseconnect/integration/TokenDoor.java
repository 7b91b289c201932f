package io.github.enterpriseconnect.integration;

import io.github.enterpriseconnect.integration.harness.Answer;
import java.net.URI;
import java.util.Map;

/** The two ways in which an application fetches a token for a user who is present. */
enum TokenDoor {
    OWN {
        @Override
        URI uri(Application application) {
            return URI.create(application.realm() + "/enterprise-connect/token");
        }

        @Override
        Map<String, String> form(String userToken) {
            return Map.of("token", userToken);
        }
    },

    EXCHANGE {
        @Override
        URI uri(Application application) {
            return application.tokenEndpoint();
        }

        @Override
        Map<String, String> form(String userToken) {
            return Map.of(
                    "grant_type",
                    "urn:ietf:params:oauth:grant-type:token-exchange",
                    "requested_issuer",
                    "enterprise-connect",
                    "subject_token",
                    userToken,
                    "subject_token_type",
                    ACCESS_TOKEN);
        }
    };

    static final String ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token";

    abstract URI uri(Application application);

    abstract Map<String, String> form(String userToken);

    Answer ask(Application application, String userToken, Map<String, String> headers) {
        return application.post(uri(application), form(userToken), headers);
    }
}
