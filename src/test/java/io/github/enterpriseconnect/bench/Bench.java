package io.github.enterpriseconnect.bench;

import java.util.Set;

/**
 * Measures all that one machine can in one run, prints a table, and writes it to {@code target/bench/results.json}. With
 * {@code -Dbench.only=sign-in,token} some of it: {@code sign-in}, {@code token}, {@code large} or {@code cluster}.
 */
public final class Bench {
    private static final Set<String> ALL = Set.of("sign-in", "token", "large", "cluster");

    /** What takes so long that it is left out where little time is to be spent. */
    private static final Set<String> QUICKLY = Set.of("sign-in", "token");

    private Bench() {}

    public static void main(String[] arguments) {
        Effort effort = Effort.asked();
        Set<String> wanted = wanted(effort);
        Results results = Results.ofBuild();
        if (!wanted.equals(Set.of("cluster"))) {
            try (Site site = new Site()) {
                SignInFigures signIns = new SignInFigures(site, effort, results);
                signIns.prepare();
                if (wanted.contains("sign-in")) {
                    signIns.measure();
                }
                if (wanted.contains("token")) {
                    new TokenFigures(site, effort, results).measure();
                }
                if (wanted.contains("large")) {
                    new LargeFigures(site, effort, results).measure();
                }
            }
        }
        if (wanted.contains("cluster")) {
            new ClusterFigures(results).measure();
        }
        results.print(System.out);
    }

    private static Set<String> wanted(Effort effort) {
        String only = System.getProperty("bench.only", "");
        if (only.isEmpty()) {
            return effort == Effort.WHOLE ? ALL : QUICKLY;
        }
        Set<String> wanted = Set.of(only.split(","));
        if (!ALL.containsAll(wanted)) {
            throw new IllegalArgumentException("write -Dbench.only= with some of " + ALL + ", separated by commas");
        }
        return wanted;
    }
}
