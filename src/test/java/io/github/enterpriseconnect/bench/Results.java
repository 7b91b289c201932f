package io.github.enterpriseconnect.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.enterpriseconnect.bench.Figure.Better;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What was measured, in {@code results.json}: an array of {@code {"name", "value", "target", "better", "noise"}}, one
 * for each {@link Figure}. {@code value} is null for what was not measured, by this run or an earlier one; {@code noise}
 * is how far the same thing measured twice may seem to differ, as a fraction, and null for what is counted.
 */
public final class Results {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final double MOST_NOISE = 0.05;

    private final Path file;
    private final Map<Figure, Entry> entries = new EnumMap<>(Figure.class);
    private final List<String> remarks = new ArrayList<>();

    private record Entry(
            double value, double target, @Nullable Double noise, String verdict) {}

    private Results(Path file) {
        this.file = file;
    }

    /** Those of an earlier run are kept until they are measured again, so that the campaigns may come one by one. */
    public static Results in(Path directory) {
        Results results = new Results(directory.resolve("results.json"));
        try {
            Files.createDirectories(directory);
            if (Files.exists(results.file)) {
                JSON.readTree(results.file.toFile()).forEach(entry -> {
                    if (!entry.path("value").isNull()) {
                        results.entries.put(
                                Figure.valueOf(entry.path("name").asText().toUpperCase(Locale.ROOT)),
                                new Entry(
                                        entry.path("value").asDouble(),
                                        entry.path("target").asDouble(),
                                        entry.path("noise").isNull()
                                                ? null
                                                : entry.path("noise").asDouble(),
                                        "measured by an earlier run"));
                    }
                });
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return results;
    }

    /** Beside the servers of the run. */
    public static Results ofBuild() {
        Path jar = Path.of(System.getProperty("provider.jar")).toAbsolutePath();
        return in(jar.resolveSibling("bench"));
    }

    /** Something that was counted. */
    public void count(Figure figure, double value) {
        count(figure, value, figure.target());
    }

    /** Something that was counted, and is compared with something else that was. */
    public void count(Figure figure, double value, double target) {
        put(figure, new Entry(value, target, null, verdict(meets(figure, value, target))));
    }

    /**
     * A ratio, with the same run's ratio between two that are the same. It counts as met if its interval touches the
     * target, unless the noise is too large to tell.
     */
    void ratio(Figure figure, Ratio ratio, Ratio sameAndSame) {
        double closest = figure.better() == Better.LOWER ? ratio.low() : ratio.high();
        String verdict = sameAndSame.noise() > MOST_NOISE
                ? "not measurable here"
                : verdict(meets(figure, closest, figure.target()));
        put(
                figure,
                new Entry(
                        ratio.value(),
                        figure.target(),
                        sameAndSame.noise(),
                        String.format(
                                Locale.ROOT,
                                "%s; 95 %% within %.3f to %.3f, same/same %.3f to %.3f",
                                verdict,
                                ratio.low(),
                                ratio.high(),
                                sameAndSame.low(),
                                sameAndSame.high())));
    }

    /** A ratio of two amounts that were measured once each. */
    public void once(Figure figure, double value) {
        put(figure, new Entry(value, figure.target(), null, verdict(meets(figure, value, figure.target()))));
    }

    /** Something else that was seen. */
    public void remark(String text) {
        remarks.add(text);
        System.out.println(text);
    }

    private void put(Figure figure, Entry entry) {
        entries.put(figure, entry);
        write();
        System.out.printf(Locale.ROOT, "%s %.3f (%s)%n", figure.id(), entry.value(), entry.verdict());
    }

    private static boolean meets(Figure figure, double value, double target) {
        return figure.better() == Better.LOWER ? value <= target : value >= target;
    }

    private static String verdict(boolean met) {
        return met ? "met" : "missed";
    }

    private void write() {
        ArrayNode array = JSON.createArrayNode();
        for (Figure figure : Figure.values()) {
            Entry entry = entries.get(figure);
            ObjectNode node = array.addObject().put("name", figure.id());
            node.put("value", entry == null ? null : entry.value());
            node.put("target", entry == null ? figure.target() : entry.target());
            node.put("better", figure.better().name().toLowerCase(Locale.ROOT));
            node.put("noise", entry == null ? null : entry.noise());
        }
        try {
            JSON.writerWithDefaultPrettyPrinter().writeValue(file.toFile(), array);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The table, and what else was seen. */
    public void print(PrintStream out) {
        write();
        out.printf("%n%-34s %10s %10s %8s  %s%n", "figure", "value", "target", "noise", "");
        for (Figure figure : Figure.values()) {
            Entry entry = entries.get(figure);
            out.printf(
                    Locale.ROOT,
                    "%-34s %10s %10s %8s  %s%n",
                    figure.id(),
                    entry == null ? "" : String.format(Locale.ROOT, "%.3f", entry.value()),
                    (figure.better() == Better.LOWER ? "<= " : ">= ")
                            + (entry == null ? figure.target() : entry.target()),
                    entry == null || entry.noise() == null ? "" : String.format(Locale.ROOT, "%.3f", entry.noise()),
                    entry == null ? "not measured" : entry.verdict());
        }
        remarks.forEach(out::println);
        out.println("written to " + file);
    }
}
