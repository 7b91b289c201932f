/**
 * The request allowance of each application at Cronofy: drawn from one row by all nodes, in the order of who waits, and
 * kept by every call ({@code PacedCronofy}).
 */
@NullMarked
package io.github.enterpriseconnect.budget;

import org.jspecify.annotations.NullMarked;
