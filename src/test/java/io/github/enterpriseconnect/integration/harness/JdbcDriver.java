package io.github.enterpriseconnect.integration.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.SQLException;
import java.util.Properties;

/** A JDBC driver that the distribution which the system property {@code keycloak.home} names brings along. */
final class JdbcDriver {
    private final Driver driver;

    /** @param jar how the file's name begins */
    JdbcDriver(String jar, String className) {
        try {
            // It stays open: connections load more classes as they go.
            driver = new URLClassLoader(new URL[] {find(jar)}, JdbcDriver.class.getClassLoader())
                    .loadClass(className)
                    .asSubclass(Driver.class)
                    .getConstructor()
                    .newInstance();
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static URL find(String jar) throws IOException {
        Path libraries = Path.of(System.getProperty("keycloak.home"), "lib", "lib", "main");
        try (var files = Files.newDirectoryStream(libraries, jar + "*.jar")) {
            return files.iterator().next().toUri().toURL();
        }
    }

    Connection connect(String url, String user, String password) throws SQLException {
        Properties login = new Properties();
        login.put("user", user);
        login.put("password", password);
        return driver.connect(url, login);
    }
}
