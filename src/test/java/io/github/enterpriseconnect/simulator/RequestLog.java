package io.github.enterpriseconnect.simulator;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The requests received, from their arrival on; the newest {@value #KEPT} are kept. */
final class RequestLog {
    static final int KEPT = 20_000;

    private final Map<Long, ReceivedRequest> requests = new LinkedHashMap<>();
    private long last;

    synchronized ReceivedRequest arrived(
            Instant at, String method, String path, String query, Map<String, String> headers, String body) {
        last++;
        ReceivedRequest request = new ReceivedRequest(last, at, method, path, query, headers, body, 0);
        requests.put(last, request);
        if (requests.size() > KEPT) {
            requests.remove(requests.keySet().iterator().next());
        }
        return request;
    }

    synchronized void answered(long id, int status) {
        requests.computeIfPresent(id, (key, request) -> request.answered(status));
    }

    /** An empty method or prefix matches everything. */
    synchronized List<ReceivedRequest> matching(String method, String pathPrefix) {
        return requests.values().stream()
                .filter(request -> method.isEmpty() || request.method().equalsIgnoreCase(method))
                .filter(request -> request.path().startsWith(pathPrefix))
                .toList();
    }

    synchronized void clear() {
        requests.clear();
    }
}
