package io.github.enterpriseconnect.browser;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A machine that has what a test says, and gets what is installed on it. */
final class FakeMachine implements ChromiumSetup.Machine {
    private final ChromiumSetup.Platform platform;
    private final Map<String, String> properties = new HashMap<>();
    private final Map<String, String> environment = new HashMap<>(Map.of("PATH", "/usr/bin:/bin"));
    private final Set<Path> browsers = new HashSet<>();
    private final List<String> done = new ArrayList<>();
    private boolean root;
    private boolean font;
    private boolean registry = true;
    private boolean downloads;
    private boolean downloaded;
    private boolean libraries;

    private FakeMachine(ChromiumSetup.Platform platform) {
        this.platform = platform;
        this.font = platform == ChromiumSetup.Platform.MAC || platform == ChromiumSetup.Platform.WINDOWS;
        this.libraries = platform != ChromiumSetup.Platform.UBUNTU;
    }

    static FakeMachine of(ChromiumSetup.Platform platform) {
        return new FakeMachine(platform);
    }

    FakeMachine asRoot() {
        root = true;
        return this;
    }

    FakeMachine withBrowser(String path) {
        browsers.add(Path.of(path));
        return this;
    }

    FakeMachine withFont() {
        font = true;
        return this;
    }

    FakeMachine withProperty(String name, String value) {
        properties.put(name, value);
        return this;
    }

    FakeMachine withVariable(String name, String value) {
        environment.put(name, value);
        return this;
    }

    FakeMachine withoutPackageRegistry() {
        registry = false;
        return this;
    }

    FakeMachine withDownloads() {
        downloads = true;
        return this;
    }

    static Path downloadedBrowser() {
        return Path.of("/cache/chromium/chrome");
    }

    /** What was said, installed and downloaded, in this order. */
    List<String> done() {
        return List.copyOf(done);
    }

    @Override
    public ChromiumSetup.Platform platform() {
        return platform;
    }

    @Override
    public boolean isRoot() {
        return root;
    }

    @Override
    public Optional<String> property(String name) {
        return Optional.ofNullable(properties.get(name));
    }

    @Override
    public Optional<String> environment(String name) {
        return Optional.ofNullable(environment.get(name));
    }

    @Override
    public boolean starts(Path browser) {
        return browsers.contains(browser) || (browser.equals(downloadedBrowser()) && downloaded && libraries);
    }

    @Override
    public boolean hasJapaneseFont() {
        return font;
    }

    @Override
    public Optional<Path> downloaded() {
        return Optional.of(downloadedBrowser());
    }

    @Override
    public void download(Duration limit) {
        done.add("download within " + limit);
        downloaded = downloads;
    }

    @Override
    public void installPackages(List<String> names) {
        done.add("install " + String.join(" ", names));
        if (registry && names.contains("chromium")) {
            withBrowser("/usr/bin/chromium");
        }
        font |= registry && names.containsAll(List.of("fontconfig", "fonts-vlgothic"));
    }

    @Override
    public void installLibraries() {
        done.add("install libraries");
        libraries |= registry;
    }

    @Override
    public void say(String line) {
        done.add("say " + line);
    }
}
