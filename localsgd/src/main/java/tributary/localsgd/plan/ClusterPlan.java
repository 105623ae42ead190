package tributary.localsgd.plan;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import tributary.localsgd.cluster.Exchange;
import tributary.localsgd.cluster.Link;
import tributary.localsgd.plan.Sheet.Chart;
import tributary.localsgd.plan.Sheet.Column;

/// When training across several clusters is worth it: every way to train, with its time and its cost; from which H and over which
/// lines several clusters beat the best one alone; how busy they are at which bandwidth.
///
/// ```
/// K clusters win where   p(K, H) (t + m / H) < s        t, m: TwoStageTime;   s: a step of the best cluster alone
///                        H > m / (s / p - t)
/// ```
///
/// For K equal clusters whose inside communication costs nothing, s = K t, and this is H > m / (t (K / p - 1)).
///
/// @param work what is trained
/// @param exchange how clusters come to a mean
/// @param gradientBits of a number of a gradient, inside clusters
/// @param localSteps each H to look at
/// @param payloads each codec to look at
/// @param fragments P of the streaming way
/// @param overlap tau of the streaming way
/// @param extra p
record ClusterPlan(Work work, List<Site> sites, Exchange exchange, double gradientBits, List<Integer> localSteps,
        List<Payload> payloads, int fragments, int overlap, ExtraTokens extra) {
    private static final double[] TARGETS = {0.5, 0.8, 0.9, 0.95, 0.99};
    private static final int MOST_STEPS = 100_000;
    private static final int[] SHOWN_STEPS = {1, 2, 3, 5, 7, 10, 14, 20, 30, 50, 70, 100, 140, 200, 300, 500, 700, 1000};

    ClusterPlan {
        sites = List.copyOf(sites);
        localSteps = List.copyOf(localSteps);
        payloads = List.copyOf(payloads);
        if (fragments < 1 || fragments > work.layers()) {
            throw new IllegalArgumentException("fragments " + fragments + " is not between 1 and layers " + work.layers());
        }
        for (int H : localSteps) {
            if (!(H >= 1 && H <= MOST_STEPS)) {
                throw new IllegalArgumentException("local-steps " + H + " is not between 1 and " + MOST_STEPS);
            }
            if (overlap < 0 || overlap > 0 && overlap >= H) {
                throw new IllegalArgumentException("overlap " + overlap + " is not between 0 and local-steps " + H + " less one");
            }
        }
    }

    /// A way to train.
    ///
    /// @param H empty where nothing is merged
    /// @param codec of what is merged, empty where nothing is
    /// @param extraTokens p
    /// @param price of all its workers for an hour
    private record Way(String name, String clusters, Optional<Integer> H, String codec, StepTime step, double extraTokens, double price) {}

    Plan plan() {
        List<Way> alone = sites.stream().map(this::alone).toList();
        Way best = alone.stream().min(Comparator.comparingDouble(this::hours)).orElseThrow();
        List<Way> together = sites.size() == 1 ? mergedInside(sites.getFirst()) : together();
        List<Sheet> sheets = new ArrayList<>();
        sheets.add(ways(alone, together, best));
        if (sites.size() > 1) {
            sheets.add(thresholds(best));
            sheets.add(lines(best));
            sheets.add(bandwidths());
            sheets.add(utilization());
            sheets.add(speedup(best));
        }
        return new Plan("clusters", findings(best, together), assumptions(), sheets);
    }

    private TwoStageTime twoStage() {
        return new TwoStageTime(work, sites, gradientBits * work.exchanged(), exchange);
    }

    private Way alone(Site site) {
        StepTime step = new DataParallelTime(site.compute(work.flops(work.batchTokens())), gradientBits * work.exchanged(), site.workers(),
                site.insideNetwork()).step();
        return new Way("data-parallel", site.name(), Optional.empty(), "", step, 1, site.pricePerHour());
    }

    private List<Way> mergedInside(Site site) {
        List<Way> ways = new ArrayList<>();
        for (int H : localSteps) {
            StepTime step = new DiLoCoTime(site.compute(work.flops(work.batchTokens())), gradientBits * work.exchanged(),
                    32 * work.exchanged(), site.workers(), 1, H, site.insideNetwork(), site.insideNetwork()).step();
            ways.add(new Way("diloco of one replica", site.name(), Optional.of(H), "fp32", step, extra.of(1, H), site.pricePerHour()));
        }
        return ways;
    }

    private List<Way> together() {
        List<Way> ways = new ArrayList<>();
        int K = sites.size();
        double price = sites.stream().mapToDouble(Site::pricePerHour).sum();
        ways.add(new Way("data-parallel", "all", Optional.empty(), "", dataParallel(), 1, price));
        boolean alike = sites.stream().map(Site::workers).distinct().count() == 1
                && sites.stream().map(Site::flops).distinct().count() == 1;
        for (int H : localSteps) {
            for (Payload payload : payloads) {
                double p = extra.of(K, H);
                if (alike) {
                    ways.add(new Way("diloco, all in one ring", "all", Optional.of(H), payload.text(), flat(payload, H), p, price));
                }
                ways.add(new Way("two-stage", "all", Optional.of(H), payload.text(), streaming(payload, H, 1, 0), p, price));
                if (fragments > 1 || overlap > 0) {
                    ways.add(new Way("two-stage, streaming", "all", Optional.of(H), payload.text(),
                            streaming(payload, H, fragments, overlap), p, price));
                }
            }
        }
        return ways;
    }

    /// Data parallel over all clusters; the batch is spread evenly over the workers.
    private StepTime dataParallel() {
        int R = sites.stream().mapToInt(Site::workers).sum();
        double flops = work.flops(work.batchTokens()) / R;
        double slowest = sites.stream().mapToDouble(site -> flops / site.flops()).max().orElseThrow();
        double mean = sites.stream().mapToDouble(site -> site.workers() * flops / site.flops()).sum() / R;
        StepTime step = new DataParallelTime(slowest, gradientBits * work.exchanged(), R, between()).step();
        return new StepTime(mean, slowest - mean, 0, step.inside());
    }

    private StepTime flat(Payload payload, int H) {
        int R = sites.stream().mapToInt(Site::workers).sum();
        double compute = work.flops(work.batchTokens()) / (R * sites.getFirst().flops());
        return new DiLoCoTime(compute, gradientBits * work.exchanged(), 8.0 * payload.bytes(work.exchanged()), R, sites.size(), H,
                narrowest(sites.stream().map(Site::insideNetwork).toList()), between()).step();
    }

    private StepTime streaming(Payload payload, int H, int P, int tau) {
        TwoStageTime time = twoStage();
        return new StreamingTime(time.step(), time.merge(payload, 1.0 / P), H, P, tau).withMerges();
    }

    /// The narrowest line between clusters, and the longest.
    private Network between() {
        return narrowest(sites.stream().map(Site::outsideNetwork).toList());
    }

    private static Network narrowest(List<Network> networks) {
        return new Network(networks.stream().mapToDouble(Network::bandwidth).min().orElseThrow(),
                networks.stream().mapToDouble(Network::latency).max().orElseThrow());
    }

    private double hours(Way way) {
        return way.step().all() * work.steps(way.extraTokens()) / 3600;
    }

    private Sheet ways(List<Way> alone, List<Way> together, Way best) {
        Sheet sheet = new Sheet("ways", "Ways to train, to the same loss", List.of(
                new Column("way", "way", Unit.TEXT), new Column("clusters", "clusters", Unit.TEXT),
                new Column("local_steps", "H", Unit.NUMBER), new Column("codec", "codec", Unit.TEXT),
                new Column("compute", "compute/step", Unit.SECONDS), new Column("waiting", "waiting", Unit.SECONDS),
                new Column("inside", "inside", Unit.SECONDS), new Column("between", "between", Unit.SECONDS),
                new Column("utilization", "utilisation", Unit.SHARE), new Column("extra_tokens", "tokens x", Unit.NUMBER),
                new Column("hours", "time", Unit.HOURS), new Column("cost", "cost", Unit.NUMBER),
                new Column("speedup", "speed-up", Unit.NUMBER)));
        for (List<Way> some : List.of(alone, together)) {
            for (Way way : some) {
                sheet.row(way.name(), way.clusters(), way.H().map(Number.class::cast).orElse(Double.NaN), way.codec(),
                        way.step().compute(), way.step().waiting(), way.step().inside(), way.step().between(), way.step().utilization(),
                        way.extraTokens(), hours(way), hours(way) * way.price(), hours(best) / hours(way));
            }
        }
        return sheet;
    }

    /// Whether K clusters that merge every H steps beat the best one alone.
    private boolean wins(Way best, double step, double merge, int H) {
        return extra.of(sites.size(), H) * (step + merge / H) < best.step().all();
    }

    private Sheet thresholds(Way best) {
        Sheet sheet = new Sheet("thresholds", "From which H several clusters beat " + best.clusters() + " alone", List.of(
                new Column("codec", "codec", Unit.TEXT), new Column("merge", "a merge takes", Unit.SECONDS),
                new Column("first_local_steps", "first H", Unit.NUMBER), new Column("last_local_steps", "last H", Unit.NUMBER)));
        double step = twoStage().step().all();
        for (Payload payload : payloads) {
            double merge = twoStage().merge(payload, 1);
            int[] winning = IntStream.rangeClosed(1, MOST_STEPS).filter(H -> wins(best, step, merge, H)).toArray();
            sheet.row(payload.text(), merge, winning.length == 0 ? Double.NaN : winning[0],
                    winning.length == 0 || winning[winning.length - 1] == MOST_STEPS ? Double.NaN : winning[winning.length - 1]);
        }
        return sheet;
    }

    /// Beside the best cluster alone, for each codec, against H.
    private Sheet speedup(Way best) {
        List<Column> columns = new ArrayList<>(List.of(new Column("local_steps", "local steps H", Unit.NUMBER)));
        payloads.forEach(payload -> columns.add(new Column("two_stage_" + payload.text(), "two-stage, " + payload.text(), Unit.NUMBER)));
        Sheet sheet = new Sheet("speedup", "Speed of several clusters beside " + best.clusters() + " alone, against local steps", columns,
                Optional.of(new Chart("local_steps", columns.stream().skip(1).map(Column::name).toList(), true, "speed-up")));
        for (int H : SHOWN_STEPS) {
            List<Object> row = new ArrayList<>(List.of(H));
            double p = extra.of(sites.size(), H);
            payloads.forEach(payload -> row.add(best.step().all() / (p * streaming(payload, H, 1, 0).all())));
            sheet.row(row.toArray());
        }
        return sheet;
    }

    /// The share of their lines that the clusters need to beat the best one alone: m is linear in 1 / bandwidth.
    private OptionalDouble leastLines(Way best, Payload payload, int H) {
        double slack = H * (best.step().all() / extra.of(sites.size(), H) - twoStage().step().all());
        List<Site> fast = sites.stream().map(site -> new Site(site.name(), site.workers(), site.flops(), site.price(), site.inside(),
                new Link(Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY, site.outside().latency(), 0,
                        site.outside().loss())))
                .toList();
        double fixed = new TwoStageTime(work, fast, gradientBits * work.exchanged(), exchange).merge(payload, 1);
        double rest = twoStage().merge(payload, 1) - fixed;
        return slack > fixed ? OptionalDouble.of(rest / (slack - fixed)) : OptionalDouble.empty();
    }

    private Sheet lines(Way best) {
        Sheet sheet = new Sheet("lines", "The narrowest lines over which several clusters beat " + best.clusters() + " alone", List.of(
                new Column("local_steps", "H", Unit.NUMBER), new Column("codec", "codec", Unit.TEXT),
                new Column("share", "share of the lines", Unit.NUMBER), new Column("least", "narrowest line needed", Unit.BITS_PER_SECOND),
                new Column("present", "narrowest line", Unit.BITS_PER_SECOND), new Column("wins", "wins", Unit.TEXT)));
        double present = between().bandwidth();
        for (int H : localSteps) {
            for (Payload payload : payloads) {
                OptionalDouble share = leastLines(best, payload, H);
                sheet.row(H, payload.text(), share.orElse(Double.NaN), share.orElse(Double.NaN) * present, present,
                        share.isEmpty() ? "over no line" : share.getAsDouble() < 1 ? "yes" : "no");
            }
        }
        return sheet;
    }

    /// A way whose steps hide what they send behind their backward pass.
    private record Overlapped(String name, String column, LayerGraph graph) {}

    private List<Overlapped> overlapped() {
        double step = twoStage().step().all();
        double reduced = 2 * (1 - 1.0 / sites.size());
        List<Overlapped> ways = new ArrayList<>();
        ways.add(new Overlapped("data-parallel", "data_parallel",
                new LayerGraph(work.layers(), step, reduced * gradientBits * work.exchanged(), 1, 1, 0)));
        for (int H : localSteps) {
            for (Payload payload : payloads) {
                double bits = reduced * 8 * payload.bytes(work.exchanged());
                String suffix = "_" + H + "_" + payload.text();
                ways.add(new Overlapped("two-stage, H " + H + ", " + payload.text(), "two_stage" + suffix,
                        new LayerGraph(work.layers(), step, bits, H, 1, 0)));
                if (fragments > 1 || overlap > 0) {
                    ways.add(new Overlapped("streaming, H " + H + ", " + payload.text(), "streaming" + suffix,
                            new LayerGraph(work.layers(), step, bits, H, fragments, overlap)));
                }
            }
        }
        return ways;
    }

    private Sheet bandwidths() {
        List<Column> columns = new ArrayList<>(List.of(new Column("way", "way", Unit.TEXT)));
        for (double target : TARGETS) {
            String percent = Math.round(100 * target) + "";
            columns.add(new Column("utilization_" + percent, percent + " %", Unit.BITS_PER_SECOND));
        }
        Sheet sheet = new Sheet("bandwidths", "Bandwidth between clusters that keeps them so busy (layer by layer)", columns);
        for (Overlapped way : overlapped()) {
            List<Object> row = new ArrayList<>(List.of(way.name()));
            for (double target : TARGETS) {
                row.add(way.graph().bandwidth(target));
            }
            sheet.row(row.toArray());
        }
        return sheet;
    }

    /// Of the many ways, those without streaming in the first codec and those with it in the last one.
    private Sheet utilization() {
        List<Overlapped> ways = overlapped().stream()
                .filter(way -> way.graph().localSteps() == 1 || way.name().endsWith(way.graph().fragments() == 1
                        && way.graph().overlap() == 0 ? payloads.getFirst().text() : payloads.getLast().text()))
                .toList();
        List<Column> columns = new ArrayList<>(List.of(new Column("bandwidth", "bandwidth", Unit.BITS_PER_SECOND)));
        ways.forEach(way -> columns.add(new Column(way.column(), way.name(), Unit.SHARE)));
        Sheet sheet = new Sheet("utilization", "Utilisation against the bandwidth between clusters (layer by layer)", columns,
                Optional.of(new Chart("bandwidth", ways.stream().map(Overlapped::column).toList(), true, "utilisation")));
        double least = ways.stream().mapToDouble(way -> way.graph().bandwidth(0.1)).min().orElseThrow();
        double most = ways.stream().mapToDouble(way -> way.graph().bandwidth(0.99)).max().orElseThrow();
        for (int i = 0; i <= 24; i++) {
            double bandwidth = least * Math.pow(most / least, i / 24.0);
            List<Object> row = new ArrayList<>(List.of(bandwidth));
            ways.forEach(way -> row.add(way.graph().utilization(bandwidth)));
            sheet.row(row.toArray());
        }
        return sheet;
    }

    private List<String> findings(Way best, List<Way> together) {
        Way fastest = together.stream().min(Comparator.comparingDouble(this::hours)).orElseThrow();
        List<String> findings = new ArrayList<>();
        findings.add(String.format(Locale.ROOT, "%s alone: %s, cost %s.", best.clusters(), Unit.HOURS.text(hours(best)),
                Unit.NUMBER.text(hours(best) * best.price())));
        if (sites.size() > 1) {
            double speedup = hours(best) / hours(fastest);
            String how = fastest.name() + fastest.H().map(H -> ", H " + H).orElse("")
                    + (fastest.codec().isEmpty() ? "" : ", " + fastest.codec());
            findings.add(String.format(Locale.ROOT, "All %d clusters: %s, cost %s (%s): %s.", sites.size(),
                    Unit.HOURS.text(hours(fastest)), Unit.NUMBER.text(hours(fastest) * fastest.price()), how,
                    speedup > 1 ? Unit.NUMBER.text(speedup) + " times as fast" : "not worth it"));
            distances().stream().filter(ExtraTokens.Distance::careful).forEach(far -> findings.add("Careful: " + far.text() + "."));
        }
        return findings;
    }

    private List<ExtraTokens.Distance> distances() {
        return extra.distances(sites.size(), localSteps.stream().mapToInt(Integer::intValue).max().orElseThrow());
    }

    private List<String> assumptions() {
        List<String> assumptions = new ArrayList<>(List.of(
                "FLOPs 6 N D; a worker does flops FLOP/s whatever its batch; no failures, no jitter",
                "every cluster takes an equal part of the batch, so that the slowest one sets the pace",
                "ways: nothing is hidden behind computing but what overlap says; layer by layer: sending is hidden behind the backward pass"));
        assumptions.add(extra.source());
        distances().forEach(distance -> assumptions.add(distance.text()));
        return assumptions;
    }
}
