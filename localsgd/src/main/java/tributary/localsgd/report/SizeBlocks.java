package tributary.localsgd.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tributary.localsgd.figure.Axis;
import tributary.localsgd.figure.Caption;
import tributary.localsgd.figure.Curves;
import tributary.localsgd.figure.Series;
import tributary.localsgd.laws.Curve;
import tributary.localsgd.laws.Fit;
import tributary.localsgd.laws.Interval;
import tributary.localsgd.laws.Penalty;
import tributary.localsgd.laws.Power;
import tributary.localsgd.laws.Quantity;
import tributary.localsgd.report.Training.Arm;

/// What size does: the loss of each arm with its law, the largest size predicted from the others, the gap to data parallelism.
///
/// @param number of the study in the report
/// @param arms those with the most to say about sizes, by arm; the same order gives the same colours
/// @param laws L = A N^alpha of each arm
record SizeBlocks(int number, Cells cells, Map<Arm, List<Cell>> arms, Map<Arm, Asked> laws) {
    private static final int LEAST_SIZES = 3;
    private static final Axis SIZE = Axis.log("non-embedding parameters N", "");

    static SizeBlocks of(int number, Cells cells) {
        Map<Arm, List<Cell>> arms = cells.byArm();
        if (arms.values().stream().anyMatch(own -> own.size() >= LEAST_SIZES)) {
            arms.values().removeIf(own -> own.size() < LEAST_SIZES); // sweeps at some sizes
        }
        Map<Arm, Asked> laws = new LinkedHashMap<>();
        arms.forEach((arm, own) -> laws.put(arm, Asked.of(new Power(), own)));
        return new SizeBlocks(number, cells, arms, laws);
    }

    List<Block> blocks() {
        List<Block> blocks = new ArrayList<>();
        losses(blocks);
        heldOut(blocks);
        gaps(blocks);
        bytes(blocks);
        return blocks;
    }

    private Caption caption(String id, String title, String text) {
        return new Caption("study-" + number + "-" + id, title, text);
    }

    private int hue(Arm arm) {
        return List.copyOf(arms.keySet()).indexOf(arm);
    }

    private Optional<Fit> law(Arm arm) {
        return Optional.ofNullable(laws.get(arm)).flatMap(Asked::fit);
    }

    private void losses(List<Block> blocks) {
        List<Series> series = new ArrayList<>();
        List<List<String>> rows = new ArrayList<>();
        arms.forEach((arm, own) -> {
            law(arm).ifPresent(fit -> {
                Curve curve = Curve.of(fit).getFirst();
                List<double[]> band = new ArrayList<>();
                List<double[]> line = new ArrayList<>();
                for (Curve.Place place : curve.places()) {
                    line.add(new double[] {place.size(), place.prediction().value()});
                    place.prediction().interval().ifPresent(found -> band.add(new double[] {place.size(), found.low(), found.high()}));
                }
                series.add(new Series(arm.text(), Series.Mark.BAND, hue(arm), band));
                series.add(new Series(arm.text(), Series.Mark.LINE, hue(arm), line));
            });
            series.add(new Series(arm.text(), Series.Mark.POINTS, hue(arm),
                    own.stream().map(cell -> new double[] {cell.N(), cell.loss()}).toList()));
            rows.add(row(arm));
        });
        boolean drawn = arms.keySet().stream().anyMatch(arm -> law(arm).isPresent());
        blocks.add(new Block.Drawing(new Curves(
                caption("loss", "Loss against size", "Points: on validation data, after " + Written.number(cells.budget(), 3)
                        + " tokens a parameter, the geometric mean over seeds" + cells.rates() + "."
                        + (drawn ? " Lines: the power law of each arm, drawn on to four times the largest size, with its 95 % band." : "")),
                SIZE, Axis.log("validation loss", "nats a token"), series)));
        blocks.add(new Block.Grid("Power laws L = A N^α, with 95 % intervals",
                List.of("arm", "A", "α", "95 % of α", "mean |log error|", "sizes"), rows, true));
    }

    private List<String> row(Arm arm) {
        return law(arm).map(fit -> List.of(arm.text(), Written.number(fit.coefficients().get("A"), 4),
                Written.number(fit.coefficients().get("alpha"), 4), range(Optional.ofNullable(fit.intervals().get("alpha")), 3),
                Written.number(fit.residual(), 2), Integer.toString(fit.points().size())))
                .orElseGet(() -> List.of(arm.text(), "–", "–", "not carried: " + laws.get(arm).objection(), "–",
                        Integer.toString(arms.get(arm).size())));
    }

    private static String range(Optional<Interval> interval, int digits) {
        return interval.map(known -> Written.number(known.low(), digits) + " to " + Written.number(known.high(), digits)).orElse("–");
    }

    /// Where only two sizes are left, the law goes through both, and has no interval.
    private void heldOut(List<Block> blocks) {
        List<List<String>> rows = new ArrayList<>();
        arms.forEach((arm, own) -> {
            if (law(arm).isEmpty()) {
                return;
            }
            Cell largest = own.getLast();
            Fit.Prediction predicted = Asked.fit(new Power(), own.subList(0, own.size() - 1))
                    .predict(Map.of(Quantity.PARAMETERS, largest.N()));
            rows.add(List.of(arm.text(), Written.quantity(largest.N(), ""), Integer.toString(own.size() - 1),
                    Written.loss(predicted.value()),
                    range(predicted.interval(), 4), Written.loss(largest.loss()),
                    Written.signed(100 * (largest.loss() / predicted.value() - 1)) + " %",
                    predicted.interval().map(interval -> interval.contains(largest.loss()) ? "yes" : "no").orElse("–")));
        });
        if (!rows.isEmpty()) {
            blocks.add(new Block.Grid("Loss at the largest size, predicted from the smaller ones",
                    List.of("arm", "N", "from sizes", "predicted", "95 %", "measured", "off by", "inside"),
                    rows, true));
        }
    }

