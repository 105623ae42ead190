package tributary.localsgd.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tributary.localsgd.figure.Axis;
import tributary.localsgd.figure.Caption;
import tributary.localsgd.figure.Curves;
import tributary.localsgd.figure.Series;
import tributary.localsgd.figure.Shares;

/// The section about a plan: what `plan --json` prints.
///
/// @param place of the file, for messages
/// @param name of the file, for people
/// @param number tells it from the other plans of the report
/// @param laws where its losses are from, a sentence; perhaps empty
record PlanSections(String place, String name, int number, JsonNode plan, String laws) {
    /// The parts of a step, as the sheet `ways` names them.
    private static final List<String> PARTS = List.of("compute", "waiting", "inside", "between");

    List<Section> sections() {
        try {
            List<Block> blocks = new ArrayList<>();
            plan.required("findings").forEach(finding -> blocks.add(new Block.Prose(finding.stringValue())));
            if (!laws.isEmpty()) {
                blocks.add(new Block.Prose(laws));
            }
            for (JsonNode sheet : plan.required("sheets")) {
                blocks.add(sheet.has("chart") ? drawing(sheet) : table(sheet));
                if (sheet.required("name").stringValue().equals("ways")) {
                    times(sheet).ifPresent(blocks::add);
                }
            }
            List<String> assumptions = new ArrayList<>();
            plan.required("assumptions").forEach(assumption -> assumptions.add(assumption.stringValue()));
            blocks.add(new Block.Prose("Assumed: " + String.join("; ", assumptions) + "."));
            return List.of(new Section("plan-" + number, "Plan " + name, blocks));
        } catch (JacksonException e) {
            throw new IllegalArgumentException(place + ": is not what plan --json prints: " + e.getOriginalMessage(), e);
        }
    }

    /// How long each way takes and what with: the hours of the training in the proportions of a step.
    private Optional<Block> times(JsonNode ways) {
        List<String> rows = new ArrayList<>();
        List<double[]> hours = new ArrayList<>();
        for (JsonNode way : ways.required("rows")) {
            double step = PARTS.stream().mapToDouble(part -> way.path(part).asDouble(Double.NaN)).sum();
            double all = way.path("hours").asDouble(Double.NaN);
            if (Double.isFinite(all / step)) {
                List<String> words = new ArrayList<>(List.of(way.required("way").stringValue(), way.required("clusters").stringValue()));
                if (way.path("local_steps").isNumber()) {
                    words.add("H " + Written.number(way.path("local_steps").doubleValue(), 3));
                }
                words.add(way.path("codec").asString(""));
                words.removeIf(String::isEmpty);
                rows.add(String.join(", ", words));
                hours.add(PARTS.stream().mapToDouble(part -> way.path(part).doubleValue() / step * all).toArray());
            }
        }
        return rows.isEmpty() ? Optional.empty() : Optional.of(new Block.Drawing(new Shares(
                new Caption("plan-" + number + "-times", "How long each way takes, and with what",
                        "The whole training, to the same loss. Waiting: for slower clusters; inside and between: communication in and "
                                + "between clusters that nothing hides."),
                rows, PARTS, Axis.linear("time", "h"), hours.toArray(double[][]::new))));
    }

    private static Block table(JsonNode sheet) {
        List<String> head = new ArrayList<>();
        sheet.required("columns").forEach(column -> head.add(column.required("title").stringValue()));
        List<List<String>> rows = new ArrayList<>();
        for (JsonNode row : sheet.required("rows")) {
            List<String> cells = new ArrayList<>();
            for (JsonNode column : sheet.required("columns")) {
                JsonNode cell = row.required(column.required("name").stringValue());
                cells.add(cell.isNull() ? "–" : cell.isString() ? cell.stringValue()
                        : written(cell.doubleValue(), column.required("unit").stringValue()));
            }
            rows.add(cells);
        }
        return new Block.Grid(sheet.required("title").stringValue(), head, rows, true);
    }

    private static String written(double value, String unit) {
        return switch (unit) {
            case "" -> Written.number(value, 3);
            case "share" -> Written.number(100 * value, 3) + " %";
            case "s", "h" -> Written.number(value, 3) + " " + unit;
            case "byte" -> Written.quantity(value, "B");
            default -> Written.quantity(value, unit);
        };
    }

    private Block drawing(JsonNode sheet) {
        JsonNode chart = sheet.required("chart");
        String x = chart.required("x").stringValue();
        List<Series> series = new ArrayList<>();
        for (JsonNode y : chart.required("y")) {
            List<double[]> points = new ArrayList<>();
            for (JsonNode row : sheet.required("rows")) {
                points.add(new double[] {row.required(x).asDouble(Double.NaN), row.required(y.stringValue()).asDouble(Double.NaN)});
            }
            series.add(new Series(column(sheet, y.stringValue()).required("title").stringValue(), Series.Mark.LINE, series.size(), points));
        }
        JsonNode across = column(sheet, x);
        JsonNode upwards = column(sheet, chart.required("y").required(0).stringValue());
        String title = sheet.required("title").stringValue();
        return new Block.Drawing(new Curves(
                new Caption("plan-" + number + "-" + sheet.required("name").stringValue().replace('_', '-'), title, ""),
                new Axis(across.required("title").stringValue(), across.required("unit").stringValue(),
                        chart.required("log").booleanValue() ? Axis.Scale.LOG : Axis.Scale.LINEAR),
                Axis.linear(chart.path("title").asString(sheet.required("name").stringValue().replace('_', ' ')),
                        upwards.required("unit").stringValue()),
                series));
    }

    private static JsonNode column(JsonNode sheet, String name) {
        for (JsonNode column : sheet.required("columns")) {
            if (column.required("name").stringValue().equals(name)) {
                return column;
            }
        }
        return sheet.required(name); // which says that it is missing
    }
}
