package io.github.enterpriseconnect.browser;

import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.PlaywrightException;
import com.microsoft.playwright.impl.driver.Driver;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Finds the browser that the tests use: Chromium or Chrome, together with a font that has Japanese. What is missing is
 * installed with the system's packages where that is Debian or Ubuntu and we are root; else Playwright downloads a
 * browser.
 *
 * <p>The build runs this file from its source before it compiles anything, so that whoever has to install something learns
 * it at once. It is therefore one file, and uses nothing but Playwright.
 */
final class ChromiumSetup {
    /** Where the browser is, for whoever wants another one than we would find. */
    static final String EXECUTABLE = "browser.executable";

    static final String EXECUTABLE_VARIABLE = "CHROME_BIN";

    /** {@code false} keeps us from installing packages. */
    static final String INSTALL = "browser.install";

    static final Duration DOWNLOAD_LIMIT = Duration.ofSeconds(60);

    private static final List<String> LINUX_NAMES =
            List.of("chromium", "chromium-browser", "google-chrome", "google-chrome-stable");
    private static final List<String> LINUX_FOLDERS = List.of("/usr/bin", "/usr/local/bin", "/snap/bin");
    private static final List<String> MAC_PROGRAMS = List.of(
            "Applications/Chromium.app/Contents/MacOS/Chromium",
            "Applications/Google Chrome.app/Contents/MacOS/Google Chrome");
    private static final List<String> WINDOWS_FOLDERS = List.of("ProgramFiles", "ProgramFiles(x86)", "LOCALAPPDATA");
    private static final List<String> WINDOWS_PROGRAMS =
            List.of("Chromium/Application/chrome.exe", "Google/Chrome/Application/chrome.exe");

    private static final List<String> DEBIAN_BROWSER = List.of("chromium", "fonts-dejavu-core", "fonts-liberation");
    private static final List<String> FONT = List.of("fontconfig", "fonts-vlgothic");

    private final Machine machine;

    ChromiumSetup(Machine machine) {
        this.machine = machine;
    }

    enum Platform {
        DEBIAN,
        UBUNTU,
        OTHER_LINUX,
        MAC,
        WINDOWS;

        boolean hasPackages() {
            return this == DEBIAN || this == UBUNTU;
        }
    }

    /** What is known of a machine, and what can be done to it. */
    interface Machine {
        Platform platform();

        boolean isRoot();

        Optional<String> property(String name);

        Optional<String> environment(String name);

        boolean starts(Path browser);

        boolean hasJapaneseFont();

        /** The browser that Playwright has downloaded, at any time. */
        Optional<Path> downloaded();

        void download(Duration limit);

        void installPackages(List<String> names);

        /** Installs the libraries that a downloaded browser needs. */
        void installLibraries();

        void say(String line);
    }

    /** Says in two lines what to install. */
    static final class Missing extends IllegalStateException {
        private static final long serialVersionUID = 1;

        Missing(String what, String remedy) {
            super(what + "\n" + remedy);
        }
    }

    /** Leaves the file that is named, with the browser's path in it, or says what to install. */
    public static void main(String[] arguments) throws IOException {
        Path found = Path.of(arguments[0]);
        Files.deleteIfExists(found);
        try {
            Files.writeString(found, onThisMachine().toString());
        } catch (Missing e) {
            System.out.println(e.getMessage());
        }
    }

