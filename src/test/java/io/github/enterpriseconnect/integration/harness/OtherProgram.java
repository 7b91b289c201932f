package io.github.enterpriseconnect.integration.harness;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A program in another language, or on another framework, that reads tasks from its standard input and answers each: JSON,
 * one line each way. What else it has to say goes to {@code target/clients/*.log}.
 */
public final class OtherProgram implements AutoCloseable {
    private static final long PATIENCE_IN_SECONDS = 60;

    private final List<String> command;
    private final Process process;
    private final Writer tasks;
    private final BufferedReader answers;

    private OtherProgram(List<String> command, Process process) {
        this.command = command;
        this.process = process;
        this.tasks = process.outputWriter(StandardCharsets.UTF_8);
        this.answers = process.inputReader(StandardCharsets.UTF_8);
    }

    /**
     * Starts a program.
     *
     * @param environment variables besides those of this process
     */
    public static OtherProgram start(Path directory, List<String> command, Map<String, String> environment) {
        Path log = Path.of(
                "target", "clients", Path.of(command.get(command.size() - 1)).getFileName() + ".log");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectError(
                        ProcessBuilder.Redirect.appendTo(log.toAbsolutePath().toFile()));
        builder.environment().putAll(environment);
        try {
            return new OtherProgram(command, builder.start());
        } catch (IOException e) {
            throw new UncheckedIOException(command + " cannot be started; is it installed?", e);
        }
    }

    /** Hands a task over and waits for the answer. */
    public JsonNode ask(Object task) {
        try {
            tasks.write(Answer.write(task) + "\n");
            tasks.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(command + " has ended", e);
        }
        return answer();
    }

    /** The next answer. */
    public JsonNode answer() {
        try {
            String line = answers.readLine();
            if (line == null) {
                throw new AssertionError(command + " has ended without an answer; see target/clients/*.log");
            }
            return Answer.JSON.readTree(line);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        try {
            tasks.close();
            if (!process.waitFor(PATIENCE_IN_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
