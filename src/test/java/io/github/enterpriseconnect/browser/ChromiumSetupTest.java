package io.github.enterpriseconnect.browser;

import static io.github.enterpriseconnect.browser.ChromiumSetup.Platform.DEBIAN;
import static io.github.enterpriseconnect.browser.ChromiumSetup.Platform.OTHER_LINUX;
import static io.github.enterpriseconnect.browser.ChromiumSetup.Platform.UBUNTU;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Which browser the tests get, on which machine, and what is done to it for that. */
class ChromiumSetupTest {
    private static final String CHROMIUM = "/usr/bin/chromium";
    private static final String DOWNLOAD = "download within PT1M";

    @ParameterizedTest
    @CsvSource({
        "DEBIAN, /usr/bin/chromium",
        "UBUNTU, /snap/bin/chromium",
        "OTHER_LINUX, /usr/bin/chromium-browser",
        "OTHER_LINUX, /usr/bin/google-chrome",
        "OTHER_LINUX, /home/maria/bin/google-chrome-stable",
        "MAC, /Applications/Chromium.app/Contents/MacOS/Chromium",
        "MAC, /Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
        "MAC, /Users/maria/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
        "WINDOWS, C:/Program Files/Google/Chrome/Application/chrome.exe",
        "WINDOWS, C:/Users/maria/AppData/Local/Chromium/Application/chrome.exe"
    })
    void what_is_installed_in_a_usual_place_is_used_and_nothing_is_done(
            ChromiumSetup.Platform platform, String installed) {
        FakeMachine machine = FakeMachine.of(platform)
                .withBrowser(installed)
                .withFont()
                .withVariable("PATH", "/usr/bin:/home/maria/bin")
                .withVariable("HOME", "/Users/maria")
                .withVariable("ProgramFiles", "C:/Program Files")
                .withVariable("LOCALAPPDATA", "C:/Users/maria/AppData/Local");

        assertThat(browser(machine)).isEqualTo(Path.of(installed));
        assertThat(machine.done()).isEmpty();
    }

    @Test
    void the_property_comes_first_then_the_variable_then_what_is_installed() {
        FakeMachine machine = FakeMachine.of(OTHER_LINUX)
                .withBrowser(CHROMIUM)
                .withBrowser("/opt/a/chrome")
                .withBrowser("/opt/b/chrome")
                .withFont();

        assertThat(browser(machine)).isEqualTo(Path.of(CHROMIUM));
        machine.withVariable("CHROME_BIN", "/opt/b/chrome");
        assertThat(browser(machine)).isEqualTo(Path.of("/opt/b/chrome"));
        machine.withProperty("browser.executable", "/opt/a/chrome");
        assertThat(browser(machine)).isEqualTo(Path.of("/opt/a/chrome"));
    }

    @Test
    void an_empty_property_names_nothing() {
        FakeMachine machine =
                FakeMachine.of(OTHER_LINUX).withBrowser(CHROMIUM).withFont().withProperty("browser.executable", "");

        assertThat(browser(machine)).isEqualTo(Path.of(CHROMIUM));
    }

    @Test
    void a_named_browser_that_does_not_start_is_not_replaced_by_another() {
        FakeMachine machine = FakeMachine.of(DEBIAN)
                .asRoot()
                .withBrowser(CHROMIUM)
                .withFont()
                .withVariable("CHROME_BIN", "/opt/typo");

        assertThatThrownBy(() -> browser(machine))
                .isInstanceOf(ChromiumSetup.Missing.class)
                .hasMessageContainingAll("/opt/typo is no browser that starts", "CHROME_BIN");
        assertThat(machine.done()).isEmpty();
    }

    @Test
    void root_of_debian_gets_chromium_and_the_font_by_packages_and_is_told_before() {
        FakeMachine machine = FakeMachine.of(DEBIAN).asRoot();

        assertThat(browser(machine)).isEqualTo(Path.of(CHROMIUM));
        assertThat(machine.done())
                .containsExactly(
                        "say The tests in a browser need packages that are installed now (-Dbrowser.install=false forbids it):"
                                + " chromium fonts-dejavu-core fonts-liberation fontconfig fonts-vlgothic",
                        "install chromium fonts-dejavu-core fonts-liberation fontconfig fonts-vlgothic");
    }

    @Test
    void a_missing_font_alone_is_installed_alone() {
        FakeMachine machine = FakeMachine.of(DEBIAN).asRoot().withBrowser(CHROMIUM);

        assertThat(browser(machine)).isEqualTo(Path.of(CHROMIUM));
        assertThat(machine.done()).last().isEqualTo("install fontconfig fonts-vlgothic");
    }

