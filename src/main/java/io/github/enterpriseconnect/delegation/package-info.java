/**
 * From sign-in to stored credential: who is due, asking Cronofy, taking its answers, and redeeming their codes.
 */
@NullMarked
package io.github.enterpriseconnect.delegation;

import org.jspecify.annotations.NullMarked;
