/**
 * What a person who signs in meets: a required action, and the pages that it shows where they are asked for. May use
 * the root package and {@code core}.
 */
@NullMarked
package io.github.enterpriseconnect.login;

import org.jspecify.annotations.NullMarked;
