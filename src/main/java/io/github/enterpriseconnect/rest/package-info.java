/**
 * What applications, Cronofy and invited administrators meet under {@code /realms/{realm}/enterprise-connect}. May use
 * the root package and {@code core}.
 */
@NullMarked
package io.github.enterpriseconnect.rest;

import org.jspecify.annotations.NullMarked;
