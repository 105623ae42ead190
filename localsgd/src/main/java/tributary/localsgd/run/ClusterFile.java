package tributary.localsgd.run;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import tributary.localsgd.cluster.Cluster;
import tributary.localsgd.cluster.Exchange;
import tributary.localsgd.cluster.Link;
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
/// ```
///
/// `step-seconds`, `sites` and `workers` must be given. What else is left out: exchange server, seed 1, one worker, speed 1, no limit
/// of a link, no latency.
public final class ClusterFile {
    private ClusterFile() {}

    /// @throws IllegalArgumentException naming file, place and what is wrong: no such file, not YAML, an unknown key (with the
    ///         nearest known one), a key that is missing or given twice, a value that cannot be
    public static Cluster read(Path file) {
        return cluster(YamlTable.read(file, "cluster file"));
    }

    private static Cluster cluster(YamlTable table) {
        table.allow("step-seconds", "exchange", "seed", "sites");
        List<Worker> workers = new ArrayList<>();
        for (YamlTable site : table.list("sites")) {
            workers.addAll(site(site, workers.size()));
        }
        double stepSeconds = table.number("step-seconds").orElseThrow(() -> table.wrong("step-seconds is missing; how long is a step?"));
        long seed = table.wholeNumber("seed").orElse(1);
        return table.make(() -> new Cluster(stepSeconds, seed, exchange(table), workers));
    }

    private static Exchange exchange(YamlTable table) {
        String name = table.text("exchange").orElse("server");
        return Arrays.stream(Exchange.values()).filter(exchange -> Setting.label(exchange).equals(name)).findFirst()
                .orElseThrow(() -> new IllegalArgumentException("exchange '" + name + "' is not known; use server or ring"));
    }

    private static List<Worker> site(YamlTable site, int earlier) {
        site.allow("name", "link", "workers");
        String name = site.text("name").orElse("site-" + earlier);
        Link shared = link(site);
        List<Speed> speeds = new ArrayList<>();
        List<Link> links = new ArrayList<>();
        for (YamlTable worker : site.list("workers")) {
            worker.allow("count", "speed", "link");
            double count = worker.number("count").orElse(1);
            if (!(count >= 1 && count <= 100_000 && count == Math.rint(count))) {
                throw worker.wrong("count " + count + " is not a whole number from 1 to 100000");
            }
            for (int i = 0; i < count; i++) {
                speeds.add(speed(worker));
                links.add(link(worker));
            }
        }
        List<Worker> workers = new ArrayList<>();
        for (int i = 0; i < speeds.size(); i++) {
            workers.add(new Worker(name + "/" + i, speeds.get(i), links.get(i).throughShared(shared, speeds.size())));
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
