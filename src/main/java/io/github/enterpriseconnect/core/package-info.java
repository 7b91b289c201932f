/**
 * The domain in plain Java: links, delegations, credentials, the gate, the budget and the failures that a caller can
 * act on. Knows nobody: no Keycloak, no HTTP, no JPA, no JSON.
 */
@NullMarked
package io.github.enterpriseconnect.core;

import org.jspecify.annotations.NullMarked;
