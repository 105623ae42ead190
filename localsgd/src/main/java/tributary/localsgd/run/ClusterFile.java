package tributary.localsgd.run;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import tributary.localsgd.cluster.Cluster;
import tributary.localsgd.cluster.Exchange;
import tributary.localsgd.cluster.Failure;
import tributary.localsgd.cluster.Link;
import tributary.localsgd.cluster.OnFailure;
import tributary.localsgd.cluster.Site;
import tributary.localsgd.cluster.Speed;
import tributary.localsgd.cluster.Worker;

/// Files that describe a virtual cluster, in YAML.
///
/// ```yaml
/// step-seconds: 0.5                # a step on a worker of speed 1
/// exchange: server                 # or ring
/// seed: 1                          # of what is drawn
/// sites:
///   - name: oslo
///     link: {up: 1e9, down: 1e9, latency: 0.02, jitter: 0.005, loss: 0.01}   # shared by the site's workers
///     workers:
///       - {count: 3, speed: 1}
///       - speed: {mean: 1, deviation: 0.2}
///       - speed: {trace: [1, 1, 0.5]}
///         link: {up: 1e8, down: 1e8}                                         # of its own
///         memory: 16e9                                                       # bytes
/// on-failure: drop                 # or wait
/// quorum: 3                        # of drop
/// failures:                        # of one worker, of all of a site, or of all
///   - {worker: oslo/0, crash: 20, repair: 30}
///   - {site: oslo, mtbf: 3600, repair: 60}
///   - {worker: oslo/1, slow: 40, for: 60, factor: 0.25}
///   - {worker: oslo/4, leave: 50}
///   - {worker: oslo/4, join: 80}
///   - {site: oslo, partition: 10, for: 5}
/// ```
///
/// `step-seconds`, `sites` and `workers` must be given. What else is left out: exchange server, seed 1, one worker, speed 1, no
/// limit of a link or of memory, no latency, on-failure wait, quorum 1, no failures.
public final class ClusterFile {
    /// Kinds of failure, each with what it needs besides its own number.
    private static final Map<String, List<String>> KINDS = new TreeMap<>(Map.of(
            "crash", List.of("repair"), "mtbf", List.of("repair"), "slow", List.of("for", "factor"), "partition", List.of("for"),
            "leave", List.of(), "join", List.of()));

    private ClusterFile() {}

    /// @throws IllegalArgumentException naming file, place and what is wrong: no such file, not YAML, an unknown key (with the
    ///         nearest known one), a key that is missing or given twice, a value that cannot be
    public static Cluster read(Path file) {
        return cluster(YamlTable.read(file, "cluster file"));
    }

    private static Cluster cluster(YamlTable table) {
        table.allow("step-seconds", "exchange", "seed", "sites", "on-failure", "quorum", "failures");
        List<Worker> workers = new ArrayList<>();
        for (YamlTable site : table.list("sites")) {
            for (Worker worker : site(site, workers.size())) {
                if (workers.stream().anyMatch(earlier -> earlier.name().equals(worker.name()))) {
                    throw site.wrong("there are two workers " + worker.name() + "; give every site a name of its own");
                }
                workers.add(worker);
            }
        }
        if (table.has("failures")) {
            addFailures(table, workers);
        }
        double stepSeconds = table.number("step-seconds").orElseThrow(() -> table.wrong("step-seconds is missing; how long is a step?"));
        long seed = table.wholeNumber("seed").orElse(1);
        return table.make(() -> new Cluster(stepSeconds, seed, exchange(table), onFailure(table), workers));
    }

    private static OnFailure onFailure(YamlTable table) {
        String name = table.text("on-failure").orElse("wait");
        if (name.equals("drop")) {
            return new OnFailure.Drop((int) table.wholeNumber("quorum").orElse(1));
        }
        if (!name.equals("wait")) {
            throw new IllegalArgumentException("on-failure '" + name + "' is not known; use wait or drop");
        }
        if (table.has("quorum")) {
            throw new IllegalArgumentException("quorum has no use with on-failure wait; leave it out or use on-failure: drop");
        }
        return new OnFailure.Wait();
    }

    private static void addFailures(YamlTable table, List<Worker> workers) {
        List<List<Failure>> failures = workers.stream().map(worker -> (List<Failure>) new ArrayList<Failure>()).toList();
        for (YamlTable entry : table.list("failures")) {
            Failure failure = failure(entry);
            int[] places = IntStream.range(0, workers.size()).filter(m -> concerns(entry, workers.get(m).name())).toArray();
            if (places.length == 0) {
                throw unknown(entry, workers);
            }
            Arrays.stream(places).forEach(m -> failures.get(m).add(failure));
        }
        for (int m = 0; m < failures.size(); m++) {
            Worker worker = workers.get(m);
            List<Failure> own = failures.get(m);
            workers.set(m, table.make(() -> new Worker(
                    worker.name(), worker.speed(), worker.link(), worker.site(), worker.memory(), own)));
        }
    }

