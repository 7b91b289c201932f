/**
 * What Keycloak tells us while it works: its user and admin events, and its model events. A door: nobody calls it but
 * Keycloak.
 */
@NullMarked
package io.github.enterpriseconnect.events;

import org.jspecify.annotations.NullMarked;
