/**
 * The middle of the extension without a server: its parts wired as the composition root does, on real tables in memory,
 * with a clock, a worker, users and a Cronofy that a test turns by hand.
 */
@NullMarked
package io.github.enterpriseconnect.middle;

import org.jspecify.annotations.NullMarked;
