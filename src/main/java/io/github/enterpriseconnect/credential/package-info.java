/**
 * Keeps the stored tokens of service accounts and members usable: one refresh across all nodes.
 */
@NullMarked
package io.github.enterpriseconnect.credential;

import org.jspecify.annotations.NullMarked;
