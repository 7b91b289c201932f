package io.github.enterpriseconnect.budget;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.enterpriseconnect.core.Application;
import io.github.enterpriseconnect.core.DataCenter;
import io.github.enterpriseconnect.core.Secret;
import io.github.enterpriseconnect.middle.Warnings;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AcceptedSecretsTest {
    private static final Secret OLD = Secret.of("old");
    private static final Secret NEW = Secret.of("new");

    private final AcceptedSecrets secrets = new AcceptedSecrets();
    private final Application application = new Application(DataCenter.US, "client", OLD, Optional.of(NEW));

    @Test
    void however_many_see_it_at_once_it_changes_once() {
        try (Warnings warnings = new Warnings()) {
            for (int i = 0; i < 8; i++) {
                secrets.accepted(application, application.by(NEW));
            }

            assertThat(secrets.first(application).clientSecret()).isEqualTo(NEW);
            assertThat(warnings.told()).hasSize(1);
        }
        for (int i = 0; i < 2; i++) {
            secrets.accepted(application, application.by(OLD));
        }
        assertThat(secrets.first(application).clientSecret()).isEqualTo(OLD);
    }
}