    /** One program after the other looks, so that one alone installs. */
    static Path onThisMachine() {
        Path lock = Path.of("target", "browser.lock");
        try {
            Files.createDirectories(lock.toAbsolutePath().getParent());
            try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
                channel.lock(); // Until the channel is closed.
                return new ChromiumSetup(new ThisMachine()).browser();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** @throws Missing if there is no browser that starts, or no font that has Japanese */
    Path browser() {
        Optional<Path> browser = named().or(this::installed).or(this::downloaded);
        boolean font = machine.hasJapaneseFont();
        if ((browser.isEmpty() || !font) && mayInstall()) {
            install(browser.isEmpty(), !font);
            browser = browser.or(this::installed);
            font = machine.hasJapaneseFont();
        }
        if (browser.isEmpty() && font) { // Without a font it would be of no use.
            machine.say("Chromium is not installed here. Playwright downloads one now, or gives up after "
                    + DOWNLOAD_LIMIT.toSeconds() + " seconds.");
            machine.download(DOWNLOAD_LIMIT);
            browser = downloaded();
        }
        if (browser.isPresent() && font) {
            return browser.get();
        }
        throw missing(browser.isEmpty(), !font);
    }

    private Optional<Path> named() {
        Optional<String> property = given(machine.property(EXECUTABLE));
        Optional<String> named = property.or(() -> given(machine.environment(EXECUTABLE_VARIABLE)));
        named.filter(name -> path(name).filter(machine::starts).isEmpty()).ifPresent(name -> {
            throw new Missing(
                    name + " is no browser that starts.",
                    "Name another in " + (property.isPresent() ? "-D" + EXECUTABLE : EXECUTABLE_VARIABLE)
                            + ", or none, so that one is looked for.");
        });
        return named.flatMap(ChromiumSetup::path);
    }

    private Optional<Path> installed() {
        Stream<String> programs =
                switch (machine.platform()) {
                    case MAC ->
                        Stream.concat(Stream.of(""), machine.environment("HOME").stream())
                                .flatMap(folder -> MAC_PROGRAMS.stream().map(program -> folder + "/" + program));
                    case WINDOWS ->
                        WINDOWS_FOLDERS.stream()
                                .flatMap(variable -> machine.environment(variable).stream())
                                .flatMap(folder -> WINDOWS_PROGRAMS.stream().map(program -> folder + "/" + program));
                    default ->
                        Stream.concat(
                                        Stream.of(machine.environment("PATH")
                                                .orElse("")
                                                .split(":")),
                                        LINUX_FOLDERS.stream())
                                .filter(folder -> !folder.isBlank())
                                .distinct()
                                .flatMap(folder -> LINUX_NAMES.stream().map(name -> folder + "/" + name));
                };
        return programs.flatMap(program -> path(program).stream())
                .filter(machine::starts)
                .findFirst();
    }

    private Optional<Path> downloaded() {
        return machine.downloaded().filter(machine::starts);
    }

    private boolean mayInstall() {
        return machine.platform().hasPackages()
                && machine.isRoot()
                && machine.property(INSTALL).filter("false"::equals).isEmpty();
    }

    private void install(boolean browser, boolean font) {
        boolean debian = machine.platform() == Platform.DEBIAN;
        List<String> packages = new ArrayList<>();
        if (browser && debian) {
            packages.addAll(DEBIAN_BROWSER);
        }
        if (font) {
            packages.addAll(FONT);
        }
        // Ubuntu's package of Chromium is a snap, which containers cannot run; Playwright downloads a browser later.
        boolean libraries = browser && !debian;
        machine.say("The tests in a browser need packages that are installed now (-D" + INSTALL + "=false forbids it): "
                + String.join(" ", packages) + (libraries ? " and the libraries of Chromium" : ""));
        if (!packages.isEmpty()) {
            machine.installPackages(packages);
        }
        if (libraries) {
            machine.installLibraries();
        }
    }

    private Missing missing(boolean browser, boolean font) {
        String what = browser && font
                ? "neither Chromium or Chrome, nor a font that has Japanese"
                : browser ? "neither Chromium nor Chrome" : "no font that has Japanese (or no fc-list to find it by)";
        String remedy =
                switch (machine.platform()) {
                    case MAC -> "brew install --cask chromium";
                    case WINDOWS -> "winget install Google.Chrome";
                    case UBUNTU -> "apt-get install " + String.join(" ", FONT) + ", and Chrome from google.com/chrome";
                    case DEBIAN -> "apt-get install chromium " + String.join(" ", FONT);
                    default -> "install Chromium, fontconfig and a Japanese font, such as VL Gothic";
                };
        return new Missing(
                "The integration tests look at pages in a browser, but this machine has " + what + ".",
                "Install what is missing (" + remedy + "), or name a browser by -D" + EXECUTABLE + "=... or "
                        + EXECUTABLE_VARIABLE + ".");
    }

    private static Optional<String> given(Optional<String> value) {
        return value.filter(text -> !text.isBlank());
    }

    private static Optional<Path> path(String text) {
        try {
            return Optional.of(Path.of(text));
        } catch (InvalidPathException e) {
            return Optional.empty();
        }
    }

    /** The one that we run on. */
    private static final class ThisMachine implements Machine {
        private static final Duration START_LIMIT = Duration.ofSeconds(30);
        private static final Duration INSTALL_LIMIT = Duration.ofMinutes(10);

        @Override
        public Platform platform() {
            String name = System.getProperty("os.name").toLowerCase(Locale.ROOT);
            if (name.startsWith("windows")) {
                return Platform.WINDOWS;
            }
            if (name.startsWith("mac")) {
                return Platform.MAC;
            }
            String release = text(Path.of("/etc/os-release"));
            if (release.lines().anyMatch(line -> line.matches("ID=\"?debian\"?"))) {
                return Platform.DEBIAN;
            }
            return release.lines().anyMatch(line -> line.matches("ID=\"?ubuntu\"?"))
                    ? Platform.UBUNTU
                    : Platform.OTHER_LINUX;
        }

        private static String text(Path file) {
            try {
                return Files.readString(file, StandardCharsets.UTF_8);
            } catch (IOException e) {
                return "";
            }
        }

        @Override
        public boolean isRoot() {
            return "root".equals(System.getProperty("user.name"));
        }

        @Override
        public Optional<String> property(String name) {
            return Optional.ofNullable(System.getProperty(name));
        }

        @Override
        public Optional<String> environment(String name) {
            return Optional.ofNullable(System.getenv(name));
        }

        /** It may be a placeholder, as on Ubuntu, or lack libraries. On Windows, asking would open a window. */
        @Override
        public boolean starts(Path browser) {
            return Files.isExecutable(browser)
                    && (platform() == Platform.WINDOWS
                            || succeeds(START_LIMIT, new ProcessBuilder(browser.toString(), "--version")));
        }

        /** macOS and Windows bring one. */
        @Override
        public boolean hasJapaneseFont() {
            if (platform() == Platform.MAC || platform() == Platform.WINDOWS) {
                return true;
            }
            try {
                Process list = new ProcessBuilder("fc-list", ":lang=ja")
                        .redirectError(Redirect.DISCARD)
                        .start();
                return list.getInputStream().readAllBytes().length > 0;
            } catch (IOException e) {
                return false; // There is no fc-list.
            }
        }

        @Override
        public Optional<Path> downloaded() {
            try (Playwright playwright = Playwright.create(
                    new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")))) {
                return path(playwright.chromium().executablePath());
            } catch (PlaywrightException e) {
                return Optional.empty();
            }
        }

        @Override
        public void download(Duration limit) {
            playwright(limit, "install", "--no-shell", "chromium");
        }

        @Override
        public void installPackages(List<String> names) {
            List<String> options = List.of("--yes", "--quiet=2", "--no-install-recommends");
            List<String> patience = List.of("-o", "Acquire::Retries=1", "-o", "Acquire::http::Timeout=15");
            apt(Stream.of(patience, List.of("--quiet=2", "update")));
            apt(Stream.of(patience, options, List.of("install"), names));
        }

        private static void apt(Stream<List<String>> arguments) {
            ProcessBuilder command =
                    new ProcessBuilder(Stream.concat(Stream.of("apt-get"), arguments.flatMap(List::stream))
                            .toList());
            command.environment().put("DEBIAN_FRONTEND", "noninteractive");
            succeeds(INSTALL_LIMIT, command);
        }

        @Override
        public void installLibraries() {
            playwright(INSTALL_LIMIT, "install-deps", "chromium");
        }

        private static void playwright(Duration limit, String... arguments) {
            ProcessBuilder command =
                    Driver.ensureDriverInstalled(Map.of(), false).createProcessBuilder();
            command.command().addAll(List.of(arguments));
            succeeds(limit, command);
        }

        @Override
        public void say(String line) {
            System.out.println(line);
        }

        private static boolean succeeds(Duration limit, ProcessBuilder command) {
            try {
                Process process = command.redirectOutput(Redirect.DISCARD)
                        .redirectError(Redirect.DISCARD)
                        .start();
                if (process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                    return process.exitValue() == 0;
                }
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
                return false;
            } catch (IOException e) {
                return false; // There is no such program.
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        }
    }
}
