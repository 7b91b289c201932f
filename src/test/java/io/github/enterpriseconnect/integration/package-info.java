/**
 * The extension inside a real Keycloak, seen as its users see it: over HTTP. A test class here asks {@code harness} for
 * a server and its clients, and makes a realm of its own.
 */
@NullMarked
package io.github.enterpriseconnect.integration;

import org.jspecify.annotations.NullMarked;
