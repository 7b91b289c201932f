package io.github.enterpriseconnect.storage;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.github.enterpriseconnect.core.Credential;
import io.github.enterpriseconnect.core.Secret;
import io.github.enterpriseconnect.core.Tokens;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A {@link Credential} as sealed text and back. */
final class SealedCredentials {
    @JsonIgnoreProperties(ignoreUnknown = true)
    private record Form(
            @JsonProperty("app") String application,
            @JsonProperty("sub") String subject,
            @JsonProperty("link") String link,
            @JsonProperty("mbx") String mailbox,
            @JsonProperty("at") String accessToken,
            @JsonProperty("rt") String refreshToken,
            @JsonProperty("scope") String scope,
            @JsonProperty("iat") long obtainedAt,
            @JsonProperty("exp") long expiresAt) {}

    private final Sealer sealer;

    SealedCredentials(Sealer sealer) {
        this.sealer = sealer;
    }

    String seal(Sealer.Purpose purpose, String owner, Credential credential) {
        Tokens tokens = credential.tokens();
        return sealer.sealForm(
                purpose,
                owner,
                new Form(
                        credential.application(),
                        credential.subject(),
                        credential.link(),
                        credential.mailbox(),
                        tokens.accessToken().reveal(),
                        tokens.refreshToken().reveal(),
                        tokens.scope(),
                        tokens.obtainedAt().toEpochMilli(),
                        tokens.expiresAt().toEpochMilli()));
    }

    /** See {@link Sealer#mayOpen}. */
    boolean mayOpen(String sealed) {
        return sealer.mayOpen(sealed);
    }

    Optional<Credential> open(Sealer.Purpose purpose, String owner, @Nullable String sealed) {
        return sealer.openForm(purpose, owner, sealed, Form.class)
                .map(form -> new Credential(
                        form.application(),
                        form.subject(),
                        form.link(),
                        form.mailbox(),
                        new Tokens(
                                Secret.of(form.accessToken()),
                                Secret.of(form.refreshToken()),
                                form.scope(),
                                Instant.ofEpochMilli(form.obtainedAt()),
                                Instant.ofEpochMilli(form.expiresAt()))));
    }
}