    private static IllegalArgumentException unknown(YamlTable entry, List<Worker> workers) {
        String key = entry.has("worker") ? "worker" : "site";
        String name = entry.text(key).orElseThrow();
        List<String> known = workers.stream().map(worker -> key.equals("site") ? siteOf(worker.name()) : worker.name()).toList();
        return entry.wrong("there is no " + key + " " + name + "; the nearest name is " + Setting.nearest(known, name));
    }

    private static boolean concerns(YamlTable entry, String worker) {
        return entry.text("worker").map(worker::equals).orElseGet(() -> entry.text("site").map(siteOf(worker)::equals).orElse(true));
    }

    private static String siteOf(String worker) {
        return worker.substring(0, worker.lastIndexOf('/'));
    }

    private static Failure failure(YamlTable entry) {
        List<String> kinds = KINDS.keySet().stream().filter(entry::has).toList();
        if (kinds.size() != 1) {
            entry.allow(Stream.concat(Stream.of("worker", "site", "repair", "for", "factor"), KINDS.keySet().stream()).toList());
            throw entry.wrong("a failure is one of " + String.join(", ", KINDS.keySet())
                    + (kinds.isEmpty() ? "; give one" : ", not " + String.join(" and ", kinds)));
        }
        String kind = kinds.getFirst();
        List<String> needed = KINDS.get(kind);
        List<String> keys = new ArrayList<>(List.of("worker", "site", kind));
        keys.addAll(needed);
        entry.allow(keys);
        if (entry.has("worker") && entry.has("site")) {
            throw entry.wrong("it names a worker and a site; leave one out");
        }
        for (String key : needed) {
            if (!entry.has(key)) {
                throw entry.wrong(key + " is missing in a failure of kind " + kind);
            }
        }
        double at = entry.number(kind).orElseThrow();
        return entry.make(() -> switch (kind) {
            case "crash" -> new Failure.Crash(at, entry.number("repair").orElseThrow());
            case "mtbf" -> new Failure.RandomCrashes(at, entry.number("repair").orElseThrow());
            case "slow" -> new Failure.Slow(at, entry.number("for").orElseThrow(), entry.number("factor").orElseThrow());
            case "partition" -> new Failure.Partition(at, entry.number("for").orElseThrow());
            case "leave" -> new Failure.Leave(at);
            default -> new Failure.Join(at);
        });
    }

    private static Exchange exchange(YamlTable table) {
        String name = table.text("exchange").orElse("server");
        return Arrays.stream(Exchange.values()).filter(exchange -> Setting.label(exchange).equals(name)).findFirst()
                .orElseThrow(() -> new IllegalArgumentException("exchange '" + name + "' is not known; use server or ring"));
    }

    private static List<Worker> site(YamlTable table, int earlier) {
        table.allow("name", "link", "workers");
        String name = table.text("name").orElse("site-" + earlier);
        Site site = new Site(name, link(table));
        List<Speed> speeds = new ArrayList<>();
        List<Link> links = new ArrayList<>();
        List<OptionalDouble> memories = new ArrayList<>();
        for (YamlTable worker : table.list("workers")) {
            worker.allow("count", "speed", "link", "memory");
            double count = worker.number("count").orElse(1);
            if (!(count >= 1 && count <= 100_000 && count == Math.rint(count))) {
                throw worker.wrong("count " + count + " is not a whole number from 1 to 100000");
            }
            OptionalDouble memory = worker.number("memory");
            if (memory.isPresent() && !(memory.getAsDouble() > 0)) {
                throw worker.wrong("memory " + memory.getAsDouble() + " is not positive; give bytes, such as 16e9");
            }
            for (int i = 0; i < count; i++) {
                speeds.add(speed(worker));
                links.add(link(worker));
                memories.add(memory);
            }
        }
        List<Worker> workers = new ArrayList<>();
        for (int i = 0; i < speeds.size(); i++) {
            workers.add(new Worker(name + "/" + i, speeds.get(i), links.get(i), Optional.of(site), memories.get(i), List.of()));
        }
        return workers;
    }

    private static Link link(YamlTable table) {
        if (!table.has("link")) {
            return Link.ideal();
        }
        YamlTable link = table.table("link").allow("up", "down", "latency", "jitter", "loss");
        return link.make(() -> new Link(
                link.number("up").orElse(Double.POSITIVE_INFINITY), link.number("down").orElse(Double.POSITIVE_INFINITY),
                link.number("latency").orElse(0), link.number("jitter").orElse(0), link.number("loss").orElse(0)));
    }

    private static Speed speed(YamlTable worker) {
        if (!worker.holdsTable("speed")) {
            return worker.make(() -> new Speed.Constant(worker.number("speed").orElse(1)));
        }
        YamlTable speed = worker.table("speed").allow("mean", "deviation", "trace");
        if (speed.has("trace")) {
            if (speed.has("mean") || speed.has("deviation")) {
                throw speed.wrong("a trace stands alone; leave mean and deviation out");
            }
            return speed.make(() -> new Speed.Trace(speed.numbers("trace")));
        }
        return speed.make(() -> new Speed.Distribution(speed.number("mean").orElse(1), speed.number("deviation").orElse(0)));
    }
}
