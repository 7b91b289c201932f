/**
 * What a realm gets while Enterprise Connect is switched on in it, and changes to its settings and kill switches.
 */
@NullMarked
package io.github.enterpriseconnect.realm;

import org.jspecify.annotations.NullMarked;
