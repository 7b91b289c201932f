/**
 * Telling consumers what happens to calendars: security event tokens, signed by the realm and pushed to each consumer's
 * address, out of a table in which they wait until they are accepted. What is to be told is written by whoever decides it
 * ({@link io.github.enterpriseconnect.platform.Work#tell}).
 */
@NullMarked
package io.github.enterpriseconnect.notification;

import org.jspecify.annotations.NullMarked;
