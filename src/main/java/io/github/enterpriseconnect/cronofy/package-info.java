/**
 * Cronofy on the wire: one client, its payloads, what each status means, and the signature of its callbacks. May use
 * {@code core} only; the HTTP client is Keycloak's, with the operator's proxy and trust store, and our own time-outs.
 */
@NullMarked
package io.github.enterpriseconnect.cronofy;

import org.jspecify.annotations.NullMarked;
