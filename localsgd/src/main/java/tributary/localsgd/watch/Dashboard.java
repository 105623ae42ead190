package tributary.localsgd.watch;

import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/// A live page about a run, or about all runs of a folder: curves of each replica and of all together, synchronisations, speed,
/// time left. It reads the runs' folders, nothing else, so it suits runs of this process and of others, runs that go on, that are
/// finished, and that will be resumed; and whatever happens to it, or to those who look at it, they go on.
///
/// ```java
/// try (Dashboard dashboard = Dashboard.open(Path.of("runs/first"), Dashboard.PORT)) {
///     System.out.println("watch at " + dashboard.address());
///     Run.train(config, options, listener);
/// }
/// ```
///
/// It listens on the loopback address only and refuses requests that other sites' pages make there.
public final class Dashboard implements AutoCloseable {
    /// Where it listens if nobody says otherwise.
    public static final int PORT = 7007;

    /// How many ports are tried before any free one is taken.
    private static final int PORTS = 10;
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(500);
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration LAST_WORDS = Duration.ofSeconds(1);

    private final HttpServer server;
    private final Duration betweenLooks;
    private final ExecutorService requests = Executors.newVirtualThreadPerTaskExecutor();
    private final EventLog log = new EventLog(HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextInt()));
    private final FollowedFolder folder;
    private final EventStream stream;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread looks;

    private Dashboard(Path folder, HttpServer server, Duration betweenLooks, Duration patience) {
        this.server = server;
        this.betweenLooks = betweenLooks;
        this.folder = new FollowedFolder(folder, log);
        this.stream = new EventStream(log, patience);
        Page page = new Page();
        HttpHandler answer = exchange -> (exchange.getRequestURI().getPath().equals("/events") ? stream : page).handle(exchange);
        server.createContext("/", answer).getFilters().add(new OwnPagesOnly());
        server.setExecutor(requests);
        this.looks = Thread.ofPlatform().daemon().name("dashboard").unstarted(this::look);
        looks.start();
        server.start();
    }

    /// Begins to watch a folder, which need not hold a run yet.
    ///
    /// @param port where to listen; where it is taken, one of the next ten, or else any free one. 0 is any free one
    /// @throws IOException where it cannot listen at all
    /// @throws IllegalArgumentException where the port is no port
    public static Dashboard open(Path folder, int port) throws IOException {
        return open(folder, port, BETWEEN_LOOKS, PATIENCE);
    }

    static Dashboard open(Path folder, int port, Duration betweenLooks, Duration patience) throws IOException {
        if (port < 0 || port > 0xffff) {
            throw new IllegalArgumentException("port " + port + " is not between 0 and 65535; use 0 for any free one");
        }
        return new Dashboard(folder, listen(port), betweenLooks, patience);
    }

    private static HttpServer listen(int port) throws IOException {
        InetAddress loopback = InetAddress.getByAddress("localhost", new byte[] {127, 0, 0, 1});
        for (int candidate = port; candidate < Math.min(port + PORTS, 0x10000); candidate++) {
            try {
                return HttpServer.create(new InetSocketAddress(loopback, candidate), 0);
            } catch (BindException e) {
                // taken, or one that only an administrator may take
            }
        }
        return HttpServer.create(new InetSocketAddress(loopback, 0), 0);
    }

    /// Whether a folder holds a run, has runs in it, or is a study's.
    ///
    /// @throws IOException where it cannot be read
    public static boolean holdsRuns(Path folder) throws IOException {
        return FollowedFolder.holdsRuns(folder);
    }

    /// Where it listens.
    public int port() {
        return server.getAddress().getPort();
    }

    /// What to type into a browser.
    public URI address() {
        return URI.create("http://127.0.0.1:" + port() + "/");
    }

    private void look() {
        do {
            folder.follow();
            stream.dropStuckClients();
        } while (!isClosing());
        folder.follow();
    }

    private boolean isClosing() {
        try {
            return closing.await(betweenLooks.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            return true;
        }
    }

    /// Tells those who watch what is still new, and that this is the end, and stops listening.
    @Override
    public void close() {
        closing.countDown();
        try {
            looks.join(LAST_WORDS);
            log.close();
            stream.awaitEnd(LAST_WORDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        server.stop(0);
        requests.shutdownNow();
    }
}
