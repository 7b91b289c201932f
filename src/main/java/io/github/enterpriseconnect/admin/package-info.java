/**
 * What administrators meet under {@code /admin/realms/{realm}/enterprise-connect}: every method begins with the right
 * it needs. May use the root package and {@code core}.
 */
@NullMarked
package io.github.enterpriseconnect.admin;

import org.jspecify.annotations.NullMarked;
