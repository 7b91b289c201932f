/**
 * Access tokens for applications: whether there is one for this user and this consumer, and its last use.
 */
@NullMarked
package io.github.enterpriseconnect.token;

import org.jspecify.annotations.NullMarked;
