package io.github.enterpriseconnect.delegation;

import io.github.enterpriseconnect.core.Reason;

/**
 * Why what came for an ask is not stored.
 *
 * @param atOnce whether another sign-in may ask again at once, since it is Keycloak's matter, not Cronofy's
 */
record Objection(Reason reason, boolean atOnce) {
    static Objection byGate(Reason reason) {
        return new Objection(reason, true);
    }
}
