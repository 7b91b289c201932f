/**
 * What administrators meet under {@code /admin/realms/{realm}/enterprise-connect}: every method begins with the right
 * it needs. A door: nobody calls it but Keycloak.
 */
@NullMarked
package io.github.enterpriseconnect.admin;

import org.jspecify.annotations.NullMarked;
