/**
 * The simulator against its contract, over plain HTTP; in a package of its own so that the tests stay out of its jar.
 */
@NullMarked
package io.github.enterpriseconnect.simulatortest;

import org.jspecify.annotations.NullMarked;
