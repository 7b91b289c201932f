/** How PostgreSQL does what we have it do, with many members at rest. */
@NullMarked
package io.github.enterpriseconnect.plans;

import org.jspecify.annotations.NullMarked;
