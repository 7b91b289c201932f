package io.github.enterpriseconnect.storage;

import io.github.enterpriseconnect.core.Mailbox;
import io.github.enterpriseconnect.core.Secret;

/**
 * The mailbox that a link is about to be proven by.
 *
 * @param application see {@link io.github.enterpriseconnect.core.Application#key()}
 * @param serviceAccount that it is asked for through
 * @param ticketHash by which the callback finds the row again
 * @param callbackUrl where the answer is to go
 */
public record VerificationAsk(
        String application, String serviceAccount, Mailbox mailbox, String ticketHash, Secret callbackUrl) {}
