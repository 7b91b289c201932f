package io.github.enterpriseconnect.integration;

import io.github.enterpriseconnect.integration.harness.ConnectedRealm;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Somebody who signs in again and again over the login form, each time in a new browser, until closed. */
final class Visitors implements AutoCloseable {
    private final ConnectedRealm realm;
    private final String username;
    private final List<Duration> taken = new ArrayList<>();
    private final List<Throwable> failures = new ArrayList<>();
    private final Thread thread = new Thread(this::visit, "visitors");
    private volatile boolean stopped;

    private Visitors(ConnectedRealm realm, String username) {
        this.realm = realm;
        this.username = username;
    }

    static Visitors of(ConnectedRealm realm, String username) {
        Visitors visitors = new Visitors(realm, username);
        visitors.thread.start();
        return visitors;
    }

    private void visit() {
        while (!stopped) {
            long start = System.nanoTime();
            try {
                realm.signIn(username).code();
                add(Duration.ofNanos(System.nanoTime() - start));
            } catch (RuntimeException | AssertionError e) {
                fail(e);
            }
        }
    }

    private synchronized void add(Duration duration) {
        taken.add(duration);
    }

    private synchronized void fail(Throwable failure) {
        failures.add(failure);
    }

    /** How long the sign-ins took since this was last asked, in order of length. */
    synchronized List<Duration> takenSince() {
        List<Duration> sorted = taken.stream().sorted().toList();
        taken.clear();
        return sorted;
    }

    synchronized int count() {
        return taken.size();
    }

    synchronized List<Throwable> failures() {
        return List.copyOf(failures);
    }

    @Override
    public void close() {
        stopped = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
