package io.github.enterpriseconnect.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.LongSummaryStatistics;
import java.util.Map;
import java.util.stream.Collectors;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordedStackTrace;
import jdk.jfr.consumer.RecordedThread;
import jdk.jfr.consumer.RecordingFile;

/**
 * What a server's request threads were doing when the JVM looked, by its flight recorder.
 *
 * @param samples how often one was seen at work
 * @param ours how often at something that Enterprise Connect had called for
 * @param allocated bytes that request threads have allocated in the time
 */
record Recording(int samples, int ours, long allocated) {
    private static final String REQUEST_THREAD = "executor-thread";
    private static final String OURS = "io.github.enterpriseconnect.";

    static Recording of(Path file) {
        List<RecordedEvent> events;
        try {
            events = RecordingFile.readAllEvents(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        List<RecordedStackTrace> traces = events.stream()
                .filter(event -> event.getEventType().getName().equals("jdk.ExecutionSample"))
                .filter(event -> ofRequest(event.getThread("sampledThread")))
                .map(RecordedEvent::getStackTrace)
                .filter(trace -> trace != null)
                .toList();
        return new Recording(
                traces.size(), (int) traces.stream().filter(Recording::ours).count(), allocated(events));
    }

    /** The JVM tells of each thread now and then how much it has allocated since it began. */
    private static long allocated(List<RecordedEvent> events) {
        Map<Long, LongSummaryStatistics> threads = events.stream()
                .filter(event -> event.getEventType().getName().equals("jdk.ThreadAllocationStatistics"))
                .filter(event -> ofRequest(event.getThread("thread")))
                .collect(Collectors.groupingBy(
                        event -> event.getThread("thread").getJavaThreadId(),
                        Collectors.summarizingLong(event -> event.getLong("allocated"))));
        return threads.values().stream()
                .mapToLong(thread -> thread.getMax() - thread.getMin())
                .sum();
    }

    private static boolean ofRequest(RecordedThread thread) {
        return thread != null
                && thread.getJavaName() != null
                && thread.getJavaName().startsWith(REQUEST_THREAD);
    }

    private static boolean ours(RecordedStackTrace trace) {
        return trace.getFrames().stream()
                .map(RecordedFrame::getMethod)
                .anyMatch(method -> method.getType().getName().startsWith(OURS));
    }

    double share() {
        return samples == 0 ? Double.NaN : (double) ours / samples;
    }
}
