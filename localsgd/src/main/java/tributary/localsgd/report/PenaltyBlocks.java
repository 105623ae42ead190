package tributary.localsgd.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;
import tributary.localsgd.figure.Axis;
import tributary.localsgd.figure.Caption;
import tributary.localsgd.figure.Curves;
import tributary.localsgd.figure.Figure;
import tributary.localsgd.figure.HeatMap;
import tributary.localsgd.figure.Series;
import tributary.localsgd.laws.Fit;
import tributary.localsgd.laws.Interval;
import tributary.localsgd.laws.Joint;
import tributary.localsgd.laws.JointLocalSteps;
import tributary.localsgd.laws.Law;
import tributary.localsgd.laws.Penalty;
import tributary.localsgd.laws.Power;
import tributary.localsgd.plan.BestLocalSteps;
import tributary.localsgd.report.Cells.Family;

/// What M and H cost: measured, by a law of both, and the H that it makes the best over lines of a bandwidth.
///
/// @param number of the study in the report
record PenaltyBlocks(int number, Cells cells) {
    /// Sizes that get maps of their own.
    private static final int MAPS = 6;
    private static final double WORKER_FLOPS = 1e12;
    /// Different H that say something about the best.
    private static final int LEAST_STEPS = 3;

    private record Line(String text, double bandwidth) {}

    private static final List<Line> LINES = List.of(new Line("10 Mbit/s", 1e7), new Line("100 Mbit/s", 1e8), new Line("1 Gbit/s", 1e9),
            new Line("10 Gbit/s", 1e10), new Line("100 Gbit/s", 1e11));

    List<Block> blocks() {
        List<Block> blocks = new ArrayList<>();
        Asked reference = Asked.of(new Power(), cells.references());
        cells.families().forEach((family, own) -> {
            measured(family, own, blocks);
            localSteps(family, own, blocks);
            byLaw(family, own, reference, blocks);
        });
        return blocks;
    }

    private Caption caption(String id, Family family, String title, String text) {
        return new Caption("study-" + number + "-" + id + "-" + family.id(), title, text);
    }

    private static List<Integer> values(List<Cell> cells, ToIntFunction<Cell> of) {
        return List.copyOf(new TreeSet<>(cells.stream().map(of::applyAsInt).toList()));
    }

    private static List<String> texts(List<Integer> values) {
        return values.stream().map(String::valueOf).toList();
    }

    private static HeatMap overReplicasAndSteps(Caption caption, List<Cell> own, Axis value, boolean signed,
            Function<Cell, HeatMap.Cell> of) {
        List<Integer> Ms = values(own, cell -> cell.arm().M());
        List<Integer> Hs = values(own, cell -> cell.arm().H());
        List<List<Optional<HeatMap.Cell>>> rows = Hs.stream().map(H -> Ms.stream().map(M -> own.stream()
                .filter(cell -> cell.arm().M() == M && cell.arm().H() == H).findFirst().map(of)).toList()).toList();
        return new HeatMap(caption, "replicas M", texts(Ms), "local steps H", texts(Hs), value, rows, signed);
    }

    /// A map for each size that has several M or H, the largest first.
    private void measured(Family family, List<Cell> own, List<Block> blocks) {
        Map<String, Figure> maps = new LinkedHashMap<>();
        Cells.by(own, Cell::N).entrySet().stream().sorted(Map.Entry.<Double, List<Cell>>comparingByKey(Comparator.reverseOrder()))
                .filter(size -> size.getValue().size() > 1).limit(MAPS).forEach(size -> cells.reference(size.getKey()).ifPresent(base -> {
                    String N = Written.quantity(size.getKey(), "");
                    boolean seeds = size.getValue().stream().anyMatch(cell -> cell.gapInterval(base).isPresent());
                    maps.put(N, overReplicasAndSteps(
                            new Caption("study-" + number + "-penalty-" + family.id() + "-" + Math.round(size.getKey()),
                                    "Measured penalty of " + family.text() + " at " + N + " parameters",
                                    "How much higher the loss is than data parallelism's with the same parameters and tokens"
                                            + cells.rates()
                                            + (seeds ? ", and where that lies with 95 %, if there are several seeds." : ". One seed.")),
                            size.getValue(), Axis.linear("gap in loss", "%"), true,
                            cell -> new HeatMap.Cell(cell.gap(base), cell.gapInterval(base).map(PenaltyBlocks::ends))));
                }));
        if (!maps.isEmpty()) {
            blocks.add(maps.size() == 1 ? new Block.Drawing(maps.values().iterator().next())
                    : new Block.Choice("Parameters", maps));
        }
    }

