package io.github.enterpriseconnect.middle;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A directory that takes every question and answers none, until a test lets it. */
public final class HangingDirectory {
    private static final int MINUTES = 3;

    private final CountDownLatch asked = new CountDownLatch(1);
    private final CountDownLatch answering = new CountDownLatch(1);

    /** Returns once somebody waits for an answer. */
    public void awaitQuestion() {
        await(asked, "nobody has asked the directory");
    }

    /** Answers all questions from now on, and those that wait. */
    public void answer() {
        answering.countDown();
    }

    /** Somebody asks, and waits for the answer. */
    public void beAsked() {
        asked.countDown();
        await(answering, "the test has left somebody waiting for the directory");
    }

    private static void await(CountDownLatch latch, String failure) {
        try {
            if (!latch.await(MINUTES, TimeUnit.MINUTES)) {
                throw new AssertionError(failure);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(failure, e);
        }
    }
}
