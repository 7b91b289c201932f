/** What a person who signs in meets: a required action that adds no page. May use the root package and {@code core}. */
@NullMarked
package io.github.enterpriseconnect.login;

import org.jspecify.annotations.NullMarked;