    private static double[] ends(Interval interval) {
        return new double[] {interval.low(), interval.high()};
    }

    private void localSteps(Family family, List<Cell> own, List<Block> blocks) {
        List<Series> series = new ArrayList<>();
        Cells.by(own, cell -> "M=" + cell.arm().M() + " N=" + Written.quantity(cell.N(), "")).forEach((name, line) -> {
            if (line.size() >= 3) {
                series.add(new Series(name, Series.Mark.LINE_AND_POINTS, series.size(),
                        Cell.alike(line).stream().map(cell -> new double[] {cell.arm().H(), cell.loss()}).toList()));
            }
        });
        if (!series.isEmpty()) {
            blocks.add(new Block.Drawing(new Curves(
                    caption("local-steps", family, "Loss of " + family.text() + " against local steps",
                            "Mean over the seeds that all points of a line have" + cells.rates() + "."),
                    Axis.log("local steps H", ""), Axis.linear("validation loss", "nats a token"), series)));
        }
    }

    private void byLaw(Family family, List<Cell> own, Asked reference, List<Block> blocks) {
        boolean severalMs = values(own, cell -> cell.arm().M()).size() > 1;
        boolean severalHs = values(own, cell -> cell.arm().H()).size() > 1;
        if (!severalMs) {
            blocks.add(
                    new Block.Prose("The trainings of " + family.text() + " have one M: there is no law of the penalty to ask them for."));
            return;
        }
        Law law = severalHs ? new JointLocalSteps() : new Joint();
        Asked asked = Asked.of(law, own);
        blocks.add(asked.block((severalHs ? "L = A N^alpha M^beta H^gamma" : "L = A N^alpha M^beta") + " of " + family.text()));
        if (asked.fit().isEmpty() || reference.fit().isEmpty()) {
            if (asked.fit().isPresent()) {
                blocks.add(new Block.Prose("Data parallelism's own power law is missing (" + reference.objection()
                        + "): there is nothing to say effective sizes by."));
            }
            return;
        }
        bent(own)
                .ifPresent(cell -> blocks.add(new Block.Prose("A power of H follows these losses badly: with M = " + cell.arm().M() + " at "
                        + Written.quantity(cell.N(), "") + " parameters the lowest is at H = " + cell.arm().H()
                        + ", between smaller and larger H. Take the next map for a summary, not for a law.")));
        effectiveSize(family, own, asked.fit().get(), reference.fit().get(), blocks);
        bestLocalSteps(family, own, reference.fit().get(), blocks);
    }

    private void effectiveSize(Family family, List<Cell> own, Fit fit, Fit reference, List<Block> blocks) {
        List<Integer> Ms = values(own, cell -> cell.arm().M());
        List<Integer> Hs = values(own, cell -> cell.arm().H());
        double N = own.stream().mapToDouble(Cell::N).max().orElseThrow();
        List<List<Optional<HeatMap.Cell>>> rows = Hs.stream().map(H -> Ms.stream().map(M -> {
            Fit.Prediction size = Penalty.at(fit, reference, Asked.at(N, M, H)).effectiveSize();
            return Optional.of(new HeatMap.Cell(100 * size.value(),
                    size.interval().map(found -> new double[] {100 * found.low(), 100 * found.high()})));
        }).toList()).toList();
        blocks.add(new Block.Drawing(new HeatMap(
                caption("effective-size", family, "Effective parameters of " + family.text() + " at " + Written.quantity(N, ""),
                        "Data parallelism reaches the same loss with this share of the parameters, and its square of the compute. By the law "
                                + "above and data parallelism's power law, with 95 %; combinations that were not trained are filled in by the law."),
                "replicas M", texts(Ms), "local steps H", texts(Hs), Axis.linear("effective parameters", "%"), rows, false)));
    }

