package tributary.localsgd.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// One line of a run's `metrics.jsonl`.
///
/// @param bytes between replicas so far
/// @param virtualSeconds where the run has a virtual cluster
/// @param drops the replicas that took no part in the end of the round that ended here
record Measurement(
        long step, long tokens, double trainLoss, OptionalDouble valLoss, double lr, double tokensPerSecond, long bytes,
        OptionalDouble virtualSeconds, double elapsedSeconds, List<Drop> drops) {

    /// A replica that was dropped from a round.
    ///
    /// @param kind `failed`, `hung`, `not-finite`
    /// @param reason for people
    record Drop(int replica, String kind, String reason) {}

    /// Reads the file. A last line without an end is still being written, or was when the run was killed, and does not count.
    ///
    /// @throws IllegalArgumentException naming the line that is none
    static List<Measurement> read(Path file) throws IOException {
        String text;
        try {
            text = Files.readString(file);
        } catch (NoSuchFileException none) {
            return List.of();
        }
        List<Measurement> measurements = new ArrayList<>();
        int start = 0;
        for (int end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
            try {
                measurements.add(of(JsonMapper.shared().readTree(text.substring(start, end))));
            } catch (JacksonException e) {
                throw new IllegalArgumentException(file + ":" + (measurements.size() + 1) + ": is no line of a run's metrics: "
                        + e.getOriginalMessage(), e);
            }
            start = end + 1;
        }
        return List.copyOf(measurements);
    }

    private static Measurement of(JsonNode line) {
        return new Measurement(
                line.required("step").longValue(), line.required("tokens").longValue(), line.required("train_loss").doubleValue(),
                optional(line, "val_loss"), line.required("lr").doubleValue(), line.required("tokens_per_second").doubleValue(),
                line.required("communicated_bytes").longValue(), optional(line, "virtual_seconds"),
                line.required("elapsed_seconds").doubleValue(), drops(line.path("dropped")));
    }

    private static List<Drop> drops(JsonNode dropped) {
        List<Drop> drops = new ArrayList<>();
        for (JsonNode drop : dropped) {
            drops.add(new Drop(drop.required("replica").intValue(), drop.required("kind").stringValue(),
                    drop.required("reason").stringValue()));
        }
        return drops;
    }

    private static OptionalDouble optional(JsonNode line, String key) {
        JsonNode value = line.get(key);
        return value == null ? OptionalDouble.empty() : OptionalDouble.of(value.doubleValue());
    }
}
