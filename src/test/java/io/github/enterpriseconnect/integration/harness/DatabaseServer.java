package io.github.enterpriseconnect.integration.harness;

import java.sql.Connection;
import java.sql.SQLException;

/** A database server of a test's own, beside the servers of Keycloak that use it. */
public interface DatabaseServer extends AutoCloseable {
    /** Names the kind of database that a run's servers use: {@code postgres} or {@code mariadb}. */
    String PROPERTY = "database";

    /** The options of {@code kc.sh build} for this kind of database. */
    String[] buildOptions();

    /** The options with which a server that is built so uses it. */
    String[] options();

    /** A connection beside those of Keycloak. */
    Connection connect() throws SQLException;

    @Override
    void close();

    /**
     * Starts one of the kind that the system property {@value #PROPERTY} names, PostgreSQL if none, so strict that a
     * transaction fails as a whole which would lock what was changed since it began to read.
     */
    static DatabaseServer strict() {
        if ("mariadb".equals(System.getProperty(PROPERTY))) {
            return MariadbServer.start();
        }
        PostgresServer postgres = PostgresServer.start();
        postgres.readRepeatably();
        return postgres;
    }
}
