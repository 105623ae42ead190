package tributary.localsgd.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Supplier;
import java.util.stream.StreamSupport;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;
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
    private static final YAMLMapper YAML = YAMLMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

    private ClusterFile() {}

    /// @throws IllegalArgumentException naming file, place and what is wrong: no such file, not YAML, an unknown key (with the
    ///         nearest known one), a key that is missing or given twice, a value that cannot be
    public static Cluster read(Path file) {
        try {
            return cluster(new Table(file.toString(), YAML.readTree(Files.readString(file))));
        } catch (NoSuchFileException e) {
            throw new IllegalArgumentException(file + ": there is no such cluster file", e);
        } catch (IOException e) {
            throw new IllegalArgumentException(file + ": cannot be read as UTF-8 text: " + e, e);
        } catch (JacksonException e) {
            throw new IllegalArgumentException(file + ":" + e.getLocation().getLineNr() + ": is not YAML: "
                    + e.getOriginalMessage().lines().findFirst().orElse("unreadable"), e);
        }
    }

    private static Cluster cluster(Table table) {
        table.allow("step-seconds", "exchange", "seed", "sites");
        List<Worker> workers = new ArrayList<>();
        for (Table site : table.list("sites")) {
            workers.addAll(site(site, workers.size()));
        }
        double stepSeconds = table.number("step-seconds").orElseThrow(() -> table.wrong("step-seconds is missing; how long is a step?"));
        double seed = table.number("seed").orElse(1);
        if (seed != Math.rint(seed)) {
            throw table.wrong("seed " + seed + " is not a whole number");
        }
        return table.make(() -> new Cluster(stepSeconds, (long) seed, exchange(table), workers));
    }

    private static Exchange exchange(Table table) {
        String name = table.text("exchange").orElse("server");
        return Arrays.stream(Exchange.values()).filter(exchange -> Setting.label(exchange).equals(name)).findFirst()
                .orElseThrow(() -> new IllegalArgumentException("exchange '" + name + "' is not known; use server or ring"));
    }

    private static List<Worker> site(Table site, int earlier) {
        site.allow("name", "link", "workers");
        String name = site.text("name").orElse("site-" + earlier);
        Link shared = link(site);
        List<Speed> speeds = new ArrayList<>();
        List<Link> links = new ArrayList<>();
        for (Table worker : site.list("workers")) {
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

    private static Link link(Table table) {
        if (!table.has("link")) {
            return Link.ideal();
        }
        Table link = table.table("link").allow("up", "down", "latency", "jitter", "loss");
        return link.make(() -> new Link(
                link.number("up").orElse(Double.POSITIVE_INFINITY), link.number("down").orElse(Double.POSITIVE_INFINITY),
                link.number("latency").orElse(0), link.number("jitter").orElse(0), link.number("loss").orElse(0)));
    }

    private static Speed speed(Table worker) {
        if (!worker.has("speed") || !worker.node.get("speed").isObject()) {
            return worker.make(() -> new Speed.Constant(worker.number("speed").orElse(1)));
        }
        Table speed = worker.table("speed").allow("mean", "deviation", "trace");
        if (speed.has("trace")) {
            if (speed.node.size() > 1) {
                throw speed.wrong("a trace stands alone; leave mean and deviation out");
            }
            return speed.make(() -> new Speed.Trace(speed.numbers("trace")));
        }
        return speed.make(() -> new Speed.Distribution(speed.number("mean").orElse(1), speed.number("deviation").orElse(0)));
    }

    /// A table of the file, and where it stands.
    private record Table(String place, JsonNode node) {
        Table {
            if (!node.isObject()) {
                throw new IllegalArgumentException(place + ": is not a table of lines name: value");
            }
        }

        Table allow(String... known) {
            for (String name : node.propertyNames()) {
                if (!List.of(known).contains(name)) {
                    throw wrong("unknown key " + name + "; the nearest known one is " + Setting.nearest(List.of(known), name));
                }
            }
            return this;
        }

        boolean has(String key) {
            return node.has(key);
        }

        Table table(String key) {
            return new Table(place + ": " + key, node.get(key));
        }

        List<Table> list(String key) {
            JsonNode list = node.path(key);
            if (!list.isArray() || list.isEmpty()) {
                throw wrong(key + " must be a list of at least one entry");
            }
            List<Table> tables = new ArrayList<>();
            for (JsonNode entry : list) {
                tables.add(new Table(place + ": " + key + "[" + tables.size() + "]", entry));
            }
            return tables;
        }

        Optional<String> text(String key) {
            return has(key) ? Optional.of(value(key, node.get(key))) : Optional.empty();
        }

        OptionalDouble number(String key) {
            return has(key) ? OptionalDouble.of(number(key, node.get(key))) : OptionalDouble.empty();
        }

        List<Double> numbers(String key) {
            if (!node.get(key).isArray()) {
                throw wrong(key + " must be a list of numbers");
            }
            return StreamSupport.stream(node.get(key).spliterator(), false).map(entry -> number(key, entry)).toList();
        }

        private double number(String key, JsonNode value) {
            String text = value(key, value);
            try {
                return Double.parseDouble(text);
            } catch (NumberFormatException e) {
                throw wrong(key + " '" + text + "' is not a number");
            }
        }

        private String value(String key, JsonNode value) {
            if (!value.isValueNode() || value.isNull()) {
                throw wrong(key + " takes one value");
            }
            return value.asString();
        }

        /// Names the place where a value cannot be.
        <T> T make(Supplier<T> maker) {
            try {
                return maker.get();
            } catch (IllegalArgumentException e) {
                throw e.getMessage().startsWith(place) ? e : wrong(e.getMessage());
            }
        }

        IllegalArgumentException wrong(String reason) {
            return new IllegalArgumentException(place + ": " + reason);
        }
    }
}
