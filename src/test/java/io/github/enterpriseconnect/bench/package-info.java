/**
 * Measurements: ratios between kinds of request that take turns within one run, and counts. They assert nothing. {@code
 * Bench} runs them all; what they mean, and what was measured when and where, stands in {@code docs/performance.md}.
 */
@NullMarked
package io.github.enterpriseconnect.bench;

import org.jspecify.annotations.NullMarked;
