/**
 * What Keycloak, our tables and our caches know of a user, as the gate asks for it.
 */
@NullMarked
package io.github.enterpriseconnect.candidate;

import org.jspecify.annotations.NullMarked;
