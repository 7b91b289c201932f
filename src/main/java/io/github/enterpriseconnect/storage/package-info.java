/**
 * Where state lives: own tables (rows with versions, found by indexed look-ups only), the members' user attributes, and
 * the sealing of everything secret. May use {@code core} only. JPA stays in here.
 */
@NullMarked
package io.github.enterpriseconnect.storage;

import org.jspecify.annotations.NullMarked;
