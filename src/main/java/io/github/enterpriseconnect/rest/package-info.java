/**
 * What applications, Cronofy and invited administrators meet under {@code /realms/{realm}/enterprise-connect}. A door:
 * nobody calls it but Keycloak.
 */
@NullMarked
package io.github.enterpriseconnect.rest;

import org.jspecify.annotations.NullMarked;
