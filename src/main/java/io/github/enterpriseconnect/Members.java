package io.github.enterpriseconnect;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Gate;
import io.github.enterpriseconnect.core.Mailbox;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.storage.Storage;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.models.UserModel;

/** Tells where a user stands: what has become of the delegation, and what the gate says today. */
public final class Members {
    private final ObjectMapper json;

    Members(ObjectMapper json) {
        this.json = json;
    }

    /**
     * Where one user stands.
     *
     * @param reason the gate's first "no", else what the delegation failed for; null if there is nothing to complain of
     * @param mailbox null while the gate refuses before it knows one and nothing was ever asked for
     * @param link name of the link; null if none concerns the user
     * @param delegation the user's latest; empty if nothing was ever asked for
     */
    public record Standing(
            Delegation.State state,
            @Nullable Reason reason,
            @Nullable String mailbox,
            @Nullable String link,
            Optional<Delegation> delegation) {}

    /** Where the user stands, read within the caller's transaction. */
    public Standing standing(KeycloakSession session, RealmModel realm, UserModel user) {
        Storage storage = Storage.of(session, realm, json);
        Gate.Decision decision =
                Gate.decide(new KeycloakCandidate(session, realm, user, storage.links()::get, true), Gate.Question.ASK);
        Optional<Delegation> delegation = storage.delegations().ofUser(realm.getId(), user.getId()).stream()
                .findFirst();
        Mailbox mailbox = delegation.map(Delegation::mailbox).orElse(decision.mailbox());
        String link = delegation
                .map(row -> row.link().name())
                .orElse(decision.link() == null ? null : decision.link().id().name());
        return new Standing(
                delegation.map(Delegation::state).orElse(Delegation.State.NONE),
                decision.reason() != null
                        ? decision.reason()
                        : delegation.map(Delegation::reason).orElse(null),
                mailbox == null ? null : mailbox.address(),
                link,
                delegation);
    }
}
