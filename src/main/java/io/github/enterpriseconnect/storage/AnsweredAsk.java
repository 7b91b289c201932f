package io.github.enterpriseconnect.storage;

import io.github.enterpriseconnect.core.LinkId;
import java.time.Instant;

/**
 * An ask whose code nobody redeems at the moment.
 *
 * @param delegation id of its row
 * @param answeredAt when the code came
 * @param unhurried whether a backfill has asked, and the member has not signed in since
 */
public record AnsweredAsk(LinkId link, String delegation, Instant answeredAt, boolean unhurried) {}
