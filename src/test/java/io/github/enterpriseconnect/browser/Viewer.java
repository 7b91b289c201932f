package io.github.enterpriseconnect.browser;

/**
 * Somebody in front of a screen.
 *
 * @param language a BCP 47 tag
 * @param script whether pages may run JavaScript
 */
record Viewer(String language, boolean script) {

    static final Viewer ENGLISH = new Viewer("en", true);

    static Viewer reading(String language) {
        return new Viewer(language, true);
    }

    Viewer withoutScript() {
        return new Viewer(language, false);
    }
}