    private static Map<List<Object>, List<Cell>> sweeps(List<Cell> own) {
        Map<List<Object>, List<Cell>> sweeps = Cells.by(own, cell -> List.of(cell.arm().M(), cell.N()));
        sweeps.values().removeIf(sweep -> sweep.size() < LEAST_STEPS);
        sweeps.replaceAll((_, sweep) -> Cell.alike(sweep));
        return sweeps;
    }

    /// A lowest loss that lies between smaller and larger H.
    private static Optional<Cell> bent(List<Cell> own) {
        return sweeps(own).values().stream().flatMap(sweep -> sweep.subList(1, sweep.size() - 1).stream()
                .filter(cell -> sweep.stream().allMatch(other -> cell.loss() <= other.loss()))).findFirst();
    }

    /// By the measured losses themselves, since a power of H may not follow them.
    private void bestLocalSteps(Family family, List<Cell> own, Fit reference, List<Block> blocks) {
        Map<String, Figure> maps = new LinkedHashMap<>();
        Cells.by(sweeps(own).values(), sweep -> sweep.getFirst().arm().M()).forEach((M, sweeps) -> {
            List<List<Cell>> sizes = sweeps.stream().filter(sweep -> training(sweep.getFirst()).isPresent())
                    .sorted(Comparator.comparingDouble(sweep -> sweep.getFirst().N())).toList();
            if (M > 1 && !sizes.isEmpty()) {
                maps.put("M = " + M, bestLocalSteps(family, M, sizes, reference));
            }
        });
        if (!maps.isEmpty()) {
            blocks.add(maps.size() == 1 ? new Block.Drawing(maps.values().iterator().next())
                    : new Block.Choice("Replicas", maps));
        } else {
            blocks.add(new Block.Prose("Which H is the best over which lines these trainings cannot say: it takes " + LEAST_STEPS
                    + " H with one M at one size, and known batches."));
        }
    }

    private Figure bestLocalSteps(Family family, int M, List<List<Cell>> sizes, Fit reference) {
        Interval alpha = reference.intervals().get("alpha");
        List<List<Optional<HeatMap.Cell>>> rows = LINES.stream().map(line -> sizes.stream().map(sweep -> {
            Training size = training(sweep.getFirst()).orElseThrow();
            BestLocalSteps best = BestLocalSteps.of(M, size.flops() / size.tokens() * size.batchTokens().orElseThrow(), size.exchanged(),
                    WORKER_FLOPS, line.bandwidth());
            int H = best.among(effectiveSizes(sweep, reference.coefficients().get("alpha")));
            return Optional.of(new HeatMap.Cell(H, Optional.ofNullable(alpha).map(known -> {
                int one = best.among(effectiveSizes(sweep, known.low()));
                int other = best.among(effectiveSizes(sweep, known.high()));
                return new double[] {Math.min(one, other), Math.max(one, other)};
            })));
        }).toList()).toList();
        return new HeatMap(
                new Caption("study-" + number + "-best-local-steps-" + family.id() + "-" + M,
                        "Best H of " + family.text() + " with " + M + " replicas",
                        "The measured H that brings " + M
                                + " workers of 1 TFLOP/s each to a loss soonest, at the study's batches: a larger "
                                + "H waits less for the line, and a higher loss has to be made up for by a larger model. By the measured "
                                + "losses and the exponent of data parallelism's law, whose 95 % gives the range; the noise of single "
                                + "trainings is not in it. The first and the last H may mean beyond. Workers twice as fast need lines twice "
                                + "as wide for the same."),
                "non-embedding parameters N", sizes.stream().map(sweep -> Written.quantity(sweep.getFirst().N(), "")).toList(),
                "bandwidth of each worker", LINES.stream().map(Line::text).toList(), Axis.log("best H", ""), rows, false);
    }

    /// A training that has what a step of this size takes.
    private Optional<Training> training(Cell cell) {
        return cells.compared().stream().filter(training -> training.N() == cell.N() && training.batchTokens().isPresent()).findFirst();
    }

    /// N_eff / N of each H, from the loss beside the lowest one: what is a factor of all changes no best H.
    private static Map<Integer, Double> effectiveSizes(List<Cell> sweep, double alpha) {
        double lowest = sweep.stream().mapToDouble(Cell::loss).min().orElseThrow();
        return sweep.stream().collect(Collectors.toMap(cell -> cell.arm().H(), cell -> Math.pow(cell.loss() / lowest, 1 / alpha)));
    }
}
