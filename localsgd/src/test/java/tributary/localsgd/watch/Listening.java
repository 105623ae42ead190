package tributary.localsgd.watch;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A client of the event stream.
final class Listening implements AutoCloseable {
    private static final long MOST_SECONDS = 30;

    /// @param id empty where it has none
    record Heard(String id, String name, JsonNode data) {
        boolean is(String other) {
            return name.equals(other);
        }

        /// The steps of a `points` event.
        List<Integer> steps() {
            return data.path("lines").valueStream().map(line -> line.get("step").asInt()).toList();
        }
    }

    private final Socket connection;
    private final BlockingQueue<Heard> heard = new LinkedBlockingQueue<>();

    Listening(Dashboard dashboard) throws IOException {
        this(dashboard, Optional.empty());
    }

    /// @param lastId the last event that it has heard already
    Listening(Dashboard dashboard, Optional<String> lastId) throws IOException {
        connection = new Socket(dashboard.address().getHost(), dashboard.port());
        String request = "GET /events HTTP/1.0\r\nHost: localhost\r\n" + lastId.map(id -> "Last-Event-ID: " + id + "\r\n").orElse("")
                + "\r\n";
        connection.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
        BufferedReader answer = new BufferedReader(new InputStreamReader(connection.getInputStream(), StandardCharsets.UTF_8));
        if (!answer.readLine().endsWith(" 200 OK")) {
            throw new IOException("refused");
        }
        while (!answer.readLine().isEmpty()) {
            // headers
        }
        Thread.ofVirtual().start(() -> read(answer.lines()));
    }

    private void read(Stream<String> lines) {
        Map<String, String> fields = new HashMap<>();
        try {
            lines.forEach(line -> {
                if (!line.isEmpty()) {
                    fields.put(line.substring(0, line.indexOf(':')), line.substring(line.indexOf(':') + 1).strip());
                    return;
                }
                if (fields.containsKey("data")) {
                    heard.add(new Heard(
                            fields.getOrDefault("id", ""), fields.get("event"), JsonMapper.shared().readTree(fields.get("data"))));
                }
                fields.clear();
            });
        } catch (UncheckedIOException e) {
            // the connection was closed
        }
    }

    Heard next() throws InterruptedException {
        Heard next = heard.poll(MOST_SECONDS, TimeUnit.SECONDS);
        if (next == null) {
            throw new AssertionError("nothing came for " + MOST_SECONDS + " s");
        }
        return next;
    }

    /// Everything up to and including the first event that fits.
    List<Heard> until(Predicate<Heard> last) throws InterruptedException {
        List<Heard> all = new ArrayList<>();
        do {
            all.add(next());
        } while (!last.test(all.getLast()));
        return all;
    }

    /// The events that count for ever, up to a state that says that a step was done.
    List<Heard> numberedUntilStep(int step) throws InterruptedException {
        return untilStep(step).stream().filter(event -> !event.id.isEmpty()).toList();
    }

    /// Everything up to a state that says that a step was done.
    List<Heard> untilStep(int step) throws InterruptedException {
        return until(event -> event.is("state") && event.data.path("line").path("step").asInt() == step);
    }

    @Override
    public void close() throws IOException {
        connection.close();
    }
}