    private void gaps(List<Block> blocks) {
        List<Series> series = new ArrayList<>();
        Optional<Fit> reference = law(Arm.REFERENCE);
        boolean bands = false;
        boolean seeds = false;
        for (Map.Entry<Arm, List<Cell>> entry : arms.entrySet()) {
            Arm arm = entry.getKey();
            List<double[]> points = new ArrayList<>();
            List<double[]> whiskers = new ArrayList<>();
            for (Cell cell : entry.getValue()) {
                cells.reference(cell.N()).filter(_ -> !arm.isReference()).ifPresent(base -> {
                    points.add(new double[] {cell.N(), cell.gap(base)});
                    cell.gapInterval(base).ifPresent(found -> whiskers.add(new double[] {cell.N(), found.low(), found.high()}));
                });
            }
            if (points.size() < 2) {
                continue;
            }
            if (law(arm).isPresent() && reference.isPresent()) {
                bands = true;
                List<double[]> line = new ArrayList<>();
                List<double[]> band = new ArrayList<>();
                for (Curve.Place place : Curve.of(law(arm).get()).getFirst().places()) {
                    Fit.Prediction gap = Penalty.at(law(arm).get(), reference.get(), Map.of(Quantity.PARAMETERS, place.size())).gap();
                    line.add(new double[] {place.size(), 100 * gap.value()});
                    gap.interval().ifPresent(found -> band.add(new double[] {place.size(), 100 * found.low(), 100 * found.high()}));
                }
                series.add(new Series(arm.text(), Series.Mark.BAND, hue(arm), band));
                series.add(new Series(arm.text(), Series.Mark.LINE, hue(arm), line));
                series.add(new Series(arm.text(), Series.Mark.POINTS, hue(arm), points));
            } else {
                series.add(new Series(arm.text(), Series.Mark.LINE_AND_POINTS, hue(arm), points));
            }
            if (!whiskers.isEmpty()) {
                seeds = true;
                series.add(new Series(arm.text(), Series.Mark.WHISKERS, hue(arm), whiskers));
            }
        }
        if (!series.isEmpty()) {
            blocks.add(new Block.Drawing(new Curves(
                    caption("gap", "Gap to data parallelism",
                            "How much higher the loss is than data parallelism's with the same parameters, "
                                    + "tokens and compute; below zero local steps are better."
                                    + (bands ? " Lines and bands: the gap of the two power laws, with 95 %." : "")
                                    + (seeds ? " Strokes: 95 % of the measured gap, where both have several seeds; where they are missing, the "
                                            + "noise of a single training is not known."
                                            : " One seed each: the noise of a training is not known.")),
                    SIZE, Axis.linear("gap in loss", "%"), series)));
        }
    }

    private void bytes(List<Block> blocks) {
        List<Series> series = new ArrayList<>();
        arms.forEach((arm, own) -> {
            List<double[]> points = own.stream().filter(cell -> cell.bytes() > 0).map(cell -> new double[] {cell.bytes(), cell.loss()})
                    .toList();
            if (!points.isEmpty()) {
                series.add(new Series(arm.text(), Series.Mark.LINE_AND_POINTS, hue(arm), points));
            }
        });
        if (series.size() > 1) {
            blocks.add(new Block.Drawing(new Curves(
                    caption("bytes", "Loss against bytes", "What the replicas of a training sent and received, a point a size."),
                    Axis.log("communicated", "bytes"), Axis.log("validation loss", "nats a token"), series)));
        }
    }

    /// What local steps cost at the smallest size and at the largest, and which way it goes, by the laws of arms that have one.
    Optional<Block> verdicts() {
        Optional<Fit> reference = law(Arm.REFERENCE);
        List<List<String>> rows = new ArrayList<>();
        arms.forEach((arm, own) -> {
            if (!arm.isReference() && law(arm).isPresent() && reference.isPresent()) {
                Fit.Prediction first = gap(arm, reference.get(), own.getFirst().N());
                Fit.Prediction last = gap(arm, reference.get(), own.getLast().N());
                rows.add(List.of(arm.text(), percent(first) + " at " + Written.quantity(own.getFirst().N(), ""),
                        percent(last) + " at " + Written.quantity(own.getLast().N(), ""), trend(first, last)));
            }
        });
        return rows.isEmpty() ? Optional.empty()
                : Optional.of(new Block.Grid("Loss above data parallelism's, by the laws, with 95 %",
                        List.of("arm", "smallest N", "largest N", "as models grow"), rows, true));
    }

    private static String trend(Fit.Prediction first, Fit.Prediction last) {
        if (first.interval().isEmpty() || last.interval().isEmpty()) {
            return "not known";
        }
        return last.interval().get().high() < first.interval().get().low() ? "it shrinks"
                : last.interval().get().low() > first.interval().get().high() ? "it grows" : "not clear";
    }

    private Fit.Prediction gap(Arm arm, Fit reference, double N) {
        return Penalty.at(law(arm).orElseThrow(), reference, Map.of(Quantity.PARAMETERS, N)).gap();
    }

    private static String percent(Fit.Prediction gap) {
        return Written.signed(100 * gap.value()) + " %"
                + gap.interval().map(interval -> " (" + Written.signed(100 * interval.low()) + " to "
                        + Written.signed(100 * interval.high()) + ")").orElse("");
    }
}
