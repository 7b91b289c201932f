package io.github.enterpriseconnect.storage;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.enterpriseconnect.core.Behaviour;
import io.github.enterpriseconnect.core.Policy;
import jakarta.persistence.AttributeConverter;
import java.io.IOException;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A policy in one column, as JSON; empty for the default. What is not written, or null, follows the realm's default.
 */
public final class PolicyColumn implements AttributeConverter<Policy, String> {
    private static final ObjectMapper JSON = new ObjectMapper();

    @JsonIgnoreProperties(ignoreUnknown = true)
    private record Form(
            @JsonProperty("proof") Policy.Proof proof,
            @JsonProperty("optOut") @Nullable Boolean optOut,
            @JsonProperty("notice") Behaviour.@Nullable Notice notice,
            @JsonProperty("wait") @Nullable Long patience,
            @JsonProperty("requiredGroups") Set<String> requiredGroups,
            @JsonProperty("deniedGroups") Set<String> deniedGroups,
            @JsonProperty("requiredRoles") Set<String> requiredRoles,
            @JsonProperty("deniedRoles") Set<String> deniedRoles,
            @JsonProperty("identityProviders") Set<String> identityProviders) {}

    @Override
    public @Nullable String convertToDatabaseColumn(@Nullable Policy policy) {
        if (policy == null || policy.equals(Policy.DEFAULT)) {
            return null;
        }
        Behaviour.Stated stated = policy.behaviour();
        try {
            return JSON.writeValueAsString(new Form(
                    policy.proof(),
                    stated.optOut(),
                    stated.notice(),
                    stated.patience() == null ? null : stated.patience().toSeconds(),
                    new TreeSet<>(policy.requiredGroups()),
                    new TreeSet<>(policy.deniedGroups()),
                    new TreeSet<>(policy.requiredRoles()),
                    new TreeSet<>(policy.deniedRoles()),
                    new TreeSet<>(policy.identityProviders())));
        } catch (IOException e) {
            throw new IllegalStateException("a policy can be written", e);
        }
    }

    @Override
    public Policy convertToEntityAttribute(@Nullable String column) {
        if (column == null) {
            return Policy.DEFAULT;
        }
        try {
            Form form = JSON.readValue(column, Form.class);
            return new Policy(
                    form.proof(),
                    new Behaviour.Stated(
                            form.optOut(),
                            form.notice(),
                            form.patience() == null ? null : Duration.ofSeconds(form.patience())),
                    form.requiredGroups(),
                    form.deniedGroups(),
                    form.requiredRoles(),
                    form.deniedRoles(),
                    form.identityProviders());
        } catch (IOException e) {
            throw new IllegalStateException("what this class wrote can be read", e);
        }
    }
}
