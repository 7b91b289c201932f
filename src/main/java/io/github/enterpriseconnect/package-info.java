/**
 * Names that others know us by; they stay when the code moves. What Enterprise Connect does is in the packages below.
 */
@NullMarked
package io.github.enterpriseconnect;

import org.jspecify.annotations.NullMarked;
