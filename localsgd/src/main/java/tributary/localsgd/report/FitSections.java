package tributary.localsgd.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tributary.localsgd.figure.Axis;
import tributary.localsgd.figure.Caption;
import tributary.localsgd.figure.Curves;
import tributary.localsgd.figure.Series;

/// The section about a fitted law: what `fit --json` prints.
///
/// @param place of the file, for messages
/// @param name of the file, for people
/// @param number tells it from the other laws of the report
record FitSections(String place, String name, int number, JsonNode fit) {

    List<Section> sections() {
        try {
            if (!fit.required("supported").booleanValue()) {
                return List.of(new Section("law-" + number, title(), List.of(new Block.Prose("These " + fit.required("points").asInt()
                        + " points cannot support the law: " + fit.required("objection").stringValue() + "."))));
            }
            List<Block> blocks = new ArrayList<>();
            blocks.add(new Block.Facts("", facts()));
            drawings(blocks);
            penalties(blocks);
            return List.of(new Section("law-" + number, title(), blocks));
        } catch (JacksonException e) {
            throw new IllegalArgumentException(place + ": is not what fit --json prints: " + e.getOriginalMessage(), e);
        }
    }

    private String title() {
        return "Law " + fit.required("law").stringValue() + " of " + name;
    }

    private Map<String, String> facts() {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("law", fit.required("formula").stringValue());
        facts.put("source", fit.required("source").stringValue());
        fit.required("coefficients").properties().forEach(entry -> {
            JsonNode interval = fit.path("intervals").path(entry.getKey());
            facts.put(entry.getKey(),
                    Written.number(entry.getValue().doubleValue(), 5) + (interval.isMissingNode() ? "" : range(interval)));
        });
        facts.put("points", Integer.toString(fit.required("points").asInt()));
        facts.put("residual", Written.number(fit.required("residual").doubleValue(), 3) + " mean |log error|");
        JsonNode held = fit.path("held_out");
        if (held.isObject()) {
            facts.put("held out", Written.number(held.required("residual").doubleValue(), 3)
                    + " mean |log error| at the largest size, predicted from the smaller ones");
        }
        fit.path("effective_size_exponents").properties().forEach(entry -> facts.put("effective size by " + entry.getKey(),
                "N × " + entry.getKey() + "^" + Written.number(entry.getValue().doubleValue(), 3)));
        List<String> leftOut = new ArrayList<>();
        fit.path("left_out").forEach(line -> leftOut.add(line.stringValue()));
        if (!leftOut.isEmpty()) {
            facts.put("left out", String.join("; ", leftOut));
        }
        return facts;
    }

    private static String range(JsonNode interval) {
        return " (95 %: " + Written.number(interval.required(0).doubleValue(), 4) + " to "
                + Written.number(interval.required(1).doubleValue(), 4) + ")";
    }

    /// The points on their lines, and how far they are from them. The residuals' first key is the size, the last two are the
    /// value and its error, those between what a line is drawn for.
    private void drawings(List<Block> blocks) {
        JsonNode residuals = fit.path("residuals");
        if (residuals.isEmpty()) {
            return;
        }
        List<String> keys = List.copyOf(residuals.get(0).propertyNames());
        String size = keys.getFirst();
        String value = keys.get(keys.size() - 2);
        List<String> others = keys.subList(1, keys.size() - 2);
        Map<String, List<double[]>> points = new LinkedHashMap<>();
        Map<String, List<double[]>> errors = new LinkedHashMap<>();
        for (JsonNode point : residuals) {
            String group = group(point, others);
            double x = point.required(size).doubleValue();
            double y = point.path(value).asDouble(Double.NaN); // of another law, where several were fitted
            points.computeIfAbsent(group, _ -> new ArrayList<>()).add(new double[] {x, y});
            errors.computeIfAbsent(group, _ -> new ArrayList<>())
                    .add(new double[] {x, Double.isNaN(y) ? y : 100 * Math.expm1(point.required("log_error").doubleValue())});
        }
        boolean few = points.size() <= 8;
        List<Series> drawn = new ArrayList<>();
        List<Series> apart = new ArrayList<>();
        if (few) {
            List<String> groups = List.copyOf(points.keySet());
            for (JsonNode curve : fit.path("curves")) {
                String group = group(curve.required("at"), others);
                int hue = Math.max(0, groups.indexOf(group));
                List<double[]> line = new ArrayList<>();
                List<double[]> band = new ArrayList<>();
                for (JsonNode place : curve.required("places")) {
                    line.add(new double[] {place.required(0).doubleValue(), place.required(1).doubleValue()});
                    if (place.size() == 4) {
                        band.add(new double[] {place.required(0).doubleValue(), place.required(2).doubleValue(),
                            place.required(3).doubleValue()});
                    }
                }
                if (!band.isEmpty()) {
                    drawn.add(new Series(group, Series.Mark.BAND, hue, band));
                }
                drawn.add(new Series(group, Series.Mark.LINE, hue, line));
            }
            for (String group : groups) {
                drawn.add(new Series(group, Series.Mark.POINTS, groups.indexOf(group), points.get(group)));
                apart.add(new Series(group, Series.Mark.POINTS, groups.indexOf(group), errors.get(group)));
            }
        } else {
            drawn.add(new Series("measured", Series.Mark.POINTS, 0, points.values().stream().flatMap(List::stream).toList()));
            apart.add(new Series("measured", Series.Mark.POINTS, 0, errors.values().stream().flatMap(List::stream).toList()));
        }
        Axis x = Axis.log(words(size), "");
        blocks.add(new Block.Drawing(new Curves(
                new Caption("law-" + number + "-points", sentence(words(value)) + " against " + words(size),
                        "Measured points, the fitted law and its 95 % band, drawn on to four times the largest size."),
                x, Axis.log(words(value), value.equals("loss") ? "nats a token" : ""), drawn)));
        blocks.add(new Block.Drawing(new Curves(
                new Caption("law-" + number + "-residuals", "Residuals", "How far each point lies above the law."),
                x, Axis.linear("above the law", "%"), apart)));
    }

    private static String group(JsonNode at, List<String> others) {
        List<String> parts = new ArrayList<>();
        for (String other : others) {
            parts.add(words(other) + " " + Written.number(at.required(other).doubleValue(), 4));
        }
        return parts.isEmpty() ? "measured" : String.join(", ", parts);
    }

    private static String sentence(String words) {
        return words.substring(0, 1).toUpperCase(Locale.ROOT) + words.substring(1);
    }

    private static String words(String key) {
        return key.replace('_', ' ');
    }

    private void penalties(List<Block> blocks) {
        JsonNode penalties = fit.path("penalties");
        if (penalties.isEmpty()) {
            return;
        }
        List<String> keys = penalties.get(0).propertyNames().stream().filter(key -> !key.endsWith("_interval")).toList();
        List<List<String>> rows = new ArrayList<>();
        for (JsonNode penalty : penalties) {
            rows.add(keys.stream().map(key -> cell(penalty, key)).toList());
        }
        blocks.add(new Block.Grid("Penalties", keys.stream().map(FitSections::words).toList(), rows, true));
    }

    private static String cell(JsonNode penalty, String key) {
        double value = penalty.required(key).doubleValue();
        return key.equals("gap") ? String.format(Locale.ROOT, "%+.2f %%", 100 * value) : Written.number(value, 4);
    }
}
