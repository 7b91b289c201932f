/**
 * Resources of links: which there are by Cronofy's list, and what administrators decide about them. How they are asked for
 * is in {@code delegation}, how they end in {@code revocation}.
 */
@NullMarked
package io.github.enterpriseconnect.resource;

import org.jspecify.annotations.NullMarked;
