/** Measurements, as ratios within one run. They assert nothing. */
@NullMarked
package io.github.enterpriseconnect.bench;

import org.jspecify.annotations.NullMarked;
