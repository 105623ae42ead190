package tributary.localsgd.study;

import de.siegmar.fastcsv.writer.CsvWriter;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// Results for other programs.
public final class Table {
    /// Settings that are columns under another name, or follow from columns.
    private static final Set<String> KNOWN = Set.of(
            "algorithm", "replicas", "local-steps", "lr", "outer-lr", "batch", "seed", "steps", "min-lr", "warmup", "eval-every", "heads");

    private Table() {}

    /// CSV that `fit` reads: the columns of [Result], then every setting that is not the same in all lines, in snake case.
    /// Trainings that diverged have no loss and are left out.
    public static String csv(Collection<Result> results) {
        List<Result> finished = results.stream().filter(result -> result.loss().isPresent()).toList();
        Map<String, Set<String>> values = new TreeMap<>();
        for (Result result : finished) {
            result.settings().keySet().forEach(name -> values.computeIfAbsent(name, _ -> new HashSet<>()));
        }
        values.forEach((name, seen) -> finished.forEach(result -> seen.add(result.settings().getOrDefault(name, ""))));
        List<String> varied = values.keySet().stream().filter(name -> values.get(name).size() > 1 && !KNOWN.contains(name)).toList();
        StringWriter text = new StringWriter();
        try (CsvWriter csv = CsvWriter.builder().build(text)) {
            boolean headed = false;
            for (Result result : finished) {
                Map<String, String> line = new LinkedHashMap<>(result.columns());
                varied.forEach(name -> line.put(name.replace('-', '_'), result.settings().getOrDefault(name, "")));
                if (!headed) {
                    csv.writeRecord(line.keySet());
                    headed = true;
                }
                csv.writeRecord(line.values());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e); // a text in memory has no such trouble
        }
        return text.toString();
    }

    /// One JSON object a line, as they are stored.
    public static String jsonl(Collection<Result> results) {
        StringBuilder text = new StringBuilder();
        results.forEach(result -> text.append(result.toJson()).append('\n'));
        return text.toString();
    }
}
