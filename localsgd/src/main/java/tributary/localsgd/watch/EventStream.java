package tributary.localsgd.watch;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Tells each client the events of an [EventLog] as server-sent events (<https://html.spec.whatwg.org/#server-sent-events>),
/// from where its `Last-Event-ID` says that it was. Each has a thread of its own, which may wait for it as long as it likes;
/// one that does not take what it is sent is dropped after a while, so that its place is free.
final class EventStream implements HttpHandler {
    private static final int MOST_CLIENTS = 32;
    private static final Duration HEARTBEAT = Duration.ofSeconds(10);

    private final EventLog log;
    private final Duration patience;
    private final Set<Client> clients = ConcurrentHashMap.newKeySet();

    /// @param patience how long a client may take to read what it is sent
    EventStream(EventLog log, Duration patience) {
        this.log = log;
        this.patience = patience;
    }

    /// A thread that is sending, since when.
    private static final class Client {
        private final Thread thread = Thread.currentThread();
        private volatile long sendingSince;
        private volatile boolean sending;

        void sends() {
            sendingSince = System.nanoTime();
            sending = true;
        }

        boolean isStuck(Duration patience) {
            return sending && System.nanoTime() - sendingSince > patience.toNanos();
        }
    }

    /// Drops the clients that have not read for too long.
    void dropStuckClients() {
        for (Client client : clients) {
            if (client.isStuck(patience)) {
                client.thread.interrupt(); // which closes the connection it is writing to
            }
        }
    }

    /// Waits until every client has heard the end of the log, or for as long as given.
    void awaitEnd(Duration most) throws InterruptedException {
        long deadline = System.nanoTime() + most.toNanos();
        while (!clients.isEmpty() && System.nanoTime() < deadline) {
            Thread.sleep(5);
        }
    }

    @Override
    public void handle(HttpExchange exchange) throws IOException {
        Client client = new Client();
        if (clients.size() >= MOST_CLIENTS) {
            Answer.text(exchange, 503, "there are " + MOST_CLIENTS + " pages open already; close one");
            return;
        }
        clients.add(client);
        try {
            exchange.getResponseHeaders().set("Content-Type", "text/event-stream; charset=utf-8");
            exchange.sendResponseHeaders(200, 0);
            send(exchange.getResponseBody(), client, Optional.ofNullable(exchange.getRequestHeaders().getFirst("Last-Event-ID")));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            clients.remove(client);
            exchange.close();
        }
    }

    private void send(OutputStream out, Client client, Optional<String> lastId) throws IOException, InterruptedException {
        EventLog.Position position = log.after(lastId);
        write(out, client, "retry: 1000\n\n");
        while (!log.isOver(position)) {
            StringBuilder text = new StringBuilder();
            for (EventLog.Event event : log.next(position, HEARTBEAT)) {
                event.id().ifPresent(id -> text.append("id: ").append(id).append('\n'));
                text.append("event: ").append(event.name()).append("\ndata: ").append(event.data()).append("\n\n");
            }
            write(out, client, text.isEmpty() ? ": still here\n\n" : text.toString()); // also finds out that a client has gone
        }
        write(out, client, "event: end\ndata: {}\n\n");
    }

    private static void write(OutputStream out, Client client, String text) throws IOException {
        client.sends();
        try {
            out.write(text.getBytes(StandardCharsets.UTF_8));
            out.flush();
        } finally {
            client.sending = false;
        }
    }
}
