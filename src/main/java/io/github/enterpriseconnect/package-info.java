/**
 * The extension as Keycloak sees it: the SPI, its factory (the one place where everything is wired), the settings, the
 * background worker and the life-cycle listener. May use {@code cronofy}, {@code storage} and {@code core}; the edges
 * {@code login}, {@code rest} and {@code admin} use this package.
 */
@NullMarked
package io.github.enterpriseconnect;

import org.jspecify.annotations.NullMarked;
