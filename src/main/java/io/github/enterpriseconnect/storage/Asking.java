package io.github.enterpriseconnect.storage;

import io.github.enterpriseconnect.core.Secret;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How a mailbox is asked for.
 *
 * @param ticketHash by which the callback finds the row again
 * @param callbackUrl where the answer is to go
 * @param through the service account by which it is asked for
 * @param identityProvider alias of the one that the sign-in came through; null if none
 * @param answerBy when to ask again if nothing came back
 */
public record Asking(
        String ticketHash,
        Secret callbackUrl,
        String through,
        @Nullable String identityProvider,
        Instant answerBy) {}
