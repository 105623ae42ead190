package tributary.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import tributary.localsgd.laws.Interval;
import tributary.localsgd.study.Figures;
import tributary.localsgd.study.Result;
import tributary.localsgd.study.StudyLaws;

/// What a study leaves when it is done: its losses, and the laws they carry.
record StudyOutcome(List<Result> results) {
    private static final int BOOTSTRAP = 1000;

    void print(PrintWriter out) {
        losses(out);
        List<StudyLaws> laws = StudyLaws.of(results, BOOTSTRAP);
        if (!laws.isEmpty()) {
            out.println();
            out.println("Laws, with 95 % intervals:");
            Table table = new Table();
            laws.forEach(law -> table.row(
                    "  " + law.family() + law.replicas().map(M -> M > 1 || law.family().contains("H=") ? " M=" + M : "").orElse(""),
                    "%s", sentence(law)));
            table.print(out);
        }
        long diverged = results.stream().filter(result -> result.loss().isEmpty()).count();
        if (diverged > 0) {
            out.println(diverged + (diverged == 1 ? " training" : " trainings") + " diverged and " + (diverged == 1 ? "is" : "are")
                    + " left out");
        }
        out.flush();
    }

    /// A line for each way of training, a column for each size: means over seeds.
    private void losses(PrintWriter out) {
        Map<String, Map<Long, List<Double>>> ways = new LinkedHashMap<>();
        Map<Long, List<Double>> sizes = new TreeMap<>();
        for (Result result : results) {
            if (result.loss().isPresent() && result.rateTimes() == 1 && result.batchTimes() == 1) {
                ways.computeIfAbsent(Best.how(result), _ -> new TreeMap<>())
                        .computeIfAbsent(result.parameters(), _ -> new ArrayList<>()).add(result.loss().getAsDouble());
                sizes.put(result.parameters(), List.of());
            }
        }
        if (ways.isEmpty()) {
            return;
        }
        List<String> names = new ArrayList<>(List.of("loss"));
        sizes.keySet().forEach(size -> names.add(Figures.count(size)));
        Columns table = new Columns(names);
        ways.forEach((way, losses) -> {
            List<String> row = new ArrayList<>(List.of(way));
            sizes.keySet().forEach(size -> row.add(losses.containsKey(size)
                    ? String.format(Locale.ROOT, "%.4f", losses.get(size).stream().mapToDouble(it -> it).average().orElseThrow()) : ""));
            table.line(row);
        });
        table.print(out);
    }

    private static String sentence(StudyLaws law) {
        if (law.objection().isPresent()) {
            return law.fit().points().size() + " points do not carry a law: " + law.objection().get();
        }
        StringBuilder text = new StringBuilder(law.fit().law().formula());
        Map<String, Interval> intervals = law.fit().intervals();
        law.fit().coefficients().forEach((letter, value) -> {
            text.append(String.format(Locale.ROOT, "   %s %.4g", letter, value));
            if (intervals.containsKey(letter)) {
                text.append(String.format(Locale.ROOT, " (%.4g to %.4g)", intervals.get(letter).low(), intervals.get(letter).high()));
            }
        });
        return text.append(String.format(Locale.ROOT, "   residual %.2g", law.fit().residual())).toString();
    }
}
