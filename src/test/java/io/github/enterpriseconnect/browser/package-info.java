/**
 * Pages as people see and operate them, in a real Chromium. {@link io.github.enterpriseconnect.browser.Window#look}
 * holds whatever is on the screen against what every page has to be: accessible, free of errors, at home on one host,
 * and no wider than the screen. Pictures of it are left under {@code target/screenshots}.
 */
@NullMarked
package io.github.enterpriseconnect.browser;

import org.jspecify.annotations.NullMarked;
