package io.github.enterpriseconnect.admin;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonRawValue;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Resource;
import io.github.enterpriseconnect.storage.ResourceListing;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A resource as the admin API shows it; times in ISO 8601.
 *
 * @param location an object, see the API's description
 * @param named whether an administrator has named it; Cronofy lists the others
 * @param wanted whether it is to be delegated
 * @param withheld why nobody gets a token of it for now; absent if nothing is known to stand in the way
 * @param missingSince since when Cronofy's list is without it; absent while it is there
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ResourceRepresentation(
        String id,
        String mailbox,
        @Nullable String name,
        @Nullable Integer capacity,
        @JsonRawValue @Nullable String location,
        boolean named,
        boolean wanted,
        String state,
        @Nullable String reason,
        @Nullable String detail,
        @Nullable String withheld,
        int attempts,
        @Nullable String askedAt,
        @Nullable String grantedAt,
        @Nullable String nextAttemptAt,
        @Nullable String missingSince,
        String changedAt) {

    static ResourceRepresentation of(Resource resource) {
        Delegation delegation = resource.delegation();
        return new ResourceRepresentation(
                resource.id(),
                resource.mailbox().address(),
                resource.details().name(),
                resource.details().capacity(),
                resource.details().location(),
                resource.named(),
                resource.wanted(),
                delegation.stateWord(),
                delegation.reasonWord(),
                delegation.detail(),
                id(resource.withheld()),
                delegation.attempts(),
                text(delegation.askedAt()),
                text(delegation.grantedAt()),
                text(delegation.plannedAt()),
                text(resource.missingSince()),
                resource.changedAt().toString());
    }

    /**
     * How Cronofy's list stands.
     *
     * @param delegation which of it are delegated: {@code all} or {@code on_demand}
     * @param available whether the service account may list resources
     * @param readAt when it was read last; absent if it never was
     * @param problem why it could not be read when that was last tried; absent if it could
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Listing(
            String delegation,
            boolean available,
            @Nullable String readAt,
            @Nullable String problem) {
        static Listing of(ResourceListing listing, boolean available) {
            return new Listing(
                    listing.all() ? "all" : "on_demand", available, text(listing.readAt()), id(listing.problem()));
        }
    }

    private static @Nullable String id(@Nullable Reason reason) {
        return reason == null ? null : reason.id();
    }

    private static @Nullable String text(@Nullable Instant time) {
        return time == null ? null : time.toString();
    }
}