    @Test
    void root_of_ubuntu_gets_font_and_libraries_by_packages_and_a_download() {
        FakeMachine machine = FakeMachine.of(UBUNTU).asRoot().withDownloads();

        assertThat(browser(machine)).isEqualTo(FakeMachine.downloadedBrowser());
        assertThat(machine.done())
                .filteredOn(what -> !what.startsWith("say "))
                .containsExactly("install fontconfig fonts-vlgothic", "install libraries", DOWNLOAD);
    }

    @ParameterizedTest
    @EnumSource(
            value = ChromiumSetup.Platform.class,
            names = {"DEBIAN", "UBUNTU"})
    void who_is_not_root_installs_no_packages(ChromiumSetup.Platform platform) {
        FakeMachine machine = FakeMachine.of(platform);

        assertThatThrownBy(() -> browser(machine)).isInstanceOf(ChromiumSetup.Missing.class);
        assertThat(machine.done()).noneMatch(what -> what.startsWith("install"));
    }

    @Test
    void packages_can_be_forbidden_and_a_download_stands_in() {
        FakeMachine machine =
                FakeMachine.of(DEBIAN).asRoot().withFont().withDownloads().withProperty("browser.install", "false");

        assertThat(browser(machine)).isEqualTo(FakeMachine.downloadedBrowser());
        assertThat(machine.done())
                .containsExactly(
                        "say Chromium is not installed here. Playwright downloads one now, or gives up after 60 seconds.",
                        DOWNLOAD);
    }

    @Test
    void where_packages_cannot_be_had_a_download_stands_in() {
        FakeMachine machine =
                FakeMachine.of(DEBIAN).asRoot().withFont().withDownloads().withoutPackageRegistry();

        assertThat(browser(machine)).isEqualTo(FakeMachine.downloadedBrowser());
    }

    @Test
    void what_was_downloaded_once_is_used_again() {
        FakeMachine machine = FakeMachine.of(OTHER_LINUX).withFont().withDownloads();
        browser(machine);

        assertThat(browser(machine)).isEqualTo(FakeMachine.downloadedBrowser());
        assertThat(machine.done()).containsOnlyOnce(DOWNLOAD);
    }

    @ParameterizedTest
    @CsvSource({
        "DEBIAN, apt-get install chromium fontconfig fonts-vlgothic",
        "UBUNTU, apt-get install fontconfig fonts-vlgothic",
        "OTHER_LINUX, 'install Chromium, fontconfig and a Japanese font'",
        "MAC, brew install --cask chromium",
        "WINDOWS, winget install Google.Chrome"
    })
    void two_lines_say_what_to_install_when_nothing_helps(ChromiumSetup.Platform platform, String remedy) {
        FakeMachine machine = FakeMachine.of(platform);

        assertThatThrownBy(() -> browser(machine))
                .isInstanceOf(ChromiumSetup.Missing.class)
                .hasMessageContainingAll(remedy, "-Dbrowser.executable=", "CHROME_BIN")
                .message()
                .hasLineCount(2);
    }

    @Test
    void a_browser_without_a_japanese_font_is_not_enough() {
        FakeMachine machine = FakeMachine.of(OTHER_LINUX).withBrowser(CHROMIUM);

        assertThatThrownBy(() -> browser(machine)).hasMessageContaining("has no font that has Japanese");
        assertThat(machine.done()).isEmpty();
    }

    @Test
    void nothing_is_downloaded_where_it_would_be_of_no_use() {
        FakeMachine machine = FakeMachine.of(OTHER_LINUX).withDownloads();

        assertThatThrownBy(() -> browser(machine)).hasMessageContaining("neither Chromium or Chrome, nor a font");
        assertThat(machine.done()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(
            value = ChromiumSetup.Platform.class,
            names = {"MAC", "WINDOWS"})
    void mac_and_windows_download_a_browser_where_there_is_none(ChromiumSetup.Platform platform) {
        FakeMachine machine = FakeMachine.of(platform).asRoot().withDownloads();

        assertThat(browser(machine)).isEqualTo(FakeMachine.downloadedBrowser());
        assertThat(machine.done()).last().isEqualTo(DOWNLOAD);
    }

    private static Path browser(FakeMachine machine) {
        return new ChromiumSetup(machine).browser();
    }
}
