package io.github.enterpriseconnect.browser;

import com.microsoft.playwright.options.ColorScheme;
import java.util.List;

/** One of the ways in which a screen can show a page. */
enum Look {
    LIGHT_DESKTOP(ColorScheme.LIGHT, 1280, 800),
    DARK_DESKTOP(ColorScheme.DARK, 1280, 800),
    DARK_PHONE(ColorScheme.DARK, 360, 740),
    LIGHT_PHONE(ColorScheme.LIGHT, 360, 740);

    /** In an order in which only one thing changes from each to the next. */
    static final List<Look> ALL = List.of(values());

    private final ColorScheme scheme;
    private final int width;
    private final int height;

    Look(ColorScheme scheme, int width, int height) {
        this.scheme = scheme;
        this.width = width;
        this.height = height;
    }

    ColorScheme scheme() {
        return scheme;
    }

    int width() {
        return width;
    }

    int height() {
        return height;
    }

    /** As in the name of a picture. */
    String suffix() {
        return (scheme == ColorScheme.DARK ? "dark" : "light") + (width < 500 ? "-phone" : "-desktop");
    }
}
