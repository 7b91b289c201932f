package io.github.enterpriseconnect.simulator;

import java.time.Instant;

/**
 * One attempt to call back.
 *
 * @param status what the receiver answered; 0 when it could not be reached or did not answer in time
 */
public record Delivery(Instant at, String url, String body, int attempt, int status) {}
