package tributary.localsgd.laws;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tributary.model.data.DataException;

/// Trained models in a file, one a line: CSV after a line of column names, or JSON objects where the name ends in `.jsonl`.
///
/// The columns are those of [Quantity], and any others, such as `algorithm` or `seed`, to choose by. Their order is
/// free. Two lines that agree in every column are one measurement written twice, and an error; trainings of the same kind
/// with different losses are welcome.
public final class PointsFile {
    private static final String ALGORITHM = "algorithm";
    private static final String RESULTS = "results.jsonl";

    private final Path file;
    private final List<String> columns;
    private final List<Line> lines;

    /// One trained model, as written.
    private record Line(long number, List<String> fields) {}

    private PointsFile(Path file, List<String> columns, List<Line> lines) {
        this.file = file;
        this.columns = columns;
        this.lines = lines;
    }

    /// Reads a file, or the `results.jsonl` of a folder, as a study leaves it.
    ///
    /// @throws DataException where it is missing, empty, or no table
    public static PointsFile read(Path place) throws IOException {
        Path file = Files.isDirectory(place) ? place.resolve(RESULTS) : place;
        if (!Files.isRegularFile(file)) {
            throw new DataException(file + ": there is no such file");
        }
        try {
            PointsFile table = file.toString().endsWith(".jsonl") ? json(file) : csv(file);
            table.requireTable();
            return table;
        } catch (CsvParseException malformed) {
            throw new DataException(file + ": not a CSV file: " + malformed.getMessage(), malformed);
        } catch (MalformedInputException binary) {
            throw new DataException(file + ": not a text file in UTF-8", binary);
        } catch (UncheckedIOException unreadable) {
            if (unreadable.getCause() instanceof MalformedInputException) {
                throw new DataException(file + ": not a text file in UTF-8", unreadable);
            }
            throw unreadable.getCause();
        }
    }

    private static PointsFile csv(Path file) throws IOException {
        List<Line> lines = new ArrayList<>();
        try (CsvReader<CsvRecord> reader = CsvReader.builder().detectBomHeader(true).allowExtraFields(true).allowMissingFields(true)
                .ofCsvRecord(file)) {
            reader.forEach(line -> lines.add(new Line(line.getStartingLineNumber(),
                    line.getFields().stream().map(String::strip).toList())));
        }
        if (lines.isEmpty()) {
            throw new DataException(file + ": the file is empty; a line of column names is wanted, such as parameters,loss");
        }
        return new PointsFile(file, lines.removeFirst().fields, lines);
    }

    /// Its columns are the names that lead to a text, a number or a truth; what a line does not name is empty there.
    private static PointsFile json(Path file) throws IOException {
        Set<String> columns = new LinkedHashSet<>();
        Map<Long, Map<String, String>> objects = new LinkedHashMap<>();
        long number = 0;
        for (String text : Files.readAllLines(file)) {
            number++;
            if (!text.isBlank()) {
                Map<String, String> object = object(file + ":" + number + ": ", text);
                columns.addAll(object.keySet());
                objects.put(number, object);
            }
        }
        if (objects.isEmpty()) {
            throw new DataException(file + ": the file is empty; JSON objects are wanted, one a line");
        }
        List<Line> lines = new ArrayList<>();
        objects.forEach((place, object) -> lines.add(new Line(place,
                columns.stream().map(column -> object.getOrDefault(column, "")).toList())));
        return new PointsFile(file, List.copyOf(columns), lines);
    }

