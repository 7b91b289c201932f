/** The demonstration: a whole installation on one machine, to click through or to watch. */
@NullMarked
package io.github.enterpriseconnect.demo;

import org.jspecify.annotations.NullMarked;
