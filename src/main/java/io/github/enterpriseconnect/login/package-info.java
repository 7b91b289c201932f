/**
 * What a person who signs in meets: a required action, and the pages that it shows where they are asked for. A
 * door: nobody calls it but Keycloak.
 */
@NullMarked
package io.github.enterpriseconnect.login;

import org.jspecify.annotations.NullMarked;
