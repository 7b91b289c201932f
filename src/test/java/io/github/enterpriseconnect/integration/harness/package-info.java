/**
 * A real Keycloak as a process, and clients that behave like its users: an administrator, an application, and a person
 * with a browser. Knows nothing of the extension but the path of its JAR; only {@link
 * io.github.enterpriseconnect.integration.harness.KeycloakExtension} knows JUnit, so that programs can use the rest.
 */
@NullMarked
package io.github.enterpriseconnect.integration.harness;

import org.jspecify.annotations.NullMarked;
