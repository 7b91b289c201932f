package io.github.enterpriseconnect.middle;

import io.github.enterpriseconnect.platform.Crew;
import io.github.enterpriseconnect.platform.Directories;
import io.github.enterpriseconnect.storage.TestTables;
import java.util.Optional;

/** What the nodes of a cluster share: the time, the tables, Keycloak's realm and Cronofy. */
abstract sealed class Surroundings permits Middle {
    private static final Crew CREW = new Crew("worker", 4);

    public final TestClock clock;
    public final Directories directories;
    public final TestTables tables;
    public final TestTransactions transactions;
    public final TestRealm realm;
    public final ScriptedCronofy cronofy;

    Surroundings(TestClock clock, TestTables tables) {
        this.clock = clock;
        this.tables = tables;
        this.transactions = new TestTransactions(tables);
        this.directories = new Directories(clock, clock::turn, () -> Optional.of(CREW));
        this.realm = new TestRealm("realm-1", directories);
        this.cronofy = new ScriptedCronofy(clock, transactions::open);
        transactions.add(realm);
    }

    Surroundings(Surroundings neighbour) {
        this.clock = neighbour.clock;
        this.directories = neighbour.directories;
        this.tables = neighbour.tables;
        this.transactions = neighbour.transactions;
        this.realm = neighbour.realm;
        this.cronofy = neighbour.cronofy;
    }
}