    private static Map<String, String> object(String place, String text) throws DataException {
        JsonNode node;
        try {
            node = JsonMapper.shared().readTree(text);
        } catch (JacksonException malformed) {
            throw new DataException(place + "not a JSON object: " + malformed.getOriginalMessage(), malformed);
        }
        if (!node.isObject()) {
            throw new DataException(place + "not a JSON object");
        }
        Map<String, String> object = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> entry : node.properties()) {
            if (entry.getValue().isValueNode() && !entry.getValue().isNull()) {
                object.put(entry.getKey(), entry.getValue().asString());
            }
        }
        return object;
    }

    private void requireTable() throws DataException {
        Set<String> names = new HashSet<>();
        for (String column : columns) {
            if (!names.add(column)) {
                throw new DataException(file + ": column '" + column + "' stands twice");
            }
        }
        Map<List<String>, Long> seen = new HashMap<>();
        for (Line line : lines) {
            if (line.fields.size() != columns.size()) {
                throw new DataException(place(line) + line.fields.size() + " fields, where the first line names " + columns.size());
            }
            Long before = seen.putIfAbsent(line.fields, line.number);
            if (before != null) {
                throw new DataException(place(line) + "the same point as line " + before
                        + "; remove one, or tell them apart by a column such as seed");
            }
        }
    }

    /// The points of a law of the loss, see [#points(Set, Map)].
    public List<Point> points(Law law, Map<String, String> where) throws DataException {
        return points(Set.copyOf(law.quantities()), where);
    }

    /// The trainings, with every quantity that is known of each, and their losses. A line without a loss, of a training that
    /// diverged, is none; [#withoutLoss] counts them.
    ///
    /// @param needed what must be known, besides the loss
    /// @param where values that columns must have; numbers are compared as numbers
    /// @throws DataException where a column is missing, no line is left, or a needed number is not positive
    public List<Point> points(Set<Quantity> needed, Map<String, String> where) throws DataException {
        return List.copyOf(chosenPoints(needed, where).values());
    }

    /// As [#points(Set, Map)], with one training in place of those that agree in algorithm and in every quantity but the loss,
    /// as seeds of one setting do. Its loss is their geometric mean, since errors count on the logarithm.
    public List<Point> means(Set<Quantity> needed, Map<String, String> where) throws DataException {
        Map<List<Object>, List<Point>> alike = new LinkedHashMap<>();
        chosenPoints(needed, where).forEach((line, point) -> alike
                .computeIfAbsent(List.of(point.at(), columns.contains(ALGORITHM) ? line.fields.get(columns.indexOf(ALGORITHM)) : ""),
                        unknown -> new ArrayList<>())
                .add(point));
        return alike.values().stream().map(points -> new Point(points.getFirst().at(),
                Math.exp(points.stream().mapToDouble(point -> Math.log(point.value())).average().orElseThrow()))).toList();
    }

    /// How many of the chosen lines say nothing of the loss.
    public int withoutLoss(Map<String, String> where) throws DataException {
        int loss = column(Quantity.LOSS.column());
        return (int) chosen(where).stream().filter(line -> line.fields.get(loss).isEmpty()).count();
    }

    private Map<Line, Point> chosenPoints(Set<Quantity> needed, Map<String, String> where) throws DataException {
        Set<Quantity> written = EnumSet.of(Quantity.LOSS);
        for (Quantity quantity : needed) {
            written.addAll(columns.contains(quantity.column()) || quantity.origins().isEmpty() ? List.of(quantity) : quantity.origins());
        }
        Map<Quantity, Integer> known = new EnumMap<>(Quantity.class);
        for (Quantity quantity : Quantity.values()) {
            if (written.contains(quantity) || columns.contains(quantity.column())) {
                known.put(quantity, column(quantity.column()));
            }
        }
        Map<Line, Point> points = new LinkedHashMap<>();
        for (Line line : chosen(where)) {
            if (line.fields.get(known.get(Quantity.LOSS)).isEmpty()) {
                continue;
            }
            Map<Quantity, Double> at = new EnumMap<>(Quantity.class);
            for (Map.Entry<Quantity, Integer> entry : known.entrySet()) {
                String text = line.fields.get(entry.getValue());
                OptionalDouble number = number(text);
                if (number.isPresent()) {
                    at.put(entry.getKey(), number.getAsDouble());
                } else if (written.contains(entry.getKey())) {
                    throw new DataException(place(line) + entry.getKey().column() + " '" + text + "' is not a positive number");
                }
            }
            double loss = at.remove(Quantity.LOSS);
            points.put(line, new Point(at, loss));
        }
        return points;
    }

    /// The different values of a column among the chosen lines, in their order; empty where there is no such column.
    public List<String> values(String name, Map<String, String> where) throws DataException {
        int column = columns.indexOf(name);
        return column < 0 ? List.of() : chosen(where).stream().map(line -> line.fields.get(column)).distinct().toList();
    }

    private List<Line> chosen(Map<String, String> where) throws DataException {
        List<Line> chosen = new ArrayList<>(lines);
        for (Map.Entry<String, String> condition : where.entrySet()) {
            int column = column(condition.getKey());
            chosen.removeIf(line -> !same(line.fields.get(column), condition.getValue()));
            if (chosen.isEmpty()) {
                throw new DataException(file + ": no line" + (where.size() > 1 ? " is left" : "") + " where " + condition.getKey()
                        + "=" + condition.getValue());
            }
        }
        return chosen;
    }

    private int column(String name) throws DataException {
        int column = columns.indexOf(name);
        if (column < 0) {
            throw new DataException(file + ": there is no column " + name + "; there are " + String.join(", ", columns));
        }
        return column;
    }

    private static OptionalDouble number(String text) {
        try {
            double value = Double.parseDouble(text);
            return value > 0 && Double.isFinite(value) ? OptionalDouble.of(value) : OptionalDouble.empty();
        } catch (NumberFormatException word) {
            return OptionalDouble.empty();
        }
    }

    private static boolean same(String a, String b) {
        if (a.equals(b)) {
            return true;
        }
        try {
            return Double.parseDouble(a) == Double.parseDouble(b);
        } catch (NumberFormatException notNumbers) {
            return false;
        }
    }

    private String place(Line line) {
        return file + ":" + line.number + ": ";
    }
}
