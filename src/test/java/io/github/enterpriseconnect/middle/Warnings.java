package io.github.enterpriseconnect.middle;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** What is written into the log, from its beginning to its end, of which an operator has to hear. */
public final class Warnings implements AutoCloseable {
    /** Kept, since loggers are forgotten when nobody holds them. */
    private final Logger logger = Logger.getLogger("io.github.enterpriseconnect");

    private final List<String> told = new CopyOnWriteArrayList<>();

    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord entry) {
            if (entry.getLevel().intValue() >= Level.WARNING.intValue()) {
                told.add(String.valueOf(entry.getMessage()));
            }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    public Warnings() {
        logger.addHandler(handler);
    }

    public List<String> told() {
        return told;
    }

    @Override
    public void close() {
        logger.removeHandler(handler);
    }
}
