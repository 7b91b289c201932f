package io.github.enterpriseconnect;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The modules of the console page fit together: no compiler looks at them, so this does. */
class ConsoleModulesTest {
    private static final Path MODULES = Path.of("src/main/resources/enterprise-connect/console");
    private static final String FIRST = "console.js";

    private static final Pattern PURPOSE = Pattern.compile("\\A/\\*\\*\\s+(\\* )?[A-Z]");
    private static final Pattern EXPORTED =
            Pattern.compile("(?m)^export (?:async )?(?:function|class|const|let) (\\w+)");

    /** {@code import { a, b } from "./c.js"} with the names, or {@code import * as c from "./c.js"} without. */
    private static final Pattern IMPORT =
            Pattern.compile("(?m)^import (?:\\{([^}]+)}|\\* as \\w+) from \"\\./([^\"]+)\";$");

    private final Map<String, String> modules = read();

    @Test
    void each_says_at_its_beginning_what_it_is_for() {
        assertThat(modules).allSatisfy((name, module) -> assertThat(module).containsPattern(PURPOSE));
    }

    @Test
    void what_one_imports_another_exports() {
        assertThat(modules).allSatisfy((name, module) -> {
            for (MatchResult found : IMPORT.matcher(module).results().toList()) {
                assertThat(modules).containsKey(found.group(2));
                if (found.group(1) != null) {
                    assertThat(exported(found.group(2)))
                            .as(found.group(2))
                            .contains(found.group(1).strip().split("\\s*,\\s*"));
                }
            }
        });
    }

    @Test
    void what_one_exports_another_names_that_imports_it() {
        assertThat(modules).allSatisfy((name, module) -> assertThat(exported(name))
                .allSatisfy(export -> assertThat(modules.values()).anySatisfy(other -> {
                    assertThat(other).contains(" from \"./" + name + "\"");
                    assertThat(other).containsPattern("\\b" + export + "\\b");
                })));
    }

    @Test
    void all_are_reached_from_the_first_and_none_comes_back_to_itself() {
        assertThat(modules)
                .allSatisfy((name, module) -> assertThat(reachedFrom(name)).doesNotContain(name));
        assertThat(reachedFrom(FIRST)).hasSize(modules.size() - 1);
    }

    private Set<String> reachedFrom(String name) {
        Set<String> reached = new TreeSet<>();
        reach(name, reached);
        return reached;
    }

    private void reach(String name, Set<String> reached) {
        IMPORT.matcher(modules.getOrDefault(name, ""))
                .results()
                .map(found -> found.group(2))
                .filter(reached::add)
                .forEach(next -> reach(next, reached));
    }

    private Set<String> exported(String name) {
        return EXPORTED.matcher(modules.getOrDefault(name, ""))
                .results()
                .map(found -> found.group(1))
                .collect(Collectors.toSet());
    }

    private static Map<String, String> read() {
        Map<String, String> modules = new TreeMap<>();
        try (Stream<Path> files = Files.list(MODULES)) {
            for (Path file :
                    files.filter(each -> each.toString().endsWith(".js")).toList()) {
                modules.put(file.getFileName().toString(), Files.readString(file));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return modules;
    }
}
