/**
 * How we stand in Keycloak's server: transactions, background work, its users and organizations, and our addresses.
 */
@NullMarked
package io.github.enterpriseconnect.platform;

import org.jspecify.annotations.NullMarked;
