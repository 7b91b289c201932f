/**
 * What a realm has set: the settings component, and the realm's defaults in the required action's configuration.
 */
@NullMarked
package io.github.enterpriseconnect.settings;

import org.jspecify.annotations.NullMarked;
