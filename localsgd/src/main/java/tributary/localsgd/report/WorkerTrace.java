package tributary.localsgd.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tributary.localsgd.figure.Spans;
import tributary.model.json.JsonFile;

/// What the workers of a virtual cluster did when: the `timeline.json` of a run, in Google's "Trace Event Format".
///
/// @param parts what there was to do
/// @param spans by time, in seconds
/// @param underway the same for what was underway on lines while their workers did something else
/// @param leftOut spans that the run did not keep
record WorkerTrace(List<String> workers, List<String> parts, List<Spans.Span> spans, List<Spans.Span> underway,
        long leftOut) {
    private static final int WORK = 1;
    private static final List<String> USUAL = List.of("compute", "send", "receive", "wait");

    /// Empty where there is no such file.
    static Optional<WorkerTrace> read(Path file) throws IOException {
        if (Files.notExists(file)) {
            return Optional.empty();
        }
        JsonNode trace = JsonFile.read(file);
        Map<Integer, String> workers = new TreeMap<>();
        List<String> parts = new ArrayList<>(USUAL);
        List<Spans.Span> spans = new ArrayList<>();
        List<Spans.Span> underway = new ArrayList<>();
        try {
            for (JsonNode event : trace.required("traceEvents")) {
                if (!event.has("tid")) {
                    continue; // the name of all workers, or of all lines
                }
                boolean work = event.required("pid").intValue() == WORK;
                int worker = event.required("tid").intValue();
                String name = event.required("name").stringValue();
                if (event.required("ph").stringValue().equals("M")) {
                    workers.put(worker, event.required("args").required("name").stringValue());
                } else if (event.required("ph").stringValue().equals("X")) {
                    if (!parts.contains(name)) {
                        parts.add(name);
                    }
                    double from = event.required("ts").doubleValue() / 1e6;
                    (work ? spans : underway)
                            .add(new Spans.Span(worker, parts.indexOf(name), from, from + event.required("dur").doubleValue() / 1e6));
                }
            }
            long leftOut = trace.required("otherData").required("spans_left_out").longValue();
            return Optional.of(new WorkerTrace(List.copyOf(workers.values()), parts, spans, underway, leftOut));
        } catch (JacksonException e) {
            throw new IllegalArgumentException(file + ": is not the timeline of a run: " + e.getOriginalMessage(), e);
        }
    }

    /// The workers, each followed by its line where anything was underway on lines meanwhile.
    List<String> lanes() {
        return underway.isEmpty() ? workers : workers.stream().flatMap(worker -> Stream.of(worker, worker + ", underway")).toList();
    }

    /// What happened in the [#lanes], by time.
    List<Spans.Span> inLanes() {
        return underway.isEmpty() ? spans
                : Stream.concat(spans.stream().map(span -> inRow(2 * span.row(), span)),
                        underway.stream().map(span -> inRow(2 * span.row() + 1, span)))
                        .sorted(Comparator.comparingDouble(Spans.Span::from)).toList();
    }

    private static Spans.Span inRow(int row, Spans.Span span) {
        return new Spans.Span(row, span.part(), span.from(), span.to());
    }

    /// Seconds that each worker spent on each part.
    double[][] sums() {
        double[][] sums = new double[workers.size()][parts.size()];
        for (Spans.Span span : spans) {
            sums[span.row()][span.part()] += span.to() - span.from();
        }
        return sums;
    }
}
