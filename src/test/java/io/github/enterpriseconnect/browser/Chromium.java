package io.github.enterpriseconnect.browser;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType.LaunchOptions;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The browser that {@link ChromiumSetup} finds; it finds no host but this one. Belongs to the thread that started it.
 */
final class Chromium implements AutoCloseable {
    private static final List<String> OPTIONS = List.of(
            "--no-sandbox",
            "--disable-dev-shm-usage",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE localhost , EXCLUDE 127.0.0.1");

    private final Playwright playwright;
    private final Browser browser;

    private Chromium(Playwright playwright, Browser browser) {
        this.playwright = playwright;
        this.browser = browser;
    }

    static Chromium start() {
        Path executable = ChromiumSetup.onThisMachine();
        PlaywrightAssertions.setDefaultAssertionTimeout((double) Window.PATIENCE.toMillis());
        Playwright playwright = Playwright.create(
                new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
        Browser browser = playwright
                .chromium()
                .launch(new LaunchOptions()
                        .setExecutablePath(executable)
                        .setArgs(OPTIONS)
                        .setTimeout((double) Window.PATIENCE.toMillis()));
        return new Chromium(playwright, browser);
    }

    /**
     * Opens a window that shares nothing with any other.
     *
     * @param hosts those that its pages may ask for anything
     */
    Window window(Viewer viewer, URI... hosts) {
        BrowserContext context = browser.newContext(new Browser.NewContextOptions()
                .setLocale(viewer.language())
                .setJavaScriptEnabled(viewer.script())
                .setTimezoneId("Europe/Berlin")
                .setViewportSize(Look.LIGHT_DESKTOP.width(), Look.LIGHT_DESKTOP.height()));
        context.setDefaultTimeout((double) Window.PATIENCE.toMillis());
        Set<String> authorities = Stream.of(hosts).map(URI::getAuthority).collect(Collectors.toUnmodifiableSet());
        return new Window(context, authorities, viewer.script());
    }

    @Override
    public void close() {
        browser.close();
        playwright.close();
    }
}
