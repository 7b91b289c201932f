package io.github.enterpriseconnect.bench;

import io.github.enterpriseconnect.integration.harness.AdminClient;
import io.github.enterpriseconnect.integration.harness.Browser;
import io.github.enterpriseconnect.integration.harness.ConnectedRealm;
import io.github.enterpriseconnect.integration.harness.KeycloakServer;
import io.github.enterpriseconnect.simulator.Fault;
import io.github.enterpriseconnect.simulator.Simulator;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Random;

/**
 * How long a member's first sign-in takes over the login form while Cronofy is well, answers 500, hangs or is
 * unreachable, compared with the same sign-in while Enterprise Connect is off. All kinds take turns in one run, in
 * random order, with cheap password hashing so that the hash does not hide the rest.
 */
public final class SignInBench {
    private static final int WARM_UP = 40;
    private static final int MEASURED = 60;
    private static final String ASK = "/v1/service_account_authorizations";

    private enum Cronofy {
        OFF,
        WELL,
        ANSWERS_500,
        HANGS,
        UNREACHABLE;

        String domain() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-') + ".test";
        }
    }

    private SignInBench() {}

    public static void main(String[] arguments) {
        PrintStream out = System.out;
        try (Simulator simulator =
                        Simulator.start(0, ConnectedRealm.APPLICATION_ID, ConnectedRealm.APPLICATION_SECRET);
                KeycloakServer server = ConnectedRealm.server(simulator).start()) {
            AdminClient admin = AdminClient.of(server);
            Map<Cronofy, ConnectedRealm> realms = realms(server, admin, simulator);
            simulator.addFault(Fault.on("POST", ASK)
                    .containing(Cronofy.ANSWERS_500.domain())
                    .status(500)
                    .build());
            simulator.addFault(Fault.on("POST", ASK)
                    .containing(Cronofy.HANGS.domain())
                    .hang()
                    .build());
            simulator.addFault(Fault.on("POST", ASK)
                    .containing(Cronofy.UNREACHABLE.domain())
                    .drop()
                    .build());
            measure(realms, WARM_UP, 0);
            report(out, measure(realms, MEASURED, WARM_UP));
        }
    }

    private static Map<Cronofy, ConnectedRealm> realms(KeycloakServer server, AdminClient admin, Simulator simulator) {
        Map<Cronofy, ConnectedRealm> realms = new EnumMap<>(Cronofy.class);
        ConnectedRealm off = ConnectedRealm.create(server, admin, simulator, "bench-off", true);
        ConnectedRealm on = ConnectedRealm.create(server, admin, simulator, "bench-on", true);
        for (Cronofy kind : Cronofy.values()) {
            ConnectedRealm realm = kind == Cronofy.OFF ? off : on;
            String organization = realm.organization(kind.name().toLowerCase(Locale.ROOT), kind.domain());
            realm.link(organization, kind.domain());
            for (int i = 0; i < WARM_UP + MEASURED; i++) {
                realm.member(organization, name(kind, i), name(kind, i) + "@" + kind.domain());
            }
            realms.put(kind, realm);
        }
        admin.put(
                        off.api("settings"),
                        Map.of("enabled", false, "clientId", ConnectedRealm.APPLICATION_ID, "dataCenter", "de"))
                .expect(204);
        return realms;
    }

    private static Map<Cronofy, List<Duration>> measure(Map<Cronofy, ConnectedRealm> realms, int rounds, int from) {
        Map<Cronofy, List<Duration>> taken = new EnumMap<>(Cronofy.class);
        List<Cronofy> order = new ArrayList<>(Arrays.asList(Cronofy.values()));
        Random random = new Random(1);
        for (int i = from; i < from + rounds; i++) {
            Collections.shuffle(order, random);
            for (Cronofy kind : order) {
                ConnectedRealm realm = Objects.requireNonNull(realms.get(kind));
                long start = System.nanoTime();
                new Browser()
                        .signIn(realm.consumer(), name(kind, i), ConnectedRealm.PASSWORD)
                        .code();
                taken.computeIfAbsent(kind, key -> new ArrayList<>()).add(Duration.ofNanos(System.nanoTime() - start));
            }
        }
        return taken;
    }

    private static void report(PrintStream out, Map<Cronofy, List<Duration>> taken) {
        double plain = percentile(taken.getOrDefault(Cronofy.OFF, List.of()), 0.5);
        out.printf("%-12s %10s %10s %10s %8s%n", "Cronofy", "p50 ms", "p95 ms", "max ms", "p50 / off");
        taken.forEach((kind, durations) -> out.printf(
                "%-12s %10.1f %10.1f %10.1f %8.2f%n",
                kind,
                percentile(durations, 0.5),
                percentile(durations, 0.95),
                percentile(durations, 1),
                percentile(durations, 0.5) / plain));
    }

    private static double percentile(List<Duration> durations, double part) {
        List<Duration> sorted = durations.stream().sorted().toList();
        int index = (int) Math.ceil(part * sorted.size()) - 1;
        return sorted.get(Math.max(0, index)).toNanos() / 1e6;
    }

    private static String name(Cronofy kind, int number) {
        return kind.name().toLowerCase(Locale.ROOT).replace('_', '-') + number;
    }
}
