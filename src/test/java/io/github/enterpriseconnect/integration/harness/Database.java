package io.github.enterpriseconnect.integration.harness;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Properties;

/**
 * The server's database outside of its process, empty at first: an H2 as the distribution brings it along, so that a
 * test can fill it, look into it, and watch what each transaction of the server does.
 */
public final class Database implements AutoCloseable {
    private static final String NAME = "keycloak";
    private static final String SETTINGS = ";NON_KEYWORDS=VALUE";
    private static final String USER = "sa";
    private static final String PASSWORD = "password";

    private final Path directory;
    private final URLClassLoader h2;
    private final Object listener;
    private final int port;
    private final Connection connection;
    private long watchedUntil;

    private Database(Path directory, URLClassLoader h2) throws ReflectiveOperationException, SQLException {
        this.directory = directory;
        this.h2 = h2;
        Properties login = new Properties();
        login.put("user", USER);
        login.put("password", PASSWORD);
        connection = h2.loadClass("org.h2.Driver")
                .asSubclass(Driver.class)
                .getConstructor()
                .newInstance()
                .connect("jdbc:h2:file:" + directory.resolve(NAME) + SETTINGS, login);
        Class<?> tools = h2.loadClass("org.h2.tools.Server");
        String[] arguments = {"-tcpPort", "0", "-ifExists", "-baseDir", directory.toString()};
        listener = tools.getMethod("createTcpServer", String[].class).invoke(null, (Object) arguments);
        tools.getMethod("start").invoke(listener);
        port = (int) tools.getMethod("getPort").invoke(listener);
    }

    /** Starts it with the driver of the distribution that the system property {@code keycloak.home} names. */
    public static Database start() {
        System.setProperty("h2.bindAddress", "127.0.0.1");
        try {
            return new Database(
                    Files.createTempDirectory("keycloak-database"),
                    new URLClassLoader(new URL[] {driver()}, Database.class.getClassLoader()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (ReflectiveOperationException | SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static URL driver() throws IOException {
        Path libraries = Path.of(System.getProperty("keycloak.home"), "lib", "lib", "main");
        try (var files = Files.newDirectoryStream(libraries, "com.h2database.h2-*.jar")) {
            return files.iterator().next().toUri().toURL();
        } catch (MalformedURLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The options with which a server uses it. */
    public String[] options() {
        return new String[] {
            "--db-url=jdbc:h2:tcp://127.0.0.1:" + port + "/./" + NAME + SETTINGS,
            "--db-username=" + USER,
            "--db-password=" + PASSWORD
        };
    }

    /** A statement with these parameters. */
    public PreparedStatement prepare(String sql, Object... parameters) throws SQLException {
        PreparedStatement statement = connection.prepareStatement(sql);
        for (int i = 0; i < parameters.length; i++) {
            statement.setObject(i + 1, parameters[i]);
        }
        return statement;
    }

    public void update(String sql, Object... parameters) {
        try (PreparedStatement statement = prepare(sql, parameters)) {
            statement.execute();
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    /** The first column of the first row. */
    public String text(String sql, Object... parameters) {
        try (PreparedStatement statement = prepare(sql, parameters);
                ResultSet rows = statement.executeQuery()) {
            if (!rows.next()) {
                throw new AssertionError("nothing was found by " + sql);
            }
            return rows.getString(1);
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    public long count(String sql, Object... parameters) {
        return Long.parseLong(text(sql, parameters));
    }

    /** Copies the rows whose column has this value once for each number; the other columns stay as they are. */
    public void multiply(String table, String column, String value, RowCopy copy) {
        StringBuilder names = new StringBuilder();
        StringBuilder values = new StringBuilder();
        try (PreparedStatement statement = prepare(
                        "select COLUMN_NAME from INFORMATION_SCHEMA.COLUMNS where TABLE_SCHEMA = 'PUBLIC' and TABLE_NAME = ?",
                        table);
                ResultSet columns = statement.executeQuery()) {
            while (columns.next()) {
                String name = columns.getString(1);
                names.append(names.isEmpty() ? "" : ", ")
                        .append('"')
                        .append(name)
                        .append('"');
                values.append(values.isEmpty() ? "" : ", ")
                        .append(copy.changed().getOrDefault(name, "t.\"" + name + "\""));
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        update(
                "insert into " + table + " (" + names + ") select " + values + " from " + table
                        + " t cross join SYSTEM_RANGE(?, ?) n where t." + column + " = ?",
                copy.first(),
                copy.last(),
                value);
    }

    /** Begins to write down what every session does from now on. */
    public void watch() {
        update("set TRACE_MAX_FILE_SIZE 2000");
        update("set TRACE_LEVEL_FILE 2");
    }

    /** The transactions since {@link #watch()} that have been committed. */
    public List<DatabaseTransaction> watched() {
        update("set TRACE_LEVEL_FILE 0");
        Path trace = directory.resolve(NAME + ".trace.db");
        try (InputStream text = Files.newInputStream(trace)) {
            text.skipNBytes(watchedUntil);
            watchedUntil = Files.size(trace);
            return DatabaseTransaction.committed(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        try {
            connection.close();
            listener.getClass().getMethod("stop").invoke(listener);
            h2.close();
            new FileTree(directory).delete();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (ReflectiveOperationException | SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
