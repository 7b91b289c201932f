/**
 * When a right ends: finding out, ending it here at once, and having Cronofy revoke it in the end.
 */
@NullMarked
package io.github.enterpriseconnect.revocation;

import org.jspecify.annotations.NullMarked;
