package tributary.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tributary.localsgd.laws.Analysis;
import tributary.localsgd.laws.Chinchilla;
import tributary.localsgd.laws.Curve;
import tributary.localsgd.laws.Fit;
import tributary.localsgd.laws.Interval;
import tributary.localsgd.laws.Law;
import tributary.localsgd.laws.Penalty;
import tributary.localsgd.laws.Point;
import tributary.localsgd.laws.Quantity;

/// What `fit` found, as tables or as JSON.
///
/// @param place to predict at, or empty
/// @param penalties one a place, or none
/// @param withoutLoss lines that say nothing of the loss
/// @param mixed columns that differ among the points although the law does not know of them, with their values
/// @param seed of the bootstrap
record FitFindings(Analysis analysis, Analysis.Outcome outcome, Map<Quantity, Double> place, List<Penalty> penalties,
        int withoutLoss, Map<String, List<String>> mixed, long seed) {

    void print(PrintWriter out, boolean residuals) {
        List<Consumer<PrintWriter>> parts = new ArrayList<>();
        Table table = new Table();
        for (Fit fit : outcome.fits()) {
            table = new Table();
            print(fit, table);
            parts.add(table::print);
        }
        remark(table);
        if (!penalties.isEmpty()) {
            parts.add(penaltyColumns()::print);
        }
        if (residuals) {
            outcome.fits().forEach(fit -> parts.add(residualColumns(fit)::print));
        }
        parts.getFirst().accept(out);
        parts.stream().skip(1).forEach(part -> {
            out.println();
            part.accept(out);
        });
    }

    private void remark(Table table) {
        leftOut().forEach(line -> table.row("left out", "%s", line));
        mixed.forEach((column, values) -> {
            String among = String.join(", ", values);
            if (column.equals("seed")) {
                table.row("seeds", "%s: each line is a point; --mean-seeds takes their means", among);
            } else {
                table.row("mixed", "%s %s: one law through all; --where %s=%s chooses", column, among, column, values.getFirst());
            }
        });
    }

    private List<String> leftOut() {
        List<String> lines = new ArrayList<>(outcome.leftOut());
        if (withoutLoss > 0) {
            lines.add(withoutLoss == 1 ? "1 line without a loss" : withoutLoss + " lines without a loss");
        }
        return lines;
    }

    private void print(Fit fit, Table table) {
        Law law = fit.law();
        table.row("law", "%s   (%s)", law.formula(), law.source());
        Map<String, Interval> intervals = fit.intervals();
        fit.coefficients().forEach((letter, value) -> table.row(letter, "%-12s%s", String.format(Locale.ROOT, "%.6g", value),
                range(Optional.ofNullable(intervals.get(letter)))));
        table.row("points", "%d%s", fit.points().size(), fit.points().size() == law.letters().size()
                ? ", as many as coefficients: their errors are not known"
                : "");
        table.row("residual", "%.3g mean |log error|", fit.residual());
        fit.largestHeldOut(seed)
                .ifPresent(held -> table.row("held out", "%.3g mean |log error| at %s %s, predicted from the smaller ones",
                        held.residual(), law.quantities().getFirst().column(), Quantity.text(held.size())));
        Map<Quantity, Interval> sizes = fit.effectiveSizeIntervals();
        fit.effectiveSize().forEach((quantity, exponent) -> table.row("effective size", "N x %s^%.3f%s", quantity.column(), exponent,
                range(Optional.ofNullable(sizes.get(quantity)))));
        fit.effectiveCompute().forEach((quantity, exponent) -> table.row("effective compute",
                "C x %s^%.3f, tokens in proportion to parameters", quantity.column(), exponent));
        bestSize(fit).ifPresent(best -> table.row("best size", "N = %.4g (C / 6)^%.3f", best.factor(), best.exponent()));
        if (!place.isEmpty()) {
            Fit.Prediction prediction = fit.predict(place);
            table.row("predicted", "%s %-12s%s%s", law.target().column(), String.format(Locale.ROOT, "%.5g", prediction.value()),
                    range(prediction.interval()), beyond(fit));
        }
    }

    private static String range(Optional<Interval> interval) {
        return interval.map(found -> String.format(Locale.ROOT, "   %.4g to %.4g (95 %%)", found.low(), found.high())).orElse("");
    }

    private static Optional<Chinchilla.BestSize> bestSize(Fit fit) {
        return fit.law() instanceof Chinchilla ? Optional.of(Chinchilla.bestSize(fit.coefficients())) : Optional.empty();
    }

    /// How far the prediction reaches beyond the points.
    private String beyond(Fit fit) {
        List<String> far = new ArrayList<>();
        extrapolation(fit).forEach((quantity, ratio) -> far.add(String.format(Locale.ROOT, "%.3g times the %s %s", ratio,
                ratio > 1 ? "largest" : "smallest", quantity.column())));
        return far.isEmpty() ? "" : "   at " + String.join(", ", far);
    }

    /// The place over the largest point, or over the smallest, of each quantity in which it lies outside.
    private Map<Quantity, Double> extrapolation(Fit fit) {
        Map<Quantity, Double> ratios = new LinkedHashMap<>();
        for (Quantity quantity : fit.law().quantities()) {
            double[] measured = fit.points().stream().mapToDouble(point -> quantity.in(point.at()).orElseThrow()).sorted().toArray();
            double there = quantity.in(place).orElseThrow();
            if (there > measured[measured.length - 1]) {
                ratios.put(quantity, there / measured[measured.length - 1]);
            } else if (there < measured[0]) {
                ratios.put(quantity, there / measured[0]);
            }
        }
        return ratios;
    }

    private Columns penaltyColumns() {
        List<Quantity> quantities = List.copyOf(penalties.getFirst().at().keySet());
        List<String> names = new ArrayList<>(quantities.stream().map(Quantity::column).toList());
        names.addAll(List.of("gap", "(95 %)", "effective size", "(95 %)", "effective compute", "(95 %)", "parity at"));
        Columns columns = new Columns(names);
        for (Penalty penalty : penalties) {
            List<String> cells = new ArrayList<>();
            quantities.forEach(quantity -> cells.add(Quantity.text(penalty.at().get(quantity))));
            cells.add(String.format(Locale.ROOT, "%+.2f %%", 100 * penalty.gap().value()));
            cells.add(penalty.gap().interval()
                    .map(found -> String.format(Locale.ROOT, "%+.2f to %+.2f", 100 * found.low(), 100 * found.high())).orElse(""));
            for (Fit.Prediction part : List.of(penalty.effectiveSize(), penalty.effectiveCompute())) {
                cells.add(String.format(Locale.ROOT, "%.3f", part.value()));
                cells.add(part.interval().map(found -> String.format(Locale.ROOT, "%.3f to %.3f", found.low(), found.high())).orElse(""));
            }
            cells.add(penalty.parity().isPresent() ? Quantity.text(penalty.parity().getAsDouble()) : "none");
            columns.line(cells);
        }
        return columns;
    }

    private static Columns residualColumns(Fit fit) {
        List<String> names = new ArrayList<>(fit.law().quantities().stream().map(Quantity::column).toList());
        names.addAll(List.of(fit.law().target().column(), "by the law", "error"));
        Columns columns = new Columns(names);
        double[] errors = fit.logErrors();
        for (int i = 0; i < errors.length; i++) {
            Point point = fit.points().get(i);
            List<String> cells = new ArrayList<>();
            fit.law().quantities().forEach(quantity -> cells.add(Quantity.text(quantity.in(point.at()).orElseThrow())));
            cells.add(String.format(Locale.ROOT, "%.5g", point.value()));
            cells.add(String.format(Locale.ROOT, "%.5g", point.value() / Math.exp(errors[i])));
            cells.add(String.format(Locale.ROOT, "%+.2f %%", 100 * Math.expm1(errors[i])));
            columns.line(cells);
        }
        return columns;
    }

    ObjectNode toJson() {
        List<Fit> fits = outcome.fits();
        ObjectNode object = JsonMapper.shared().createObjectNode();
        object.put("law", analysis.name())
                .put("formula", String.join("; ", fits.stream().map(fit -> fit.law().formula()).toList()))
                .put("source", fits.getFirst().law().source());
        ObjectNode coefficients = object.putObject("coefficients");
        fits.forEach(fit -> fit.coefficients().forEach(coefficients::put));
        ObjectNode intervals = object.putObject("intervals");
        fits.forEach(fit -> fit.intervals().forEach((letter, interval) -> put(intervals, letter, interval)));
        object.put("residual", fits.stream().mapToDouble(Fit::residual).average().orElseThrow())
                .put("points", fits.getFirst().points().size()).put("supported", true);
        for (Fit fit : fits) {
            double[] errors = fit.logErrors();
            for (int i = 0; i < errors.length; i++) {
                ObjectNode node = object.withArray("residuals").addObject();
                Point point = fit.points().get(i);
                fit.law().quantities().forEach(quantity -> node.put(quantity.column(), quantity.in(point.at()).orElseThrow()));
                node.put(fit.law().target().column(), point.value()).put("log_error", errors[i]);
            }
        }
        Fit first = fits.getFirst();
        first.largestHeldOut(seed).ifPresent(held -> object.putObject("held_out")
                .put(first.law().quantities().getFirst().column(), held.size())
                .put("points", held.points())
                .put("residual", held.residual()));
        putExponents(object, "effective_size_exponents", first.effectiveSize());
        if (!first.effectiveSizeIntervals().isEmpty()) {
            ObjectNode node = object.putObject("effective_size_intervals");
            first.effectiveSizeIntervals().forEach((quantity, interval) -> put(node, quantity.column(), interval));
        }
        Curve.of(first).forEach(curve -> put(object.withArray("curves").addObject(), curve));
        putExponents(object, "effective_compute_exponents", first.effectiveCompute());
        bestSize(first).ifPresent(best -> object.putObject("best_size").put("factor", best.factor()).put("exponent", best.exponent()));
        if (!place.isEmpty()) {
            predicted(object.putObject("predicted"));
        }
        penalties.forEach(penalty -> {
            ObjectNode node = object.withArray("penalties").addObject();
            penalty.at().forEach((quantity, value) -> node.put(quantity.column(), value));
            put(node, "gap", penalty.gap());
            put(node, "effective_size", penalty.effectiveSize());
            put(node, "effective_compute", penalty.effectiveCompute());
            penalty.parity().ifPresent(size -> node.put("parity", size));
        });
        leftOut().forEach(object.putArray("left_out")::add);
        ObjectNode differing = object.putObject("mixed");
        mixed.forEach((column, values) -> values.forEach(differing.putArray(column)::add));
        return object;
    }

    private void predicted(ObjectNode node) {
        place.forEach((quantity, value) -> node.put(quantity.column(), value));
        for (Fit fit : outcome.fits()) {
            put(node, fit.law().target().column(), fit.predict(place));
        }
        Fit first = outcome.fits().getFirst();
        putExponents(node, "beyond", extrapolation(first));
    }

    /// `at` what, `places`: the size, the value, and its interval where there is one.
    private static void put(ObjectNode node, Curve curve) {
        ObjectNode at = node.putObject("at");
        curve.at().forEach((quantity, value) -> at.put(quantity.column(), value));
        for (Curve.Place place : curve.places()) {
            ArrayNode row = node.withArray("places").addArray().add(place.size()).add(place.prediction().value());
            place.prediction().interval().ifPresent(interval -> row.add(interval.low()).add(interval.high()));
        }
    }

    private static void putExponents(ObjectNode object, String name, Map<Quantity, Double> exponents) {
        if (!exponents.isEmpty()) {
            ObjectNode node = object.putObject(name);
            exponents.forEach((quantity, exponent) -> node.put(quantity.column(), exponent));
        }
    }

    private static void put(ObjectNode object, String name, Fit.Prediction prediction) {
        object.put(name, prediction.value());
        prediction.interval().ifPresent(interval -> put(object, name + "_interval", interval));
    }

    private static void put(ObjectNode object, String name, Interval interval) {
        object.putArray(name).add(interval.low()).add(interval.high());
    }
}
