package io.github.enterpriseconnect.rest;

import java.net.URI;

/** Keycloak's frontend as a base to build addresses on. */
final class Frontend {
    private Frontend() {}

    /** Without a slash at the end. */
    static String base(URI baseUri) {
        String text = baseUri.toString();
        return text.endsWith("/") ? text.substring(0, text.length() - 1) : text;
    }
}
