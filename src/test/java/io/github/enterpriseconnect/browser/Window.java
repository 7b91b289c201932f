package io.github.enterpriseconnect.browser;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.ConsoleMessage;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Request;
import com.microsoft.playwright.Response;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.options.AriaRole;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.assertj.core.api.SoftAssertions;
import org.jspecify.annotations.Nullable;

/**
 * A window of a browser without history, cookies or session. It remembers everything that went wrong in it, and {@link
 * #look} and {@link #close} say so.
 */
final class Window implements AutoCloseable {
    static final Duration PATIENCE = Duration.ofMinutes(3);

    private static final List<Look> CLOSELY = List.of(Look.LIGHT_DESKTOP, Look.DARK_PHONE);
    private static final Path PICTURES = Path.of("target", "screenshots");
    private static final Pattern RAW_KEY = Pattern.compile("enterpriseConnect[A-Z]\\w*(?:\\.\\w+)*");
    private static final Pattern RAW_PLACEHOLDER = Pattern.compile("\\{\\d+\\}");
    private static final String WIDER_THAN_THE_SCREEN =
            "() => document.documentElement.scrollWidth - document.documentElement.clientWidth";
    private static final String CUT_OFF = """
            () => [...document.querySelectorAll('body *')]
              .filter(element => element.checkVisibility() && element.innerText && element.clientWidth > 1)
              .filter(element => {
                const style = getComputedStyle(element);
                return (element.children.length === 0 || style.textOverflow === 'ellipsis')
                  && style.overflowX !== 'visible' && style.clipPath === 'none'
                  && element.scrollWidth > element.clientWidth + 1;
              })
              .map(element => element.outerHTML)
            """;

    private static final String BROKEN_WITHIN_A_WORD = """
            () => [...document.querySelectorAll('button, a.pf-v5-c-button')]
              .filter(element => element.checkVisibility())
              .filter(element => {
                const shown = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
                const words = new Intl.Segmenter(document.documentElement.lang, {granularity: 'word'});
                const range = document.createRange();
                const lines = new Set();
                let most = 0;
                while (shown.nextNode()) {
                  const text = shown.currentNode;
                  if (text.parentElement.clientWidth !== 1) {
                    range.selectNodeContents(text);
                    [...range.getClientRects()].forEach(line => lines.add(Math.round(line.top)));
                    most += [...words.segment(text.data)].filter(word => word.isWordLike).length;
                  }
                }
                return lines.size > Math.max(1, most);
              })
              .map(element => element.outerHTML)
            """;
    private static final String EMPTY_LINE_OF_A_CARD = """
            () => innerWidth >= 768 ? [] : [...document.querySelectorAll('td.ec-cell')]
              .filter(cell => cell.checkVisibility() && !cell.innerText.trim() && !cell.querySelector('input, select'))
              .map(cell => cell.closest('tr').outerHTML)
            """;

    private final BrowserContext context;
    private final Set<String> hosts;
    private final boolean script;
    private final Page page;
    private final List<String> troubles = new ArrayList<>();

    Window(BrowserContext context, Set<String> hosts, boolean script) {
        this(context, hosts, script, context.newPage());
    }

    private Window(BrowserContext context, Set<String> hosts, boolean script, Page page) {
        this.context = context;
        this.hosts = hosts;
        this.script = script;
        this.page = page;
        page.onRequest(this::mind);
        page.onConsoleMessage(this::mind);
        page.onPageError(error -> troubles.add("thrown: " + error));
    }

    /** Another tab of this window. */
    Window at(Page tab) {
        return new Window(context, hosts, script, tab);
    }

    private void mind(Request request) {
        URI uri = URI.create(request.url().replaceFirst("[?#].*", ""));
        if (uri.getAuthority() != null && !hosts.contains(uri.getAuthority())) {
            troubles.add("asked another host: " + request.method() + " " + uri);
        }
    }

    /** What the browser itself writes: also violations of a Content-Security-Policy. */
    private void mind(ConsoleMessage message) {
        boolean serious = message.type().equals("error") || message.type().equals("warning");
        boolean statusOfDocument = message.text().startsWith("Failed to load resource")
                && message.location().startsWith(page.url());
        // The browser asks for it where a page names no icon, and Keycloak's theme "base" names one that it lacks.
        boolean icon = message.location().contains("/favicon.ico");
        if (serious && !statusOfDocument && !icon) {
            troubles.add(message.type() + ": " + message.text() + " (" + message.location() + ")");
        }
    }

    /** For what only the driver can do. */
    Page page() {
        return page;
    }

    /** Opens the address, and gives the answer's status. */
    int open(URI uri) {
        Response response = page.navigate(uri.toString());
        return response == null ? 0 : response.status();
    }

    Locator find(String selector) {
        return page.locator(selector);
    }

