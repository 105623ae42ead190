package tributary.localsgd.cluster;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tributary.model.format.DurableFile;
import tributary.model.format.FormatException;
import tributary.model.json.JsonFile;

/// What every worker did when, up to a number of spans: as a trace that Perfetto (ui.perfetto.dev) and Chrome's tracing page
/// show, and as a picture of its beginning. The trace format is Google's "Trace Event Format", complete events, microseconds:
/// process 1 is what the workers do, process 2 what is underway on their lines meanwhile, and a worker is a thread of both.
public final class Timeline {
    /// Spans kept of a run; later ones are left out, and their number is told.
    static final int MOST = 100_000;
    /// Spans drawn.
    static final int DRAWN = 2_000;
    private static final int WORK = 1;
    private static final int LINES = 2;

    private final List<String> workers;
    private final List<Span> spans = new ArrayList<>();
    /// Where the last span of each worker stands, then that of each line.
    private final int[] last;
    private long leftOut;

    Timeline(List<String> workers) {
        this.workers = workers;
        this.last = new int[2 * workers.size()];
        Arrays.fill(last, -1);
    }

    /// This and what came after it.
    Timeline with(List<Span> later) {
        Timeline whole = new Timeline(workers);
        whole.leftOut = leftOut;
        inOrder().forEach(whole::add);
        later.forEach(whole::add);
        return whole;
    }

    /// Adds what a worker, or its line, did after all that it did before; more of the same is one span.
    void add(Span span) {
        int lane = span.worker() + (span.underway() ? workers.size() : 0);
        if (span.from() == span.to()) {
            return;
        }
        if (last[lane] >= 0) {
            Span before = spans.get(last[lane]);
            if (before.activity() == span.activity() && before.to() == span.from()) {
                spans.set(last[lane], new Span(span.worker(), span.activity(), before.from(), span.to(), span.underway()));
                return;
            }
        }
        if (spans.size() == MOST) {
            leftOut++;
            return;
        }
        last[lane] = spans.size();
        spans.add(span);
    }

    /// By time, then by worker: in which order threads got to know of them does not matter.
    private List<Span> inOrder() {
        return spans.stream()
                .sorted(Comparator.comparingLong(Span::from).thenComparingInt(Span::worker).thenComparing(Span::underway)).toList();
    }

    private boolean isUnderway() {
        return spans.stream().anyMatch(Span::underway);
    }

    /// The trace.
    void writeTrace(Path file) throws IOException {
        ObjectNode trace = JsonFile.object().put("displayTimeUnit", "ms");
        trace.putObject("otherData").put("spans_left_out", leftOut);
        ArrayNode events = trace.putArray("traceEvents");
        name(events, WORK, "workers");
        if (isUnderway()) {
            name(events, LINES, "underway meanwhile");
        }
        for (Span span : inOrder()) {
            events.addObject().put("name", name(span.activity())).put("ph", "X").put("pid", span.underway() ? LINES : WORK)
                    .put("tid", span.worker()).put("ts", span.from() / 1000.0).put("dur", span.nanos() / 1000.0);
        }
        byte[] bytes = JsonFile.compact(trace);
        DurableFile.writeString(file, new String(bytes, StandardCharsets.UTF_8));
    }

    private void name(ArrayNode events, int process, String name) {
        events.addObject().put("name", "process_name").put("ph", "M").put("pid", process).putObject("args").put("name", name);
        for (int m = 0; m < workers.size(); m++) {
            events.addObject().put("name", "thread_name").put("ph", "M").put("pid", process).put("tid", m)
                    .putObject("args").put("name", workers.get(m));
        }
    }

    /// Goes on from a trace that was written at some time after `now`; what came later is dropped.
    ///
    /// @param now of each worker, nanoseconds
    /// @param busy until when each line was, nanoseconds
    /// @throws FormatException where the file is not such a trace
    void readTrace(Path file, long[] now, long[] busy) throws IOException {
        if (!Files.exists(file)) {
            return;
        }
        ObjectNode trace = JsonFile.read(file);
        try {
            leftOut = trace.required("otherData").required("spans_left_out").longValue();
            for (JsonNode event : trace.required("traceEvents")) {
                if (event.required("ph").stringValue().equals("X")) {
                    int m = event.required("tid").intValue();
                    boolean underway = event.required("pid").intValue() == LINES;
                    long from = Math.round(event.required("ts").doubleValue() * 1000);
                    long to = from + Math.round(event.required("dur").doubleValue() * 1000);
                    long then = Math.min(to, underway ? busy[m] : now[m]);
                    if (from < then) {
                        Activity activity = Activity.valueOf(event.required("name").stringValue().toUpperCase(Locale.ROOT));
                        add(new Span(m, activity, from, then, underway));
                    }
                }
            }
        } catch (JacksonException | IllegalArgumentException | ArrayIndexOutOfBoundsException e) {
            throw new FormatException(file + " is not the timeline of this run: " + e.getMessage() + "; remove it to go on without", e);
        }
    }

    /// The picture: a row a worker, time from left to right; where anything is underway on lines, below in the row.
    void writePicture(Path file) throws IOException {
        List<Span> drawn = inOrder().subList(0, Math.min(DRAWN, spans.size()));
        double end = Math.max(1, drawn.stream().mapToLong(Span::to).max().orElse(1));
        int left = 140;
        int width = 1200;
        int row = 22;
        int bottom = 40 + row * workers.size();
        StringBuilder svg = new StringBuilder(String.format(Locale.ROOT,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" font-family=\"sans-serif\" font-size=\"12\">%n",
                left + width + 60, bottom + 30));
        svg.append("<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n");
        for (Activity activity : Activity.values()) {
            int x = left + 110 * activity.ordinal();
            svg.append(String.format(Locale.ROOT, "<rect x=\"%d\" y=\"10\" width=\"14\" height=\"14\" fill=\"%s\"/>"
                    + "<text x=\"%d\" y=\"22\">%s</text>%n", x, color(activity), x + 20, name(activity)));
        }
        for (int m = 0; m < workers.size(); m++) {
            svg.append(String.format(Locale.ROOT, "<text x=\"8\" y=\"%d\">%s</text>%n", 40 + row * m + 15, escape(workers.get(m))));
        }
        int work = isUnderway() ? row - 10 : row - 4;
        for (Span span : drawn) {
            svg.append(String.format(Locale.ROOT, "<rect x=\"%.2f\" y=\"%d\" width=\"%.2f\" height=\"%d\" fill=\"%s\"/>%n",
                    left + width * (span.from() / end), 40 + row * span.worker() + (span.underway() ? work : 0),
                    width * (span.nanos() / end), span.underway() ? 6 : work, color(span.activity())));
        }
        for (int i = 0; i <= 10; i++) {
            svg.append(String.format(Locale.ROOT, "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">%.4g s</text>%n",
                    left + width * i / 10, bottom + 18, end / 1e9 * i / 10));
        }
        DurableFile.writeString(file, svg.append("</svg>\n").toString());
    }

    private static String name(Activity activity) {
        return activity.name().toLowerCase(Locale.ROOT);
    }

    private static String color(Activity activity) {
        return switch (activity) {
            case COMPUTE -> "#2a9d5c";
            case SEND -> "#2f6fd0";
            case WAIT -> "#d9d9d9";
            case RECEIVE -> "#e08a1e";
            case LOST -> "#d03a3a";
            case DOWN -> "#3a3a3a";
            case CUT -> "#b57edc";
        };
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
