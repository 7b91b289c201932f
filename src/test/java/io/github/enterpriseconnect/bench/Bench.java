package io.github.enterpriseconnect.bench;

/** Measures all that one machine can in one run, prints a table, and writes it to {@code target/bench/results.json}. */
public final class Bench {
    private Bench() {}

    public static void main(String[] arguments) {
        Effort effort = Effort.asked();
        Results results = Results.ofBuild();
        try (Site site = new Site()) {
            new SignInFigures(site, effort, results).measure();
            new TokenFigures(site, effort, results).measure();
            if (effort == Effort.WHOLE) {
                new LargeFigures(site, effort, results).measure();
            }
        }
        if (effort == Effort.WHOLE) {
            new ClusterFigures(results).measure();
        }
        results.print(System.out);
    }
}
