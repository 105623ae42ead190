package tributary.localsgd.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tributary.localsgd.figure.Spans;
import tributary.model.json.JsonFile;

/// What the workers of a virtual cluster did when: the `timeline.json` of a run, in Google's "Trace Event Format".
///
/// @param parts what there was to do
/// @param spans by time, in seconds
/// @param leftOut spans that the run did not keep
record WorkerTrace(List<String> workers, List<String> parts, List<Spans.Span> spans, long leftOut) {
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
        try {
            for (JsonNode event : trace.required("traceEvents")) {
                if (event.required("pid").intValue() != 1 || !event.has("tid")) {
                    continue; // what is underway on lines meanwhile, and the name of all workers
                }
                int worker = event.required("tid").intValue();
                String name = event.required("name").stringValue();
                if (event.required("ph").stringValue().equals("M")) {
                    workers.put(worker, event.required("args").required("name").stringValue());
                } else if (event.required("ph").stringValue().equals("X")) {
                    if (!parts.contains(name)) {
                        parts.add(name);
                    }
                    double from = event.required("ts").doubleValue() / 1e6;
                    spans.add(new Spans.Span(worker, parts.indexOf(name), from, from + event.required("dur").doubleValue() / 1e6));
                }
            }
            long leftOut = trace.required("otherData").required("spans_left_out").longValue();
            return Optional.of(new WorkerTrace(List.copyOf(workers.values()), parts, spans, leftOut));
        } catch (JacksonException e) {
            throw new IllegalArgumentException(file + ": is not the timeline of a run: " + e.getOriginalMessage(), e);
        }
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
