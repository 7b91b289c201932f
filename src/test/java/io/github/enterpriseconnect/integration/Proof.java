package io.github.enterpriseconnect.integration;

import java.util.Locale;

/** What a link takes for proof that an address is the member's. */
enum Proof {
    KEYCLOAK,
    OWNER;

    /** As the policy of a link writes it. */
    String written() {
        return name().toLowerCase(Locale.ROOT);
    }
}