    /** The control of a form that has this label, with or without the mark of what is required. */
    Locator field(String label) {
        // Not Pattern.quote, whose \Q the browser does not know.
        String quoted = label.replaceAll("[^\\w\\s-]", "\\\\$0");
        return page.getByLabel(Pattern.compile("^\\s*" + quoted + "\\s*\\*?\\s*$"));
    }

    /** Presses the button of this name, if it is not behind a dialog. */
    void press(String button) {
        page.getByRole(
                        AriaRole.BUTTON,
                        new Page.GetByRoleOptions().setName(button).setExact(true))
                .first()
                .click();
    }

    /** What can be read on the page. */
    String text() {
        return page.locator("body").innerText();
    }

    /** What each of these elements says, without those that show nothing. */
    List<String> texts(String selector) {
        return find(selector).allInnerTexts().stream()
                .map(String::strip)
                .filter(text -> !text.isEmpty())
                .toList();
    }

    /** Signs in by Keycloak's login pages, whether they ask for name and password at once or one by one. */
    void signIn(String username, String password) {
        find("#username").fill(username);
        if (find("#password").count() == 0) {
            find("#kc-login").click();
        }
        find("#password").fill(password);
        find("#kc-login").click();
    }

    /**
     * Takes a picture of the page as every {@link Look} shows it, and holds it against what every page has to be;
     * against the rules of accessibility, which take long, in both colours and both widths once.
     */
    void look(String name) {
        look(name, Look.ALL, script ? CLOSELY : List.of());
    }

    /** As {@link #look}, but where the page around ours is not ours to make accessible. */
    void glance(String name) {
        look(name, List.of(Look.LIGHT_DESKTOP, Look.LIGHT_PHONE), List.of());
    }

    /** As these show it and no others, for a page of which there are many alike; closely as some of them do. */
    void look(String name, List<Look> looks, List<Look> closely) {
        SoftAssertions findings = new SoftAssertions();
        for (Look look : looks) {
            show(look);
            page.screenshot(new Page.ScreenshotOptions()
                    .setFullPage(true)
                    .setPath(PICTURES.resolve(name + "-" + look.suffix() + ".png")));
            if (script) {
                findings.assertThat(page.evaluate(WIDER_THAN_THE_SCREEN))
                        .as("%s %s: too wide", name, look)
                        .isEqualTo(0);
                findings.assertThat((List<?>) page.evaluate(CUT_OFF))
                        .as("%s %s: cut off", name, look)
                        .isEmpty();
                findings.assertThat((List<?>) page.evaluate(BROKEN_WITHIN_A_WORD))
                        .as("%s %s: broken within a word", name, look)
                        .isEmpty();
                findings.assertThat((List<?>) page.evaluate(EMPTY_LINE_OF_A_CARD))
                        .as("%s %s: a line without content", name, look)
                        .isEmpty();
            }
            if (closely.contains(look)) {
                findings.assertThat(Axe.violations(page))
                        .as("%s %s", name, look)
                        .isEmpty();
            }
        }
        show(Look.LIGHT_DESKTOP);
        String text = text();
        findings.assertThat(first(RAW_KEY, text))
                .as("%s: a key without a text", name)
                .isNull();
        findings.assertThat(first(RAW_PLACEHOLDER, text))
                .as("%s: a gap in a text", name)
                .isNull();
        findings.assertThat(troubles).as("%s: what went wrong", name).isEmpty();
        findings.assertAll();
    }

    private void show(Look look) {
        page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(look.scheme()));
        page.setViewportSize(look.width(), look.height());
    }

    private static @Nullable String first(Pattern pattern, String text) {
        Matcher matcher = pattern.matcher(text);
        return matcher.find() ? matcher.group() : null;
    }

    /** Something went wrong on purpose. */
    void assertTrouble(String text) {
        assertThat(troubles).as("what went wrong").anyMatch(trouble -> trouble.contains(text));
        troubles.removeIf(trouble -> trouble.contains(text));
    }

    void assertNoTrouble() {
        assertThat(troubles).as("what went wrong at %s", page.url()).isEmpty();
    }

    /** Keeps a page that loads itself again and again from doing so while it is looked at. */
    void whileStill(Runnable look) {
        String anywhere = "**/*";
        page.route(anywhere, route -> {
            if (route.request().isNavigationRequest()) {
                route.fulfill(new Route.FulfillOptions().setStatus(204));
            } else {
                route.resume();
            }
        });
        look.run();
        page.unroute(anywhere);
        page.reload();
    }

    /** Presses Tab until what has this selector has the focus, as somebody does who has no mouse. */
    void tabTo(String selector) {
        for (int i = 0; i < 60; i++) {
            page.keyboard().press("Tab");
            if (Boolean.TRUE.equals(find(selector).first().evaluate("element => element === document.activeElement"))) {
                return;
            }
        }
        throw new AssertionError("The Tab key does not lead to " + selector + " at " + page.url());
    }

    @Override
    public void close() {
        context.close();
    }
}
