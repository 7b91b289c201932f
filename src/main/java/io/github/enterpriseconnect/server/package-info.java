/**
 * The composition root, one for each server: wires the parts once, reads the server options, and hands the same parts
 * to every session.
 */
@NullMarked
package io.github.enterpriseconnect.server;

import org.jspecify.annotations.NullMarked;
