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
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import tributary.model.data.DataException;

/// Points in a CSV file: one line of column names, then one line a trained model.
///
/// The columns are those of [Quantity], `loss`, and any others, such as `algorithm` or `seed`, to choose by. Their order is
/// free. Two lines that agree in every column are one measurement written twice, and an error; trainings of the same kind
/// with different losses are welcome.
public final class PointsFile {
    private final Path file;
    private final List<String> columns;
    private final List<CsvRecord> lines;

    private PointsFile(Path file, List<String> columns, List<CsvRecord> lines) {
        this.file = file;
        this.columns = columns;
        this.lines = lines;
    }

    /// Reads a file.
    ///
    /// @throws DataException where it is missing, empty, or no table
    public static PointsFile read(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new DataException(file + ": there is no such file");
        }
        List<CsvRecord> lines = new ArrayList<>();
        try (CsvReader<CsvRecord> reader = CsvReader.builder().detectBomHeader(true).allowExtraFields(true).allowMissingFields(true)
                .ofCsvRecord(file)) {
            reader.forEach(lines::add);
        } catch (CsvParseException malformed) {
            throw new DataException(file + ": not a CSV file: " + malformed.getMessage(), malformed);
        } catch (UncheckedIOException unreadable) {
            if (unreadable.getCause() instanceof MalformedInputException) {
                throw new DataException(file + ": not a CSV file in UTF-8", unreadable);
            }
            throw unreadable.getCause();
        }
        if (lines.isEmpty()) {
            throw new DataException(file + ": the file is empty; a line of column names is wanted, such as parameters,loss");
        }
        List<String> columns = lines.removeFirst().getFields().stream().map(String::strip).toList();
        PointsFile table = new PointsFile(file, columns, lines);
        table.requireTable();
        return table;
    }

    private void requireTable() throws DataException {
        Set<String> names = new HashSet<>();
        for (String column : columns) {
            if (!names.add(column)) {
                throw new DataException(file + ": column '" + column + "' stands twice");
            }
        }
        Map<List<String>, Long> seen = new HashMap<>();
        for (CsvRecord line : lines) {
            if (line.getFieldCount() != columns.size()) {
                throw new DataException(place(line) + line.getFieldCount() + " fields, where the first line names " + columns.size());
            }
            Long before = seen.putIfAbsent(line.getFields(), line.getStartingLineNumber());
            if (before != null) {
                throw new DataException(place(line) + "the same point as line " + before
                        + "; remove one, or tell them apart by a column such as seed");
            }
        }
    }

    /// The points a law can be fitted to: what was measured at each line, and every quantity that is known there.
    ///
    /// @param where values that columns must have; numbers are compared as numbers
    /// @throws DataException where a column is missing, no line is left, or a number the law needs is not one
    public List<Point> points(Law law, Map<String, String> where) throws DataException {
        Set<Quantity> needed = EnumSet.noneOf(Quantity.class);
        for (Quantity quantity : law.quantities()) {
            needed.addAll(columns.contains(quantity.column()) || quantity.origins().isEmpty() ? List.of(quantity) : quantity.origins());
        }
        needed.add(Quantity.LOSS);
        Map<Quantity, Integer> known = new EnumMap<>(Quantity.class);
        for (Quantity quantity : Quantity.values()) {
            if (needed.contains(quantity) || columns.contains(quantity.column())) {
                known.put(quantity, column(quantity.column()));
            }
        }
        List<Point> points = new ArrayList<>();
        for (CsvRecord line : chosen(where)) {
            Map<Quantity, Double> at = new EnumMap<>(Quantity.class);
            for (Map.Entry<Quantity, Integer> entry : known.entrySet()) {
                OptionalDouble number = number(line, entry.getValue());
                if (number.isPresent()) {
                    at.put(entry.getKey(), number.getAsDouble());
                } else if (needed.contains(entry.getKey())) {
                    throw new DataException(place(line) + entry.getKey().column() + " '" + line.getField(entry.getValue()).strip()
                            + "' is not a positive number");
                }
            }
            points.add(new Point(at, at.remove(Quantity.LOSS)));
        }
        return points;
    }

    /// The different values of a column among the chosen lines, in their order; empty where there is no such column.
    public List<String> values(String name, Map<String, String> where) throws DataException {
        int column = columns.indexOf(name);
        return column < 0 ? List.of() : chosen(where).stream().map(line -> line.getField(column).strip()).distinct().toList();
    }

    private List<CsvRecord> chosen(Map<String, String> where) throws DataException {
        List<CsvRecord> chosen = new ArrayList<>(lines);
        for (Map.Entry<String, String> condition : where.entrySet()) {
            int column = column(condition.getKey());
            chosen.removeIf(line -> !same(line.getField(column).strip(), condition.getValue()));
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

    private static OptionalDouble number(CsvRecord line, int column) {
        try {
            double value = Double.parseDouble(line.getField(column).strip());
            return value > 0 && Double.isFinite(value) ? OptionalDouble.of(value) : OptionalDouble.empty();
        } catch (NumberFormatException text) {
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

    private String place(CsvRecord line) {
        return file + ":" + line.getStartingLineNumber() + ": ";
    }
}
