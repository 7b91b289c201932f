/**
 * What is known of members, and what administrators or the members themselves do for a single one.
 */
@NullMarked
package io.github.enterpriseconnect.member;

import org.jspecify.annotations.NullMarked;
