package io.github.enterpriseconnect.delegation;

import io.github.enterpriseconnect.cronofy.CallbackSignature;
import io.github.enterpriseconnect.platform.Work;
import io.github.enterpriseconnect.settings.Settings;
import java.util.Optional;

/** Whether a callback is Cronofy's, as far as its signature tells. */
final class CallbackTrust {
    private CallbackTrust() {}

    /** @param signature the signature header; checked if present, and missed if the realm requires it */
    static boolean trusted(Work work, Optional<String> signature, byte[] body) {
        Optional<Settings> settings = work.realm().settings();
        if (settings.isEmpty()) {
            return false;
        }
        if (signature.isEmpty()) {
            return !settings.get().signatureRequired();
        }
        boolean valid = work.realm()
                .application()
                .filter(application -> CallbackSignature.valid(signature.get(), body, application))
                .isPresent();
        if (!valid) {
            // It may be the signature by a secret that is away: Cronofy is to come again then.
            work.realm().requireSecrets();
        }
        return valid;
    }
}
