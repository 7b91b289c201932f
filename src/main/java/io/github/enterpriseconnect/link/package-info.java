/**
 * A link's service account: invitations to authorize one, keeping it, and its end.
 */
@NullMarked
package io.github.enterpriseconnect.link;

import org.jspecify.annotations.NullMarked;
